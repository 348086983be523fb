"""What `--chmod` says: octal digits, or chmod's letters (`u=rw,go=r`), of which only what is certain is read."""

from __future__ import annotations

import re
from enum import IntFlag

_OCTAL = re.compile(r"[0-7]{1,5}")
_CLAUSE = re.compile(r"(?P<who>[ugoa]*)(?P<sign>[-+=])(?P<what>[rwxXst]*)")


class Access(IntFlag):
    """The bits of one class of users."""

    READ = 4
    RUN = 1


_SHIFT = {"u": 6, "g": 3, "o": 0}


def lacks(mode: str, who: str, access: Access) -> bool:
    """Whether a file with this mode certainly denies `access` to `who` (`u`, `g` or `o`)."""
    if _OCTAL.fullmatch(mode):
        return not int(mode, 8) >> _SHIFT[who] & access
    letter = "r" if access is Access.READ else "x"
    denied = False
    for text in mode.split(","):
        clause = _CLAUSE.fullmatch(text)
        if not clause:
            return False
        if who in clause["who"] or "a" in clause["who"] or not clause["who"]:
            denied = _after(denied, clause["sign"], letter, clause["what"])
    return denied


def _after(denied: bool, sign: str, letter: str, what: str) -> bool:
    given = letter in what or (letter == "x" and "X" in what)
    if sign == "=":
        return not given
    if given:
        return sign == "-"
    return denied
