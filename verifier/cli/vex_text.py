"""What OpenVEX documents come to, for a person: documents, findings, statements that met nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from verifier.cli.tones import text_of
from verifier.report.escape import printable
from verifier.report.text_format import Line
from verifier.verification.openvex import VexDocumentEntry, VexFinding, VexPlatform, VexReport, VexUnmatched, VexWord

_FEW = 10  # statements that met nothing, named for each reason


def vex_text(report: VexReport, *, everything: bool, colours: bool) -> str:
    """The report as lines; with `everything`, all statements that met nothing."""
    return text_of(_lines(report, everything), colours=colours)


def _lines(report: VexReport, everything: bool) -> Iterator[Line]:
    yield Line(f"{printable(report.reference)}  {report.digest}", tone="head")
    for platform in report.platforms:
        yield from _platform(platform, everything)
        yield Line("")
    yield from (Line(f"relaxed: {printable(relaxation)}", tone="warn") for relaxation in report.relaxations)
    yield Line("nothing was judged: `dhiverify image` decides whether an image may run", tone="note")


def _platform(platform: VexPlatform, everything: bool) -> Iterator[Line]:
    yield Line(f"{printable(platform.platform)}  {platform.digest}", tone="head")
    for document in platform.documents:
        yield from _document(document)
    for refused in platform.refused:
        yield Line(f"not applied: {printable(refused.location)} {printable(refused.digest)}".rstrip(), 2, "warn")
        yield Line(printable(refused.reason), 4, "note")
    suppressed = [one for one in platform.findings if one.suppressed]
    kept = [one for one in platform.findings if not one.suppressed]
    silent = platform.found - len(platform.findings)
    yield Line(
        f"of {platform.found} findings: {len(suppressed)} suppressed, {len(kept)} kept, {silent} not spoken of", 2
    )
    for finding in (*kept, *suppressed):
        yield from _finding(finding)
    yield from _unmatched(platform, everything)


def _document(document: VexDocumentEntry) -> Iterator[Line]:
    when = f", {document.time}" if document.time else ""
    yield Line(f"{document.digest}  {document.statements} statements", 2)
    yield Line(f"by {printable(document.author) or '(no author)'}{when}, signed by {printable(document.signer)}", 4)
    yield Line(f"in {printable(document.location)}", 4, "note")
    if document.base:
        yield Line(f"about packages of the base alone: {printable(document.base)}", 4, "note")


def _finding(finding: VexFinding) -> Iterator[Line]:
    named = f"{printable(finding.vulnerability)}  {printable(finding.purl)}"
    if finding.suppressed:
        yield Line(f"SUPPRESSED  {named}", 4, "allow")
    else:
        disputed = any(word.status in ("not_affected", "fixed") for word in finding.words)
        yield Line(f"{'DISPUTED' if disputed else 'KEPT':10}  {named}", 4, "deny" if disputed else "warn")
    yield from (Line(_said(word), 8, "note") for word in finding.words)


def _said(word: VexWord) -> str:
    why = f" ({printable(word.justification)})" if word.justification else ""
    when = f", {word.time}" if word.time else ""
    return f"{printable(word.status)}{why}{when}: statement {word.statement} of {word.document}"


def _unmatched(platform: VexPlatform, everything: bool) -> Iterator[Line]:
    for reason, count in Counter(one.reason for one in platform.unmatched).most_common():
        yield Line(f"{count} statements met nothing: {reason}", 2)
        of_reason = [one for one in platform.unmatched if one.reason == reason]
        yield from (Line(_named(one), 4, "note") for one in (of_reason if everything else of_reason[:_FEW]))
        if count > _FEW and not everything:
            yield Line(f"and {count - _FEW} more (--all names them)", 4, "note")


def _named(one: VexUnmatched) -> str:
    return f"{printable(one.vulnerability)}  {_said(one.word)}"
