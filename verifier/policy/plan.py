"""From a document and what the command line adds to the plan of one image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier import strictjson
from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Place, Plan, Reference, Requirement, RuleModule
from verifier.model.trust import Identity
from verifier.policy.demands import annotations_of, counted, with_demands
from verifier.policy.document import ImageSection, LoadedDocument, RuleSource
from verifier.policy.files import read_regular
from verifier.policy.identities import checked
from verifier.policy.match import expand, matches
from verifier.policy.modules import load_rules
from verifier.policy.shipped import pack_directory

_MAX_AGE_DAYS = 30  # where the document states none

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


def plan_for(loaded: LoadedDocument, requested: Reference, additions: Additions | None = None) -> Plan | None:
    """The plan for an image by its *requested* name; None when no section matches, which means refused.

    Raises `ConfigurationError` for anything in the chosen section that cannot be carried out.
    """
    additions = additions or Additions()
    section = next((s for s in loaded.document.images if matches(s.match, requested)), None)
    if section is None:
        return None
    folder = Path(loaded.folder)
    keys, key_files, identities = _signers(section, folder, additions)
    rules = _rules(section, folder, requested, additions)
    return Plan(
        policy=loaded.document.name,
        policy_path=loaded.path,
        policy_digest=loaded.digest,
        keys=keys,
        key_files=key_files,
        identities=checked(identities),
        trusted_root=additions.trusted_root or _trusted_root(section, folder),
        denied_keys=tuple(text.removeprefix("sha256:") for text in section.trust.denied_keys),
        places=_places(section, requested, additions),
        transparency="ignore" if additions.ignore_transparency else section.transparency or "",
        required=tuple(Requirement(r.kind, r.compliance, r.artifacts) for r in section.require),
        max_age_days=_max_age_days(section),
        rules=rules,
        enforce=section.enforce,
        platforms=additions.platforms,
        annotations=annotations_of(rules),
        counted=counted(rules),
    )


def _signers(
    section: ImageSection, folder: Path, additions: Additions
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Identity, ...]]:
    """Names of keys, files of keys, and identities: of the command line, or else of the section."""
    if additions.key_files or additions.identities:
        return (), additions.key_files, additions.identities
    files = tuple(str(folder / name) for name in section.trust.key_files)
    return section.trust.keys, files, tuple(entry.identity for entry in section.trust.identities)


def _trusted_root(section: ImageSection, folder: Path) -> str:
    return str(folder / section.trust.trusted_root) if section.trust.trusted_root else ""


def _places(section: ImageSection, requested: Reference, additions: Additions) -> tuple[Place, ...]:
    """Other repositories as they are for this image; a template that needs a namespace is void without one."""
    fitting = [Place(p.repository, p.match) for p in section.evidence if matches(p.match, requested)]
    expanded = [expand(place, requested) for place in fitting if not requested.is_layout]
    return tuple(Place(repository) for repository in dict.fromkeys((*expanded, *additions.attestation_repos)))


def _rules(section: ImageSection, folder: Path, requested: Reference, additions: Additions) -> tuple[RuleModule, ...]:
    modules = [module for source in section.rules for module in _configured(source, folder, section)]
    _carried_out(section, {module.id for module in modules})
    if "" in additions.rules:  # an empty path would be the working directory
        raise ConfigurationError("--rules is empty", hint="Name a Rego file or a directory, or leave the option out.")
    modules += [module for path in additions.rules for module in load_rules(Path(path))]
    modules = _with_policy_config(modules, additions.policy_config)
    modules = with_demands(modules, additions.annotations, additions.predicate_types)
    twice = {module.id for module in modules if [m.id for m in modules].count(module.id) > 1}
    if twice:
        raise ConfigurationError(f"rules with the same id: {', '.join(sorted(twice))}", hint="Rename one of them.")
    if not modules:
        raise ConfigurationError("no rule is left to evaluate, and nothing may pass without one")
    return tuple(_of_package(module) for module in modules) if _may_be_package(requested) else tuple(modules)


def _may_be_package(requested: Reference) -> bool:
    """Decides what is read, not what is judged: that goes by the signed product."""
    return requested.is_layout or requested.repository.rpartition("/")[2].startswith(("pkg-", "dhi-pkg-"))


def _of_package(module: RuleModule) -> RuleModule:
    if module.id not in _ABOUT_PROVENANCE:
        return module
    return replace(module, optional=(*module.optional, *_OF_PACKAGES))


def _carried_out(section: ImageSection, loaded: set[str]) -> None:
    """Raises `ConfigurationError` when the section states what no rule of its own carries out."""
    stated = {
        "require": ("dhi-required-evidence", bool(section.require)),
        "maxAgeDays": ("dhi-fresh-evidence", section.max_age_days is not None),
    }
    for member, (rule, is_stated) in stated.items():
        if is_stated and rule not in loaded:
            raise ConfigurationError(
                f"`{member}` is carried out by the rule {rule} of the pack dhi, which this section does not load",
                hint=f"Add `- pack: dhi` to the section's `rules`, or remove `{member}`.",
            )


def _configured(source: RuleSource, folder: Path, section: ImageSection) -> list[RuleModule]:
    modules = load_rules(pack_directory(source.pack) if source.pack else folder / source.path)
    unknown = (source.effects.keys() | source.config.keys()) - {module.id for module in modules}
    if unknown:
        named = ", ".join(sorted(unknown))
        raise ConfigurationError(f"`effects` or `config` name rules that do not exist: {named}")
    defaults = _section_config(section)
    return [
        replace(
            module,
            effect=source.effects.get(module.id, module.effect),
            config=defaults.get(module.id, {}) | source.config.get(module.id, {}),
        )
        for module in modules
    ]


def _max_age_days(section: ImageSection) -> int:
    return _MAX_AGE_DAYS if section.max_age_days is None else section.max_age_days


def _section_config(section: ImageSection) -> dict[str, dict[str, Any]]:
    """What the section itself says, handed to the rules that carry it out."""
    required = [
        {"kind": r.kind, "compliance": list(r.compliance), "artifacts": list(r.artifacts)} for r in section.require
    ]
    return {
        "dhi-required-evidence": {"required": required},
        "dhi-fresh-evidence": {"max_age_days": _max_age_days(section)},
    }


class ConfiguredPolicy(msgspec.Struct, frozen=True):
    """One entry of a Docker Scout policy configuration."""

    name: str
    enabled: bool = True
    weight: int | None = None
    config: dict[str, Any] = {}


class PolicyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file that `--policy-config` names, in Docker Scout's form."""

    policies: tuple[ConfiguredPolicy, ...]
    debug: bool = False
    bundles: tuple[str, ...] = ()


def _with_policy_config(modules: list[RuleModule], path: str) -> list[RuleModule]:
    if not path:
        return modules
    wanted = {entry.name: entry for entry in _read_config(path).policies}
    unknown = wanted.keys() - {module.id for module in modules}
    if unknown:
        raise ConfigurationError(f"{path} configures rules that do not exist: {', '.join(sorted(unknown))}")
    return [
        replace(module, config=module.config | wanted[module.id].config) if module.id in wanted else module
        for module in modules
        if module.id not in wanted or wanted[module.id].enabled
    ]


def _read_config(path: str) -> PolicyConfig:
    body = read_regular(Path(path), f"policy configuration {path}", DEFAULT_LIMITS.policy_bytes)
    try:
        return msgspec.convert(strictjson.loads(body), PolicyConfig)
    except (strictjson.JSONRefused, msgspec.ValidationError) as fault:
        raise ConfigurationError(f"{path} is not a policy configuration: {fault}") from None
