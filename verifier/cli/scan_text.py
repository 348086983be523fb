"""STIG scans for a person and for a program: what was scanned, the scores, and each rule with its result."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from verifier.cli.tones import clipped, columns, text_of
from verifier.model import AttestationEntry, ImageResult, PlatformResult, Score, StigRule, StigScan
from verifier.report.escape import printable
from verifier.report.json_format import as_json
from verifier.report.text_format import Line

_ORDER = ("fail", "error", "unknown", "notchecked", "pass", "fixed", "informational", "notselected", "notapplicable")
_SEVERITIES = ("high", "medium", "low", "info", "unknown")
_TONES = {"fail": "deny", "error": "deny", "unknown": "deny", "pass": "allow", "fixed": "allow", "notchecked": "warn"}
_TEXTS = ("discussion", "rationale", "check", "fix")
_WIDEST = 60  # characters of a column; one long id must not pad every line
_NARROWEST = 60  # columns; a narrower terminal wraps by itself
_HEADINGS = ("result", "severity", "rule", "CCI", "800-53", "title")


class Chosen(msgspec.Struct, frozen=True):
    """Which rules are shown; () is all. Counts and scores are always those of the whole scan."""

    results: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()

    def of(self, scan: StigScan) -> tuple[StigRule, ...]:
        return tuple(
            rule
            for rule in scan.rules
            if (not self.results or rule.result in self.results)
            and (not self.severities or rule.severity in self.severities)
        )


def scans_json(image: ImageResult, chosen: Chosen, *, texts: bool) -> str:
    """A list of scans, of all platforms."""
    scans = [_narrowed(scan, chosen, texts=texts) for platform in image.platforms for scan in scans_of(platform)]
    return as_json(scans)


def scans_of(platform: PlatformResult) -> tuple[StigScan, ...]:
    return platform.details.stig if platform.details else ()


def _narrowed(scan: StigScan, chosen: Chosen, *, texts: bool) -> StigScan:
    rules = chosen.of(scan)
    if texts:
        return msgspec.structs.replace(scan, rules=rules)
    bare = tuple(msgspec.structs.replace(rule, **dict.fromkeys(_TEXTS, "")) for rule in rules)
    return msgspec.structs.replace(scan, rules=bare, document=b"")


def scans_text(image: ImageResult, chosen: Chosen, relaxations: Sequence[str], *, colours: bool) -> str:
    return text_of(_lines(image, chosen, relaxations, columns(terminal=colours)), colours=colours)


def _lines(image: ImageResult, chosen: Chosen, relaxations: Sequence[str], width: int | None) -> Iterator[Line]:
    for platform in image.platforms:
        yield from heading(platform)
        if not scans_of(platform):
            yield Line("no verified STIG scan", 2, "warn")
        for scan in scans_of(platform):
            yield from _scan(scan, chosen, width)
        yield Line("")
    yield from (Line(f"relaxed: {printable(relaxation)}", tone="warn") for relaxation in relaxations)
    yield Line("nothing was judged: `dhiverify image` decides whether an image may run", tone="note")


def heading(platform: PlatformResult) -> Iterator[Line]:
    """The platform, and what could not be decoded of it."""
    yield Line(f"{printable(platform.platform) or 'image'}  {printable(platform.digest)}", tone="head")
    for fault in platform.details.unreadable if platform.details else ():
        yield Line(printable(fault), 2, "deny")


def proof(entry: AttestationEntry) -> Iterator[Line]:
    """Where a fact comes from: the way back to the signed bytes."""
    facts = (("evidence", entry.digest), ("signed by", entry.signer), ("dated", entry.time))
    yield from (Line(f"{name:<11}{printable(text)}", 4) for name, text in facts if text)


def _scan(scan: StigScan, chosen: Chosen, width: int | None) -> Iterator[Line]:
    yield Line(printable(scan.profile_title or scan.name or scan.profile) or "a profile without a name", 2, "head")
    facts = (
        ("named", scan.name if scan.profile_title else ""),
        ("profile", scan.profile),
        (
            "benchmark",
            " ".join(part for part in (scan.benchmark_title or scan.benchmark, scan.benchmark_version) if part),
        ),
        ("scanner", scan.scanner),
        ("target", scan.target),
        ("scanned", " to ".join(part for part in (scan.started, scan.finished) if part)),
    )
    yield from (Line(f"{name:<11}{printable(text)}", 4) for name, text in facts if text)
    yield from proof(scan.attestation)
    held = ", ".join(name for name, there in (("xccdf", scan.document), ("html", scan.html)) if there)
    yield Line(f"{'documents':<11}{held or 'none'}", 4)
    if not scan.document:
        yield Line("no XCCDF results: its summary is a claim that nobody can look into", 4, "deny")
    else:
        counts = ", ".join(f"{scan.counts[word]} {word}" for word in _ORDER if scan.counts.get(word))
        yield Line(f"{'rules':<11}{sum(scan.counts.values())}: {counts}", 4)
    for name, score in (("default", scan.default_score), ("flat", scan.flat_score)):
        if score:
            yield Line(f"{name:<11}{_score(score)}", 4)
    yield from (Line(f"contradiction: {printable(said)}", 4, "deny") for said in scan.contradictions)
    yield from _table(chosen.of(scan), width)


def _score(score: Score) -> str:
    said = (
        ("computed", score.computed, score.maximum),
        ("stated", score.stated, score.stated_maximum),
        ("summary", score.summary, score.summary_maximum),
    )
    return " · ".join(f"{name} {_number(value)}{_of(most)}" for name, value, most in said if value is not None)


def _of(maximum: float | None) -> str:
    return "" if maximum is None else f" of {_number(maximum)}"


def _number(value: float) -> str:
    """With as many decimals as OpenSCAP prints, and none that say nothing."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _table(rules: Sequence[StigRule], width: int | None) -> Iterator[Line]:
    """Failed rules first. On a terminal titles are clipped, but for those of rules that want attention."""
    if not rules:
        return
    ordered = sorted(rules, key=lambda rule: (_ORDER.index(rule.result), _SEVERITIES.index(rule.severity)))
    rows = [_HEADINGS, *map(_cells, ordered)]
    widths = [min(max(len(row[column]) for row in rows), _WIDEST) for column in range(len(_HEADINGS) - 1)]
    yield Line("")
    for row, tone in zip(rows, ["note", *(_TONES.get(rule.result, "note") for rule in ordered)], strict=True):
        fixed = "  ".join(f"{cell:<{columns}}" for cell, columns in zip(row[:-1], widths, strict=True))
        yield from _row(fixed, row[-1], tone, width and max(width - 4, _NARROWEST))


def _row(fixed: str, title: str, tone: str, width: int | None) -> Iterator[Line]:
    whole = f"{fixed}  {title}".rstrip()
    if width is None or len(whole) <= width:
        yield Line(whole, 4, tone)
    elif tone not in ("deny", "warn"):
        yield Line(clipped(whole, width), 4, tone)
    else:  # a line inside the title may begin with what the title itself does not begin with
        yield Line(fixed.rstrip(), 4, tone)
        yield from (Line(printable(line), 8) for line in textwrap.wrap(title, width - 4))


def _cells(rule: StigRule) -> tuple[str, ...]:
    named = rule.vulnerability or rule.rule or rule.id
    texts = (rule.result, rule.severity, named, " ".join(rule.ccis), ", ".join(rule.controls), rule.title)
    return tuple(printable(text) for text in texts)
