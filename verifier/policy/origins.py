"""Where each value of a plan comes from, as `policy show` names it: `policy.yaml:12`, `--key`, `default`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from verifier.model import BundleSource, Place, Plan, Reference
from verifier.model.trust import Identity
from verifier.policy.bundles import SCHEME, pinned
from verifier.policy.document import ImageSection
from verifier.policy.match import expand, matches
from verifier.policy.places import Places, Where
from verifier.policy.plan import Additions

BY_DEFAULT = "default"

_FLAGS = {
    "key_files": "--key",
    "identities": "--certificate-identity",
    "trusted_root": "--trusted-root",
    "attestation_repos": "--attestation-repo",
    "rules": "--rules",
    "rules_keys": "--rules-key",
    "policy_config": "--policy-config",
    "platforms": "--platform",
    "ignore_transparency": "--insecure-ignore-tlog",
    "annotations": "--annotations",
    "predicate_types": "--predicate-type",
    "compat": "--compat",
    "base": "--base",
    "base_keys": "--base-key",
    "vex": "--vex",
}


class Value(msgspec.Struct, frozen=True, rename="camel"):
    """One value with its origin. `name` is the member of the document that says it, or would."""

    name: str
    value: Any
    origin: str


class Origins(msgspec.Struct, frozen=True):
    """The document with its lines, what the command line adds, and how that was given."""

    places: Places
    additions: Additions
    flags: Mapping[str, str] = {}

    def flag(self, member: str) -> str:
        """How the member of the additions was given: its flag, or the variable in its place."""
        return self.flags.get(member, _FLAGS[member])

    def line(self, where: Where) -> str:
        """File and line of what stands at `where`; the file alone where its lines are not known."""
        known = hasattr(self.places.tree, "lc")
        return f"{self.places.path}:{self.places.at(where)[0]}" if known else self.places.path

    def stated(self, where: Where) -> bool:
        """Whether the document says something at `where`."""
        node = self.places.tree
        for key in where:
            try:
                node = node[key]
            except (LookupError, TypeError):
                return False
        return True

    def member(self, where: Where) -> str:
        """The line of what is stated at `where`, or that it is a default."""
        return self.line(where) if self.stated(where) else BY_DEFAULT

    def bundle(self, bundle: BundleSource, section: ImageSection, at: Where) -> Value:
        """A bundle of rules, by reference, with who must have signed it."""
        own = (
            n for n, source in enumerate(section.rules) if source.bundle and pinned(source.bundle) == bundle.reference
        )
        number = next(own, None)
        origin = self._outside(bundle) if number is None else self.line((*at, "rules", number))
        signers = [*bundle.key_files, *map(str, bundle.identities)]
        return Value("bundle", {"reference": bundle.reference, "signedBy": signers, "fetched": False}, origin)

    def _outside(self, bundle: BundleSource) -> str:
        """What names a bundle that the document does not name."""
        named = [pinned(name.removeprefix(SCHEME)) for name in self.additions.rules if name.startswith(SCHEME)]
        return self.flag("rules") if bundle.reference in named else self.additions.policy_config


def plan_values(
    plan: Plan, section: ImageSection, at: Where, requested: Reference, origins: Origins
) -> Iterator[Value]:
    """Every value of `plan` but its rules. `section` stands at `at` in the document."""
    yield from _signers(plan, at, origins)
    yield from _trusted_root(plan, at, origins)
    yield from _transparency(plan, at, origins)
    yield from _places(plan, section, at, requested, origins)
    yield from _required(plan, at, origins)
    yield Value("maxAgeDays", plan.max_age_days, origins.member((*at, "maxAgeDays")))
    yield Value("enforce", plan.enforce, origins.member((*at, "enforce")))
    every = "every platform" if not plan.platforms else list(plan.platforms)
    yield Value("platforms", every, origins.flag("platforms") if plan.platforms else BY_DEFAULT)
    if plan.base:
        origin = origins.flag("base") if origins.additions.base else origins.line((*at, "base"))
        said = {"reference": plan.base.reference, "images": list(plan.base.images), "policy": plan.base.policy}
        yield Value("base", {name: told for name, told in said.items() if told}, origin)
        for path in plan.base.key_files:
            keys = origins.flag("base_keys") if origins.additions.base_keys else origins.line((*at, "base", "keyFiles"))
            yield Value("base.keyFiles", path, keys)
    yield from _vex(plan, section, at, origins)
    if plan.compat:
        yield Value("compat", plan.compat, origins.flag("compat"))
    for number, stated in enumerate(section.waivers):
        value = {name: text for name, text in msgspec.to_builtins(stated).items() if text}
        yield Value(f"waivers[{number}]", value, origins.line((*at, "waivers", number)))


def _signers(plan: Plan, at: Where, origins: Origins) -> Iterator[Value]:
    given = origins.additions
    own = not (given.key_files or given.identities)
    for number, name in enumerate(plan.keys):
        yield Value("trust.keys", name, origins.line((*at, "trust", "keys", number)))
    for number, path in enumerate(plan.key_files):
        where = (*at, "trust", "keyFiles", number)
        yield Value("trust.keyFiles", path, origins.line(where) if own else origins.flag("key_files"))
    for number, identity in enumerate(plan.identities):
        where = (*at, "trust", "identities", number)
        yield Value(
            "trust.identities", _described(identity), origins.line(where) if own else origins.flag("identities")
        )
    for number, fingerprint in enumerate(plan.denied_keys):
        yield Value("trust.deniedKeys", fingerprint, origins.line((*at, "trust", "deniedKeys", number)))


def _described(identity: Identity) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(identity).items() if value}


def _trusted_root(plan: Plan, at: Where, origins: Origins) -> Iterator[Value]:
    where = (*at, "trust", "trustedRoot")
    origin = origins.flag("trusted_root") if origins.additions.trusted_root else origins.member(where)
    yield Value("trust.trustedRoot", plan.trusted_root or "yours, or the shipped one", origin)


def _transparency(plan: Plan, at: Where, origins: Origins) -> Iterator[Value]:
    ignored = origins.additions.ignore_transparency
    origin = origins.flag("ignore_transparency") if ignored else origins.member((*at, "transparency"))
    yield Value("transparency", plan.transparency or "if-present for keys, require for certificates", origin)


def _places(plan: Plan, section: ImageSection, at: Where, requested: Reference, origins: Origins) -> Iterator[Value]:
    lines = {
        expand(Place(stated.repository, stated.match), requested): origins.line((*at, "evidence", number))
        for number, stated in reversed(list(enumerate(section.evidence)))
        if matches(stated.match, requested) and not requested.is_layout
    }
    for place in plan.places:
        origin = lines.get(place.repository, origins.flag("attestation_repos"))
        yield Value("evidence", place.repository, origin)


def _vex(plan: Plan, section: ImageSection, at: Where, origins: Origins) -> Iterator[Value]:
    stated = [number for number, entry in enumerate(section.vex) if entry.file]
    lines = [origins.line((*at, "vex", number)) for number in stated]
    for number, file in enumerate(plan.vex):  # those of the section come first
        value = {name: told for name, told in msgspec.to_builtins(file).items() if told}
        yield Value("vex", value, lines[number] if number < len(lines) else origins.flag("vex"))


def _required(plan: Plan, at: Where, origins: Origins) -> Iterator[Value]:
    if plan.compat and origins.stated((*at, "require")):
        yield Value("require", "nothing, whatever the document says", origins.flag("compat"))
    for number, required in enumerate(plan.required):
        members = {
            "kind": required.kind,
            "compliance": list(required.compliance),
            "artifacts": list(required.artifacts),
            "maxAgeDays": required.max_age_days,
        }
        value = {name: stated for name, stated in members.items() if stated}
        yield Value(f"require[{number}]", value, origins.line((*at, "require", number)))
