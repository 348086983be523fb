"""In the worker: what a rule refers to, what it comes to name by name, and what it asks on the way. All of it cut."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from verifier.rules.functions import Platform, digest_of
from verifier.rules.syntax import Path, Syntax

UNDEFINED = "(undefined)"
_STATEMENTS = ("data", "dhiverify", "statements")
_IMAGE = ("data", "dhiverify", "image")
_DEEP = 12  # levels of one value: deeper ones are cut like long ones
_ABSENT = object()

Item = TypeVar("Item")


class Cut:
    """Bounds of what is shown: of one value and one text, and of all values and texts of a rule together."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self._limits = limits
        self._items, self._letters, self.values = limits["items"], limits["letters"], limits["values"]
        self._all_members: int = limits["all_members"]
        self._all_letters: int = limits["all_letters"]

    def again(self) -> Cut:
        """The same bounds, and nothing shown yet."""
        return Cut(self._limits)

    @property
    def fault(self) -> str:
        """Why there is less than there could be; "" where nothing was left out for the sake of the whole."""
        return "it would be too long: some of what follows is left out" if self._is_full() else ""

    def value(self, value: Any) -> Any:
        """`value` with as many members as there is room for; what is left out is counted in its place."""
        return self._short(value, [self._items], _DEEP)

    def text(self, text: str) -> str:
        """`text`, or its beginning."""
        if self._all_letters <= 0:
            return f"… ({len(text)} characters)"
        short = text if len(text) <= self._letters else text[: self._letters] + f"… ({len(text)} characters)"
        self._all_letters -= len(short) * (1 if short.isascii() else 4)  # what a text takes in memory
        return short

    def some(self, items: Sequence[Item]) -> list[Item]:
        """As many of `items` as there is room for."""
        return list(self._until(items, [self._items]))

    def lines(self, lines: list[str]) -> list[str]:
        """As many of `lines`, whole, as there is room for."""
        kept: list[str] = []
        for line in lines:
            if self._is_full():
                return [*kept, f"… and {len(lines) - len(kept)} more"]
            self._all_letters -= len(line) * (1 if line.isascii() else 4)
            kept.append(line)
        return kept

    def _is_full(self) -> bool:
        return self._all_members <= 0 or self._all_letters <= 0

    def _short(self, value: Any, left: list[int], levels: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, set | frozenset | tuple):  # Rego's sets, which are no JSON
            value = sorted(value, key=str)
        if not isinstance(value, list | dict) or not value:
            return value
        if not levels:
            return f"… ({len(value)} members)"
        if isinstance(value, list):
            kept = [self._short(item, left, levels - 1) for item in self._until(value, left)]
            return [*kept, f"… and {len(value) - len(kept)} more"] if len(kept) < len(value) else kept
        shown = {self._name(name): self._short(value[name], left, levels - 1) for name in self._until(value, left)}
        return shown | {"…": f"and {len(value) - len(shown)} more"} if len(shown) < len(value) else shown

    def _name(self, name: Any) -> str:
        """Of a member: Rego has objects whose members are named by any value."""
        return self.text(name if isinstance(name, str) else str(name))

    def _until(self, items: Iterable[Item], left: list[int]) -> Iterator[Item]:
        for item in items:
            if left[0] <= 0 or self._is_full():
                return
            left[0] -= 1
            self._all_members -= 1
            yield item


def survey(module: dict[str, Any], syntax: Syntax, platform: Platform, cut: Cut) -> dict[str, Any]:
    """What is known without evaluating: the configuration, the inputs, and the statements that the file reads."""
    paths = [path for path in syntax.paths() if path[0] == "input" or path[: len(_IMAGE)] == _IMAGE]
    inputs = {_written(path): cut.value(_at(path, platform)) for path in paths[: cut.values]}
    return {"inputs": inputs, "statements": _statements(syntax, platform, cut)}


def _written(path: Path) -> str:
    return path[0] + "".join(f".{part}" if part.isidentifier() else f"[{json.dumps(part)}]" for part in path[1:])


def _at(path: Path, platform: Platform) -> Any:
    value, rest = (platform.input, path[1:]) if path[0] == "input" else (platform.image, path[len(_IMAGE) :])
    for part in rest:
        value = value.get(part, _ABSENT) if isinstance(value, dict) else _ABSENT
    return UNDEFINED if value is _ABSENT else value


def _statements(syntax: Syntax, platform: Platform, cut: Cut) -> list[dict[str, Any]]:
    """The predicate types that a file names which reads statements. Which of them it reads, its values show."""
    if not any(path[:3] == _STATEMENTS[: len(path)] for path in syntax.paths()):
        return []
    known = {name for names in platform.types.values() for name in names} | set(platform.images)
    found = []
    for name in sorted(syntax.texts() & known)[: cut.values]:
        digests = [digest_of(image) for image in platform.images.get(name, [])]
        argument, answer = json.dumps(cut.text(name)), cut.text(_counted(digests))
        entry = {"name": ".".join(_STATEMENTS), "argument": argument, "answer": answer, "digests": cut.some(digests)}
        found.append(entry)
    return found


def _counted(digests: list[str]) -> str:
    if not digests:
        return "no verified statement"
    if len(digests) == 1:
        return f"1 statement, {digests[0]}"
    return f"{len(digests)} statements, newest {digests[0]}"


class Trace:
    """Calls of built-in functions, each kind of question once. What cannot be noted, `fault` says: no rule notices."""

    def __init__(self, cut: Cut) -> None:
        self.fault = ""
        self._cut = cut
        self._asked: dict[tuple[str, str], dict[str, Any]] = {}
        self._more = 0

    def __call__(self, name: str, arguments: tuple[Any, ...], function: Callable[..., Any]) -> Any:
        try:
            answer = function(*arguments)
        except Exception as fault:
            self._note(name, arguments, fault)
            raise
        self._note(name, arguments, answer)
        return answer

    def _note(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        if len(self._asked) >= self._cut.values:
            self._more += 1
            return
        try:
            argument = self._written(arguments)
            if (name, argument) not in self._asked:
                self._asked[name, argument] = self._entry(name, argument, answer)
        except Exception as fault:  # noqa: BLE001 - whoever looks on changes nothing
            self.fault = self.fault or f"a call of {name} cannot be shown: {fault}"[:500]

    def _written(self, arguments: tuple[Any, ...]) -> str:
        """By a measure of its own: asking once more takes no room."""
        cut = self._cut.again()
        return ", ".join(cut.text(json.dumps(cut.value(one), default=str)) for one in arguments)

    def _entry(self, name: str, argument: str, answer: Any) -> dict[str, Any]:
        words, digests = _told(answer)
        (kept,) = self._cut.lines([argument])
        return {"name": name, "argument": kept, "answer": self._cut.text(words), "digests": self._cut.some(digests)}

    def asked(self) -> list[dict[str, Any]]:
        """What was asked, in that order."""
        more = {"name": "…", "argument": "", "answer": f"{self._more} more calls, which are not kept"}
        return [*self._asked.values(), *([more] if self._more else [])]


def _told(answer: Any) -> tuple[str, list[str]]:
    """An answer in short words, and the manifests that it stands in."""
    if answer is None:
        return "no verified statement", []
    if isinstance(answer, Exception):
        return f"error: {answer}", []
    items = answer if isinstance(answer, list) else [answer]
    if items and all(isinstance(item, dict) and item.keys() == {"statement", "image"} for item in items):
        digests = [digest_of(item["image"]) for item in items]
        return _counted(digests), digests
    if isinstance(answer, list):
        found = [item.get("digest") for item in answer if isinstance(item, dict)]
        digests = list(dict.fromkeys(digest for digest in found if isinstance(digest, str)))
        return f"{len(answer)} entries" if len(answer) != 1 else "1 entry", digests
    return json.dumps(answer, default=str, ensure_ascii=False), []
