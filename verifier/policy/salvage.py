"""As much of a broken document as can be read, with everything that its types refuse: for `policy lint` alone."""

from __future__ import annotations

from typing import Any

import msgspec

from verifier.policy import yamltext
from verifier.policy.checks import Problem
from verifier.policy.document import Document
from verifier.policy.faults import described
from verifier.policy.places import Places, Where

_MOST = 100  # faults that are looked for; who has so many reads the first ones

# Stands for a section of which a member that it cannot do without is broken.
_PLACEHOLDER = {"match": "*", "trust": {"keys": ["dhi-2"]}, "rules": [{"pack": "dhi"}]}


class Salvaged(msgspec.Struct, frozen=True):
    """`document` is None where nothing could be read. The sections with the numbers `broken` say nothing."""

    document: Document | None
    problems: tuple[Problem, ...] = ()
    broken: frozenset[int] = frozenset()


def salvaged(places: Places) -> Salvaged:
    """The document without what is wrong in it. Raises `YAMLRefused` for what is no JSON data."""
    data = yamltext.plain(places.tree)
    problems: list[Problem] = []
    broken: set[int] = set()
    for _ in range(_MOST):
        try:
            return Salvaged(msgspec.convert(data, Document), tuple(problems), frozenset(broken))
        except msgspec.ValidationError as fault:
            where, text, hint = described(str(fault), places.tree)
            problems.append(Problem(where, text, hint))
            if not _mended(data, where, text, broken):
                break
    return Salvaged(None, tuple(problems))


def _mended(data: Any, where: Where, text: str, broken: set[int]) -> bool:
    """Takes what stands at `where` out of `data`, or puts something harmless in its place."""
    if "unknown field" in text:
        del _at(data, where[:-1])[where[-1]]
        return True
    if not isinstance(data, dict) or not isinstance(data.get("images"), list):
        return False
    if len(where) < 2:
        data |= {"version": 1, "name": "unnamed"}
        return where != ("images",)
    number = int(where[1])
    member = str(where[2]) if len(where) > 2 else "match"
    if member in _PLACEHOLDER:
        data["images"][number] = _PLACEHOLDER
        broken.add(number)
    else:
        del data["images"][number][member]
    return True


def _at(data: Any, where: Where) -> Any:
    for part in where:
        data = data[part]
    return data
