"""Files that a user names: regular ones only, and only as much of them as a bound allows."""

from __future__ import annotations

import stat
from pathlib import Path

from verifier.errors import ConfigurationError


def read_regular(path: Path, what: str, most: int, *, hint: str = "") -> bytes:
    """The bytes of `path`, at most `most`; `what` names it in messages.

    Raises `ConfigurationError`, also for a pipe or a device: reading one could wait without an end.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigurationError(f"{what} is not a regular file", hint=hint)
        with path.open("rb") as stream:
            body = stream.read(most + 1)
    except (OSError, ValueError) as fault:  # ValueError: a name with a null byte
        raise ConfigurationError(f"{what} cannot be read: {fault}", hint=hint) from None
    if len(body) > most:
        raise ConfigurationError(f"{what} is larger than {most} bytes", hint=hint)
    return body
