"""Checks of whom the final image runs as, and of what that user can read, run, write and listen on."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from verifier.dockerfile.bases import NONROOT, User, is_root, user_of
from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.modes import Access, lacks
from verifier.dockerfile.scene import Scene, found, likely
from verifier.dockerfile.shell import started_by
from verifier.dockerfile.steps import Step, absolute

_PORT = re.compile(r"(?P<first>[0-9]{1,5})(?:-[0-9]{1,5})?(?:/\w+)?")
_FIRST_FREE_PORT = 1024
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_REPOSITORY = re.compile(r"\.git(?:[#?]|$)", re.IGNORECASE)
_REMEDY = "Add USER nonroot (65532) at the end of the final stage."


def check_user(scene: Scene) -> Iterator[Finding]:
    """Root by name or number, by what the base says, or by a variable without a value."""
    step, base = scene.user_step, scene.base
    if step and scene.user is None:
        missing = ", ".join(step.missing[:3]) or "nothing"
        message = f"whom the image runs as depends on {missing:.100}, which has no value here"
        yield found("root-user", Severity.WARNING, step, message, "Give it a value, or write USER 65532.")
    elif step and scene.user and scene.user.is_root:
        word = step.instruction.args[0]
        yield found("root-user", Severity.ERROR, step, "the final image runs as root", _REMEDY, word=word)
    elif not step and scene.user and scene.user.is_root:
        proved = "" if scene.user.proved else ", as its variant does by its name"
        message = f"the final image runs as root, as {base.shown} does{proved and ' by its name'}"
        place = base.use.instruction.place(base.use.word)
        yield Finding("root-user", Severity.WARNING, place, message, _REMEDY, str(base.image.reference or ""))


def check_ports(scene: Scene) -> Iterator[Finding]:
    """Ports below 1024: containers of Docker allow them to everybody since 20.10, those of Kubernetes need not."""
    if not scene.without_root:
        return
    for step in scene.final.all("EXPOSE"):
        low = [word for word in step.args if _is_privileged(word)]
        if low:
            message = f"{_shown(scene.without_root)} is not root and may not listen on port {', '.join(low[:5]):.100}"
            remedy = "Listen on a port from 1024, such as 8080, and publish that one as the port that you want."
            yield found("privileged-port", Severity.WARNING, step, message, remedy, word=low[0])


def _is_privileged(word: str) -> bool:
    port = _PORT.fullmatch(word)
    return port is not None and 0 < int(port["first"]) < _FIRST_FREE_PORT


def check_files(scene: Scene) -> Iterator[Finding]:
    """Files of the final image that the user is kept from, unless a later RUN changes owners or modes."""
    user = scene.without_root
    if not user:
        return
    steps = scene.final.steps
    mended = max((number for number, step in enumerate(steps) if _changes_modes(step)), default=-1)
    started = _started(scene)
    for step in steps[mended + 1 :]:
        if step.keyword in ("COPY", "ADD") and len(step.args) > 1:
            yield from _copied(step, user, started)
    yield from _volumes(scene, user)


def _changes_modes(step: Step) -> bool:
    return step.keyword == "RUN" and any(words[0] in ("chmod", "chown") for words in started_by(step.instruction))


def _copied(step: Step, user: User, started: str) -> Iterator[Finding]:
    who = _class_of(user, step.owner)
    remote = step.keyword == "ADD" and not _unpacks(step) and any(_is_download(arg) for arg in step.args[:-1])
    mode = step.mode or ("600" if remote else "")
    if not mode or not who or step.missing:
        return
    owner = step.owner or "root"
    if lacks(mode, who, Access.READ):
        why = "ADD leaves what it downloads with mode 600" if remote and not step.mode else f"its mode is {mode:.40}"
        message = f"{_shown(user)} cannot read this: it belongs to {owner:.60}, and {why}"
        remedy = f"Add --chmod=644 (755 for programs and directories), or --chown={_owner(user)}."
        yield found("unreadable-file", likely(user.proved), step, message, remedy)
    elif started and started in _targets(step) and lacks(mode, who, Access.RUN):
        message = f"{_shown(user)} cannot run {started:.100}: it belongs to {owner:.60}, and its mode is {mode:.40}"
        yield found("not-executable", likely(user.proved), step, message, "Write --chmod=755.")
    elif not remote and lacks(mode, who, Access.RUN) and any(arg.endswith(("/", ".")) for arg in step.args[:-1]):
        message = f"{_shown(user)} cannot enter the directories in this: --chmod gives them the mode {mode:.40}, too"
        yield found("unreadable-file", Severity.WARNING, step, message, "Write --chmod=755, or --chmod=a+rX.")


def _shown(user: User) -> str:
    return f"{user.name:.60}" if user.proved else f"{user.name:.60}, the usual user of runtime variants,"


def _unpacks(step: Step) -> bool:
    """An archive brings modes of its own."""
    return any(flag.name == "unpack" and flag.value != "false" for flag in step.instruction.flags)


def _is_download(source: str) -> bool:
    return bool(_REMOTE.match(source)) and not _REPOSITORY.search(source)


def _owner(user: User) -> str:
    return f"{user.name:.60}:{user.group or user.name:.60}"


def _class_of(user: User, owner: str) -> str:
    """Which bits of a mode count for the user: `u`, `g`, `o`, or "" where that cannot be said."""
    owned = user_of(owner or "root")
    pairs = ((owned.name, user.name), (owned.group or owned.name, user.group or user.name))
    for letter, (one, other) in zip("ug", (map(_number, pair) for pair in pairs), strict=True):
        if one == other:
            return letter
        if one.isdecimal() != other.isdecimal() and "0" not in (one, other):
            return ""  # a name may be that number
    return "o"


def _number(name: str) -> str:
    """The number behind a name, where it is the same in every hardened image."""
    if is_root(name):
        return "0"
    return NONROOT[1] if name in NONROOT else name


def _started(scene: Scene) -> str:
    """The absolute path of the program that the image starts, or ""."""
    step = scene.final.last("ENTRYPOINT") or scene.final.last("CMD")
    if not step or not step.instruction.exec_form or not step.args:
        return ""
    program = step.args[0]
    if program.startswith("/"):
        return posixpath.normpath(program)
    here = scene.final.steps[-1].directory
    return absolute(here, program) if program.startswith("./") and here else ""


def _targets(step: Step) -> Iterator[str]:
    """Where its sources come to lie, as far as that can be told from their names."""
    *sources, target = step.args
    if not target.startswith("/") and not step.directory:
        return
    path = absolute(step.directory, target)
    yield path
    if target.endswith(("/", ".")) or len(sources) > 1:
        yield from (posixpath.join(path, posixpath.basename(source)) for source in sources)


def _volumes(scene: Scene, user: User) -> Iterator[Finding]:
    owned = {
        target.rstrip("/")
        for step in scene.final.all("COPY", "ADD")
        if step.owner and len(step.args) > 1 and _class_of(user, step.owner) == "u"
        for target in _targets(step)
    }
    for step in scene.final.all("VOLUME"):
        path = next((one for one in step.args if one.startswith("/") and posixpath.normpath(one) not in owned), "")
        if path:
            message = (
                f"{path:.100} belongs to root where the base has no such directory, and {_shown(user)} is not root"
            )
            remedy = f"Copy an empty directory there: COPY --chown={_owner(user)} FROM-DIRECTORY {path:.100}."
            yield found("unwritable-volume", Severity.NOTE, step, message, remedy, word=path)
