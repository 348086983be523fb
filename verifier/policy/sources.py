"""The rules of one section: loaded from where it says, and told what it says about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier.errors import ConfigurationError
from verifier.model import RuleModule
from verifier.policy.bundles import SCHEME, fetched
from verifier.policy.checks import Problem
from verifier.policy.document import ImageSection, LoadedDocument, RequiredKind, RuleSource
from verifier.policy.modules import load_pack, load_rules, require_distinct
from verifier.policy.places import Where, suggestion
from verifier.policy.shipped import BUILT_IN

MAX_AGE_DAYS = 30  # where the document states none

_OF_SCOUT = {"dhi": "scout"}  # the pack that stands in for another one where Docker's outcome is wanted


class OwnRules(msgspec.Struct, frozen=True):
    """The rules of a section, and the ids that it may name: under `compat` there are some that are not evaluated."""

    modules: tuple[RuleModule, ...]
    known: tuple[str, ...]


def own_rules(
    loaded: LoadedDocument, at: Where, bundles: Mapping[str, tuple[RuleModule, ...]], compat: str = ""
) -> OwnRules:
    """The rules of the section that stands at `at`.

    Raises `ConfigurationError` for a name that no rule has, two rules with one id, and what no rule would carry out.
    """
    section = section_at(loaded, at)
    parts = [_of_source(source, loaded, (*at, "rules", number), bundles) for number, source in enumerate(section.rules)]
    modules = [module for part in parts for module in part]
    require_distinct(modules)
    known = tuple(module.id for module in modules)
    for problem in not_carried_out(section, at, known):
        raise loaded.places.fault(problem.where, problem.text, problem.hint)
    if compat == "scout":
        modules = _as_scout(section, parts)
    return OwnRules(tuple(modules), known)


def section_at(loaded: LoadedDocument, at: Where) -> ImageSection:
    """The section at `("images", NUMBER)`."""
    return loaded.document.images[int(at[1])]


def _of_source(
    source: RuleSource, loaded: LoadedDocument, at: Where, bundles: Mapping[str, tuple[RuleModule, ...]]
) -> tuple[RuleModule, ...]:
    modules = modules_of(source, Path(loaded.folder), bundles)
    for problem in misnamed(source, at, [module.id for module in modules]):
        raise loaded.places.fault(problem.where, problem.text, problem.hint)
    return told(modules, source, _section_config(section_at(loaded, at)))


def modules_of(
    source: RuleSource, folder: Path, bundles: Mapping[str, tuple[RuleModule, ...]]
) -> tuple[RuleModule, ...]:
    """The rules of one entry as their files state them. Raises `ConfigurationError`."""
    if source.pack:
        return load_pack(source.pack)
    return fetched(source.bundle, bundles) if source.bundle else load_rules(folder / source.path)


def told(
    modules: Sequence[RuleModule], source: RuleSource, defaults: Mapping[str, dict[str, Any]]
) -> tuple[RuleModule, ...]:
    """The rules with what the section and its entry for them say."""
    return tuple(
        replace(
            module,
            effect=source.effects.get(module.id, module.effect),
            on_unknown=source.unknown.get(module.id, module.on_unknown),
            config=defaults.get(module.id, {}) | source.config.get(module.id, {}),
        )
        for module in modules
    )


def _as_scout(section: ImageSection, parts: Sequence[tuple[RuleModule, ...]]) -> list[RuleModule]:
    """The rules with Docker's own in place of the pack `dhi`, each once."""
    found: dict[str, RuleModule] = {}
    for source, part in zip(section.rules, parts, strict=True):
        stand_in = _OF_SCOUT.get(source.pack)
        used = told(load_pack(stand_in), source, {}) if stand_in else part
        found |= {module.path: module for module in used}
    return list(found.values())


def is_of_scout(module: RuleModule) -> bool:
    """Whether it is one of those that stand in under `compat`."""
    return any(module.path.startswith(f"{BUILT_IN}{pack}/") for pack in _OF_SCOUT.values())


def misnamed(source: RuleSource, at: Where, known: Sequence[str]) -> Iterator[Problem]:
    """Rules that the entry at `at` says something about, and that are not among the `known` ones that it loads."""
    for member, named in (("effects", source.effects), ("unknown", source.unknown), ("config", source.config)):
        for rule in named:
            yield from _unknown((*at, member, rule), rule, known)


def not_carried_out(section: ImageSection, at: Where, known: Sequence[str]) -> Iterator[Problem]:
    """What the section at `at` states and none of its rules, whose ids are `known`, carries out."""
    stated = {
        "require": ("dhi-required-evidence", bool(section.require)),
        "maxAgeDays": ("dhi-fresh-evidence", section.max_age_days > 0),
    }
    for member, (rule, is_stated) in stated.items():
        if is_stated and rule not in known:
            text = f"`{member}` is carried out by the rule {rule} of the pack dhi, which this section does not load"
            yield Problem((*at, member), text, f"Add `- pack: dhi` to the section's `rules`, or remove `{member}`.")
    for number, waiver in enumerate(section.waivers):
        yield from _unknown((*at, "waivers", number, "rule"), waiver.rule, known)


def _unknown(where: Where, rule: str, known: Sequence[str]) -> Iterator[Problem]:
    if rule not in known:
        yield Problem(where, f"there is no rule {rule[:200]!r} here", suggestion(rule, tuple(known)))


def _section_config(section: ImageSection) -> dict[str, dict[str, Any]]:
    """What the section itself says, handed to the rules that carry it out."""
    return {
        "dhi-required-evidence": {"required": [_requirement(required) for required in section.require]},
        "dhi-fresh-evidence": {"max_age_days": section.max_age_days or MAX_AGE_DAYS},
    }


def _requirement(required: RequiredKind) -> dict[str, Any]:
    stated = {
        "kind": required.kind,
        "compliance": list(required.compliance),
        "artifacts": list(required.artifacts),
    }
    return stated | {"max_age_days": required.max_age_days} if required.max_age_days else stated


def command_line_rules(rules: Sequence[str], bundles: Mapping[str, tuple[RuleModule, ...]]) -> list[RuleModule]:
    """The rules that `--rules` names: paths, or bundles as `oci://HOST/NAME@sha256:…`.

    Raises `ConfigurationError` for an empty path, which would be the working directory.
    """
    if "" in rules:
        raise ConfigurationError("--rules is empty", hint="Name a Rego file or a directory, or leave the option out.")
    found = [
        fetched(name.removeprefix(SCHEME), bundles) if name.startswith(SCHEME) else load_rules(Path(name))
        for name in rules
    ]
    return [module for part in found for module in part]
