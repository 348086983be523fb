"""Variables in words, as BuildKit substitutes them: `$NAME`, `${NAME}`, and what may stand behind a name in braces.

    ${N:-word} ${N-word}    word, where N is unset (with the colon: or empty)
    ${N:+word} ${N+word}    word, where N is set (and not empty)
    ${N:?word} ${N?word}    N, which has to be set
    ${N#word} ${N%word}     N without that beginning or end; ## and %% the same for texts without wildcards
    ${N/word/other}         N with the first `word` replaced; // replaces all

Wildcards in the last two are not followed: such a value counts as not known. Quotes and escapes are taken off. What
BuildKit reads in ways of its own is a fault, since a guess would have another image judged than the one that is built:
letters other than ASCII's behind a name, a byte order mark, and in patterns quotes, escapes and nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from verifier.limits import DEFAULT_LIMITS

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
_WILDCARDS = re.compile(r"[*?\[\\]")
_END = ""
UNKNOWN = "\0"
"""The value of a variable that is set, and nobody here knows to what. No text of a Dockerfile holds this character."""

_MARK = "\ufeff"
_TOO_LONG = f"it has more than {DEFAULT_LIMITS.dockerfile_word} characters"


class Expanded(msgspec.Struct, frozen=True):
    """`missing` names the variables without a value on which the text depends; the text is a guess then.

    `fault` says what is wrong with the word itself, or is "".
    """

    text: str
    missing: tuple[str, ...] = ()
    fault: str = ""

    @property
    def known(self) -> bool:
        return not self.missing and not self.fault


def expand(word: str, values: Mapping[str, str], escape: str = "\\") -> Expanded:
    """Never raises: what is wrong is in the result."""
    if len(word) > DEFAULT_LIMITS.dockerfile_word:
        return Expanded("", fault=_TOO_LONG)
    if _MARK in word:
        return Expanded("", fault="it holds a byte order mark")
    if "$" not in word and escape not in word and '"' not in word and "'" not in word:
        return Expanded(word)
    reader = _Reader(word, values, escape)
    try:
        text = reader.until(_END)
    except _Fault as fault:
        return Expanded(word, tuple(reader.missing), str(fault))
    return Expanded(text, tuple(reader.missing))


class _Fault(Exception):
    pass


def _bounded(text: str) -> str:
    if len(text) > DEFAULT_LIMITS.dockerfile_word:
        raise _Fault(_TOO_LONG)
    return text


class _Reader:
    def __init__(self, word: str, values: Mapping[str, str], escape: str) -> None:
        self.word, self.values, self.escape = word, values, escape
        self.position = 0
        self.depth = 0
        self.missing: dict[str, None] = {}

    def until(self, stop: str, *, raw: bool = False) -> str:
        """Reads up to `stop` and over it, or to the end. `raw` is for patterns, which have no quotes and escapes."""
        text = ""
        while (character := self._next()) != stop:
            if character == _END:
                raise _Fault(f"there is no matching {stop}")
            text = _bounded(text + self._part(character, raw=raw))
        return text

    def _next(self) -> str:
        self.position += 1
        return self.word[self.position - 1 : self.position]

    def _part(self, character: str, *, raw: bool) -> str:
        if raw and character in ("'", '"', self.escape):
            raise _Fault(f"{character} stands in a pattern")
        if character == "'":
            return self._single_quoted()
        if character == '"':
            return self._double_quoted()
        if character == "$":
            return self._substituted()
        if character == self.escape:
            return self._next()
        return character

    def _single_quoted(self) -> str:
        end = self.word.find("'", self.position)
        if end < 0:
            raise _Fault("there is no matching '")
        text, self.position = self.word[self.position : end], end + 1
        return text

    def _double_quoted(self) -> str:
        text = ""
        while (character := self._next()) != '"':
            if character == _END:
                raise _Fault('there is no matching "')
            if character == self.escape and self.word[self.position : self.position + 1] in ('"', "$", self.escape):
                character = self._next()
            elif character == "$":
                character = self._substituted()
            text = _bounded(text + character)
        return text

    def _substituted(self) -> str:
        if self.word[self.position : self.position + 1] != "{":
            name = self._name()
            return self._value(name) if name else "$"
        self.position += 1
        self.depth += 1
        if self.depth > DEFAULT_LIMITS.dockerfile_depth:
            raise _Fault(f"substitutions stand more than {DEFAULT_LIMITS.dockerfile_depth} deep in each other")
        text = self._braced()
        self.depth -= 1
        return text

    def _name(self) -> str:
        found = _NAME.match(self.word, self.position)
        self.position = found.end() if found else self.position
        if not self.word[self.position : self.position + 1].isascii():
            raise _Fault("a name has letters other than ASCII's")
        return found[0] if found else ""

    def _value(self, name: str) -> str:
        value = self.values.get(name, UNKNOWN)
        if value == UNKNOWN:
            self.missing[name] = None
        return "" if value == UNKNOWN else value

    def _braced(self) -> str:
        name = self._name()
        sign = self._next()
        if not name:
            raise _Fault("there is no name between braces")
        if sign == "}":
            return self._value(name)
        colon = sign == ":"
        sign = self._next() if colon else sign
        if sign in ("-", "+", "?"):
            return self._chosen(name, sign, colon=colon)
        if sign in ("#", "%", "/") and not colon:
            return self._edited(name, sign)
        raise _Fault(f"${{{name}{':' if colon else ''}{sign}…}} is no substitution")

    def _chosen(self, name: str, sign: str, *, colon: bool) -> str:
        before = dict(self.missing)
        word = self.until("}")
        if self.values.get(name) == UNKNOWN:
            self.missing[name] = None
            return ""
        given = name in self.values and not (colon and not self.values[name])
        uses_word = (sign == "-" and not given) or (sign == "+" and given)
        if not uses_word:
            self.missing = before  # what is not used may be unknown
        if sign == "+":
            return word if given else ""
        if sign == "-":
            return self.values[name] if given else word
        if not given:
            self.missing[name] = None
        return self.values.get(name, "")

    def _edited(self, name: str, sign: str) -> str:
        if sign == "/":
            return self._replaced(name)
        pattern = self.until("}", raw=True)
        pattern = pattern[1:] if pattern.startswith(sign) else pattern  # the longest match, which is the same here
        value = self._value(name)
        if self._is_wild(name, pattern):
            return value
        return value.removeprefix(pattern) if sign == "#" else value.removesuffix(pattern)

    def _replaced(self, name: str) -> str:
        twice = self.word[self.position : self.position + 1] == "/"
        self.position += twice
        pattern, replacement = self.until("/", raw=True), self.until("}", raw=True)
        if not pattern or (twice and "$" in replacement):
            raise _Fault("what is to be replaced is empty, or refers to itself")
        value = self._value(name)
        return value if self._is_wild(name, pattern) else value.replace(pattern, replacement, -1 if twice else 1)

    def _is_wild(self, name: str, pattern: str) -> bool:
        if _WILDCARDS.search(pattern):
            self.missing[name] = None
            return True
        return False
