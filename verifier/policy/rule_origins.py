"""Each rule of a plan, with where it was loaded from, and where its effect, weight and configuration come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from verifier.model import Plan, RuleModule
from verifier.policy import yamltext
from verifier.policy.bases import is_of_base
from verifier.policy.document import ImageSection, RuleSource
from verifier.policy.modules import metadata_text
from verifier.policy.origins import BY_DEFAULT, Origins, Value
from verifier.policy.places import Where
from verifier.policy.scoutconfig import ConfiguredPolicy, read_config
from verifier.policy.shipped import BUILT_IN
from verifier.policy.sources import is_of_scout, modules_of

# Configuration that the section itself states, and under which member.
_OF_SECTION: dict[tuple[str, str], Where] = {
    ("dhi-required-evidence", "required"): ("require",),
    ("dhi-fresh-evidence", "max_age_days"): ("maxAgeDays",),
    ("base-proved", "accept_claimed"): ("base", "layers"),
    ("base-current", "max_age_days"): ("base", "maxAgeDays"),
    ("base-current", "variants"): ("base", "variants"),
    ("base-current", "supported"): ("base", "supported"),
}


class RuleEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A rule as it will be evaluated. `origin` says what loads it; without `fetched` its file lies in a registry."""

    id: str
    title: str
    path: str
    digest: str
    origin: str
    fetched: bool
    values: tuple[Value, ...]


class _Loaded(msgspec.Struct, frozen=True):
    """Where a rule was loaded by the section: which entry of `rules`, and where that stands. None: elsewhere."""

    source: RuleSource | None
    at: Where


def rule_entries(
    plan: Plan,
    section: ImageSection,
    at: Where,
    folder: Path,
    origins: Origins,
    assumed: Mapping[str, tuple[RuleModule, ...]],
) -> Iterator[RuleEntry]:
    """The rules of `plan`; `assumed` are those of bundles that were not fetched."""
    loaded: dict[str, _Loaded] = {}
    for number, source in enumerate(section.rules):
        for module in modules_of(source, folder, assumed):
            loaded.setdefault(module.path, _Loaded(source, (*at, "rules", number)))
    config = {entry.name: entry for entry in read_config(origins.additions.policy_config).policies}
    for module in plan.rules:
        found = loaded.get(module.path) or _elsewhere(module, section, at)
        values = tuple(_values(module, found, at, origins, config.get(module.id)))
        fetched = module.path not in assumed
        yield RuleEntry(
            module.id, module.title, module.path, module.digest, _origin(module, found, at, origins), fetched, values
        )


def _elsewhere(module: RuleModule, section: ImageSection, at: Where) -> _Loaded:
    """A rule that stands in for one of the pack `dhi` has the entry of that pack."""
    packs = (n for n, source in enumerate(section.rules) if source.pack == "dhi" and is_of_scout(module))
    number = next(packs, None)
    return _Loaded(None, at) if number is None else _Loaded(section.rules[number], (*at, "rules", number))


def _origin(module: RuleModule, found: _Loaded, section: Where, origins: Origins) -> str:
    if found.source is not None:
        stands_in = f" ({origins.flag('compat')})" if is_of_scout(module) else ""
        return f"{origins.line(found.at)}{stands_in}"
    if is_of_base(module):
        return origins.flag("base") if origins.additions.base else origins.line((*section, "base"))
    if module.path.startswith(BUILT_IN):  # only a demand of the command line loads a shipped rule by itself
        return origins.flag("annotations" if module.id == "signed" else "predicate_types")
    return origins.flag("rules")


def _values(
    module: RuleModule, found: _Loaded, section: Where, origins: Origins, told: ConfiguredPolicy | None
) -> Iterator[Value]:
    metadata = _stated_in_metadata(module)
    demanded = _demanded(module, origins)
    for name, value, member in (("effect", module.effect, "effects"), ("unknown", module.on_unknown, "unknown")):
        stated = getattr(found.source, member, {})
        if demanded:
            origin = demanded
        elif module.id in stated:
            origin = origins.line((*found.at, member, module.id))
        else:
            origin = _metadata(module, found) if name in metadata else BY_DEFAULT
        yield Value(name, value, origin)
    if told and told.weight is not None:
        yield Value("weight", module.weight, origins.additions.policy_config)
    else:
        yield Value("weight", module.weight, _metadata(module, found) if "weight" in metadata else BY_DEFAULT)
    for name, value in module.config.items():
        yield Value(f"config.{name}", value, _config(module, name, found, section, origins, told))


def _demanded(module: RuleModule, origins: Origins) -> str:
    """The flag by which the command line demands this rule, "" where it does not: then it enforces."""
    given = {"signed": "annotations", "attested": "predicate_types"}.get(module.id, "") if module.demand else ""
    return origins.flag(given) if given and getattr(origins.additions, given) else ""


def _config(
    module: RuleModule, name: str, found: _Loaded, section: Where, origins: Origins, told: ConfiguredPolicy | None
) -> str:
    """All that say this member of the configuration, the last first where one replaces the other."""
    if told and name in told.config:
        return origins.additions.policy_config
    if found.source and name in found.source.config.get(module.id, {}):
        line = origins.line((*found.at, "config", module.id, name))
        demanded = _demanded(module, origins)
        return f"{line} and {demanded}" if demanded else line
    if demanded := _demanded(module, origins):
        return demanded
    member = _OF_SECTION.get((module.id, name))
    return origins.member((*section, *member)) if member else BY_DEFAULT


def _metadata(module: RuleModule, found: _Loaded) -> str:
    if module.path.startswith(BUILT_IN):
        return f"pack {module.path.removeprefix(BUILT_IN).partition('/')[0]} METADATA"
    return f"{module.path} METADATA"


def _stated_in_metadata(module: RuleModule) -> dict[str, Any]:
    """The members of `custom` in the rule's METADATA."""
    tree = yamltext.plain(yamltext.load(metadata_text(module.source))) if module.source else None
    custom = tree.get("custom") if isinstance(tree, dict) else None
    return custom if isinstance(custom, dict) else {}
