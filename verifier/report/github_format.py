"""Annotations for GitHub Actions, as commands on stdout: an error for what denies, a warning or notice for the rest.

GitHub shows ten of each level and step, so the gravest come first and a last notice counts what is left out. This is
the one format that gives orders to a runner, and it gives none that a foreign text could have written. Follows
"Workflow commands for GitHub Actions" of https://docs.github.com/actions/reference (facts as of 2026-08).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report, Verdict
from verifier.report.escape import printable
from verifier.report.findings import Finding, findings
from verifier.report.interface import Per

_LEVELS = ("error", "warning", "notice")
_TITLE = 200  # characters; GitHub cuts at 255


class GithubFormat:
    name = "github"
    description = "annotations of a GitHub Actions step, the gravest first"
    suffix = "github.txt"
    details = ()
    per: Per = "run"

    def render(self, report: Report) -> str:
        found = sorted(_annotations(report), key=lambda one: (_LEVELS.index(one.level), one.in_rule))
        lines = []
        for level, ones in groupby(found, key=lambda one: one.level):
            room = DEFAULT_LIMITS.shown_annotations - (level == "notice")
            lines += [one.command for one in list(ones)[:room]]
        return "\n".join((*lines, _closing(report, len(found) - len(lines)), ""))


class Annotation(msgspec.Struct, frozen=True):
    """What one rule, or a refusal beside the rules, has to say about one image."""

    level: str
    title: str
    lines: tuple[str, ...]
    in_rule: bool

    @property
    def command(self) -> str:
        return command(self.level, self.title, self.lines)


def command(level: str, title: str, lines: Sequence[str]) -> str:
    """One workflow command on one line. What is foreign in it can neither end it nor start another."""
    name = _data(printable(title, _TITLE)).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{'%0A'.join(_data(printable(line)) for line in lines)}"


def _data(text: str) -> str:
    """The text as data of a command; it has no line ends any more."""
    return text.replace("%", "%25")


def _annotations(report: Report) -> Iterator[Annotation]:
    """One for each image and rule, whatever the number of platforms and violations."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings(report):
        groups.setdefault((finding.image.reference, finding.check, _level(finding)), []).append(finding)
    for (reference, check, level), found in groups.items():
        yield Annotation(level, f"{check}: {reference}", tuple(_lines(found)), found[0].rule is not None)


def _level(finding: Finding) -> str:
    if finding.level == "warning" and finding.waiver:
        return "notice"
    return finding.level


_MESSAGES = 5  # of one annotation, which is a sign and no report


def _lines(found: Sequence[Finding]) -> Iterator[str]:
    first = found[0]
    if first.rule:
        yield f"must hold: {first.title}"
    messages = list(dict.fromkeys(finding.message for finding in found))
    yield from messages[:_MESSAGES]
    if len(messages) > _MESSAGES:
        yield f"… and {len(messages) - _MESSAGES} more"
    platforms = ", ".join(dict.fromkeys(finding.where for finding in found if finding.where))
    if platforms:
        yield f"on {platforms}"
    if first.waiver:
        yield f"waived by {first.waiver}"
    if first.remediation:
        yield f"next: {first.remediation}"


def _closing(report: Report, left: int) -> str:
    allowed = sum(image.verdict in (Verdict.ALLOW, Verdict.WARN) for image in report.images)
    said = [
        f"{report.verdict}: {allowed} of {len(report.images)} images may run, exit code {report.exit_code}",
        *(f"relaxed: {relaxation}" for relaxation in report.relaxations),
    ]
    if left:
        said.append(f"{left} more annotations are left out; the other report formats have them")
    return command("notice", "dhiverify", said)
