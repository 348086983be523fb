"""A STIG scan as a checklist: what CKL (STIG Viewer 2), CKLB (STIG Viewer 3) and HDF have in common.

A checklist has four statuses where XCCDF has nine results, and one line for each rule where XCCDF may have several
results. So the scan's own words stand in the finding details of every line, and each line says where it comes from:
readers take lines apart, and most show nothing of the checklist around them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from verifier.errors import UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import ImageResult, PlatformResult, Report, StigRule, StigScan
from verifier.report.escape import printable
from verifier.report.xml_text import plain

_HOST_NAME = 255  # UTF-16 units; STIG Manager refuses longer ones
_LINE = 500  # characters of one on where a scan comes from, escapes counted: they stand beside every rule


class Status(StrEnum):
    """Of a line. The value is that of CKL."""

    OPEN = "Open"
    NOT_REVIEWED = "Not_Reviewed"
    NOT_A_FINDING = "NotAFinding"
    NOT_APPLICABLE = "Not_Applicable"


STATUSES = {
    "pass": Status.NOT_A_FINDING,
    "fixed": Status.NOT_A_FINDING,
    "fail": Status.OPEN,
    "notapplicable": Status.NOT_APPLICABLE,
    "notchecked": Status.NOT_REVIEWED,
    "notselected": Status.NOT_REVIEWED,
    "informational": Status.NOT_REVIEWED,
    "unknown": Status.NOT_REVIEWED,
    "error": Status.NOT_REVIEWED,
}
"""By XCCDF's word. What is not there was not reviewed."""

SEVERITIES = {"high": "high", "medium": "medium", "low": "low", "info": "low"}
"""By XCCDF's word: DISA's categories I, II and III. Any other is `medium`, as most of DISA's rules are."""

_WORST_FIRST = tuple(Status)


class Scanned(msgspec.Struct, frozen=True):
    """A report about one scan, and what it holds."""

    report: Report
    image: ImageResult
    platform: PlatformResult
    scan: StigScan


class Line(msgspec.Struct, frozen=True):
    """A rule with all of its results, in the scan's order. `rule` is the one with the worst of them."""

    rule: StigRule
    results: tuple[StigRule, ...]

    @property
    def status(self) -> Status:
        return status(self.rule)

    @property
    def severity(self) -> str:
        """high, medium or low, whatever else the scan says."""
        return SEVERITIES.get(self.rule.severity, "medium")

    @property
    def vulnerability(self) -> str:
        """The group id (V-203739), or what else tells the rule apart."""
        return printable(self.rule.vulnerability or self.rule.rule or self.rule.id)

    @property
    def rule_id(self) -> str:
        """The rule id (SV-203739r987791_rule), or the id as in the document."""
        return printable(self.rule.rule or self.rule.id)


def scanned(report: Report) -> Scanned:
    """The one scan of a report. Raises `UsageError` where it has no results."""
    (image,) = report.images
    (platform,) = image.platforms
    (scan,) = platform.details.stig if platform.details else ()
    if not scan.document:
        where = printable(f"{image.reference} {platform.platform}".rstrip())
        raise UsageError(
            f"the STIG attestation {scan.attestation.digest} of {where} holds no XCCDF results"
            f" of the profile {printable(scan.name) or 'without a name'}",
            hint="Leave the format out for this image; `dhiverify stig show` says what the attestation holds.",
        )
    return Scanned(report, image, platform, scan)


def status(rule: StigRule) -> Status:
    return STATUSES.get(rule.result, Status.NOT_REVIEWED)


def lines(scan: StigScan) -> tuple[Line, ...]:
    """One for each rule, in the scan's order.

    Raises `UsageError` for a scan without any: a checklist without rules is none, and readers refuse it.
    """
    found: dict[str, list[StigRule]] = {}
    for rule in scan.rules:  # by the id that is written: of two lines with one id, readers keep the last
        found.setdefault(printable(rule.rule or rule.id), []).append(rule)
    if not found:
        raise UsageError(
            f"the XCCDF results of the STIG attestation {scan.attestation.digest} hold no result of any rule",
            hint="Leave the format out for this image; --output xccdf has the document as it is.",
        )
    return tuple(Line(min(rules, key=_badness), tuple(rules)) for rules in found.values())


def _badness(rule: StigRule) -> int:
    return _WORST_FIRST.index(status(rule))


def host_name(about: Scanned) -> str:
    """What the scan calls its target, else the image; never empty, and as long as readers take."""
    named = printable(about.scan.target).strip() or printable(about.image.reference).strip() or about.image.digest
    return named.encode("utf-16-le")[: 2 * _HOST_NAME].decode("utf-16-le", "ignore")


def benchmark(scan: StigScan) -> str:
    """The id of the benchmark; where the results name none, that of the profile. Never empty."""
    return printable(scan.benchmark or scan.profile or scan.name).strip() or "unknown"


def title(scan: StigScan) -> str:
    return printable(scan.benchmark_title or scan.benchmark or scan.profile_title or scan.name)


def identity(about: Scanned) -> tuple[str, ...]:
    """What tells a scan apart from all others, for identifiers."""
    scan = about.scan
    return scan.attestation.digest, scan.image_digest, scan.name, scan.profile, scan.benchmark


def origin(about: Scanned) -> str:
    """Where the results come from, a line for each thing; the most important first, since readers cut."""
    scan, entry = about.scan, about.scan.attestation
    made = (
        f"STIG scan of {scan.image_digest}, signed in attestation {entry.digest}",
        f"Predicate type: {entry.predicate_type}",
        f"Signed by: {entry.signer}" if entry.signer else "",
        f"Time of the evidence: {entry.time}" if entry.time else "",
        f"Image: {about.image.pinned or about.image.reference} {about.platform.platform}".rstrip(),
        f"Profile: {scan.profile}" if scan.profile else "",
        f"Scanner: {scan.scanner}" if scan.scanner else "",
        f"Scan finished: {scan.finished}" if scan.finished else "",
        f"Verified and exported by: {about.report.tool}",
    )
    return "\n".join(printable(text)[:_LINE] for text in (*made, *contradictions(scan)) if text)


def contradictions(scan: StigScan) -> Iterator[str]:
    """Sentences on where the scan disagrees with itself, so that nobody takes its results for consistent."""
    shown = DEFAULT_LIMITS.checklist_contradictions
    for text in scan.contradictions[:shown]:
        yield f"Contradiction in the scan: {printable(text, _LINE)}"
    more = len(scan.contradictions[shown:])
    if more:
        yield f"Contradictions in the scan that are not named here: {more}"


def finding_details(line: Line) -> str:
    """What the scan says of a rule, in its own words; what others wrote is indented."""
    told = [text for rule in line.results for text in _result(rule)]
    if line.rule.severity != line.severity:
        told.append(f"Severity in the scan: {line.rule.severity}")
    if line.rule.rationale:
        told += ["Rationale in the benchmark:", _quoted(line.rule.rationale)]
    return plain("\n".join(told), DEFAULT_LIMITS.checklist_text)


def _result(rule: StigRule) -> Iterator[str]:
    yield f"Result: {rule.result}" + (f" ({rule.time})" if rule.time else "")
    yield from map(_quoted, rule.messages)


def _quoted(text: str) -> str:
    """No line of it can be taken for one of ours."""
    return textwrap.indent(plain(text), "  ")
