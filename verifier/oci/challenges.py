"""`WWW-Authenticate`, read as RFC 9110 section 11 writes it: several challenges, in any order, commas inside quotes."""

from __future__ import annotations

import re

import msgspec

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a grammar, not a secret
_PARAMETER = re.compile(rf'({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_SCHEME = re.compile(_TOKEN)
_SEPARATORS = re.compile(r"[\s,]*")
_ESCAPE = re.compile(r"\\(.)")
_LENGTH = 8 * 1024  # real ones have some hundred bytes


class Challenge(msgspec.Struct, frozen=True):
    """One way to authenticate. Scheme and parameter names are in lower case; of a repeated one the first counts."""

    scheme: str
    parameters: dict[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """All challenges in a header; what is not one is passed over. Raises nothing."""
    found: list[Challenge] = []
    header, position = header[:_LENGTH], 0
    while (position := _end(_SEPARATORS, header, position)) < len(header):
        if match := _PARAMETER.match(header, position):
            name, quoted, bare = match.groups()
            value = bare if quoted is None else _ESCAPE.sub(r"\1", quoted)
            if found:
                found[-1].parameters.setdefault(name.lower(), value)
        elif match := _SCHEME.match(header, position):
            found.append(Challenge(match[0].lower(), {}))
        position = match.end() if match else position + 1
    return tuple(found)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
