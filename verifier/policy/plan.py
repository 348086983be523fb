"""From a document and what the command line adds to the plan of one image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from verifier.errors import ConfigurationError
from verifier.model import BundleSource, Place, Plan, Reference, Requirement, RuleModule
from verifier.model.trust import Identity
from verifier.policy.bases import base_of, with_base
from verifier.policy.bundles import SCHEME, of_scout, source
from verifier.policy.demands import annotations_of, counted, with_demands
from verifier.policy.document import ImageSection, LoadedDocument
from verifier.policy.identities import checked
from verifier.policy.match import expand, matches
from verifier.policy.modules import require_distinct
from verifier.policy.places import Where
from verifier.policy.scoutconfig import PolicyConfig, configured, read_config
from verifier.policy.sources import MAX_AGE_DAYS, command_line_rules, is_of_scout, own_rules, section_at
from verifier.policy.vex import vex_files

Bundles: TypeAlias = Mapping[str, tuple[RuleModule, ...]]
"""The rules of fetched bundles, by `BundleSource.reference`."""

# Kinds that answer for provenance of a package image, and the rules that let them. Of other images nobody reads them.
_OF_PACKAGES = ("source", "scout-provenance")
_ABOUT_PROVENANCE = ("dhi-required-evidence", "dhi-signed-supply-chain-attestations")


class Additions(msgspec.Struct, frozen=True):
    """What the command line says beside the document. Paths are the user's own.

    `key_files` and `identities` together take the place of the section's whole `trust.keys`, `keyFiles` and
    `identities`, which are then not looked at: a name that no keyring holds, or a file that is missing, shows only in a
    run without them. `deniedKeys` stay in force. `trusted_root` takes the place of the section's.

    `annotations` are what a signature of the image must state. `predicate_types` demand attestations: each a name for
    messages, with the predicate types of which one must be there.

    `rules` are paths, or bundles in a registry as `oci://HOST/NAME@sha256:…`; one of `rules_keys` (PEM files) must have
    signed each of those, where there are any. `compat` is "scout" or "".

    `base` is the image on which each platform must be built, "" for what the section demands; `base_keys` judge it in
    place of the signers of its own policy.

    `vex` are paths of OpenVEX documents, and `vex_bundles` those of the bundles that sign them, in the same order.
    """

    key_files: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    trusted_root: str = ""
    attestation_repos: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    policy_config: str = ""
    platforms: tuple[str, ...] = ()
    ignore_transparency: bool = False
    annotations: tuple[tuple[str, str], ...] = ()
    predicate_types: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rules_keys: tuple[str, ...] = ()
    compat: str = ""
    base: str = ""
    base_keys: tuple[str, ...] = ()
    vex: tuple[str, ...] = ()
    vex_bundles: tuple[str, ...] = ()


def bundles_for(
    loaded: LoadedDocument, requested: Reference, additions: Additions | None = None
) -> tuple[BundleSource, ...]:
    """What must be fetched from registries before `plan_for` can plan for this image, each once.

    Raises `ConfigurationError` for a bundle that is not pinned by digest.
    """
    additions, at = additions or Additions(), _chosen(loaded, requested)
    if at is None:
        return ()
    section, folder = section_at(loaded, at), Path(loaded.folder)
    own = [
        source(rules.bundle, _below(folder, rules.key_files), tuple(entry.identity for entry in rules.identities))
        for rules in section.rules
        if rules.bundle
    ]
    named = (*additions.rules, *_scout_bundles(read_config(additions.policy_config)))
    more = [source(name.removeprefix(SCHEME), additions.rules_keys) for name in named if name.startswith(SCHEME)]
    denied, root = _denied(section), additions.trusted_root or _trusted_root(section, folder)
    return tuple(replace(one, denied_keys=denied, trusted_root=root) for one in dict.fromkeys((*own, *more)))


def plan_for(
    loaded: LoadedDocument, requested: Reference, additions: Additions | None = None, bundles: Bundles | None = None
) -> Plan | None:
    """The plan for an image by its *requested* name; None when no section matches, which means refused.

    `bundles` are the rules of what `bundles_for` names, by `BundleSource.reference`. Raises `ConfigurationError` for
    anything in the chosen section that cannot be carried out.
    """
    additions, at = additions or Additions(), _chosen(loaded, requested)
    if at is None:
        return None
    section, folder = section_at(loaded, at), Path(loaded.folder)
    keys, key_files, identities = _signers(section, folder, additions)
    base = base_of(section, folder, additions.base, additions.base_keys)
    rules = with_base(_rules(loaded, at, requested, additions, bundles or {}), base)
    required = () if additions.compat == "scout" else section.require
    return Plan(
        policy=loaded.document.name,
        policy_path=loaded.path,
        policy_digest=loaded.digest,
        keys=keys,
        key_files=key_files,
        identities=checked(identities),
        trusted_root=additions.trusted_root or _trusted_root(section, folder),
        denied_keys=_denied(section),
        places=_places(section, requested, additions),
        transparency="ignore" if additions.ignore_transparency else _transparency(section),
        required=tuple(Requirement(r.kind, r.compliance, r.artifacts, r.max_age_days) for r in required),
        max_age_days=section.max_age_days or MAX_AGE_DAYS,
        rules=rules,
        enforce=section.enforce,
        platforms=additions.platforms,
        annotations=annotations_of(rules),
        counted=counted(rules),
        waivers=tuple(stated.waiver for stated in section.waivers),
        compat=additions.compat,
        base=base,
        vex=vex_files(section, folder, additions.vex, additions.vex_bundles),
    )


def _chosen(loaded: LoadedDocument, requested: Reference) -> Where | None:
    """Where the section stands that decides on `requested`: the first that matches."""
    fitting = (n for n, section in enumerate(loaded.document.images) if matches(section.match, requested))
    return next((("images", number) for number in fitting), None)


def _denied(section: ImageSection) -> tuple[str, ...]:
    return tuple(text.removeprefix("sha256:") for text in section.trust.denied_keys)


def _below(folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(folder / name) for name in names)


def _signers(
    section: ImageSection, folder: Path, additions: Additions
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Identity, ...]]:
    """Names of keys, files of keys, and identities: of the command line, or else of the section."""
    if additions.key_files or additions.identities:
        return (), additions.key_files, additions.identities
    return (
        section.trust.keys,
        _below(folder, section.trust.key_files),
        tuple(entry.identity for entry in section.trust.identities),
    )


def _transparency(section: ImageSection) -> str:
    return "" if isinstance(section.transparency, msgspec.UnsetType) else section.transparency


def _trusted_root(section: ImageSection, folder: Path) -> str:
    return str(folder / section.trust.trusted_root) if section.trust.trusted_root else ""


def _places(section: ImageSection, requested: Reference, additions: Additions) -> tuple[Place, ...]:
    """Other repositories as they are for this image; a template that needs a namespace is void without one."""
    fitting = [Place(p.repository, p.match) for p in section.evidence if matches(p.match, requested)]
    expanded = [expand(place, requested) for place in fitting if not requested.is_layout]
    return tuple(Place(repository) for repository in dict.fromkeys((*expanded, *additions.attestation_repos)))


def _rules(
    loaded: LoadedDocument, at: Where, requested: Reference, additions: Additions, bundles: Bundles
) -> tuple[RuleModule, ...]:
    """The section's own rules and those of the command line, which may have the ids of its own: then both count."""
    compat, config = additions.compat, read_config(additions.policy_config)
    own = own_rules(loaded, at, bundles, compat).modules
    more = command_line_rules((*additions.rules, *_scout_bundles(config)), bundles)
    require_distinct(more)
    if compat == "scout":
        taken = {module.id for module in more}
        own = tuple(module for module in own if not (is_of_scout(module) and module.id in taken))
    modules = configured((*own, *more), config, additions.policy_config, compat)
    modules = with_demands(modules, additions.annotations, additions.predicate_types)
    if not modules:
        raise ConfigurationError("no rule is left to evaluate, and nothing may pass without one")
    return tuple(_of_package(module) for module in modules) if _may_be_package(requested) else tuple(modules)


def _scout_bundles(config: PolicyConfig) -> tuple[str, ...]:
    return tuple(f"{SCHEME}{of_scout(reference)}" for reference in config.bundles)


def _may_be_package(requested: Reference) -> bool:
    """Decides what is read, not what is judged: that goes by the signed product."""
    return requested.is_layout or requested.repository.rpartition("/")[2].startswith(("pkg-", "dhi-pkg-"))


def _of_package(module: RuleModule) -> RuleModule:
    if module.id not in _ABOUT_PROVENANCE:
        return module
    return replace(module, optional=(*module.optional, *_OF_PACKAGES))
