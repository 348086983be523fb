"""What the built-in functions of rules answer from, and what is noted of their being asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

# Kinds of facts that describe the run, always there.
NO_EVIDENCE = frozenset({"base", "evidence", "image", "index_evidence", "platforms", "suppression"})

Function = Callable[..., Any]
Functions = dict[str, tuple[int, Function]]
"""By name: the number of parameters, and what answers."""

Watch = Callable[[str, tuple[Any, ...], Function], Any]
"""Is told of a call by name and arguments, and has to make it."""


class RuleFault(Exception):
    """A rule asked for what cannot be answered; the text is for a person."""


class Platform:
    """What was verified about one platform: the request's members, and the statements inside the data document."""

    def __init__(self, request: dict[str, Any], document: str) -> None:
        self.input: Any = request.get("input", {})
        self.facts: dict[str, list[dict[str, Any]]] = request.get("facts", {})
        self.verified: dict[str, list[str]] = request.get("verified", {})
        self.types: dict[str, list[str]] = request.get("types", {})
        self.images: dict[str, list[str]] = request.get("images", {})
        self.indexes: dict[str, dict[str, Any]] = request.get("indexes", {})
        self._document = document
        self._statements: dict[str, list[Any]] | None = None

    @property
    def image(self) -> dict[str, Any]:
        """The fact about the image that was asked for; empty where nothing is known of it."""
        return (self.facts.get("image") or [{}])[0]

    def referrers(self, predicate_type: str) -> list[dict[str, Any]]:
        """`{statement, image}` of each verified statement of the type, newest first."""
        images = self.images.get(predicate_type, [])
        if not images:
            return []
        if self._statements is None:  # most rules read `data`, where the engine has parsed them already
            self._statements = json.loads(self._document)["dhiverify"]["statements"]
        found = self._statements[predicate_type]
        return [{"statement": s, "image": image} for s, image in zip(found, images, strict=True)]


class Session:
    """The rule that is being evaluated: what it wanted and was given, and who looks on."""

    def __init__(self) -> None:
        self.now = 0
        self.platform = Platform({}, "")
        self.watch: Watch | None = None
        self.begin()

    def begin(self) -> None:
        """Forgets the rule before."""
        self.asked: dict[str, None] = {}
        self.read: dict[str, None] = {}
        self.fault = ""

    def fail(self, text: str) -> RuleFault:
        """The fault to raise. It is kept, as the engine hides it in a text of its own."""
        self.fault = self.fault or text
        return RuleFault(text)

    def text(self, value: Any, what: str) -> str:
        """`value`, which must be a string. `what` names it in the fault."""
        if not isinstance(value, str):
            raise self.fail(f"expected {what} as a string, found {json.dumps(value, default=str)[:80]}")
        return value

    def referrers(self, predicate_type: Any) -> list[dict[str, Any]]:
        """All statements of a type; that they were asked for is noted, and not yet that they were read."""
        self.asked[self.text(predicate_type, "a predicate type")] = None
        return self.platform.referrers(predicate_type)

    def given(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Notes that the rule reads these statements."""
        self.read.update(dict.fromkeys(digest_of(item["image"]) for item in found))
        return found


def digest_of(image: str) -> str:
    """What stands after the `@` of an image reference."""
    return image.rpartition("@")[2]


def refusal(session: Session, name: str, reason: str) -> Function:
    """A function that only says that it is not there, and why or what to use instead."""

    def refuse(*_: Any) -> Any:
        raise session.fail(f"{name} is not available to rules: {reason}")

    return refuse
