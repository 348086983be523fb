"""The report as JUnit XML: a suite for each image and platform, a case for each rule.

A rule that could not be evaluated is what JUnit calls an error: the test did not come to a result. What refuses an
image beside its rules is a case of its own, so that no reader ever sees only passed cases, or none, for a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.model import ImageResult, PlatformResult, Report, Result, RuleOutcome, Verdict, Violation
from verifier.report.findings import Finding, denies, findings
from verifier.report.interface import Per
from verifier.report.junit import JUnitCase, JUnitSuite, junit


class JUnitFormat:
    name = "junit"
    description = "JUnit XML for the test views of pipelines; a case for each rule and platform"
    suffix = "xml"
    details = ()
    per: Per = "run"

    def render(self, report: Report) -> str:
        return junit("dhiverify", tuple(_suites(report)))


def _suites(report: Report) -> Iterator[JUnitSuite]:
    beside = [finding for finding in findings(report) if finding.rule is None]
    known = {id(image) for image in report.images}  # two of them may have one reference
    for image in report.images:
        yield from _of_image(image, [finding for finding in beside if finding.image is image])
    for finding in beside:
        if id(finding.image) not in known:
            yield JUnitSuite(finding.image.reference, (_case(finding),))


def _of_image(image: ImageResult, beside: list[Finding]) -> Iterator[JUnitSuite]:
    whole = tuple(_case(finding) for finding in beside if finding.platform is None)
    if whole:
        yield JUnitSuite(image.reference, whole)
    for platform in image.platforms:
        rules = (_rule(image, platform, rule) for rule in platform.rules)
        cases = (*(_case(finding) for finding in beside if finding.platform is platform), *rules)
        if cases:
            yield JUnitSuite(f"{image.reference} {platform.platform}".rstrip(), cases)


def _class(image: ImageResult, platform: str) -> str:
    """Readers take what stands after the last dot for the class, and the rest for its package."""
    return f"{image.reference}.{platform or 'image'}"


def _case(finding: Finding) -> JUnitCase:
    classname, told = _class(finding.image, finding.where), _next(finding.remediation)
    if finding.level == "warning":
        return JUnitCase(finding.check, classname, output=(f"warning: {finding.message}", *told))
    if finding.image.verdict is Verdict.ERROR:
        return JUnitCase(finding.check, classname, error=finding.message, details=told)
    return JUnitCase(finding.check, classname, failure=finding.message, details=told)


def _rule(image: ImageResult, platform: PlatformResult, rule: RuleOutcome) -> JUnitCase:
    classname, message = _class(image, platform.platform), rule.message or rule.title or rule.id
    if rule.result is Result.SKIPPED:
        return JUnitCase(rule.id, classname, skipped=message)
    if rule.result is Result.PASS:
        return JUnitCase(rule.id, classname, output=(rule.message,) if rule.message else ())
    told = (*_more(rule, message), *_next(rule.remediation))
    if not denies(rule) or not image.enforced:
        return JUnitCase(rule.id, classname, output=(f"{_softened(image, rule)}: {message}", *told))
    if rule.result is Result.UNKNOWN:
        return JUnitCase(rule.id, classname, error=message, details=told)
    return JUnitCase(rule.id, classname, failure=message, details=told)


def _softened(image: ImageResult, rule: RuleOutcome) -> str:
    """Why it passes although the rule does not."""
    if rule.waiver is not None:
        return f"waived by {rule.waiver}"
    return "warning" if image.enforced else "not enforced"


def _more(rule: RuleOutcome, message: str) -> list[str]:
    """What was expected, and what was found as far as the message does not say it."""
    found = dict.fromkeys(map(_told, rule.violations))
    return [f"must hold: {rule.title}", *(text for text in found if text != message)]


def _told(violation: Violation) -> str:
    return f"waived: {violation.message}" if violation.waiver else violation.message


def _next(remediation: str) -> tuple[str, ...]:
    return (f"next: {remediation}",) if remediation else ()
