"""The user's own trusted root, and what was last seen of each repository that it is updated from.

    $XDG_DATA_HOME/dhiverify/trust/
        root.json              the root in use: its bytes, where they come from, and when
        repository-<name>.json what an update verified last, so that nobody can lead it back
        lock                   held while one of them changes

Each is written whole or not at all, and holds all that belongs together. One that cannot be read stops the program:
a broken store is no reason to trust another root.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import msgspec

from verifier import strictjson
from verifier.errors import ConfigurationError
from verifier.files import read_up_to
from verifier.limits import MiB

PUBLIC_GOOD = "public-good"

BROKEN = "Remove it to return to the shipped root, then run `dhiverify trust update` or `trust import` again."

_FILE_BYTES = 32 * MiB  # four documents of TUF, each bounded when it is fetched, as JSON text

Record = TypeVar("Record", "StoredRoot", "Repository")


class StoredRoot(msgspec.Struct, frozen=True):
    """A trusted root that the user imported or updated. `body` is the file as text, byte for byte.

    `repository` names the `Repository` of an updated one, and is "" for an imported one. `origin` is a URL or path.
    """

    body: str
    digest: str
    origin: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    repository: str = ""


class Repository(msgspec.Struct, frozen=True):
    """A TUF repository as an update last verified it: its metadata by role, as text."""

    name: str
    url: str
    metadata: dict[str, str]


def store_directory(environ: Mapping[str, str]) -> Path | None:
    """By XDG's rules: relative paths do not count, since they would mean the working directory. None without a home."""
    for variable, below in (("XDG_DATA_HOME", "."), ("HOME", ".local/share")):
        base = Path(environ.get(variable) or ".")
        if base.is_absolute():
            return base / below / "dhiverify" / "trust"
    return None


def require_directory(environ: Mapping[str, str]) -> Path:
    """The same for what must write there. Raises `ConfigurationError`."""
    directory = store_directory(environ)
    if directory is None:
        raise ConfigurationError("there is no place to keep a trusted root", hint="Set HOME or XDG_DATA_HOME.")
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise ConfigurationError(f"{directory} cannot be made: {fault.strerror}") from None
    return directory


def stored_root(directory: Path | None) -> StoredRoot | None:
    """None where nothing was imported or updated. Raises `ConfigurationError` for a record that is not whole."""
    return _load(directory / "root.json", StoredRoot) if directory else None


def stored_repository(directory: Path, name: str) -> Repository | None:
    return _load(directory / f"repository-{name}.json", Repository)


def keep_root(directory: Path, root: StoredRoot) -> None:
    _write(directory / "root.json", msgspec.json.encode(root))


def keep_repository(directory: Path, repository: Repository) -> None:
    _write(directory / f"repository-{repository.name}.json", msgspec.json.encode(repository))


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Only one process changes the store at a time: the slower of two updates could else bring back the older root."""
    import fcntl

    with _lock_file(directory / "lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigurationError(
                "another dhiverify is changing the trusted root", hint="Wait until it is done, then run again."
            ) from None
        yield


def _lock_file(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except OSError as fault:
        raise ConfigurationError(f"{path} cannot be written: {fault.strerror}") from None


def _load(path: Path, kind: type[Record]) -> Record | None:
    try:
        body = read_up_to(path, _FILE_BYTES)
        strictjson.loads(body)
        return msgspec.json.decode(body, type=kind)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        raise ConfigurationError(
            f"{path} cannot be used: {fault}",
            hint=BROKEN,
        ) from None


def _write(path: Path, body: bytes) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="new-", ignore_cleanup_errors=True) as folder:
            whole = Path(folder) / path.name
            with whole.open("wb") as stream:
                stream.write(body)
                stream.flush()
                os.fsync(stream.fileno())
            whole.replace(path)
    except OSError as fault:
        raise ConfigurationError(f"{path} cannot be written: {fault.strerror}") from None
