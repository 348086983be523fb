"""What speaks against images, as a flat list: a finding for each violation, each refusal without a rule, each error.

Formats that are lists walk the report through here, so that they agree on what is a finding and how grave it is. An
image that is not allowed has at least one: no reader of a list may take a refusal or an error for a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from verifier.model import (
    AttestationEntry,
    Fault,
    ImageResult,
    PlatformResult,
    Report,
    Result,
    RuleOutcome,
    Verdict,
    Violation,
)

Level = Literal["error", "warning"]

BAD = (Result.FAIL, Result.UNKNOWN)


class Check(msgspec.Struct, frozen=True):
    """What refuses an image beside its rules. `id` stands where a rule's would."""

    id: str
    title: str
    remediation: str = ""


UNPROVED = Check(
    "dhiverify-unproved-platform",
    "Verified evidence speaks about every platform",
    "Ask the publisher for evidence of this platform, or narrow the choice with --platform.",
)
NOT_ENFORCED = Check("dhiverify-not-enforced", "The policy enforces its rules on this image")
NOT_JUDGED = Check("dhiverify-not-judged", "Rules were evaluated")
REFUSED = Check("dhiverify-refused", "The policy allows this image")
CHECKS = {
    1: REFUSED,
    2: Check("dhiverify-configuration", "The run is set up as it should be"),
    3: Check(
        "dhiverify-no-evidence",
        "There is signed evidence",
        "Check the reference; of a mirrored image name the repository with its evidence by --attestation-repo.",
    ),
    4: Check(
        "dhiverify-untrusted-evidence",
        "The evidence is trusted",
        "See the reasons; name a publisher's key with --key only if you trust that publisher.",
    ),
    5: Check("dhiverify-registry", "The registry gives what it is asked for"),
    6: Check("dhiverify-access", "The registry grants access"),
    7: Check("dhiverify-internal", "dhiverify works without a fault"),
}
"""By exit code."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that speaks against an image, on one platform or (`platform` is None) as a whole.

    `check` is the id of a rule, or of a `Check`. `result` is fail, unknown or error. An `error` denies, a `warning`
    does not: because of the rule's effect, a waiver (named by `waiver`), or an image on which nothing is enforced.
    """

    image: ImageResult
    check: str
    title: str
    result: str
    level: Level
    message: str
    platform: PlatformResult | None = None
    remediation: str = ""
    detail: dict[str, Any] = {}
    waiver: str = ""
    rule: RuleOutcome | None = None

    @property
    def where(self) -> str:
        """The platform's name; "" for the image as a whole."""
        return self.platform.platform if self.platform else ""


def findings(report: Report) -> Iterator[Finding]:
    """All of them, in the order of the report."""
    for image in report.images:
        yield from _of_image(image, report.errors)
    failed = {image.reference for image in report.images if image.verdict is Verdict.ERROR}
    yield from (_of_fault(fault) for fault in report.errors if fault.image not in failed)


def foremost(found: Iterable[Finding], limit: int) -> tuple[tuple[Finding, ...], int]:
    """The gravest `limit` of them, and how many are left out."""
    ordered = sorted(found, key=_gravity)
    return tuple(ordered[:limit]), max(len(ordered) - limit, 0)


def _gravity(finding: Finding) -> tuple[bool, bool, bool]:
    """Less is graver. What is alike keeps its order."""
    return finding.level != "error", finding.rule is not None, bool(finding.waiver)


def _of_image(image: ImageResult, faults: Sequence[Fault]) -> Iterator[Finding]:
    """Without evidence the rules have nothing to judge, and what they say would only hide the one finding."""
    judged = image.exit_code not in (3, 4)
    found = [one for platform in image.platforms for one in _of_platform(image, platform)] if judged else []
    if not _explained(image, found):
        yield _whole(image, " ".join(fault.hint for fault in faults if fault.image == image.reference))
    yield from found


def _refused(image: ImageResult) -> bool:
    return bool(image.exit_code) or image.verdict in (Verdict.DENY, Verdict.ERROR)


def _explained(image: ImageResult, found: Sequence[Finding]) -> bool:
    """Whether the findings of its platforms say why this is the verdict."""
    if _refused(image):
        return any(finding.level == "error" for finding in found)
    return image.enforced and any(platform.rules for platform in image.platforms)


def _whole(image: ImageResult, hint: str) -> Finding:
    check = _check(image)
    return Finding(
        image,
        check.id,
        check.title,
        "error" if image.verdict is Verdict.ERROR else "fail",
        "error" if _refused(image) else "warning",
        next(filter(None, image.reasons), f"the verdict is {image.verdict}"),
        remediation=hint or check.remediation,
    )


def _check(image: ImageResult) -> Check:
    if _refused(image):
        return CHECKS.get(image.exit_code, REFUSED)
    return NOT_JUDGED if image.enforced else NOT_ENFORCED


def _of_fault(fault: Fault) -> Finding:
    image = ImageResult(fault.image, "", Verdict.ERROR, exit_code=fault.exit_code, reasons=(fault.message,))
    return _whole(image, fault.hint)


def _of_platform(image: ImageResult, platform: PlatformResult) -> Iterator[Finding]:
    bad = [rule for rule in platform.rules if rule.result in BAD]
    if platform.verdict is Verdict.DENY and not any(map(denies, bad)):
        yield unproved(image, platform)
    for rule in bad:
        for violation in rule.violations or (Violation(rule.message),):
            yield _of_rule(image, platform, rule, violation)


def denies(rule: RuleOutcome) -> bool:
    """Whether this rule alone is reason to refuse the image."""
    return rule.result in BAD and rule.effect != "warn" and rule.waiver is None


def unproved(image: ImageResult, platform: PlatformResult) -> Finding:
    """A platform that is refused although no rule of it denies."""
    return Finding(
        image,
        UNPROVED.id,
        UNPROVED.title,
        "fail",
        "error" if image.enforced else "warning",
        f"no verified evidence speaks about {platform.platform or 'this image'}",
        platform,
        UNPROVED.remediation,
    )


def _of_rule(image: ImageResult, platform: PlatformResult, rule: RuleOutcome, violation: Violation) -> Finding:
    waiver = violation.waiver or rule.waiver or ""
    return Finding(
        image,
        rule.id,
        rule.title or rule.id,
        str(rule.result),
        "error" if denies(rule) and image.enforced and not waiver else "warning",
        violation.message or rule.message or rule.title or rule.id,
        platform,
        violation.remediation or rule.remediation,
        violation.detail,
        waiver,
        rule,
    )


def evidence_of(finding: Finding) -> tuple[AttestationEntry, ...]:
    """The attestations that the rule read, by the digests that it names."""
    entries = (*finding.image.attestations, *(finding.platform.attestations if finding.platform else ()))
    return read_by(finding.rule, entries) if finding.rule else ()


def read_by(rule: RuleOutcome, entries: Iterable[AttestationEntry]) -> tuple[AttestationEntry, ...]:
    """Of these attestations, those that `rule` rests on, in the order in which it names them."""
    by_digest = {entry.digest: entry for entry in entries}
    return tuple(by_digest[digest] for digest in rule.evidence if digest in by_digest)
