"""In the worker: what a rule refers to, what it comes to name by name, and what it asks on the way. All of it cut."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from verifier.rules.functions import Platform, RuleFault, digest_of
from verifier.rules.syntax import Path, Syntax

UNDEFINED = "(undefined)"
_STATEMENTS = ("data", "dhiverify", "statements")
_IMAGE = ("data", "dhiverify", "image")
_DEEP = 12  # levels of one value: deeper ones are cut like long ones
_ABSENT = object()


class Cut:
    """Bounds of what is shown: members of one value, and characters of one text."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self._items, self._letters, self.values = limits["items"], limits["letters"], limits["values"]

    def value(self, value: Any) -> Any:
        """`value` with as many members as there is room for; what is left out is counted in its place."""
        return self._short(value, [self._items], _DEEP)

    def text(self, text: str) -> str:
        return text if len(text) <= self._letters else text[: self._letters] + f"… ({len(text)} characters)"

    def _short(self, value: Any, left: list[int], levels: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, list | dict) or not value:
            return value
        if not levels:
            return f"… ({len(value)} members)"
        if isinstance(value, list):
            kept = [self._short(item, left, levels - 1) for item in _until(value, left)]
            return [*kept, f"… and {len(value) - len(kept)} more"] if len(kept) < len(value) else kept
        shown = {self.text(name): self._short(value[name], left, levels - 1) for name in _until(value, left)}
        return shown | {"…": f"and {len(value) - len(shown)} more"} if len(shown) < len(value) else shown


def _until(items: Iterable[Any], left: list[int]) -> Iterable[Any]:
    for item in items:
        if left[0] <= 0:
            return
        left[0] -= 1
        yield item


def survey(module: dict[str, Any], syntax: Syntax, platform: Platform, cut: Cut) -> dict[str, Any]:
    """What is known without evaluating: the configuration, the inputs, and the statements that the file reads."""
    paths = [path for path in syntax.paths() if path[0] == "input" or path[: len(_IMAGE)] == _IMAGE]
    inputs = {_written(path): cut.value(_at(path, platform)) for path in paths[: cut.values]}
    return {"inputs": inputs, "statements": _statements(syntax, platform, cut)[: cut.values]}


def _written(path: Path) -> str:
    return path[0] + "".join(f".{part}" if part.isidentifier() else f"[{json.dumps(part)}]" for part in path[1:])


def _at(path: Path, platform: Platform) -> Any:
    value, rest = (platform.input, path[1:]) if path[0] == "input" else (platform.image, path[len(_IMAGE) :])
    for part in rest:
        value = value.get(part, _ABSENT) if isinstance(value, dict) else _ABSENT
    return UNDEFINED if value is _ABSENT else value


def _statements(syntax: Syntax, platform: Platform, cut: Cut) -> list[dict[str, Any]]:
    """The predicate types that a file names which reads statements. Which of them it reads, its values show."""
    if not any(path[: len(_STATEMENTS)] == _STATEMENTS for path in syntax.paths()):
        return []
    known = {name for names in platform.types.values() for name in names} | set(platform.images)
    return [
        {
            "name": ".".join(_STATEMENTS),
            "argument": json.dumps(cut.text(name)),
            **_found([digest_of(image) for image in platform.images.get(name, [])]),
        }
        for name in sorted(syntax.texts() & known)
    ]


def _found(digests: list[str]) -> dict[str, Any]:
    if not digests:
        return {"answer": "no verified statement", "digests": []}
    if len(digests) == 1:
        return {"answer": f"1 statement, {digests[0]}", "digests": digests}
    return {"answer": f"{len(digests)} statements, newest {digests[0]}", "digests": digests}


class Trace:
    """Calls of built-in functions, each kind of question once."""

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._asked: dict[tuple[str, str], dict[str, Any]] = {}
        self._more = 0

    def __call__(self, name: str, arguments: tuple[Any, ...], function: Callable[..., Any]) -> Any:
        try:
            answer = function(*arguments)
        except RuleFault as fault:
            self._note(name, arguments, f"error: {fault}", [])
            raise
        self._note(name, arguments, *_told(answer))
        return answer

    def _note(self, name: str, arguments: tuple[Any, ...], answer: str, digests: list[str]) -> None:
        if len(self._asked) >= self._cut.values:
            self._more += 1
            return
        argument = ", ".join(self._cut.text(json.dumps(self._cut.value(_plain(one)))) for one in arguments)
        entry = {"name": name, "argument": argument, "answer": self._cut.text(answer), "digests": digests}
        self._asked.setdefault((name, argument), entry)

    def asked(self) -> list[dict[str, Any]]:
        """What was asked, in that order."""
        more = {"name": "…", "argument": "", "answer": f"{self._more} more calls, which are not kept"}
        return [*self._asked.values(), *([more] if self._more else [])]


def _plain(value: Any) -> Any:
    """Rego's sets arrive as Python's, which are no JSON."""
    return sorted(value, key=str) if isinstance(value, set) else value


def _told(answer: Any) -> tuple[str, list[str]]:
    """An answer in short words, and the manifests that it stands in."""
    if answer is None:
        return "no verified statement", []
    items = answer if isinstance(answer, list) else [answer]
    if items and all(isinstance(item, dict) and item.keys() == {"statement", "image"} for item in items):
        found = _found([digest_of(item["image"]) for item in items])
        return found["answer"], found["digests"]
    if isinstance(answer, list):
        digests = [item["digest"] for item in answer if isinstance(item, dict) and isinstance(item.get("digest"), str)]
        return f"{len(answer)} entries" if len(answer) != 1 else "1 entry", list(dict.fromkeys(digests))
    return json.dumps(answer, default=str, ensure_ascii=False), []
