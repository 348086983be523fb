"""The instructions of a stage in order, with variables replaced as they stand at each of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from verifier.dockerfile.arguments import assign, declare
from verifier.dockerfile.instructions import Instruction
from verifier.dockerfile.stages import Build
from verifier.dockerfile.words import expand

_REPLACED = frozenset({"ADD", "COPY", "EXPOSE", "USER", "VOLUME", "WORKDIR"})
_CHANGING = ("ARG", "ENV")


class Step(msgspec.Struct, frozen=True):
    """`args` and `owner` and `mode` (--chown, --chmod) have their variables replaced; `missing` lacked a value.

    `directory` is the working directory, "" where that is not known.
    """

    instruction: Instruction
    stage: int
    args: tuple[str, ...]
    owner: str = ""
    mode: str = ""
    missing: tuple[str, ...] = ()
    directory: str = ""

    @property
    def keyword(self) -> str:
        return self.instruction.keyword


class Stretch(msgspec.Struct, frozen=True):
    """All steps from a base to the end of a stage, and the variables that are set there."""

    steps: tuple[Step, ...]
    values: Mapping[str, str]

    def last(self, keyword: str) -> Step | None:
        return next((step for step in reversed(self.steps) if step.keyword == keyword), None)

    def all(self, *keywords: str) -> Iterator[Step]:
        return (step for step in self.steps if step.keyword in keywords)


def stretch(build: Build, number: int, environment: Mapping[str, str]) -> Stretch:
    """The way to stage `number`; `environment` is what its base sets."""
    walk = _Walk(build, {**environment})
    steps: list[Step] = []
    for stage in build.chain(number):
        walk.values = {**walk.environment}
        steps += (walk.step(instruction, stage.number) for instruction in stage.instructions)
    return Stretch(tuple(steps), walk.values)


class _Walk:
    """ENV stays set in the stages that follow, ARG ends with its stage. Of the two, what comes last counts."""

    def __init__(self, build: Build, environment: dict[str, str]) -> None:
        self.build, self.environment = build, environment
        self.values: dict[str, str] = {}
        self.directory = ""

    def step(self, instruction: Instruction, stage: int) -> Step:
        escape = self.build.dockerfile.escape
        if instruction.keyword in _CHANGING:
            self._change(instruction, escape)
        if instruction.keyword not in _REPLACED:
            return Step(instruction, stage, instruction.args, directory=self.directory)
        words = (*instruction.args, instruction.flag("chown"), instruction.flag("chmod"))
        plain = all("$" not in word for word in words)
        read = [expand(word, {} if plain else self.values, escape) for word in words]
        missing = tuple(name for one in read for name in one.missing) + tuple(one.fault for one in read if one.fault)
        *args, owner, mode = (one.text for one in read)
        step = Step(instruction, stage, tuple(args), owner, mode, missing, self.directory)
        if instruction.keyword == "WORKDIR":
            self._move(step)
        return step

    def _change(self, instruction: Instruction, escape: str) -> None:
        if instruction.keyword == "ARG":
            above = self.build.arguments
            self.values |= {name: above[name] for name in instruction.args if name in above}
            declare(self.values, instruction, self.build.given, escape)
            return
        changed = [(name, expand(word, self.values, escape)) for name, word in _pairs(instruction.args)]
        for name, expanded in changed:
            assign(self.environment, name, expanded)
            assign(self.values, name, expanded)

    def _move(self, step: Step) -> None:
        path = step.args[0] if step.args and not step.missing else ""
        known = path.startswith("/") or (path and self.directory)
        self.directory = absolute(self.directory, path) if known else ""


def _pairs(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    return zip(words[::2], words[1::2], strict=False)


def absolute(directory: str, path: str) -> str:
    """`path` inside `directory`, without `.` and `..`."""
    return posixpath.normpath(posixpath.join(directory or "/", path))
