"""What holds for an image, and where each value comes from: document, command line, a rule's METADATA, or a default.

Values are those of the plan that a verification would follow. Nothing is fetched: of rules in a registry the reference
is shown, and what the document says about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Plan, Reference, RuleModule
from verifier.policy import yamltext
from verifier.policy.document import ImageSection, LoadedDocument
from verifier.policy.match import matches
from verifier.policy.origins import BY_DEFAULT, Origins, Value, plan_values
from verifier.policy.places import Places, Where
from verifier.policy.plan import Additions, bundles_for, plan_for
from verifier.policy.rule_origins import RuleEntry, rule_entries
from verifier.policy.scoutconfig import read_config
from verifier.policy.shipped import BUILT_IN, shipped_policies
from verifier.policy.sources import modules_of

__all__ = ["EffectivePolicy", "RuleEntry", "SectionEntry", "Value", "effective", "reason"]

SCHEMA = "https://dhiverify.dev/schema/effective-policy/v1"


class SectionEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A section of the document, as it stands there: `origin` is file and line, `values` what it states.

    `matches` says whether the image's name fits its pattern, and is None where no image was named.
    """

    match: str
    origin: str
    matches: bool | None
    values: tuple[Value, ...] = ()


class EffectivePolicy(msgspec.Struct, frozen=True, rename="camel"):
    """The policy, and with a `reference` what it means for that image.

    `chosen` says why this document. With a reference, `sections` are those that were tried, the last being the one that
    decides; `decides` is its pattern, None when none matches, which means that the image is refused.
    """

    schema: str
    name: str
    path: str
    digest: str
    chosen: str
    reference: str
    decides: str | None
    sections: tuple[SectionEntry, ...]
    values: tuple[Value, ...] = ()
    bundles: tuple[Value, ...] = ()
    rules: tuple[RuleEntry, ...] = ()
    relaxations: tuple[str, ...] = ()


def reason(name: str, stated: str, environ: Mapping[str, str]) -> str:
    """Why the document `name` was chosen; `stated` is the flag or variable that named it, or ""."""
    if stated:
        return stated
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    if name == str(Path(home) / "dhiverify" / "policy.yaml"):
        return "your configuration"
    return "the system's configuration" if Path(name).is_absolute() else BY_DEFAULT


def effective(
    loaded: LoadedDocument,
    requested: Reference | None,
    additions: Additions | None = None,
    *,
    chosen: str = BY_DEFAULT,
    flags: Mapping[str, str] | None = None,
    relaxations: Sequence[str] = (),
) -> EffectivePolicy:
    """The whole document, or with `requested` what holds for that image.

    `flags` says how members of `additions` were given, where that is not by their flag (`{"key_files":
    "DHIVERIFY_KEY"}`). Raises `ConfigurationError` for what `plan_for` refuses.
    """
    origins = Origins(_with_places(loaded), additions or Additions(), flags or {})
    tried = _sections(loaded, origins.places, requested)
    shown = EffectivePolicy(
        schema=SCHEMA,
        name=loaded.document.name,
        path=loaded.path,
        digest=loaded.digest,
        chosen=chosen,
        reference=str(requested or ""),
        decides=tried[-1].match if requested and tried and tried[-1].matches else None,
        sections=tried,
        relaxations=tuple(relaxations),
    )
    if requested is None or shown.decides is None:
        return shown
    return _decided(shown, loaded, requested, origins)


def _decided(shown: EffectivePolicy, loaded: LoadedDocument, requested: Reference, origins: Origins) -> EffectivePolicy:
    at: Where = ("images", len(shown.sections) - 1)
    section = loaded.document.images[len(shown.sections) - 1]
    bundles = bundles_for(loaded, requested, origins.additions)
    assumed = _assumed(loaded, section, [bundle.reference for bundle in bundles], origins.additions)
    plan = _planned(loaded, requested, origins.additions, assumed)
    return msgspec.structs.replace(
        shown,
        values=tuple(plan_values(plan, section, at, requested, origins)),
        bundles=tuple(origins.bundle(bundle, section, at) for bundle in bundles),
        rules=tuple(rule_entries(plan, section, at, Path(loaded.folder), origins, assumed)),
    )


def _planned(
    loaded: LoadedDocument, requested: Reference, additions: Additions, assumed: Mapping[str, tuple[RuleModule, ...]]
) -> Plan:
    plan = plan_for(loaded, requested, additions, assumed)
    if plan is None:
        raise ConfigurationError(f"policy {loaded.document.name} has no section for {requested.name}")
    return plan


def _assumed(
    loaded: LoadedDocument, section: ImageSection, references: Sequence[str], additions: Additions
) -> dict[str, tuple[RuleModule, ...]]:
    """In place of the rules of each bundle, those that document and configuration say something about."""
    found: dict[str, tuple[RuleModule, ...]] = {}
    named = {source.bundle: {*source.effects, *source.unknown, *source.config} for source in section.rules}
    others = _named_elsewhere(loaded, section, additions)
    for reference in references:
        host, _, digest = reference.rpartition("@")
        own = [ids for bundle, ids in named.items() if bundle.startswith(host) and bundle.endswith(digest)]
        ids = sorted({*(name for several in own for name in several), *others})
        others = set()
        found[reference] = tuple(RuleModule(name, reference, "") for name in ids or [reference])
    return found


def _named_elsewhere(loaded: LoadedDocument, section: ImageSection, additions: Additions) -> set[str]:
    """Rules that a waiver or `--policy-config` names, and that no file on disk holds."""
    folder = Path(loaded.folder)
    on_disk = [source for source in section.rules if not source.bundle]
    known = {module.id for source in on_disk for module in modules_of(source, folder, {})}
    known |= {name for source in section.rules for name in (*source.effects, *source.unknown, *source.config)}
    wanted = {waiver.rule for waiver in section.waivers}
    return (wanted | {entry.name for entry in read_config(additions.policy_config).policies}) - known


def _with_places(loaded: LoadedDocument) -> Places:
    """The document's text with the places of its members, which a compiled one does not know."""
    places = loaded.places
    if hasattr(places.tree, "lc"):
        return places
    builtin = loaded.path.startswith(BUILT_IN)
    path = shipped_policies() / f"{loaded.path.removeprefix(BUILT_IN)}.yaml" if builtin else Path(loaded.path)
    body = read_regular(path, f"policy {path}", DEFAULT_LIMITS.policy_bytes)
    try:
        return Places(places.path, yamltext.parse(body.decode("utf-8")))
    except (UnicodeDecodeError, yamltext.YAMLRefused):  # it was read before, so it changed in between
        return places


def _sections(loaded: LoadedDocument, places: Places, requested: Reference | None) -> tuple[SectionEntry, ...]:
    """All of them, or with `requested` those up to the one that decides."""
    found: list[SectionEntry] = []
    for number, section in enumerate(loaded.document.images):
        at: Where = ("images", number)
        fits = matches(section.match, requested) if requested else None
        origin = _line(places, at)
        found.append(SectionEntry(section.match, origin, fits, () if requested else tuple(_stated(places, at))))
        if fits:
            break
    return tuple(found)


def _line(places: Places, where: Where) -> str:
    return f"{places.path}:{places.at(where)[0]}"


def _stated(places: Places, at: Where) -> Iterator[Value]:
    """What stands in a section, member by member."""
    data: Any = yamltext.plain(places.tree)
    for key in at:
        data = data[key]
    for name, value in data.items():
        if name == "trust":
            for member, inner in value.items():
                yield from _items(places, (*at, name, member), f"{name}.{member}", inner)
        elif name != "match":
            yield from _items(places, (*at, name), name, value)


def _items(places: Places, where: Where, name: str, value: Any) -> Iterator[Value]:
    """A list has a line for each item."""
    if not isinstance(value, list):
        yield Value(name, value, _line(places, where))
        return
    yield from (Value(f"{name}[{n}]", item, _line(places, (*where, n))) for n, item in enumerate(value))
