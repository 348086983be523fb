"""Stages, what each is based on, and everything that it takes from other stages and images.

As BuildKit resolves them: FROM knows the stages above it by name; COPY --from knows them by name or number, counted
from 0; RUN --mount=from knows them by name. Names count in any case. Everything else that is named is an image.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from verifier.dockerfile.arguments import AUTOMATIC, before_stages
from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.instructions import Dockerfile, Instruction
from verifier.dockerfile.words import Expanded, expand
from verifier.errors import ConfigurationError, UsageError
from verifier.limits import DEFAULT_LIMITS

SCRATCH = "scratch"
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")


class Use(msgspec.Struct, frozen=True):
    """One stage or image that an instruction names. `word` is how, `name` the same with its variables replaced.

    `stage` is the number of a stage, None for an image. `how` is `from`, `copy` or `mount`. `platform` is that of
    FROM, "" without one, or None for the machine that builds, whichever that is.
    """

    instruction: Instruction
    how: str
    word: str
    name: str
    stage: int | None = None
    platform: str | None = ""

    @property
    def is_image(self) -> bool:
        return self.stage is None and self.name.lower() != SCRATCH


class Stage(msgspec.Struct, frozen=True):
    """`instructions` begin with the triggers (ONBUILD) of the stage on which this one is based."""

    number: int
    name: str
    base: Use
    instructions: tuple[Instruction, ...]
    uses: tuple[Use, ...] = ()

    @property
    def shown(self) -> str:
        return f"stage {self.name!r:.60}" if self.name else f"stage {self.number}"


class Build(msgspec.Struct, frozen=True):
    """`final` is the number of the stage that is built, `arguments` is what FROM could use."""

    dockerfile: Dockerfile
    stages: tuple[Stage, ...]
    final: int
    arguments: Mapping[str, str]
    given: Mapping[str, str]
    findings: tuple[Finding, ...]

    def chain(self, number: int) -> tuple[Stage, ...]:
        """The stages that make up this one, from the one whose base is no stage."""
        found = [self.stages[number]]
        while (below := found[-1].base.stage) is not None:
            found.append(self.stages[below])
        return tuple(reversed(found))

    def roots(self) -> tuple[Use, ...]:
        """Of each stage, what lies under it and is no stage."""
        found: list[Use] = []
        for stage in self.stages:
            found.append(stage.base if stage.base.stage is None else found[stage.base.stage])
        return tuple(found)

    def needed(self) -> frozenset[int]:
        """The stages without which the final one cannot be built, itself included."""
        found: set[int] = set()
        waiting = [self.final]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                stage = self.stages[number]
                waiting += [use.stage for use in (stage.base, *stage.uses) if use.stage is not None]
        return frozenset(found)


def build(dockerfile: Dockerfile, automatic: Mapping[str, str], given: Mapping[str, str], target: str) -> Build:
    """Raises `UsageError` for a `target` that is no stage, `ConfigurationError` for more than the bounds allow."""
    findings: list[Finding] = []
    arguments = before_stages(dockerfile, automatic, given)
    stages = _stages(dockerfile, arguments, findings)
    names = {stage.name: stage.number for stage in stages if stage.name}
    used = tuple(msgspec.structs.replace(stage, uses=tuple(_uses(stage, names, findings))) for stage in stages)
    return Build(dockerfile, used, _final(dockerfile, stages, names, target), arguments, given, tuple(findings))


def _final(dockerfile: Dockerfile, stages: Sequence[Stage], names: Mapping[str, int], target: str) -> int:
    if not target:
        return len(stages) - 1
    if target.lower() in names:
        return names[target.lower()]
    if _NUMBER.fullmatch(target) and 0 <= int(target) < len(stages):
        return int(target)
    known = ", ".join(f"{name!r:.60}" for name in list(names)[:10]) or "none has a name"
    raise UsageError(
        f"{dockerfile.source.name}: there is no stage {target!r:.60} for --target", hint=f"Stages: {known}."
    )


def _stages(dockerfile: Dockerfile, arguments: Mapping[str, str], findings: list[Finding]) -> list[Stage]:
    stages: list[Stage] = []
    names: dict[str, int] = {}
    count = 0
    for start, instructions in _split(dockerfile.instructions):
        name = _name_of(start)
        base = _base(start, names, arguments, dockerfile.escape, findings)
        triggers = _triggers(stages[base.stage]) if base.stage is not None else ()
        count += len(triggers) + len(instructions)
        if count > DEFAULT_LIMITS.dockerfile_instructions:
            raise ConfigurationError(
                f"{dockerfile.source.name}: more than {DEFAULT_LIMITS.dockerfile_instructions} instructions, "
                "triggers of ONBUILD counted where they take effect"
            )
        stages.append(Stage(len(stages), name, base, (*triggers, *instructions)))
        if name:
            names[name] = len(stages) - 1
    return stages


def _split(instructions: Sequence[Instruction]) -> Iterator[tuple[Instruction, tuple[Instruction, ...]]]:
    """Each FROM with what follows it."""
    starts = [number for number, instruction in enumerate(instructions) if instruction.keyword == "FROM"]
    for start, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        yield instructions[start], tuple(instructions[start + 1 : end])


def _name_of(start: Instruction) -> str:
    """The name behind AS, in lower case; one that BuildKit would refuse is a finding of the grammar."""
    words = start.args
    if len(words) == 3 and words[1].lower() == "as" and _STAGE_NAME.fullmatch(words[2].lower()):
        return words[2].lower()
    return ""


def is_stage_name(text: str) -> bool:
    return bool(_STAGE_NAME.fullmatch(text.lower()))


def _triggers(stage: Stage) -> tuple[Instruction, ...]:
    return tuple(one.inner for one in stage.instructions if one.keyword == "ONBUILD" and one.inner)


def _base(
    start: Instruction,
    names: Mapping[str, int],
    arguments: Mapping[str, str],
    escape: str,
    findings: list[Finding],
) -> Use:
    word = start.args[0] if start.args else ""
    expanded = expand(word, arguments, escape)
    findings += _unresolved(start, word, expanded)
    name = expanded.text if expanded.known else ""
    platform = _platform(start, arguments, escape, findings)
    return Use(start, "from", word, name, names.get(name.lower()), platform)


def _platform(start: Instruction, arguments: Mapping[str, str], escape: str, findings: list[Finding]) -> str | None:
    word = start.flag("platform")
    expanded = expand(word, arguments, escape)
    if expanded.known:
        return expanded.text
    if not set(expanded.missing) <= AUTOMATIC or expanded.fault:
        findings += _unresolved(start, word, expanded)
    return "" if all(name.startswith("TARGET") for name in expanded.missing) else None


def _unresolved(instruction: Instruction, word: str, expanded: Expanded) -> Iterator[Finding]:
    if expanded.known:
        return
    place = instruction.place(word)
    missing = expanded.missing
    if expanded.fault:
        message, remedy = f"{word!r:.200} cannot be read: {expanded.fault}", "Write the name of the image plainly."
    elif missing[0].startswith("TARGET") and missing[0] in AUTOMATIC:
        message, remedy = f"{word!r:.200} depends on the platform", "Pass --platform OS/ARCH."
    else:
        message = f"{word!r:.200} depends on {missing[0]!r:.60}, which has no value"
        remedy = f"Pass --build-arg {missing[0]}=VALUE, or give ARG {missing[0]} a default above the first FROM."
    yield Finding("unresolved-argument", Severity.ERROR, place, message, remedy)


def _uses(stage: Stage, names: Mapping[str, int], findings: list[Finding]) -> Iterator[Use]:
    for instruction in stage.instructions:
        if instruction.keyword == "ONBUILD" and instruction.inner:  # which stages it means is open until it is built on
            uses = _taken(instruction.inner, names)
            yield from (use for use in uses if use.stage is None and "$" not in use.name)
        else:
            for use in _taken(instruction, names):
                fault = _fault(stage, use)
                findings += [fault] if fault else []
                if not fault:
                    yield use


def _taken(instruction: Instruction, names: Mapping[str, int]) -> Iterator[Use]:
    if instruction.keyword == "COPY" and (word := instruction.flag("from")):
        number = int(word) if _NUMBER.fullmatch(word) else names.get(word.lower())
        yield Use(instruction, "copy", word, word, number)
    elif instruction.keyword == "RUN":
        mounts = (flag.value for flag in instruction.flags if flag.name == "mount")
        for word in (word for mount in mounts for word in _mounted(mount)):
            yield Use(instruction, "mount", word, word, names.get(word.lower()))


def _fault(stage: Stage, use: Use) -> Finding | None:
    """Why BuildKit would refuse it, as far as that can be said before anything is fetched."""
    place, word = use.instruction.place(use.word), use.word
    if "$" in word:
        remedy = f"Give the image a stage of its own, FROM {word:.100} AS name, and name that stage."
        message = f"BuildKit replaces no variables in {word!r:.200} here"
        return Finding("unresolved-argument", Severity.ERROR, place, message, remedy)
    if use.stage is not None and not 0 <= use.stage < stage.number:
        said = "is this stage itself" if use.stage == stage.number else "is no stage above this one"
        remedy = "Name a stage that stands further up."
        return Finding("unknown-stage", Severity.ERROR, place, f"{word!r:.60} {said}", remedy)
    return None


def _mounted(options: str) -> Iterator[str]:
    """The `from` of one mount. Options are a line of comma-separated values, with quotes as there."""
    try:
        parts = next(csv.reader([options]), [])
    except csv.Error:  # longer than it would read
        parts = options.split(",")
    for option in parts:
        key, _, value = option.partition("=")
        if key.strip().lower() == "from" and value:
            yield value
