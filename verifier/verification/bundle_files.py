"""The files of a bundle on disk: collected to be published, and written when it was pulled."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from verifier.errors import ConfigurationError, UsageError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.verification.bundle_format import MEDIA_TYPES, BundleFile, is_known

_KINDS = f"A bundle takes files that end in {', '.join(MEDIA_TYPES)}."
_NAME_IT_ITSELF = "Name the file that it leads to, or copy it there: a link may lead out of the directory."
_ANOTHER = "Name a directory that does not exist yet, or an empty one."


class Collected(msgspec.Struct, frozen=True):
    """Files for a bundle, and the paths of those in named directories that are of no known kind."""

    files: tuple[BundleFile, ...]
    left_out: tuple[str, ...] = ()


def collect(paths: Sequence[str]) -> Collected:
    """Files by their names, and directories with all below them but hidden files, by their paths inside.

    Raises `ConfigurationError`, also for links inside a directory, which could bring anything along.
    """
    files: list[BundleFile] = []
    left_out: list[str] = []
    for file, path in _found(paths):
        if not is_known(path):
            left_out.append(str(file))
            continue
        body = read_regular(file, f"file {file}", DEFAULT_LIMITS.bundle_file_bytes)
        files.append(BundleFile(path, body))
        if len(files) > DEFAULT_LIMITS.bundle_files:
            raise ConfigurationError(f"more than {DEFAULT_LIMITS.bundle_files} files; a bundle takes no more")
    return Collected(tuple(files), tuple(left_out))


def _found(paths: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """Each file with its path in the bundle."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from ((file, file.relative_to(path).as_posix()) for file in _below(path))
        elif is_known(path.name):
            yield path, path.name
        else:
            raise ConfigurationError(f"{path} is neither a directory nor a file for a bundle", hint=_KINDS)


def _below(directory: Path) -> Iterator[Path]:
    def refuse(fault: OSError) -> None:
        raise ConfigurationError(f"{directory} cannot be read: {fault}")

    for folder, folders, names in os.walk(directory, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in (*names, *folders) if not name.startswith(".")):
            file = Path(folder, name)
            if file.is_symlink():
                raise ConfigurationError(f"{file} is a link, and is not published", hint=_NAME_IT_ITSELF)
            if name in names:
                yield file


def require_free(directory: Path) -> None:
    """Raises `UsageError` when `directory` is there and holds something, or is something else."""
    try:
        taken = not stat.S_ISDIR(directory.lstat().st_mode) or any(directory.iterdir())
        has_place = True
    except FileNotFoundError:
        taken, has_place = False, directory.absolute().parent.is_dir()
    except (OSError, ValueError) as fault:  # ValueError: a name with a null byte
        raise UsageError(f"{str(directory)!r} cannot be used: {fault}", hint=_ANOTHER) from None
    if taken:
        raise UsageError(f"{directory} is there and not an empty directory", hint=_ANOTHER)
    if not has_place:
        raise UsageError(f"{directory.absolute().parent} is no directory", hint="Make it first.")


def write_all(directory: Path, files: Sequence[BundleFile]) -> None:
    """All of `files`, or none: they are written beside `directory`, which is put in place at the end.

    Raises `ConfigurationError`.
    """
    try:
        with tempfile.TemporaryDirectory(dir=directory.absolute().parent, ignore_cleanup_errors=True) as folder:
            whole = Path(folder) / "bundle"
            whole.mkdir()
            for file in files:
                place = whole / file.path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.body)
            whole.replace(directory)
    except OSError as fault:
        raise ConfigurationError(f"{directory} cannot be written: {fault.strerror}", hint=_ANOTHER) from None
