"""Hints that a program is linked dynamically, where the image that is to run it has no C library.

Only stages from which the final image copies are looked at, and only commands whose default is dynamic linking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.dockerfile.bases import Base
from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.instructions import Instruction
from verifier.dockerfile.scene import Scene
from verifier.dockerfile.shell import started_by
from verifier.dockerfile.stages import Stage, Use

_REMEDIES = {
    "go": "Set CGO_ENABLED=0 for go build.",
    "cargo": "Build for a musl target, such as --target x86_64-unknown-linux-musl, or with +crt-static.",
    "cc": "Link with -static.",
}
_COMPILERS = frozenset({"cc", "gcc", "g++", "c++", "clang", "clang++"})
_SAYS_STATIC = {
    "go": ("CGO_ENABLED=0", "CGO_ENABLED 0", "-static"),
    "cargo": ("musl", "crt-static"),
    "cc": ("-static",),
}


def check_linking(scene: Scene) -> Iterator[Finding]:
    """One finding for each RUN that seems to link dynamically."""
    if not scene.base.is_static:
        return
    said: list[
        frozenset[str]
    ] = []  # by stage: what its ENV and ARG, and those of the stages below it, say about linking
    sources = _copied_from(scene)
    tools = not any(_linker(one, tools=False) for number in sources for one in _runs(scene.build.stages[number]))
    for stage in scene.build.stages:
        words = said[stage.base.stage] if stage.base.stage is not None else _environment(scene.roots[stage.number])
        for instruction in stage.instructions:
            words |= _about_linking(instruction)
            if instruction.keyword == "RUN" and stage.number in sources:
                yield from _linked(instruction, words, scene.roots[stage.number], scene, tools=tools)
        said.append(words)


def _copied_from(scene: Scene) -> frozenset[int]:
    """The stages whose files the final image takes, and those on which they are based."""
    waiting = [use.stage for stage in scene.build.chain(scene.build.final) for use in _copies(stage)]
    seen: set[int] = set()
    while waiting:
        number = waiting.pop()
        if number is not None and number not in seen:
            seen.add(number)
            stage = scene.build.stages[number]
            waiting += [stage.base.stage, *(use.stage for use in _copies(stage))]
    return frozenset(seen)


def _copies(stage: Stage) -> Iterator[Use]:
    return (use for use in stage.uses if use.how == "copy")


def _environment(base: Base) -> frozenset[str]:
    known: Mapping[str, str] = base.known.environment if base.known else {}
    return _marks(" ".join(f"{name}={known[name]}" for name in ("CGO_ENABLED", "RUSTFLAGS") if name in known))


def _about_linking(instruction: Instruction) -> frozenset[str]:
    return _marks(instruction.text) if instruction.keyword in ("ENV", "ARG") else frozenset()


def _marks(text: str) -> frozenset[str]:
    plain = text.replace('"', "").replace("'", "")
    return frozenset(mark for group in _SAYS_STATIC.values() for mark in group if mark in plain)


def _runs(stage: Stage) -> Iterator[Instruction]:
    return (instruction for instruction in stage.instructions if instruction.keyword == "RUN")


def _linked(
    instruction: Instruction, words: frozenset[str], base: Base, scene: Scene, *, tools: bool
) -> Iterator[Finding]:
    tool = _linker(instruction, tools=tools)
    musl = tool == "cargo" and base.image.tag.distribution == "alpine"  # Rust's musl targets link statically
    if tool and not musl and not (words | _marks(instruction.text)).intersection(_SAYS_STATIC[tool]):
        message = f"this may link dynamically, and {scene.base.shown} has no C library"
        yield Finding("dynamic-linking", Severity.WARNING, instruction.place(), message, _REMEDIES[tool])


def _linker(instruction: Instruction, *, tools: bool) -> str:
    """What links here, or "". Programs of others, installed by name, are tools where one's own is built as well."""
    for name, *words in started_by(instruction):
        if name == "go" and words[:1] in (["build"], ["install"]) and (tools or not any("@" in word for word in words)):
            return "go"
        if name == "cargo" and words[:1] in (["build"], ["rustc"]):
            return "cargo"
        if name == "cargo" and words[:1] == ["install"] and (tools or "--path" in words):
            return "cargo"
        if name in _COMPILERS and "-c" not in words:
            return "cc"
    return ""
