"""What the page says, in the order in which it says it. Platforms that a rule judged alike share its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from verifier.limits import DEFAULT_LIMITS
from verifier.model import (
    AttestationEntry,
    ImageResult,
    PlatformResult,
    Report,
    RuleOutcome,
    SignatureEntry,
    Status,
    Verdict,
    Violation,
)
from verifier.report.findings import BAD, CHECKS
from verifier.report.html.checklist import Checklist, checklists
from verifier.report.html.commands import get_command, place

STANDINGS = ("fail", "unknown", "warn", "waived", "pass", "skipped")
"""What a rule means for the verdict, the worst first."""


class Cited(msgspec.Struct, frozen=True):
    """An attestation that something rests on, and where on the page it stands ("" for nowhere)."""

    digest: str
    kind: str = ""
    anchor: str = ""


class RuleView(msgspec.Struct, frozen=True):
    """A rule with what it came to on `platforms`; `everywhere` when those are all of the image."""

    rule: RuleOutcome
    standing: str  # one of `STANDINGS`
    platforms: tuple[str, ...]
    everywhere: bool
    evidence: tuple[Cited, ...]
    violations: tuple[Violation, ...]
    left_out: int


class Proof(msgspec.Struct, frozen=True):
    """An attestation as found, with the command that hands out its signed bytes ("" where nothing is verified)."""

    entry: AttestationEntry
    anchor: str
    place: str
    command: str


class PlatformView(msgspec.Struct, frozen=True):
    """A platform, or the index itself (`result` is None then). `standings` counts its rules."""

    anchor: str
    name: str
    digest: str
    proofs: tuple[Proof, ...]
    signatures: tuple[SignatureEntry, ...]
    standings: dict[str, int]
    result: PlatformResult | None = None


class ImageView(msgspec.Struct, frozen=True):
    anchor: str
    image: ImageResult
    word: str
    signers: tuple[str, ...]
    next_step: str
    platforms: tuple[PlatformView, ...]
    parts: tuple[PlatformView, ...]  # with the index before them, where it has evidence
    in_the_way: tuple[RuleView, ...]
    other_rules: tuple[RuleView, ...]
    checklists: tuple[Checklist, ...]

    @property
    def has_fips(self) -> bool:
        return any(one.result and one.result.details and one.result.details.fips for one in self.platforms)

    @property
    def has_tests(self) -> bool:
        return any(one.result and one.result.details and one.result.details.tests for one in self.platforms)

    @property
    def has_packages(self) -> bool:
        return any(one.result and one.result.details and one.result.details.packages for one in self.platforms)

    @property
    def unreadable(self) -> tuple[tuple[str, str], ...]:
        """Platform and sentence for each attestation that could not be decoded."""
        told = ((one.name, one.result.details) for one in self.platforms if one.result and one.result.details)
        return tuple((name, sentence) for name, details in told for sentence in details.unreadable)


def views(report: Report) -> tuple[ImageView, ...]:
    return tuple(_image(image, f"image-{number}", report) for number, image in enumerate(report.images, 1))


_WORDS = {
    Verdict.ALLOW: "Allowed",
    Verdict.WARN: "Allowed, with warnings",
    Verdict.DENY: "Refused",
    Verdict.ERROR: "Not decided",
}


def word(verdict: Verdict, images: Iterable[ImageResult]) -> str:
    """The verdict for a person. A list looks like a verdict and is none: it has platforms, and not a single rule."""
    if any(image.platforms and not any(platform.rules for platform in image.platforms) for image in images):
        return "No rule was evaluated" if verdict is Verdict.ALLOW else _WORDS[verdict]
    return _WORDS[verdict]


def _image(image: ImageResult, anchor: str, report: Report) -> ImageView:
    index = _part(image, image, f"{anchor}-index", "index")
    platforms = tuple(_platform(image, one, f"{anchor}-{n}") for n, one in enumerate(image.platforms, 1))
    parts = (index, *platforms) if image.attestations or image.signatures else platforms
    proofs = {proof.entry.digest: proof for part in parts for proof in part.proofs}
    rules = _rules(image, proofs) if image.exit_code not in (3, 4) else []
    return ImageView(
        anchor=anchor,
        image=image,
        word=word(image.verdict, (image,)),
        signers=tuple(sorted(_signers(image))),
        next_step=_next_step(image, report),
        platforms=platforms,
        parts=parts,
        in_the_way=tuple(view for view in rules if view.rule.result in BAD),
        other_rules=tuple(view for view in rules if view.rule.result not in BAD),
        checklists=checklists(image, anchor),
    )


def _signers(image: ImageResult) -> set[str]:
    parts: tuple[ImageResult | PlatformResult, ...] = (image, *image.platforms)
    evidence = {entry.signer for part in parts for entry in part.attestations}
    return (evidence | {entry.signer for part in parts for entry in part.signatures}) - {""}


def _next_step(image: ImageResult, report: Report) -> str:
    """Where no rule says what to do: the hint of the error, or what helps against having no evidence."""
    hints = [fault.hint for fault in report.errors if fault.image == image.reference and fault.hint]
    return hints[0] if hints else CHECKS[image.exit_code].remediation if image.exit_code in (3, 4) else ""


def _platform(image: ImageResult, platform: PlatformResult, anchor: str) -> PlatformView:
    part = _part(image, platform, anchor, platform.platform)
    found = [standing(rule) for rule in platform.rules]
    counted = {name: found.count(name) for name in STANDINGS if name in found}
    return replace(part, name=platform.platform or "image", standings=counted, result=platform)


def _part(image: ImageResult, found: ImageResult | PlatformResult, anchor: str, name: str) -> PlatformView:
    platform = "" if isinstance(found, ImageResult) else found.platform
    proofs = (_proof(image, platform, entry, f"{anchor}-e{n}") for n, entry in enumerate(found.attestations, 1))
    return PlatformView(anchor, name, found.digest, tuple(proofs), found.signatures, {})


def _proof(image: ImageResult, platform: str, entry: AttestationEntry, anchor: str) -> Proof:
    command = get_command(image, platform, entry) if entry.status is Status.VERIFIED else ""
    return Proof(entry, anchor, place(entry.location, entry.digest, entry.layout), command)


def standing(rule: RuleOutcome) -> str:
    """What a rule means for the verdict: one of `STANDINGS`."""
    if rule.result not in BAD:
        return str(rule.result)
    if rule.waiver is not None:
        return "waived"
    return "warn" if rule.effect == "warn" else str(rule.result)


def _rules(image: ImageResult, proofs: dict[str, Proof]) -> list[RuleView]:
    """Each rule, once for the platforms on which it came to the same, those that decide first."""
    groups: dict[str, list[tuple[str, RuleOutcome]]] = {}
    for platform in image.platforms:
        for rule in platform.rules:
            groups.setdefault(_said(rule), []).append((platform.platform, rule))
    found = [_rule(group, len(image.platforms), proofs) for group in groups.values()]
    return sorted(found, key=lambda view: (STANDINGS.index(view.standing), view.rule.id))


def _said(rule: RuleOutcome) -> str:
    """The same for rules that say the same, whatever evidence they say it of."""
    return repr(replace(rule, evidence=()))


def _rule(group: Sequence[tuple[str, RuleOutcome]], platforms: int, proofs: dict[str, Proof]) -> RuleView:
    rule = group[0][1]
    limit = DEFAULT_LIMITS.html_violations
    ordered = sorted(rule.violations, key=lambda violation: violation.waiver is not None)
    return RuleView(
        rule=rule,
        standing=standing(rule),
        platforms=tuple(name for name, _ in group),
        everywhere=len(group) == platforms,
        evidence=tuple(_cited((one for _, one in group), proofs)),
        violations=tuple(ordered[:limit]),
        left_out=max(len(ordered) - limit, 0),
    )


def _cited(rules: Iterable[RuleOutcome], proofs: dict[str, Proof]) -> Iterator[Cited]:
    for digest in dict.fromkeys(digest for rule in rules for digest in rule.evidence):
        proof = proofs.get(digest)
        yield Cited(digest, proof.entry.kind, proof.anchor) if proof else Cited(digest)
