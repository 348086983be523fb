"""Build arguments: those that BuildKit sets, those that the caller gives, and the defaults before the first FROM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping

from verifier.dockerfile.instructions import Dockerfile, Instruction
from verifier.dockerfile.words import UNKNOWN, Expanded, expand
from verifier.model import Platform

_OF_PLATFORMS = ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
AUTOMATIC = frozenset({*("TARGET" + name for name in _OF_PLATFORMS), *("BUILD" + name for name in _OF_PLATFORMS)})


def automatic(target: Platform | None, stage: str, given: Mapping[str, str]) -> dict[str, str]:
    """The arguments that are always set. Those of the machine that builds are UNKNOWN unless given."""
    values = dict.fromkeys(AUTOMATIC, UNKNOWN) | {"TARGETSTAGE": stage or UNKNOWN}
    if target:
        values |= {
            "TARGETPLATFORM": str(target),
            "TARGETOS": target.os,
            "TARGETARCH": target.architecture,
            "TARGETVARIANT": target.variant,
        }
    return values | {name: given[name] for name in AUTOMATIC if name in given}


def before_stages(dockerfile: Dockerfile, values: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What FROM may use: `values`, and every ARG above the first FROM that has a value."""
    known = dict(values)
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            break
        if instruction.keyword == "ARG":
            declare(known, instruction, given, dockerfile.escape)
    return known


def declare(values: MutableMapping[str, str], instruction: Instruction, given: Mapping[str, str], escape: str) -> None:
    """Sets what an ARG sets, one after the other."""
    for name, default in _pairs(instruction.args):
        if name in given:
            values[name] = given[name]
        elif default is not None:
            assign(values, name, expand(default, values, escape))


def assign(values: MutableMapping[str, str], name: str, expanded: Expanded) -> None:
    """Neither an older value nor none at all may stand for one that cannot be known."""
    values[name] = expanded.text if expanded.known else UNKNOWN


def _pairs(args: Iterable[str]) -> Iterable[tuple[str, str | None]]:
    for arg in args:
        name, separator, default = arg.partition("=")
        yield name, default if separator else None
