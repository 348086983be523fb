"""The rows of a CSV report: what each kind of record says in which column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import msgspec

from verifier.model import (
    AttestationEntry,
    BaseEntry,
    Details,
    Fault,
    FipsModules,
    ImageResult,
    PlatformResult,
    Report,
    ReportedTests,
    Result,
    RuleOutcome,
    Score,
    SignatureEntry,
    StigRule,
    StigScan,
    Violation,
    WaiverEntry,
)
from verifier.report import admission
from verifier.report.findings import CHECKS, read_by


class Row(msgspec.Struct, frozen=True):
    """One record; an empty column does not apply. `record` is one of

    run, image, base, rule, violation, waiver, evidence, signature, stig-scan, stig-rule, fips-module, test, error.

    `attestation`, `predicate_type`, `signer` and `time` say what the record rests on. A rule may rest on several.
    """

    image: str = ""
    image_digest: str = ""
    platform: str = ""
    platform_digest: str = ""
    record: str = ""
    id: str = ""
    title: str = ""
    result: str = ""
    effect: str = ""
    severity: str = ""
    message: str = ""
    remediation: str = ""
    waiver: str = ""
    cci: str = ""
    nist_800_53: str = ""
    requirement: str = ""
    attestation: str = ""
    predicate_type: str = ""
    signer: str = ""
    time: str = ""
    location: str = ""


COLUMNS = Row.__struct_fields__


def rows(report: Report) -> Iterator[Row]:
    yield _run(report)
    for image in report.images:
        yield from _image(image, report.effective_time)
    yield from map(_fault, report.errors)


def _run(report: Report) -> Row:
    """What holds for all images: tool, policy and what was relaxed."""
    policy = f"policy {report.policy.name} ({report.policy.path}, {report.policy.digest})" if report.policy else ""
    root = report.trusted_root
    trusted = f"trusted root {root.source} ({root.digest})" if root else ""
    return Row(
        record="run",
        title=report.tool,
        result=report.verdict,
        message=_joined((policy, trusted, *(f"relaxed: {text}" for text in report.relaxations))),
        time=report.effective_time,
    )


def _image(image: ImageResult, time: str) -> Iterator[Row]:
    about = partial(Row, image=image.reference, image_digest=image.digest)
    yield about(
        record="image",
        id=image.pinned,
        title=admission.TITLE,
        result=image.verdict,
        effect="enforce" if image.enforced else "warn",
        message=_joined((*image.reasons, *image.notes)),
        cci=admission.CCI,
        nist_800_53=admission.CONTROL,
        requirement=f"{admission.VULNERABILITY} {admission.REQUIREMENT}",
        time=time,
    )
    yield from (_waiver(about, waiver) for waiver in image.waivers)
    yield from _evidence(about, image)
    for platform in image.platforms:
        yield from _platform(image, platform)


def _platform(image: ImageResult, platform: PlatformResult) -> Iterator[Row]:
    about = partial(
        Row,
        image=image.reference,
        image_digest=image.digest,
        platform=platform.platform,
        platform_digest=platform.digest,
    )
    if platform.base:
        yield _base(about, platform.base)
    for rule in platform.rules:
        yield from _rule(about, rule, read_by(rule, (*image.attestations, *platform.attestations)))
    yield from _evidence(about, platform)
    if platform.details:
        yield from _details(about, platform.details)


def _base(about: partial[Row], base: BaseEntry) -> Row:
    """What the platform is built on. The result is the relation, as far as it is proved."""
    judged = f"the base by policy {base.policy}: {base.verdict}" if base.policy else ""
    return about(
        record="base",
        id=base.reference,
        title="The image that this one is built on",
        result=base.relation,
        message=_joined((base.reason, judged, *base.reasons)),
        signer=_each(base.signers),
        time=base.built,
        location=base.digest,
    )


def _rule(about: partial[Row], rule: RuleOutcome, read: tuple[AttestationEntry, ...]) -> Iterator[Row]:
    rests = partial(
        about,
        id=rule.id,
        title=rule.title,
        effect=rule.effect,
        attestation=" ".join(rule.evidence),
        predicate_type=_each(entry.predicate_type for entry in read),
        signer=_each(entry.signer for entry in read),
        time=_each(entry.time for entry in read),
    )
    result = str(rule.result)
    yield rests(
        record="rule", result=result, message=rule.message, remediation=rule.remediation, waiver=rule.waiver or ""
    )
    yield from (rests(**_violation(rule, violation)) for violation in rule.violations)


def _violation(rule: RuleOutcome, violation: Violation) -> dict[str, str]:
    waiver = violation.waiver or rule.waiver or ""
    severity = violation.detail.get("severity", "")
    return {
        "record": "violation",
        "result": "waived" if waiver else str(Result.FAIL),
        "severity": severity if isinstance(severity, str) else "",
        "message": violation.message,
        "remediation": violation.remediation,
        "waiver": waiver,
    }


def _waiver(about: partial[Row], waiver: WaiverEntry) -> Row:
    return about(
        record="waiver",
        platform=" ".join(waiver.platforms),
        id=waiver.rule,
        title=" ".join(part for part in (waiver.vulnerability, waiver.purl, waiver.digest) if part),
        result=waiver.state,
        message=_joined((waiver.reason, waiver.note)),
        waiver=f"{waiver.ticket} ({waiver.owner}, until {waiver.expires})",
        time=waiver.expires,
    )


def _evidence(about: partial[Row], found: ImageResult | PlatformResult) -> Iterator[Row]:
    yield from (_signature(about, signature) for signature in found.signatures)
    for entry in found.attestations:
        yield about(
            record="evidence",
            id=entry.kind,
            result=entry.status,
            message=entry.reason,
            remediation=entry.hint,
            location=entry.location,
            **_source(entry),
        )


def _signature(about: partial[Row], signature: SignatureEntry) -> Row:
    return about(
        record="signature",
        id=signature.subject,
        title=_joined(f"{name}={text}" for name, text in signature.annotations.items()),
        result=signature.status,
        message=signature.reason,
        remediation=signature.hint,
        signer=signature.signer,
        time=signature.time,
        location=signature.location,
    )


def _details(about: partial[Row], details: Details) -> Iterator[Row]:
    for scan in details.stig:
        yield _scan(about, scan)
        yield from (_stig_rule(about, scan, rule) for rule in scan.rules)
    for modules in details.fips:
        yield from _fips(about, modules)
    for tests in details.tests:
        yield from _tests(about, tests)
    yield from (about(record="error", id="unreadable", result="error", message=text) for text in details.unreadable)


def _scan(about: partial[Row], scan: StigScan) -> Row:
    counts = ", ".join(f"{number} {word}" for word, number in scan.counts.items() if number)
    scores = (_score("default score", scan.default_score), _score("flat score", scan.flat_score))
    return about(
        record="stig-scan",
        id=scan.profile or scan.name,
        title=scan.profile_title or scan.name,
        message=_joined((counts, *scores, f"scanned by {scan.scanner}" if scan.scanner else "", *scan.contradictions)),
        requirement=_benchmark(scan),
        **_source(scan.attestation) | {"time": scan.finished or scan.attestation.time},
    )


def _score(name: str, score: Score | None) -> str:
    if score is None or score.computed is None:
        return ""
    return f"{name} {score.computed:.9g} of {score.maximum or 0:.9g}"


def _benchmark(scan: StigScan) -> str:
    return " ".join(part for part in (scan.benchmark_title or scan.benchmark, scan.benchmark_version) if part)


def _stig_rule(about: partial[Row], scan: StigScan, rule: StigRule) -> Row:
    return about(
        record="stig-rule",
        id=rule.vulnerability or rule.id,
        title=rule.title,
        result=rule.result,
        severity=rule.severity,
        message=_joined(rule.messages),
        remediation=rule.fix,
        cci=" ".join(rule.ccis),
        nist_800_53=" ".join(rule.controls),
        requirement=" ".join(part for part in (rule.rule or rule.id, rule.version) if part),
        **_source(scan.attestation) | {"time": rule.time or scan.finished or scan.attestation.time},
    )


def _fips(about: partial[Row], found: FipsModules) -> Iterator[Row]:
    for module in found.modules:
        sunset = f"sunset {module.sunset_date}" if module.sunset_date else ""
        yield about(
            record="fips-module",
            id=module.package,
            title=f"{module.name} {module.version}",
            result=module.status,
            message=_joined((module.standard, sunset, module.certification_url)),
            requirement=module.certification,
            **_source(found.attestation),
        )


def _tests(about: partial[Row], found: ReportedTests) -> Iterator[Row]:
    for case in found.cases:
        yield about(
            record="test",
            id=case.name,
            result=case.status,
            message=case.message,
            requirement="FIPS" if case.fips else "",
            **_source(found.attestation),
        )


def _source(entry: AttestationEntry) -> dict[str, str]:
    """Where a line comes from: the way back to signed bytes."""
    return {
        "attestation": entry.digest,
        "predicate_type": entry.predicate_type,
        "signer": entry.signer,
        "time": entry.time,
    }


def _fault(fault: Fault) -> Row:
    check = CHECKS.get(fault.exit_code)
    return Row(
        image=fault.image,
        record="error",
        id=check.id if check else "",
        title=check.title if check else "",
        result="error",
        message=fault.message,
        remediation=fault.hint,
    )


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(text for text in texts if text)


def _each(texts: Iterable[str]) -> str:
    """The different ones, in order."""
    return " ".join(dict.fromkeys(text for text in texts if text))
