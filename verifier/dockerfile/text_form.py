"""The report for a person: findings as `file:line:column`, each with its line, a caret and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from verifier.dockerfile.bases import ImageEntry
from verifier.dockerfile.report import DockerfileReport, FindingEntry
from verifier.report.escape import printable

Style = Callable[[str, str], str]
"""Gives a text the colour of a tone: `error`, `warning`, `note`, a verdict, or `dim`."""

_REASONS = 3
_TABS = str.maketrans("\t", " ")  # the caret has to stand below the same column


def plain(text: str, tone: str) -> str:
    return text


def as_text(report: DockerfileReport, style: Style = plain) -> str:
    """Every foreign text in it is fit for a terminal."""
    return "".join(f"{line}\n" for line in _lines(report, style))


def _lines(report: DockerfileReport, style: Style) -> Iterator[str]:
    for finding in report.findings:
        yield from _finding(finding, style)
    for image in report.images:
        yield from _image(image, style)
    for relaxation in report.relaxations:
        yield style(f"relaxed: {printable(relaxation)}", "warning")
    yield from _closing(report, style)


def _finding(finding: FindingEntry, style: Style) -> Iterator[str]:
    place = f"{printable(finding.file)}:{finding.line}:{finding.column}"
    yield f"{place}: {style(finding.severity, finding.severity)}: {printable(finding.message)} [{finding.id}]"
    if finding.source.strip():
        yield from _excerpt(finding, style)
    if finding.remedy:
        yield f"    next: {printable(finding.remedy)}"


def _excerpt(finding: FindingEntry, style: Style) -> Iterator[str]:
    text, start = finding.source.translate(_TABS), finding.source_column - 1
    one_line = finding.end_line == finding.line
    length = finding.end_column - finding.column if one_line else len(text.rstrip()) - start
    marked = printable(text[start : start + max(length, 1)])
    margin = " " * len(printable(text[:start])) if start else ""
    number = f"{finding.line:>5} | "
    yield style(f"{number}{printable(text)}", "dim")
    yield style(f"{' ' * (len(number) - 2)}| {margin}^{'~' * (len(marked) - 1)}", finding.severity)


def _image(image: ImageEntry, style: Style) -> Iterator[str]:
    said = not image.digest or image.digest in image.reference
    name = image.reference if said else f"{image.reference}@{image.digest}"
    word = style(image.verdict.upper(), image.verdict)
    yield f"{word}  {printable(name)}{'' if image.enforced else ' (not enforced)'}"
    for reason in image.reasons[:_REASONS] if image.exit_code else ():
        yield f"    {printable(reason)}"


def _closing(report: DockerfileReport, style: Style) -> Iterator[str]:
    files = len(report.files)
    counts = [f"{number} {word}{'s' * (number != 1)}" for word, number in report.counted().items() if number]
    policy = f" · policy {printable(report.policy.name)} ({printable(report.policy.path)})" if report.policy else ""
    effective = f" · as of {report.effective_time}" if report.effective_time else ""
    found = ", ".join(counts) or "nothing to complain about"
    tone = "error" if report.exit_code else "allow"
    yield style(f"{files} file{'s' * (files != 1)}: {found}{policy}{effective} · exit code {report.exit_code}", tone)
