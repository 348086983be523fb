"""STIG scans side by side: platforms that were scanned with the same benchmark share one table and its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from verifier.limits import DEFAULT_LIMITS
from verifier.model import ImageResult, StigRule, StigScan
from verifier.report import charts
from verifier.report.html.commands import extract_command, get_command

RESULTS = ("fail", "error", "unknown", "notchecked", "pass", "fixed", "notapplicable", "informational", "notselected")
"""XCCDF's words, what a reader has to see first, first. All are classes of the style."""

SEVERITIES = ("high", "medium", "low", "info", "unknown")
NOTHING = "\N{EN DASH}"
_COLUMNS = 4  # scans in one table: it still fits a page


class ScanView(msgspec.Struct, frozen=True):
    """One scan: `ring` is a picture of its results, `get` and `extract` the commands for its signed bytes."""

    scan: StigScan
    platform: str
    ring: str
    counts: tuple[tuple[str, int], ...]
    get: str
    extract: str


class Line(msgspec.Struct, frozen=True):
    """A rule with its result in each scan of the table, "" where a scan has none, and the worst of them in `result`."""

    rule: StigRule
    severity: str
    result: str
    results: tuple[str, ...]
    messages: tuple[str, ...]


class Checklist(msgspec.Struct, frozen=True):
    """Scans of one profile of one benchmark. `results` and `severities` are the filters: a word and how many it has."""

    anchor: str
    scans: tuple[ScanView, ...]
    lines: tuple[Line, ...]
    left_out: int
    results: tuple[tuple[str, int], ...]
    severities: tuple[tuple[str, int], ...]


def checklists(image: ImageResult, anchor: str) -> tuple[Checklist, ...]:
    """All scans of an image, gathered by benchmark and profile."""
    groups: dict[tuple[str, ...], list[tuple[str, StigScan]]] = {}
    for platform in image.platforms:
        for scan in platform.details.stig if platform.details else ():
            about = (scan.benchmark, scan.benchmark_version, scan.profile, scan.name)
            groups.setdefault(about, []).append((platform.platform, scan))
    tables = (group[n : n + _COLUMNS] for group in groups.values() for n in range(0, len(group), _COLUMNS))
    return tuple(_checklist(image, table, f"{anchor}-stig-{n}") for n, table in enumerate(tables, 1))


def _checklist(image: ImageResult, group: Sequence[tuple[str, StigScan]], anchor: str) -> Checklist:
    lines = sorted(_lines([scan for _, scan in group]), key=_gravity)
    return Checklist(
        anchor=anchor,
        scans=tuple(_scan(image, platform, scan) for platform, scan in group),
        lines=tuple(lines[: DEFAULT_LIMITS.html_rows]),
        left_out=max(len(lines) - DEFAULT_LIMITS.html_rows, 0),
        results=_counted(RESULTS, [line.result for line in lines]),
        severities=_counted(SEVERITIES, [line.severity for line in lines]),
    )


def _lines(scans: Sequence[StigScan]) -> list[Line]:
    """A line for each result of each scan; results of rules that say the same stand in one line.

    A rule that one scan has several times, or with another text than the others, has several lines.
    """
    found: dict[tuple[StigRule, int], dict[int, StigRule]] = {}
    for column, scan in enumerate(scans):
        seen: Counter[StigRule] = Counter()
        for rule in scan.rules:
            said = _said(rule)
            found.setdefault((said, seen[said]), {})[column] = rule
            seen[said] += 1
    return [_line(by_column, len(scans)) for by_column in found.values()]


def _said(rule: StigRule) -> StigRule:
    """Equal for rules that say the same, whatever they came to and when."""
    return replace(rule, result="", time="", messages=())


def _line(by_column: dict[int, StigRule], columns: int) -> Line:
    results = tuple(_result(by_column[n]) if n in by_column else "" for n in range(columns))
    rule = next(iter(by_column.values()))
    worst = min((word for word in results if word), key=RESULTS.index)
    messages = tuple(dict.fromkeys(message for one in by_column.values() for message in one.messages))
    return Line(rule, _severity(rule), worst, results, messages)


def _result(rule: StigRule) -> str:
    return rule.result if rule.result in RESULTS else "unknown"


def _severity(rule: StigRule) -> str:
    return rule.severity if rule.severity in SEVERITIES else "unknown"


def _gravity(line: Line) -> tuple[int, int]:
    """Failures first, the gravest first; what is alike keeps the order of the benchmark."""
    return RESULTS.index(line.result), SEVERITIES.index(line.severity)


def _counted(words: Sequence[str], found: Sequence[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(found)
    return tuple((word, counts[word]) for word in words if counts[word])


def _scan(image: ImageResult, platform: str, scan: StigScan) -> ScanView:
    counts = tuple((word, scan.counts[word]) for word in RESULTS if scan.counts.get(word))
    computed = scan.default_score.computed if scan.default_score else None
    title = f"Results of {sum(scan.counts.values())} rules on {platform or 'the image'}"
    return ScanView(
        scan=scan,
        platform=platform or "image",
        ring=charts.ring(counts, title, NOTHING if computed is None else f"{computed:.1f}", "of 100"),
        counts=counts,
        get=get_command(image, platform, scan.attestation),
        extract=extract_command(image, platform, scan),
    )
