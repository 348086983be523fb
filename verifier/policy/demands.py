"""The rules `signed` and `attested`: what a document and the command line demand of them, in one form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec.structs import replace

from verifier.errors import ConfigurationError
from verifier.model import RuleModule
from verifier.policy.modules import load_pack

SIGNED, ATTESTED = "signed", "attested"

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Config = TypeVar("_Config", "SignedConfig", "AttestedConfig")


class SignedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`config` of the rule `signed`: what a signature must state to count."""

    annotations: dict[_Text, str] = {}


class Demand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of `types` (predicate types or kinds) must be there; `name` is what the user called it."""

    name: _Text
    types: Annotated[tuple[_Text, ...], msgspec.Meta(min_length=1)]


class AttestedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`config` of the rule `attested`: a plain string demands that one kind or predicate type."""

    types: tuple[Demand | _Text, ...] = ()


def with_demands(
    modules: Sequence[RuleModule],
    annotations: Sequence[tuple[str, str]],
    predicate_types: Sequence[tuple[str, tuple[str, ...]]],
) -> list[RuleModule]:
    """The rules with what the command line demands, which they enforce whatever the document says of their effect.

    The shipped rules `signed` and `attested` are added where a demand needs one that is not there. Raises
    `ConfigurationError` for a `config` of theirs that cannot be carried out, or when `attested` is told nothing.
    """
    found = list(modules)
    if annotations:
        found = _demanded(found, SIGNED)
    if predicate_types:
        found = _demanded(found, ATTESTED)
    demands = [Demand(name, types) for name, types in predicate_types]
    return [_told(module, annotations, demands) for module in found]


def _demanded(modules: list[RuleModule], rule: str) -> list[RuleModule]:
    if not any(_is(module, rule) for module in modules):
        if any(module.id == rule for module in modules):
            raise ConfigurationError(
                f"rules with the same id: {rule}, of which one does not carry out what the command line demands",
                hint="Give the rule of your own another `custom.name` in its METADATA.",
            )
        modules = [*modules, *load_pack(rule)]
    return [replace(module, effect="enforce", on_unknown="deny") if _is(module, rule) else module for module in modules]


def _is(module: RuleModule, rule: str) -> bool:
    """A rule of another kind that bears the name does not carry out a demand."""
    return module.id == rule and module.demand


def _told(module: RuleModule, annotations: Sequence[tuple[str, str]], demands: list[Demand]) -> RuleModule:
    if _is(module, SIGNED):
        return _signed(module, annotations)
    return _attested(module, demands) if _is(module, ATTESTED) else module


def _signed(module: RuleModule, annotations: Sequence[tuple[str, str]]) -> RuleModule:
    wanted = dict(_config(module, SignedConfig).annotations)
    for name, value in annotations:
        if wanted.setdefault(name, value) != value:
            raise ConfigurationError(
                f"the annotation {name} is demanded as {wanted[name]!r} and as {value!r}, which no signature can state",
                hint="Demand one value of each annotation, in the policy document or with --annotations.",
            )
    return replace(module, config={"annotations": wanted})


def _attested(module: RuleModule, demands: list[Demand]) -> RuleModule:
    stated = _config(module, AttestedConfig).types
    wanted = [one if isinstance(one, Demand) else Demand(one, (one,)) for one in stated] + demands
    if not wanted:
        raise ConfigurationError(
            f"the rule {ATTESTED} is not told which attestations it shall demand",
            hint="Name them with --predicate-type, or in the document: `config: {attested: {types: [sbom]}}`.",
        )
    types = tuple(dict.fromkeys(name for demand in wanted for name in demand.types))
    config = {"types": [{"name": demand.name, "types": list(demand.types)} for demand in wanted]}
    return replace(module, config=config, evidence=types, optional=types)  # optional: the index may have it instead


def _config(module: RuleModule, form: type[_Config]) -> _Config:
    try:
        return msgspec.convert(module.config, form)
    except msgspec.ValidationError as fault:
        raise ConfigurationError(f"`config` of the rule {module.id}: {fault}") from None


def annotations_of(modules: Iterable[RuleModule]) -> tuple[tuple[str, str], ...]:
    """What a signature of the image must state to count."""
    demanded: list[dict[str, Any]] = [module.config["annotations"] for module in modules if _is(module, SIGNED)]
    return tuple(pair for annotations in demanded for pair in annotations.items())


def counted(modules: Sequence[RuleModule]) -> tuple[str, ...]:
    """What the rules read when every one of them is a demand; else empty, as then all evidence counts."""
    if not all(module.demand and module.evidence is not None for module in modules):
        return ()
    return tuple(dict.fromkeys(name for module in modules for name in (*(module.evidence or ()), *module.optional)))
