r"""Patterns for identities: regular expressions that cannot hang and always mean the whole text.

A pattern becomes a machine that steps through the text once with all its states at the same time (Thompson's
construction), so the time is bounded by text times pattern, whatever either says. Understood is what RE2, Go and
Python read alike:

    literals  .  [a-z]  [^/]  \d \w \s \D \W \S  \. (any punctuation)  ( )  (?: )  |  * + ? {2} {2,} {2,5}  ^ $

Everything else is refused: flags, look-around, back references, named classes. Letters match bytewise, digits and
word characters are ASCII.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS

_PLAIN = "Write the pattern with literals, classes, groups and repeats only, or give the exact text instead."

Ranges: TypeAlias = tuple[tuple[int, int], ...]

_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_NAMED: dict[str, tuple[Ranges, bool]] = {
    "d": (_DIGIT, False),
    "w": (_WORD, False),
    "s": (_SPACE, False),
    "D": (_DIGIT, True),
    "W": (_WORD, True),
    "S": (_SPACE, True),
}
_REPEAT = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}")
_DEEPEST = 32  # groups inside groups


class Character(msgspec.Struct, frozen=True):
    """One character in one of `ranges`, or in none of them."""

    ranges: Ranges
    negated: bool = False

    def holds(self, character: int) -> bool:
        return any(low <= character <= high for low, high in self.ranges) != self.negated


class Edge(msgspec.Struct, frozen=True):
    """`^` or `$`: takes no character."""

    at_start: bool


class Sequence(msgspec.Struct, frozen=True):
    nodes: tuple[Node, ...]


class Choice(msgspec.Struct, frozen=True):
    nodes: tuple[Node, ...]


class Repeat(msgspec.Struct, frozen=True):
    """`most` is None where there is no end."""

    node: Node
    least: int
    most: int | None


Node: TypeAlias = Character | Edge | Sequence | Choice | Repeat


class _Step(msgspec.Struct):
    """A state: takes a character or stands at an edge and goes to the first of `to`, or goes to all without either."""

    on: Character | Edge | None
    to: list[int]


_END: Final = 0  # the state in which everything was read


def matches(pattern: str, text: str) -> bool:
    """Whether all of `text` is what `pattern` says. Raises `ConfigurationError` for a pattern that is refused."""
    if len(text) > DEFAULT_LIMITS.identity_text:
        return False
    steps, start = _machine(pattern)
    states = _reached(steps, {start}, at_start=True, at_end=not text)
    for index, character in enumerate(text):
        taken = {to for state in states for to in _after(steps[state], ord(character))}
        states = _reached(steps, taken, at_start=False, at_end=index + 1 == len(text))
        if not states:
            return False
    return _END in states


_ANYBODY = ("https://github.com/somebody/else/.github/workflows/any.yml@refs/heads/x", "somebody@else.example")


def lint(pattern: str) -> tuple[str, ...]:
    """What a person probably did not mean, in sentences. Raises `ConfigurationError` for a pattern that is refused."""
    _machine(pattern)
    found = []
    if re.search(r"(?<!\\)[A-Za-z0-9]\.[A-Za-z0-9]", pattern):
        found.append(r"a dot between letters stands for any character; write \. for a dot")
    if re.search(r"[A-Za-z0-9]\.[*+]\)?\$?$", pattern):
        found.append("the open end also lets other names pass that begin alike; put a / or @ before it")
    if all(matches(pattern, text) for text in _ANYBODY):
        found.append("it fits whatever stands there, so everybody may sign")
    return tuple(found)


def _after(step: _Step, character: int) -> list[int]:
    return step.to if isinstance(step.on, Character) and step.on.holds(character) else []


def _reached(steps: list[_Step], states: set[int], *, at_start: bool, at_end: bool) -> set[int]:
    """These states, and all to which they lead without a character."""
    found, ahead = set(states), list(states)
    while ahead:
        step = steps[ahead.pop()]
        is_free = step.on is None or (isinstance(step.on, Edge) and (at_start if step.on.at_start else at_end))
        new = [to for to in step.to if to not in found] if is_free else []
        found.update(new)
        ahead += new
    return found


@functools.lru_cache(maxsize=128)
def _machine(pattern: str) -> tuple[list[_Step], int]:
    steps = [_Step(None, [])]
    try:
        return steps, _build(_Reader(pattern).whole(), _END, steps)
    except ValueError as fault:
        raise ConfigurationError(f"the identity pattern {pattern!r:.200} is refused: {fault}", hint=_PLAIN) from None


def _build(node: Node, then: int, steps: list[_Step]) -> int:
    """The state from which `node` leads to `then`."""
    if isinstance(node, Sequence):
        for part in reversed(node.nodes):
            then = _build(part, then, steps)
        return then
    if isinstance(node, Choice):
        return _add(_Step(None, [_build(part, then, steps) for part in node.nodes]), steps)
    if isinstance(node, Repeat):
        return _build_repeat(node, then, steps)
    return _add(_Step(node, [then]), steps)


def _build_repeat(node: Repeat, then: int, steps: list[_Step]) -> int:
    if node.most is None:
        loop = _add(_Step(None, [then]), steps)
        steps[loop].to.append(_build(node.node, loop, steps))
        then = loop
    else:
        end = then
        for _ in range(node.most - node.least):
            then = _add(_Step(None, [end, _build(node.node, then, steps)]), steps)
    for _ in range(node.least):
        then = _build(node.node, then, steps)
    return then


def _add(step: _Step, steps: list[_Step]) -> int:
    if len(steps) >= DEFAULT_LIMITS.pattern_states:
        raise ValueError("its repeats multiply to more than is reasonable")
    steps.append(step)
    return len(steps) - 1


class _Reader:
    """Reads a pattern from left to right. Raises `ValueError`."""

    def __init__(self, text: str) -> None:
        if len(text) > DEFAULT_LIMITS.pattern_text:
            raise ValueError(f"it has over {DEFAULT_LIMITS.pattern_text} characters")
        self._text = text
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._choice()
        if self._at < len(self._text):
            raise ValueError("a group is closed that was never opened")
        return node

    def _choice(self) -> Node:
        nodes = [self._sequence()]
        while self._skip("|"):
            nodes.append(self._sequence())
        return nodes[0] if len(nodes) == 1 else Choice(tuple(nodes))

    def _sequence(self) -> Node:
        nodes: list[Node] = []
        while self._ahead() not in ("", "|", ")"):
            nodes.append(self._repeated(self._atom()))
        return Sequence(tuple(nodes))

    def _repeated(self, node: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return node
        self._skip("?")  # lazy or greedy: of a whole text, both say the same
        if isinstance(node, Edge) or self._bounds() is not None:
            raise ValueError("it repeats a repeat, or an edge")
        least, most = bounds
        if most is not None and most < least:
            raise ValueError("a repeat ends before it begins")
        return Repeat(node, least, most)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in {"*": (0, None), "+": (1, None), "?": (0, 1)}.items():
            if self._skip(sign):
                return bounds
        if self._ahead() != "{":
            return None
        found = _REPEAT.match(self._text, self._at)
        if not found:
            raise ValueError("a { that begins no repeat must be written \\{")
        self._at = found.end()
        least, comma, most = found.groups()
        return int(least), int(most) if most else None if comma else int(least)

    def _atom(self) -> Node:
        character = self._take()
        if character in _ATOMS:
            return _ATOMS[character](self)
        if character in "*+?{":
            raise ValueError(f"{character} has nothing to repeat")
        return _exactly(character)

    def _group(self) -> Node:
        if self._skip("?") and not self._skip(":"):
            raise ValueError("only (…) and (?:…) are groups here")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"groups are nested more than {_DEEPEST} deep")
        node = self._choice()
        if not self._skip(")"):
            raise ValueError("a group is not closed")
        self._depth -= 1
        return node

    def _class(self) -> Node:
        negated = self._skip("^")
        ranges: list[tuple[int, int]] = []
        is_first = True
        while is_first or self._ahead() != "]":
            ranges += self._range()
            is_first = False
        self._take()
        return Character(tuple(ranges), negated)

    def _range(self) -> list[tuple[int, int]]:
        low = self._member()
        if not self._text.startswith("-", self._at) or self._text.startswith("-]", self._at):
            return list(low.ranges)
        self._take()
        first, last = _only(low), _only(self._member())
        if last < first:
            raise ValueError("a range ends before it begins")
        return [(first, last)]

    def _member(self) -> Character:
        character = self._take()
        if character == "[" and self._ahead() in (":", ".", "="):
            raise ValueError("named classes are not read")
        found = self._escape() if character == "\\" else _exactly(character)
        if found.negated:
            raise ValueError("a negated class stands inside of a class")
        return found

    def _escape(self) -> Character:
        character = self._take()
        if character in _NAMED:
            return Character(*_NAMED[character])
        if not character.isascii() or character.isalnum():
            raise ValueError(f"\\{character} is not read")
        return _exactly(character)

    def _ahead(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, character: str) -> bool:
        found = self._ahead() == character
        self._at += found
        return found

    def _take(self) -> str:
        character = self._ahead()
        if not character:
            raise ValueError("it ends too early")
        self._at += 1
        return character


_ATOMS: dict[str, Callable[[_Reader], Node]] = {
    "(": _Reader._group,
    "[": _Reader._class,
    "\\": _Reader._escape,
    ".": lambda _: Character(((10, 10),), negated=True),
    "^": lambda _: Edge(at_start=True),
    "$": lambda _: Edge(at_start=False),
}


def _exactly(character: str) -> Character:
    return Character(((ord(character), ord(character)),))


def _only(character: Character) -> int:
    """The one character that it stands for."""
    first, last = character.ranges[0]
    if first != last or len(character.ranges) > 1:
        raise ValueError("a range has one character at each end")
    return first
