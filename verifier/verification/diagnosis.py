"""A diagnosis: steps that were tried towards an image's evidence, with what each answered. Nothing in it is secret."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import msgspec

from verifier.errors import DhiverifyError

T = TypeVar("T")


class Mark(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Said(msgspec.Struct, frozen=True):
    """How the outcome of a step reads. `exit_code` is 0 unless the mark is `fail`."""

    answer: str
    mark: Mark = Mark.OK
    next: str = ""
    exit_code: int = 0


class Step(msgspec.Struct, frozen=True, rename="camel"):
    """One thing that was tried. `place` is a repository, host or layout, "" where none was asked; `next` the remedy."""

    name: str
    place: str
    mark: Mark
    tried: str
    answer: str
    next: str = ""
    exit_code: int = 0


class Diagnosis(msgspec.Struct, frozen=True, rename="camel"):
    """All steps in order. `reference` is "" when it could not be read; `exit_code` is that of the first failure."""

    reference: str
    exit_code: int
    steps: tuple[Step, ...]


class Record:
    """The steps so far."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def add(self, name: str, place: str, tried: str, said: Said) -> None:
        self.steps.append(Step(name, place, said.mark, tried, said.answer, said.next, said.exit_code))

    def tried(
        self, name: str, place: str, what: str, work: Callable[[], T], tell: Callable[[T], Said | None]
    ) -> T | None:
        """What `work` gives, once `tell` has put it into words, or None when it raised one of our errors.

        A `tell` that gives None has nothing to say unless `work` fails.
        """
        try:
            outcome = work()
        except DhiverifyError as fault:
            self.add(name, place, what, Said(str(fault), Mark.FAIL, fault.hint, fault.exit_code))
            return None
        if said := tell(outcome):
            self.add(name, place, what, said)
        return outcome

    def closed(self, reference: str) -> Diagnosis:
        code = next((step.exit_code for step in self.steps if step.mark is Mark.FAIL), 0)
        return Diagnosis(reference, code, tuple(self.steps))
