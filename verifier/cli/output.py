"""Where results go: stdout, or files that appear whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import click

from verifier.cli.guard import say
from verifier.errors import ConfigurationError, DhiverifyError, UsageError
from verifier.model import Report
from verifier.report import FORMATS, Format, Part, format_of, parts, unexported


def parse_outputs(texts: Sequence[str], formats: Collection[str] = FORMATS) -> list[tuple[str, str]]:
    """`FORMAT[=PATH]` each, of `formats`; a path of `-` is stdout, as none is.

    Raises `UsageError` for an unknown format, and for two results in one place.
    """
    outputs = []
    for text in texts or ("text",):
        name, _, path = text.partition("=")
        if name not in formats:
            raise UsageError(f"there is no output format {name!r} here", hint=f"Formats: {', '.join(formats)}.")
        outputs.append((name, to_stdout(path)))
    if sum(not path for _, path in outputs) > 1:
        raise UsageError("only one format can go to stdout", hint="Write the others to files: --output json=PATH.")
    files = [os.path.realpath(path) for _, path in outputs if path and not is_directory(path)]
    for file in files:
        if files.count(file) > 1:
            raise UsageError(f"two formats are to go to {file}", hint="Name a file for each, or a directory for all.")
    return outputs


def to_stdout(path: str) -> str:
    """`path`, or "" where it is `-`: by convention the name of stdout."""
    return "" if path == "-" else path


def details_for(outputs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The kinds of evidence that have to be decoded for these formats."""
    return tuple(dict.fromkeys(kind for name, _ in outputs for kind in format_of(name).details))


def write(report: Report, outputs: Sequence[tuple[str, str]]) -> int:
    """Writes every result that can be written, and gives the exit code of the run.

    What cannot be written is said on stderr, and makes the exit code at least that of the error.
    """
    code = report.exit_code
    for name, path in outputs:
        for fault in _faults(report, name, path):
            say(f"--output {name}: {fault}", fault.hint)
            code = max(code, fault.exit_code)
    return code


def _faults(report: Report, name: str, path: str) -> Iterator[DhiverifyError]:
    try:
        yield from _write(report, name, path)
    except DhiverifyError as fault:
        yield fault


def _write(report: Report, name: str, path: str) -> Iterator[DhiverifyError]:
    """Writes a result, and gives what is missing in it. Raises what stands in the way of all of it."""
    if name == "text" and not path and colourful():
        _show(report)
        return
    form = format_of(name)
    found = parts(report, form.per)
    if form.per == "scan":
        yield from unexported(report)
    if found:
        yield from _write_parts(form, found, path)


def _write_parts(form: Format, found: Sequence[Part], path: str) -> Iterator[DhiverifyError]:
    if path and is_directory(path):
        yield from _write_all(form, found, Path(path))
        return
    if len(found) > 1:
        raise UsageError(
            f"there are {len(found)} {form.per}s, and a file holds one",
            hint=f"Name a directory, --output {form.name}=DIR/, or narrow the choice with --platform.",
        )
    text = form.render(found[0].report)
    if path:
        write_file(Path(path), text)
    else:
        click.echo(text, nl=False)


def _write_all(form: Format, found: Iterable[Part], directory: Path) -> Iterator[DhiverifyError]:
    """A file for each part; one of which there is no document does not keep the others back."""
    for part in found:
        try:
            text = form.render(part.report)
        except DhiverifyError as fault:
            yield fault
        else:
            write_into(directory, f"{part.stem}.{form.suffix}", text)


def is_directory(path: str) -> bool:
    """Whether a path means a directory: it is one, or ends as only the name of one does."""
    return path.endswith(("/", os.sep)) or os.path.isdir(path)  # noqa: PTH112 - raises for no name at all


def write_into(directory: Path, name: str, content: str | bytes) -> None:
    """Writes a file into a directory that is made if need be. Raises `ConfigurationError`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ConfigurationError(f"{directory} cannot be made: {fault.strerror}") from None
    write_file(directory / name, content)


def put(outputs: Sequence[tuple[str, str]], render: Callable[[str, bool], str]) -> None:
    """Each result where it belongs; `render` gets the format, and whether colours are wanted."""
    for form, path in outputs:
        if path:
            write_file(Path(path), render(form, False))
        else:
            click.echo(render(form, colourful()), nl=False)


def colourful() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def write_file(path: Path, content: str | bytes) -> None:
    """Whole or not at all: an interrupted run must not leave half a verdict behind. Text is written as UTF-8.

    A pipe or device is written to and not replaced; a link is replaced and not followed.
    """
    body = content if isinstance(content, bytes) else content.encode()
    try:
        if path.exists() and not path.is_file() and not path.is_symlink():
            path.write_bytes(body)
            return
        with tempfile.TemporaryDirectory(dir=path.parent, ignore_cleanup_errors=True) as folder:
            whole = Path(folder) / "report"
            whole.write_bytes(body)
            whole.replace(path)
    except OSError as fault:
        raise ConfigurationError(f"{path} cannot be written: {fault.strerror}") from None


_STYLES = {
    "allow": "green",
    "warn": "yellow",
    "deny": "red",
    "error": "bold red",
    "head": "bold",
    "note": "dim",
}


def _show(report: Report) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from verifier.report.text_format import lines

    console = Console(highlight=False)
    for line in lines(report):
        console.print(Padding(Text(line.text, style=_STYLES.get(line.tone, "")), (0, 0, 0, line.indent)))
