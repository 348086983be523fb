"""Files that a user names: regular ones only, and only as much of them as a bound allows."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from verifier.errors import ConfigurationError

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)  # opening a pipe must not wait


@contextmanager
def opened(path: Path | str) -> Iterator[BinaryIO]:
    """A regular file, open for reading. Raises `OSError`, also for a pipe, a device or a directory.

    What was opened is what is looked at: a file that is put in its place meanwhile changes nothing.
    """
    with open(path, "rb", opener=_open) as stream:
        yield stream


def _open(path: str, _: int) -> int:
    descriptor = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is not a regular file")
    return descriptor


def read_up_to(path: Path | str, most: int) -> bytes:
    """At most `most` + 1 bytes: one more than is allowed tells that there are more. Raises `OSError` as `opened`."""
    with opened(path) as stream:
        return stream.read(most + 1)


def read_regular(path: Path | str, what: str, most: int, *, hint: str = "") -> bytes:
    """The bytes of `path`, at most `most`; `what` names it in messages. Raises `ConfigurationError`."""
    try:
        body = read_up_to(path, most)
    except (OSError, ValueError) as fault:  # ValueError: a name with a null byte
        raise ConfigurationError(f"{what} cannot be read: {told(fault)}", hint=hint) from None
    if len(body) > most:
        raise ConfigurationError(f"{what} is larger than {most} bytes", hint=hint)
    return body


def told(fault: Exception) -> str:
    """Why a file cannot be read, without its path, which the message names already."""
    return (fault.strerror or str(fault)) if isinstance(fault, OSError) else str(fault)
