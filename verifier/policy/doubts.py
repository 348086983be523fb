"""What a policy document says that its author probably did not mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from verifier import patterns
from verifier.errors import ConfigurationError
from verifier.model import RuleModule
from verifier.model.trust import Identity
from verifier.policy.checks import Problem
from verifier.policy.demands import ATTESTED
from verifier.policy.document import ImageSection
from verifier.policy.identities import IdentityEntry
from verifier.policy.match import covers, never
from verifier.policy.places import Where
from verifier.policy.waivers import StatedWaiver, problems

_LONGEST = timedelta(days=366)  # of a waiver; what is accepted for longer is no exception

# Kinds whose documents state no time, in any form that is known.
_UNDATED = ("secrets", "fips", "source", "scout-provenance", "health", "mcp-server")


def unreachable(sections: Sequence[tuple[int, ImageSection]]) -> Iterator[Problem]:
    """Sections that no image can reach, since an earlier one matches whatever they match."""
    for index, (number, section) in enumerate(sections):
        for _, earlier in sections[:index]:
            if never(section.match) is None and covers(earlier.match, section.match):
                text = f"no image ever comes to the section {section.match!r}: {earlier.match!r} above matches first"
                yield Problem(("images", number, "match"), text, "Write the narrower pattern first.")
                break


def unmatched(sections: Sequence[ImageSection]) -> Iterator[Problem]:
    if not any(section.match in ("*", "**") for section in sections):
        yield Problem(("images",), "what no section matches is denied", "That is so by default, and mostly meant.")


def of_section(section: ImageSection, at: Where, folder: Path, now: datetime) -> Iterator[Problem]:
    """Doubts about one section; relative paths are below `folder`."""
    if not section.enforce:
        text = "nothing of this section is enforced: every image that matches may run"
        yield Problem((*at, "enforce"), text, "Remove `enforce: false` once the reports look as they should.")
    if section.transparency == "ignore":
        text = "proofs of transparency logs are not looked at, so nobody can notice a signature made with a stolen key"
        yield Problem((*at, "transparency"), text, "Leave `transparency` out if your signatures have such proofs.")
    for where, pattern in _patterns(section, at):
        if "**" in pattern.removesuffix("**") or (pattern != "**" and pattern.endswith("**") and pattern[-3] != "/"):
            text = f"in {pattern!r}, `**` stands for one component like `*`"
            yield Problem(where, text, "Only a last component `**` stands for all that follow.")
    yield from _identities(section, at)
    yield from _files(section, at, folder)
    for number, required in enumerate(section.require):
        if required.max_age_days and required.kind in _UNDATED:
            text = f"documents of kind {required.kind} state no time, so none is ever young enough"
            yield Problem((*at, "require", number, "maxAgeDays"), text, "Remove `maxAgeDays` of this kind.")
    for number, waiver in enumerate(section.waivers):
        if not any(problems(waiver)):
            yield from _waiver(waiver, (*at, "waivers", number), now)


def _patterns(section: ImageSection, at: Where) -> Iterator[tuple[Where, str]]:
    yield (*at, "match"), section.match
    for number, place in enumerate(section.evidence):
        yield (*at, "evidence", number, "match"), place.match
    for number, waiver in enumerate(section.waivers):
        yield (*at, "waivers", number, "images"), waiver.images


def _identities(section: ImageSection, at: Where) -> Iterator[Problem]:
    yield from _of_identities(section.trust.identities, (*at, "trust", "identities"))
    for number, source in enumerate(section.rules):
        yield from _of_identities(source.identities, (*at, "rules", number, "identities"))


def _of_identities(entries: Sequence[IdentityEntry], at: Where) -> Iterator[Problem]:
    for number, entry in enumerate(entries):
        for member, pattern in _stated_patterns(entry.identity):
            for doubt in _doubts(pattern):
                yield Problem((*at, number, member), f"the identity pattern {pattern[:200]!r}: {doubt}")


def _stated_patterns(identity: Identity) -> Iterator[tuple[str, str]]:
    if identity.subject_pattern:
        yield "subjectPattern", identity.subject_pattern
    if identity.issuer_pattern:
        yield "issuerPattern", identity.issuer_pattern


def _doubts(pattern: str) -> tuple[str, ...]:
    try:
        return patterns.lint(pattern)
    except ConfigurationError:
        return ()  # an error that is found elsewhere


def _files(section: ImageSection, at: Where, folder: Path) -> Iterator[Problem]:
    stated = [((*at, "trust", "keyFiles", n), name) for n, name in enumerate(section.trust.key_files)]
    if section.trust.trusted_root:
        stated.append(((*at, "trust", "trustedRoot"), section.trust.trusted_root))
    for number, source in enumerate(section.rules):
        stated += [((*at, "rules", number, "keyFiles", n), name) for n, name in enumerate(source.key_files)]
    for where, name in stated:
        if not (folder / name).is_file():
            yield Problem(where, f"there is no file {name[:200]}", "Paths are relative to the document.")


def _waiver(waiver: StatedWaiver, at: Where, now: datetime) -> Iterator[Problem]:
    """Doubts about a waiver without problems."""
    meant = waiver.waiver
    if now > meant.expires:
        yield Problem((*at, "expires"), f"the waiver for {waiver.rule} has expired", "Remove it.")
    elif meant.starts and now < meant.starts:
        yield Problem((*at, "starts"), f"the waiver for {waiver.rule} has not started")
    elif meant.expires - (meant.starts or now) > _LONGEST:
        text = f"the waiver for {waiver.rule} holds for more than a year"
        yield Problem((*at, "expires"), text, "Give it a nearer end; it can be renewed.")
    if waiver.images.endswith("**") and not waiver.digest:
        text = f"the waiver for {waiver.rule} holds for every image below {waiver.images.removesuffix('**')}"
        yield Problem((*at, "images"), text, "Name the image, or give its `digest`.")


def not_waivable(section: ImageSection, at: Where, modules: Iterable[RuleModule]) -> Iterator[Problem]:
    """Waivers of rules that say whether evidence is there and trusted."""
    firm = {module.id for module in modules if not module.waivable}
    for number, waiver in enumerate(section.waivers):
        if waiver.rule in firm:
            text = f"the rule {waiver.rule} says whether evidence is there and trusted, and that cannot be waived"
            yield Problem((*at, "waivers", number, "rule"), text, "Remove the waiver; no run would ever apply it.")


def of_rules(modules: Sequence[RuleModule], at: Where) -> Iterator[Problem]:
    """Doubts about all rules of a section together."""
    if modules and all(module.effect == "warn" for module in modules):
        text = "every rule of this section only warns, so that nothing is enforced"
        yield Problem((*at, "rules"), text, "Set one of `effects` to enforce.")
    for module in modules:
        if module.id == ATTESTED and module.demand and not module.config.get("types"):
            text = f"the rule {ATTESTED} is not told which attestations it shall demand"
            hint = "Without --predicate-type every run ends as a configuration error. Or write "
            yield Problem((*at, "rules"), text, f"{hint}`config: {{attested: {{types: [sbom]}}}}`.")
