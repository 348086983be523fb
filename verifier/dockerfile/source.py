"""The text of a Dockerfile, bounded and strictly UTF-8, before any parser sees it.

These are guards of BuildKit's parser, which runs in this process: a lone surrogate aborts it, a null byte ends the text
without a word, lines above its bound are refused with a message that names none, and the time that it takes grows with
the square of what continued lines come to.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS

STDIN = "-"
_CONTINUING = (b"\\", b"`")  # whichever the file's directive chooses
_NOTHING = re.compile(rb"\s*(?:#|$)")  # what may stand between continued lines
_HINT = "Name a Dockerfile, or - for standard input."


class Source(msgspec.Struct, frozen=True):
    """`name` is the path as given. `lines` count from 0 here, and from 1 in everything that is shown."""

    name: str
    text: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; "" outside the text."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


def read(name: str) -> Source:
    """The file at `name`, or standard input for `-`. Raises `ConfigurationError`."""
    most = DEFAULT_LIMITS.dockerfile_bytes
    if name != STDIN:
        return source_of(name, read_regular(Path(name), f"Dockerfile {name}", most, hint=_HINT))
    return source_of(STDIN, sys.stdin.buffer.read(most + 1))


def source_of(name: str, body: bytes) -> Source:
    """Raises `ConfigurationError` for what is too large, no UTF-8, or holds a null byte or an endless line."""
    if len(body) > DEFAULT_LIMITS.dockerfile_bytes:
        raise _refused(name, f"it is larger than {DEFAULT_LIMITS.dockerfile_bytes} bytes")
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        raise _refused(name, f"it is not UTF-8 at byte {fault.start}") from None
    continued = 0
    for number, line in enumerate(body.split(b"\n"), 1):
        if b"\0" in line:
            raise _refused(f"{name}:{number}", "it holds a null byte, at which its parser would stop reading")
        if continued + len(line) > DEFAULT_LIMITS.dockerfile_line:
            what = "a line with those that it continues" if continued else "a line"
            raise _refused(f"{name}:{number}", f"{what} is longer than {DEFAULT_LIMITS.dockerfile_line} bytes")
        if not continued or not _NOTHING.match(line):
            continued = continued + len(line) if line.rstrip().endswith(_CONTINUING) else 0
    return Source(name, text, tuple(line.removesuffix("\r") for line in text.split("\n")))


def _refused(place: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"{place}: {why}", hint=_HINT)
