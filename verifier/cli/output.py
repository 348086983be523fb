"""Where results go: stdout, or files that appear whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import click

from verifier.errors import ConfigurationError, UsageError
from verifier.model import Report
from verifier.report import FORMATS, lines


def parse_outputs(texts: Sequence[str], formats: Collection[str] = FORMATS) -> list[tuple[str, str]]:
    """`FORMAT[=PATH]` each, of `formats`. Raises `UsageError` for an unknown format or two results on stdout."""
    outputs = []
    for text in texts or ("text",):
        name, _, path = text.partition("=")
        if name not in formats:
            raise UsageError(f"there is no output format {name!r} here", hint=f"Formats: {', '.join(formats)}.")
        outputs.append((name, path))
    if sum(not path for _, path in outputs) > 1:
        raise UsageError("only one format can go to stdout", hint="Write the others to files: --output json=PATH.")
    return outputs


def write(report: Report, outputs: Sequence[tuple[str, str]]) -> None:
    for name, path in outputs:
        if path:
            write_file(Path(path), FORMATS[name].render(report))
        elif name == "text" and colourful():
            _show(report)
        else:
            click.echo(FORMATS[name].render(report), nl=False)


def put(outputs: Sequence[tuple[str, str]], render: Callable[[str, bool], str]) -> None:
    """Each result where it belongs; `render` gets the format, and whether colours are wanted."""
    for form, path in outputs:
        if path:
            write_file(Path(path), render(form, False))
        else:
            click.echo(render(form, colourful()), nl=False)


def colourful() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def write_file(path: Path, text: str) -> None:
    """Whole or not at all: an interrupted run must not leave half a verdict behind.

    A pipe or device is written to and not replaced; a link is replaced and not followed.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_symlink():
            path.write_text(text, encoding="utf-8")
            return
        with tempfile.TemporaryDirectory(dir=path.parent, ignore_cleanup_errors=True) as folder:
            whole = Path(folder) / "report"
            whole.write_text(text, encoding="utf-8")
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

    console = Console(highlight=False)
    for line in lines(report):
        console.print(Padding(Text(line.text, style=_STYLES.get(line.tone, "")), (0, 0, 0, line.indent)))
