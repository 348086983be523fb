"""Checks of what is run: while the image is built, and when it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from verifier.dockerfile.bases import Base, Presence, package_manager_in, shell_in
from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.instructions import Instruction
from verifier.dockerfile.scene import Scene, likely
from verifier.dockerfile.shell import started_by
from verifier.dockerfile.stages import Stage
from verifier.dockerfile.steps import Step

PACKAGE_MANAGERS = frozenset({"apt", "apt-get", "apk", "dpkg", "dnf", "microdnf", "rpm", "yum", "zypper"})
_SHELLS = re.compile(r"(?:.*/)?(?:(?:ba|da|a|z|k)?sh|busybox(?:-static)?)\*?")
_SHELL_PLACES = ("/", "/bin", "/usr", "/usr/bin", "/busybox")
_CERTIFICATES = frozenset({"ca-certificates", "ca-certificates-bundle", "ca-certificates-java"})
_BUNDLES = ("/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/ssl/cert.pem")


def check_runs(scene: Scene) -> Iterator[Finding]:
    """RUN in every stage, with what the stage stands on."""
    brought: list[bool] = []  # by stage: whether somebody copied a shell into it
    for stage in scene.build.stages:
        base = scene.roots[stage.number]
        shell, manager = shell_in(base), package_manager_in(base)
        brings = brought[stage.base.stage] if stage.base.stage is not None else False
        for instruction in stage.instructions:
            brings = brings or _brings_shell(instruction)
            if instruction.keyword == "RUN":
                yield from _run(instruction, base, None if brings else shell, manager)
        brought.append(brings)


def _brings_shell(instruction: Instruction) -> bool:
    """A COPY or ADD of a shell, or of a directory of another image in which shells lie."""
    if instruction.keyword not in ("COPY", "ADD"):
        return False
    sources = instruction.args[:-1] if instruction.flag("from") else ()
    return any(_SHELLS.fullmatch(path) for path in instruction.args) or any(
        (path.rstrip("/*") or "/") in _SHELL_PLACES for path in sources
    )


def _run(instruction: Instruction, base: Base, shell: Presence | None, manager: Presence) -> Iterator[Finding]:
    name = base.shown
    programs = [words[0] for words in started_by(instruction)]
    installer = next((program for program in programs if program in PACKAGE_MANAGERS), "")
    if installer and not manager.there:
        yield Finding(
            "missing-package-manager",
            likely(manager.proved),
            instruction.place(installer),
            f"{installer} is not in {name}{_presumed(manager)}",
            f"Install in a stage on {_building_twin(base)}, and copy the result with COPY --from.",
        )
    elif shell and not shell.there and (not instruction.exec_form or _is_shell(instruction.args)):
        yield Finding(
            "run-without-shell",
            likely(shell.proved),
            instruction.place(),
            f"RUN needs a shell, and {name} has none{_presumed(shell)}",
            f'Run it in a stage on {_building_twin(base)}, or in exec form: RUN ["program", "argument"].',
        )


def _presumed(presence: Presence) -> str:
    return "" if presence.proved else ", as a runtime variant by its name"


def _building_twin(base: Base) -> str:
    reference = base.image.reference
    if not base.image.hardened or not reference or not reference.tag or base.image.product == "static":
        return "a -dev variant"
    return f"{reference.name}:{reference.tag.partition('_')[0]}-dev"


def check_start(scene: Scene) -> Iterator[Finding]:
    """ENTRYPOINT, CMD and HEALTHCHECK of the final image."""
    shell = shell_in(scene.base)
    if not shell.there and not any(_brings_shell(step.instruction) for step in scene.final.steps):
        for keyword in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
            step = scene.final.last(keyword)
            if step and (how := _by_shell(scene, step.instruction)):
                yield Finding(
                    "shell-form",
                    likely(shell.proved),
                    step.instruction.place(),
                    f"{keyword} {how} a shell, and {scene.base.shown} has none{_presumed(shell)}",
                    f"Write {_in_exec_form(step.instruction)}.",
                )
    yield from _what_runs(scene)


def _by_shell(scene: Scene, instruction: Instruction) -> str:
    """How it comes to need a shell, or ""."""
    if _in_shell_form(instruction):
        return "in shell form needs"
    words = instruction.args[1:] if instruction.keyword == "HEALTHCHECK" else instruction.args
    argument = instruction.keyword == "CMD" and _entrypoint(scene)  # then CMD starts nothing itself
    return "starts" if instruction.exec_form and not argument and _is_shell(words) else ""


def _entrypoint(scene: Scene) -> tuple[str, ...]:
    """That of the final image, as far as it is known."""
    if step := scene.final.last("ENTRYPOINT"):
        return step.args
    return (scene.base.known.entrypoint or ()) if scene.base.known else ()


def _is_shell(words: Sequence[str]) -> bool:
    return bool(words and _SHELLS.fullmatch(words[0]))


def _in_shell_form(instruction: Instruction) -> bool:
    """`HEALTHCHECK NONE` and an ENTRYPOINT without anything start nothing."""
    if instruction.keyword == "HEALTHCHECK":
        return not instruction.exec_form and instruction.args[:1] != ("NONE",) and len(instruction.args) > 1
    return not instruction.exec_form and any(instruction.args)


def _in_exec_form(instruction: Instruction) -> str:
    words = " ".join(instruction.args[1:] if instruction.keyword == "HEALTHCHECK" else instruction.args).split()
    before = "HEALTHCHECK CMD" if instruction.keyword == "HEALTHCHECK" else instruction.keyword
    plain = (
        not instruction.exec_form
        and 0 < len(words) <= 8
        and all(re.fullmatch(r"[\w./:=@%+,-]{1,60}", word, re.ASCII) for word in words)
    )
    listed = ", ".join(f'"{word}"' for word in words) if plain else '"program", "argument"'
    return f"{before} [{listed}]"


def _what_runs(scene: Scene) -> Iterator[Finding]:
    entrypoint, command = scene.final.last("ENTRYPOINT"), scene.final.last("CMD")
    if not entrypoint and not command:
        yield _nothing_said(scene)
    elif command and not entrypoint:
        yield from _repeated(scene, command)


def _nothing_said(scene: Scene) -> Finding:
    place = scene.build.stages[scene.build.final].base.instruction.place()
    known, name = scene.base.known, scene.base.shown
    remedy = 'Say what the image runs: ENTRYPOINT ["program"].'
    severity = Severity.NOTE
    if scene.base.is_scratch or (known and known.entrypoint == () and known.command == ()):
        message, severity = f"there is neither ENTRYPOINT nor CMD, and {name} has none either", Severity.WARNING
    elif known and (known.entrypoint or known.command):
        runs = " ".join((*(known.entrypoint or ()), *(known.command or ())))
        message = f"there is neither ENTRYPOINT nor CMD: what {name} declares will run: {runs:.200}"
    else:
        message = f"there is neither ENTRYPOINT nor CMD; what {name} declares is not known here"
    return Finding("no-command", severity, place, message, remedy)


def _repeated(scene: Scene, command: Step) -> Iterator[Finding]:
    entrypoint = scene.base.known.entrypoint if scene.base.known else None
    first = _program(command.args[0]) if command.args and command.instruction.exec_form else ""
    if entrypoint and first and first == _program(entrypoint[0]):
        yield Finding(
            "command-after-entrypoint",
            Severity.WARNING,
            command.instruction.place(command.args[0]),
            f"the entrypoint of {scene.base.shown} is {entrypoint[0]!r:.100}, and CMD is an argument of it",
            f"Leave {first!r:.60} out of CMD, or write ENTRYPOINT, which replaces that of the base.",
        )


def _program(path: str) -> str:
    """Its name without a version: `python` of /usr/bin/python3.13."""
    return path.rpartition("/")[2].rstrip("0123456789.")


def check_certificates(scene: Scene) -> Iterator[Finding]:
    """CA certificates from elsewhere, where nobody adds one of his own."""
    stages = [stage for stage in scene.build.stages if scene.roots[stage.number].image.hardened]
    programs = {words[0] for stage in scene.build.stages for one in _runs(stage) for words in started_by(one)}
    if "update-ca-certificates" in programs:
        return
    for stage in stages:
        for instruction in stage.instructions:
            if word := _certificates(instruction):
                yield Finding(
                    "needless-ca-certificates",
                    Severity.NOTE,
                    instruction.place(word),
                    f"{scene.roots[stage.number].shown} is likely to have CA certificates already",
                    "Leave this out, unless the image lacks /etc/ssl/certs.",
                )


def _runs(stage: Stage) -> Iterator[Instruction]:
    return (instruction for instruction in stage.instructions if instruction.keyword == "RUN")


def _certificates(instruction: Instruction) -> str:
    """The package or path by which it brings CA certificates, or ""."""
    if instruction.keyword == "RUN":
        installed = (words for words in started_by(instruction) if words[0] in PACKAGE_MANAGERS)
        return next((word for words in installed for word in words if word in _CERTIFICATES), "")
    if instruction.keyword == "COPY" and instruction.flag("from"):
        return next((path for path in instruction.args[:-1] if path.startswith(_BUNDLES)), "")
    return ""
