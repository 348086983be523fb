"""From an examination to the result of one image: rules, verdict, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from verifier import attestation
from verifier.errors import ConfigurationError
from verifier.evidence import Wanted
from verifier.model import (
    AttestationEntry,
    ImageResult,
    Plan,
    PlatformResult,
    Reference,
    RuleModule,
    RuleOutcome,
    SignatureEntry,
    Status,
    Verdict,
)
from verifier.rules import RuleInput, Rules
from verifier.verification import verdict
from verifier.verification.binding import ImageSignature, Judged, entry, signature_entry
from verifier.verification.examine import Examination, counts
from verifier.verification.facts import PlatformEvidence, platform_fact, rule_input
from verifier.verification.health import health_of
from verifier.verification.suppression import notes_of
from verifier.verification.waiving import Outcomes, waive

SIGNATURE = "signature"
"""Where kinds of evidence are named: the signatures of the image itself, which are always read."""


def wanted_by(rules: Sequence[RuleModule], required: Sequence[str]) -> Wanted:
    """What has to be read for these rules: everything, as soon as one of them does not say what it reads."""
    names = [name for rule in rules for name in (*(rule.evidence or ()), *rule.optional)]
    families = dict.fromkeys(_family(name) for name in (*required, *names) if name != SIGNATURE)
    return Wanted(tuple(families), everything=any(rule.evidence is None for rule in rules))


def _family(name: str) -> tuple[tuple[str, ...], ...]:
    """The forms that a kind, or a predicate type itself, stands for, the preferred first."""
    if name in attestation.KINDS:
        return attestation.forms(name)
    if ":" in name:
        return ((name,),)
    raise ConfigurationError(
        f"{name!r} is no kind of evidence",
        hint=f"Kinds are: {', '.join(attestation.KINDS)}; or write a predicate type.",
    )


def inputs_of(examination: Examination) -> list[RuleInput]:
    """What the rules of each platform get to see."""
    everyone = [platform_fact(platform) for platform in examination.platforms]
    return [rule_input(examination.image, platform, everyone, examination.index) for platform in examination.platforms]


def decide(examination: Examination, plan: Plan, rules: Rules, clock: datetime) -> ImageResult:
    """The result of one image. Raises `ConfigurationError` when not a single rule could be evaluated.

    `clock` is the real time, by which waivers are judged.
    """
    return judged(examination, plan, [rules.evaluate(given) for given in inputs_of(examination)], clock)


def judged(
    examination: Examination, plan: Plan, outcomes: Sequence[tuple[RuleOutcome, ...]], clock: datetime
) -> ImageResult:
    """The same, from what the rules came to on each platform."""
    waived = waive(_outcomes(examination, outcomes), plan, examination.image.requested, clock)
    platforms = tuple(
        _platform(platform, rules, _standing(platform, plan))
        for platform, rules in zip(examination.platforms, waived.rules, strict=True)
    )
    counted, signatures = _counted(examination, plan)
    code = verdict.evidence_code(counted, signatures)
    overall = Verdict.DENY if code else verdict.worst(platform.verdict for platform in platforms)
    reason = verdict.evidence_reason(code, counted, signatures, examination.places, plan.counted) if code else ""
    head = (reason,) if reason else ()
    unproved = () if plan.counted else _unproved(examination)
    reasons = head + unproved + verdict.reasons_of(platforms)
    result = replace(
        _image(examination, platforms, overall, verdict.exit_code(overall, code), reasons),
        waivers=waived.entries,
        health=None if code else health_of(outcome for platform in platforms for outcome in platform.rules),
    )
    return verdict.unenforced(result, plan.enforce)


def _outcomes(examination: Examination, outcomes: Sequence[tuple[RuleOutcome, ...]]) -> list[Outcomes]:
    root = examination.image.digest
    return [
        Outcomes(platform.image.name, (platform.digest, root, *platform.indexes), rules)
        for platform, rules in zip(examination.platforms, outcomes, strict=True)
    ]


def _counted(examination: Examination, plan: Plan) -> tuple[list[Judged], list[ImageSignature]]:
    """What counts as evidence under this plan: everything, or only what its demands are about."""
    judged = [one for one in examination.judged if counts(one, plan.counted)]
    signatures = examination.signatures if not plan.counted or SIGNATURE in plan.counted else ()
    return judged, list(signatures)


def _standing(platform: PlatformEvidence, plan: Plan) -> Verdict:
    """Before any rule: a platform about which nothing is verified is refused, however little the rules ask.

    A trusted signature of it, or of an index that leads to it, is as good as a statement here; and where all rules are
    demands, they themselves say what has to be there.
    """
    return Verdict.ALLOW if plan.counted or platform.proved else Verdict.DENY


def _unproved(examination: Examination) -> tuple[str, ...]:
    bare = [platform.image.name for platform in examination.platforms if not platform.proved]
    return (f"no verified evidence speaks about {', '.join(bare)}",) if bare else ()


def listed(examination: Examination) -> ImageResult:
    """The same shape without rules: exit code 0 when something is verified, else 3 or 4. It never says `allow`."""
    judged, signatures = examination.judged, examination.signatures
    code = verdict.evidence_code(judged, signatures)
    reason = verdict.evidence_reason(code, judged, signatures, examination.places) if code else _LISTED
    platforms = tuple(
        _platform(platform, (), Verdict.ALLOW if platform.verified else Verdict.DENY)
        for platform in examination.platforms
    )
    return _image(examination, platforms, Verdict.DENY if code else Verdict.WARN, code, (reason,))


_LISTED = "listed only: no rule was evaluated"


def unmatched(requested: Reference, plan_name: str) -> ImageResult:
    """No section of the policy is about this name, so nothing allows it."""
    reason = f"policy {plan_name} has no section for {requested.name}; what no policy allows is refused"
    return ImageResult(str(requested), "", Verdict.DENY, exit_code=1, reasons=(reason,))


def _image(
    examination: Examination,
    platforms: tuple[PlatformResult, ...],
    overall: Verdict,
    code: int,
    reasons: tuple[str, ...],
) -> ImageResult:
    image = examination.image
    products = sorted({product for platform in examination.platforms for product in platform.products})
    return ImageResult(
        reference=str(image.requested),
        digest=image.digest,
        verdict=overall,
        exit_code=code,
        reasons=reasons,
        pinned=_pinned(examination),
        notes=_notes(examination),
        product=", ".join(products),
        is_dhi=_is_dhi(examination),
        signatures=_signatures(examination.index_signatures),
        attestations=_attestations(examination.index),
        platforms=platforms,
    )


def _notes(examination: Examination) -> tuple[str, ...]:
    dangling = tuple(
        f"the index lists the attestation manifest {entry.digest} for a manifest that it does not hold; it is not read"
        for entry in examination.image.dangling
    )
    return (*dangling, *notes_of(examination.platforms))


def _pinned(examination: Examination) -> str:
    """What was judged, by digest: the whole image, or the one platform to which the choice was narrowed."""
    image, digest = examination.image, examination.image.digest
    if examination.narrowed:
        digests = {platform.digest for platform in examination.platforms}
        if len(digests) != 1:
            return ""
        (digest,) = digests
    return f"{image.requested.name}@{digest}"


def _is_dhi(examination: Examination) -> bool:
    """Every platform has evidence that a key of the DHI keyring signed. A key given by the user never says so."""

    def signed_by_dhi(platform: PlatformEvidence) -> bool:
        return any(judged.checked.signer and judged.checked.signer.is_dhi for judged in platform.verified)

    return bool(examination.platforms) and all(map(signed_by_dhi, examination.platforms))


def _platform(platform: PlatformEvidence, outcomes: tuple[RuleOutcome, ...], standing: Verdict) -> PlatformResult:
    return PlatformResult(
        platform=platform.image.name,
        digest=platform.digest,
        verdict=verdict.worst((verdict.of_rules(outcomes), standing)) if outcomes else standing,
        signatures=_signatures(platform.signatures),
        attestations=_attestations(platform.judged),
        rules=outcomes,
        base=platform.base,
    )


_ORDER = (Status.INVALID, Status.UNTRUSTED, Status.UNSIGNED, Status.VERIFIED, Status.UNREAD)  # failures first


def _attestations(judged: Sequence[Judged]) -> tuple[AttestationEntry, ...]:
    entries = map(entry, judged)
    return tuple(
        sorted(entries, key=lambda e: (_ORDER.index(e.status), e.kind, e.predicate_type, e.digest, e.location))
    )


def _signatures(signed: Sequence[ImageSignature]) -> tuple[SignatureEntry, ...]:
    entries = map(signature_entry, signed)
    return tuple(sorted(entries, key=lambda e: (_ORDER.index(e.status), e.signer, e.reason, e.location)))
