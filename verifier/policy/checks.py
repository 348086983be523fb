"""What a document says that cannot be meant: emptiness that would read as consent, names that exist nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from verifier.limits import DEFAULT_LIMITS
from verifier.policy import bundles, identities, waivers
from verifier.policy.document import Document, ImageSection, RuleSource
from verifier.policy.match import never
from verifier.policy.places import Where, suggestion
from verifier.policy.shipped import packs

# The kinds of evidence that requirements may name; everything else with a colon is a predicate type.
KINDS = (
    *("sbom", "provenance", "vulnerabilities", "malware", "secrets", "tests", "stig", "fips", "vex", "vsa"),
    *("source", "scout-provenance", "health", "mcp-server"),
)

_SOURCES = ("pack", "path", "bundle")


class Problem(msgspec.Struct, frozen=True):
    """One fault: where it stands, what it is, what to do about it (None: what is always said)."""

    where: Where
    text: str
    hint: str | None = None


def problems(document: Document) -> Iterator[Problem]:
    """Everything for which `document` is refused, beyond what its types say."""
    if not document.images:
        yield Problem(("images",), "`images` is empty, so no image could ever pass", "Write a section: `match: …`.")
    if len(document.images) > DEFAULT_LIMITS.policy_sections:
        yield Problem(("images",), f"there are more than {DEFAULT_LIMITS.policy_sections} sections")
    for number, section in enumerate(document.images):
        yield from of_section(section, ("images", number))


def of_section(section: ImageSection, at: Where) -> Iterator[Problem]:
    """The same of one section, which stands at `at`."""
    if found := never(section.match):
        yield Problem((*at, "match"), *found)
    yield from _trust(section, at)
    for number, place in enumerate(section.evidence):
        if found := never(place.match):
            yield Problem((*at, "evidence", number, "match"), *found)
    for number, required in enumerate(section.require):
        if required.kind not in KINDS and ":" not in required.kind:
            text = f"there is no kind of evidence {required.kind[:100]!r}"
            yield Problem((*at, "require", number, "kind"), text, suggestion(required.kind, KINDS))
    yield from _base(section, at)
    if not section.rules:
        yield Problem((*at, "rules"), "the section has no rules", "Load some: `rules: [{pack: dhi}]`.")
    for number, source in enumerate(section.rules):
        yield from _source(source, (*at, "rules", number))
    yield from _waivers(section, at)


def _trust(section: ImageSection, at: Where) -> Iterator[Problem]:
    trust = section.trust
    if not (trust.keys or trust.key_files or trust.identities):
        hint = "Name a shipped key (`keys: [dhi-2]`), a PEM file (`keyFiles`), or `identities`."
        yield Problem((*at, "trust"), "the section names neither key nor identity to trust", hint)
    for number, entry in enumerate(trust.identities):
        for found in identities.problems(entry.identity):
            yield Problem((*at, "trust", "identities", number, found.member), found.text, found.hint)


def _base(section: ImageSection, at: Where) -> Iterator[Problem]:
    if section.base is None:
        return
    if not section.base.images:
        yield Problem((*at, "base", "images"), "no image could be the base", "Name some: `images: [dhi.io/*]`.")
    for number, pattern in enumerate(section.base.images):
        if found := never(pattern):
            yield Problem((*at, "base", "images", number), *found)


def _source(source: RuleSource, at: Where) -> Iterator[Problem]:
    stated = [name for name in _SOURCES if getattr(source, name)]
    if len(stated) != 1:
        has = f"both `{stated[0]}` and `{stated[1]}`" if stated else "none of them"
        yield Problem(at, f"a rule source has one of `pack`, `path`, `bundle`; this one has {has}")
    if source.pack and source.pack not in packs():
        text = f"there is no rule pack {source.pack[:100]!r}; shipped are: {', '.join(packs())}"
        yield Problem((*at, "pack"), text, suggestion(source.pack, tuple(packs())))
    if source.bundle and (refused := bundles.problem(source.bundle)):
        yield Problem((*at, "bundle"), *refused)
    if not source.bundle and (source.key_files or source.identities):
        member = "keyFiles" if source.key_files else "identities"
        yield Problem((*at, member), f"`{member}` says who signed a `bundle`, and this rule source is none")
    for number, entry in enumerate(source.identities):
        for found in identities.problems(entry.identity):
            yield Problem((*at, "identities", number, found.member), found.text, found.hint)


def _waivers(section: ImageSection, at: Where) -> Iterator[Problem]:
    if len(section.waivers) > DEFAULT_LIMITS.waivers:
        yield Problem((*at, "waivers"), f"there are more than {DEFAULT_LIMITS.waivers} waivers")
        return
    seen: set[waivers.StatedWaiver] = set()
    for number, waiver in enumerate(section.waivers):
        if waiver in seen:
            yield Problem((*at, "waivers", number), "the same waiver stands twice", "Remove one of them.")
        seen.add(waiver)
        for member, text, hint in waivers.problems(waiver):
            yield Problem((*at, "waivers", number, member), text, hint)
