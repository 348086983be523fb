"""Instructions and flags that BuildKit knows: its parser takes any, and only the build refuses what is misspelt."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.instructions import Dockerfile, Instruction
from verifier.dockerfile.stages import is_stage_name

# Dockerfile reference 1.20 with its labs channel
FLAGS = {
    "ADD": ("chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude"),
    "ARG": (),
    "CMD": (),
    "COPY": ("from", "chown", "chmod", "link", "parents", "exclude"),
    "ENTRYPOINT": (),
    "ENV": (),
    "EXPOSE": (),
    "FROM": ("platform",),
    "HEALTHCHECK": ("interval", "timeout", "start-period", "start-interval", "retries"),
    "LABEL": (),
    "MAINTAINER": (),
    "ONBUILD": (),
    "RUN": ("mount", "network", "security", "device"),
    "SHELL": (),
    "STOPSIGNAL": (),
    "USER": (),
    "VOLUME": (),
    "WORKDIR": (),
}
_NOT_TRIGGERED = ("ONBUILD", "FROM", "MAINTAINER")
_FRONTENDS = ("docker/dockerfile", "docker/dockerfile-upstream")


def grammar(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Everything that only the build would refuse, and a frontend that may read the file in another way."""
    yield from _frontend(dockerfile)
    started = False
    for instruction in dockerfile.instructions:
        started = started or instruction.keyword == "FROM"
        if not started and instruction.keyword != "ARG":
            yield _invalid(instruction, f"{instruction.keyword:.40} stands above the first FROM", "Move it below FROM.")
        yield from _known(instruction)


def _known(instruction: Instruction) -> Iterator[Finding]:
    keyword = instruction.keyword
    if keyword not in FLAGS:
        yield _invalid(instruction, f"{keyword!r:.60} is no instruction", "See the Dockerfile reference.")
    elif keyword == "ONBUILD":
        yield from _trigger(instruction)
    elif keyword == "FROM":
        yield from _from(instruction)
    for flag in instruction.flags if keyword in FLAGS else ():
        if flag.name not in FLAGS[keyword]:
            known = ", ".join(f"--{name}" for name in FLAGS[keyword]) or "none"
            yield _invalid(instruction, f"{keyword} has no flag --{flag.name:.60}", f"Its flags: {known}.")
            return


def _trigger(instruction: Instruction) -> Iterator[Finding]:
    inner = instruction.inner
    if inner is None:
        yield _invalid(instruction, "what follows ONBUILD cannot be read", "Write one whole instruction behind it.")
    elif inner.keyword in _NOT_TRIGGERED:
        yield _invalid(instruction, f"ONBUILD cannot hold {inner.keyword}", "Trigger an instruction of a stage.")
    else:
        yield from _known(inner)


def _from(instruction: Instruction) -> Iterator[Finding]:
    words = instruction.args
    if len(words) not in (1, 3) or (len(words) == 3 and words[1].lower() != "as"):
        yield _invalid(instruction, "FROM takes an image, or an image AS a name", "Write FROM IMAGE AS NAME.")
    elif len(words) == 3 and not is_stage_name(words[2]):
        message = f"{words[2]!r:.60} cannot name a stage"
        yield _invalid(instruction, message, "Begin with a letter; then letters, digits, '_', '-' and '.' may follow.")


def _frontend(dockerfile: Dockerfile) -> Iterator[Finding]:
    if not dockerfile.syntax:
        return
    name = dockerfile.syntax.split()[0].partition("@")[0]
    name = name.removeprefix("docker.io/")
    if name.rpartition(":")[0] in _FRONTENDS or name in _FRONTENDS:
        return
    place = dockerfile.instructions[0].place()
    place = type(place)(place.file, dockerfile.syntax_line, 1, dockerfile.syntax_line, 1 + _width(dockerfile))
    yield Finding(
        "foreign-frontend",
        Severity.ERROR,
        place,
        f"{dockerfile.syntax!r:.200} reads this file, and what it builds is not known here",
        "Write # syntax=docker/dockerfile:1 unless you trust that image to build yours.",
    )


def _width(dockerfile: Dockerfile) -> int:
    return len(dockerfile.source.line(dockerfile.syntax_line))


def _invalid(instruction: Instruction, message: str, remedy: str) -> Finding:
    return Finding("invalid-instruction", Severity.ERROR, instruction.place(), message, remedy)
