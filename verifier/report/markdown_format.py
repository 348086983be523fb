"""Markdown for job summaries and comments on pull requests: verdict first, then what to do, the long parts folded.

It fits a comment; what does not is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report, Status, Verdict
from verifier.report.html.checklist import ScanView
from verifier.report.html.view import ImageView, PlatformView, RuleView, views, word
from verifier.report.interface import Per
from verifier.report.markdown_text import NOTHING, Section, code, fitted, folded, row, table, words

_SIGNS = {Verdict.ALLOW: "✅", Verdict.WARN: "⚠️", Verdict.DENY: "❌", Verdict.ERROR: "🚫"}
_STANDINGS = {"fail": "❌ fail", "unknown": "❓ unknown", "warn": "⚠️ warn", "waived": "⚠️ waived"}
_TOLD = 3  # violations of a rule; the others are counted
_BAD_RESULTS = ("fail", "error", "unknown", "notchecked")


class MarkdownFormat:
    name = "markdown"
    description = "for job summaries and comments on pull requests; at most 60 kB"
    suffix = "md"
    details = ("stig", "fips", "tests")
    per: Per = "run"

    def render(self, report: Report) -> str:
        return fitted(tuple(_sections(report)), DEFAULT_LIMITS.markdown_bytes).rstrip("\n") + "\n"


def _sections(report: Report) -> Iterator[Section]:
    """What decides comes first, for every image; what only proves it follows."""
    found = views(report)
    yield _head(report, found)
    yield from _standing(report)
    for view in found:
        yield from _decision(view, several=len(found) > 1)
    for view in found:
        yield from _summaries(view)
    for view in found:
        yield from _folded(view, several=len(found) > 1)


def _head(report: Report, found: tuple[ImageView, ...]) -> Section:
    about = code(report.images[0].reference) if len(found) == 1 else f"{len(found)} images"
    title = f"## {_SIGNS[report.verdict]} {word(report.verdict, report.images)}: {about}"
    policy = f", policy {code(report.policy.name)} ({code(report.policy.path)})" if report.policy else ""
    closing = (
        f"\nVerdict {report.verdict}, exit code {report.exit_code}, as of {code(report.effective_time)}{policy}\n\n"
    )
    columns = ("Verdict", "Image", "Digest", "Hardened image", "Signed by", "Health")
    opening = table(title, columns, (), "").opening
    return Section(opening, tuple(map(_image, found)), closing, "images")


def _image(view: ImageView) -> str:
    image = view.image
    health = f"{image.health.score} of 100, {image.health.grade}" if image.health else NOTHING
    return row(
        f"{_SIGNS[image.verdict]} {image.verdict}{'' if image.enforced else ', not enforced'}",
        code(image.reference),
        code(image.digest),
        "yes" if image.is_dhi else "not proved",
        ", ".join(map(code, view.signers)) or "nobody trusted",
        health,
    )


def _standing(report: Report) -> Iterator[Section]:
    """What a reader must know before believing the rest."""
    if not report.complete:
        yield Section("**This report is not complete:** something could not be read.\n")
    if report.errors:
        rows = (row(code(fault.image), words(fault.message), words(fault.hint)) for fault in report.errors)
        yield table("**Errors**", ("Image", "Error", "What to do"), tuple(rows), "errors")
    if report.relaxations:
        relaxed = tuple(f"- {words(text)}\n" for text in report.relaxations)
        yield Section("**Relaxed for this run**\n\n", relaxed, what="relaxations")


def _decision(view: ImageView, *, several: bool) -> Iterator[Section]:
    title = f"### {code(view.image.reference)}\n\n" if several else ""
    rules = tuple(map(_rule, view.in_the_way))
    if rules:
        columns = ("Result", "Rule", "Platforms", "Found", "What to do")
        yield table(f"{title}**Rules that did not pass**", columns, rules, "rules")
    elif view.image.verdict is not Verdict.ALLOW:
        told = tuple(f"- {words(reason)}\n" for reason in view.image.reasons)
        advice = f"\n**What to do:** {words(view.next_step)}\n\n" if view.next_step else "\n"
        yield Section(f"{title}**Reasons**\n\n", told, advice, "reasons")
    if view.image.waivers:
        yield table("**Waivers**", ("State", "Rule", "Ticket", "Owner", "Until"), tuple(_waivers(view)), "waivers")


def _rule(view: RuleView) -> str:
    rule = view.rule
    told = [words(violation.message or rule.message) for violation in view.violations[:_TOLD]]
    more = len(rule.violations) - _TOLD
    found = "; ".join((*told, f"and {more} more") if more > 0 else told) or words(rule.message)
    platforms = "all" if view.everywhere else ", ".join(map(code, view.platforms))
    return row(
        _STANDINGS[view.standing],
        f"{words(rule.title)} ({code(rule.id)})" if rule.title else code(rule.id),
        platforms,
        f"{found}; waived: {words(rule.waiver)}" if rule.waiver else found,
        words(rule.remediation),
    )


def _waivers(view: ImageView) -> Iterator[str]:
    for waiver in view.image.waivers:
        yield row(waiver.state, code(waiver.rule), words(waiver.ticket), words(waiver.owner), words(waiver.expires))


def _summaries(view: ImageView) -> Iterator[Section]:
    """Base, STIG and FIPS in a few lines."""
    bases = tuple(_bases(view))
    if bases:
        built = ("Built on", "Platform", "Relation", "Verdict on the base", "Signed by")
        yield table("**Bases** (layers above may replace any of their files)", built, bases, "bases")
    scans = tuple(_scan(scan) for checklist in view.checklists for scan in checklist.scans)
    if scans:
        columns: tuple[str, ...] = ("STIG profile", "Platform", "Score", "Results", "Scanner", "Attestation")
        yield table("**STIG scans**", columns, scans, "scans")
    modules = tuple(_modules(view.platforms))
    if modules:
        columns = ("FIPS module", "Platform", "Status", "Certificate", "Sunset")
        yield table("**FIPS modules**", columns, modules, "modules")


def _bases(view: ImageView) -> Iterator[str]:
    for platform in view.image.platforms:
        if base := platform.base:
            signers = ", ".join(map(code, base.signers)) or "nobody trusted"
            yield row(code(base.reference), code(platform.platform), base.relation, base.verdict, signers)


def _scan(view: ScanView) -> str:
    scan, score = view.scan, view.scan.default_score
    counts = ", ".join(f"{number} {result}" for result, number in view.counts) or "no XCCDF results"
    doubts = f"; ⚠️ {len(scan.contradictions)} contradictions" if scan.contradictions else ""
    return row(
        words(scan.profile_title or scan.name or scan.profile),
        code(view.platform),
        NOTHING if score is None or score.computed is None else f"{score.computed:.8g} of 100",
        counts + doubts,
        words(scan.scanner),
        code(scan.attestation.digest),
    )


def _modules(platforms: Iterable[PlatformView]) -> Iterator[str]:
    for platform in platforms:
        details = platform.result.details if platform.result else None
        for module in (module for found in details.fips for module in found.modules) if details else ():
            yield row(
                words(f"{module.name} {module.version}"),
                code(platform.name),
                words(module.status),
                words(module.certification),
                words(module.sunset_date),
            )


def _folded(view: ImageView, *, several: bool) -> Iterator[Section]:
    about = f" of image {view.anchor.rpartition('-')[2]}" if several else ""
    failed = tuple(_failed(view))
    if failed:
        columns: tuple[str, ...] = ("Rule", "Severity", "Requirement", "Results", "CCI", "NIST SP 800-53")
        yield folded(f"STIG rules{about} that did not pass: {len(failed)}", columns, failed, "rules")
    passed = tuple(
        row(str(one.rule.result), words(one.rule.title or one.rule.id), code(one.rule.id)) for one in view.other_rules
    )
    if passed:
        yield folded(f"Other rules{about}: {len(passed)}", ("Result", "Rule", "Name"), passed, "rules")
    evidence = tuple(_evidence(view.parts))
    if evidence:
        columns = ("Status", "Kind", "Predicate type", "Platform", "Signed by", "Time", "Digest")
        yield folded(f"Evidence{about}: {len(evidence)} pieces", columns, evidence, "pieces")


def _failed(view: ImageView) -> Iterator[str]:
    for line in (line for checklist in view.checklists for line in checklist.lines if line.result in _BAD_RESULTS):
        rule = line.rule
        yield row(
            code(rule.vulnerability or rule.rule or rule.id),
            line.severity,
            words(rule.title),
            ", ".join(result or NOTHING for result in line.results),
            words(", ".join(rule.ccis)),
            words(", ".join(rule.controls)),
        )


def _evidence(parts: Iterable[PlatformView]) -> Iterator[str]:
    for part in parts:
        for entry in (proof.entry for proof in part.proofs):
            said = words(entry.reason) if entry.status in (Status.INVALID, Status.UNTRUSTED, Status.UNSIGNED) else ""
            yield row(
                f"{entry.status}: {said}" if said else str(entry.status),
                words(entry.kind),
                code(entry.predicate_type),
                code(part.name),
                code(entry.signer),
                words(entry.time),
                code(entry.digest),
            )
        for one in part.signatures:
            yield row(
                str(one.status),
                "signature",
                NOTHING,
                code(part.name),
                code(one.signer),
                words(one.time),
                code(one.subject),
            )
