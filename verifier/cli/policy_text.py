"""What the `policy` commands found, for a person: colours on a terminal, the same words plainly in a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from verifier.report.escape import printable

if TYPE_CHECKING:
    from verifier.policy.effective import EffectivePolicy, RuleEntry, SectionEntry, Value
    from verifier.verification.linting import LintResult
    from verifier.verification.testing import FileCoverage, Tested, TestReport

_SEVERITIES = {"error": "red", "warning": "yellow", "note": "cyan"}
_SHOWN_LINES = 12


def styled(text: str, colour: str, *, colours: bool, bold: bool = False) -> str:
    return click.style(text, fg=colour or None, bold=bold) if colours else text


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def findings(found: LintResult, *, colours: bool) -> str:
    """`path:line:column: severity: message` each, the remedy below it, and a line that counts."""
    return _joined(_findings(found, colours=colours))


def _findings(found: LintResult, *, colours: bool) -> Iterator[str]:
    for one in found.findings:
        place = ":".join(str(part) for part in (one.path, one.line, one.column) if part)
        severity = styled(one.severity, _SEVERITIES[one.severity], colours=colours)
        yield f"{printable(place)}: {severity}: {printable(one.message)}"
        if one.hint:
            yield f"    next: {printable(one.hint)}"
    counts = [
        f"{number} {word}{'s' * (number != 1)}"
        for word in _SEVERITIES
        if (number := sum(one.severity == word for one in found.findings))
    ]
    files = len(found.files)
    yield f"{files} file{'s' * (files != 1)}: {', '.join(counts) or 'nothing to complain about'}"


def policy_lines(found: EffectivePolicy, *, colours: bool) -> str:
    """The effective policy, or the whole document."""
    return _joined(_policy(found, colours=colours))


def _policy(found: EffectivePolicy, *, colours: bool) -> Iterator[str]:
    yield f"policy {printable(found.name)}  {printable(found.path)}"
    yield f"  chosen by: {printable(found.chosen)}"
    yield f"  {printable(found.digest)}"
    for relaxation in found.relaxations:
        yield styled(f"  relaxed: {printable(relaxation)}", "yellow", colours=colours)
    if found.reference:
        yield ""
        yield styled(printable(found.reference), "", colours=colours, bold=True)
    for section in found.sections:
        yield from _section(section, colours=colours)
    if found.reference and found.decides is None:
        yield styled("  no section matches: the image is denied", "red", colours=colours)
    yield from _values((*found.values, *found.bundles))
    if found.rules:
        yield ""
        yield styled(f"{len(found.rules)} rules", "", colours=colours, bold=True)
        for rule in found.rules:
            yield from _rule(rule, colours=colours)


def _section(section: SectionEntry, *, colours: bool) -> Iterator[str]:
    if section.matches is None:
        yield ""
        yield styled(
            f"section {printable(section.match)}  ({printable(section.origin)})", "", colours=colours, bold=True
        )
        yield from _values(section.values)
        return
    said = "decides" if section.matches else "does not match"
    yield f"  section {printable(section.match)} {said}  ({printable(section.origin)})"


def _values(values: Sequence[Value], indent: int = 2) -> Iterator[str]:
    """Name, value and origin in columns."""
    rows = [(printable(value.name), printable(_text(value.value)), printable(value.origin)) for value in values]
    name_width = max((len(name) for name, _, _ in rows), default=0)
    value_width = min(max((len(value) for _, value, _ in rows), default=0), 60)
    for name, value, origin in rows:
        yield f"{' ' * indent}{name:<{name_width}}  {value:<{value_width}}  ({origin})"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _rule(rule: RuleEntry, *, colours: bool) -> Iterator[str]:
    yield f"  {styled(printable(rule.id), '', colours=colours, bold=True)}  ({printable(rule.origin)})"
    if not rule.fetched:
        yield f"    in the bundle {printable(rule.path)}, which is not fetched"
    elif rule.title:
        yield f"    {printable(rule.title)}"
    yield from _values([value for value in rule.values if value.name == "effect" or value.origin != "default"], 4)


_OUTCOMES = {
    "passed": ("PASS", "green"),
    "failed": ("FAIL", "red"),
    "error": ("ERROR", "red"),
    "broken": ("BROKEN", "red"),
}


def tests(found: TestReport, *, colours: bool) -> str:
    """One line for each test, what went wrong below it, then coverage and the sum."""
    return _joined(_tests(found, colours=colours))


def _tests(found: TestReport, *, colours: bool) -> Iterator[str]:
    for tested in found.tests:
        yield from _tested(tested, colours=colours)
    for one in found.coverage:
        yield from _coverage(one, found.threshold, colours=colours)
    counts = [
        f"{number} {word}" for word in _OUTCOMES if (number := sum(one.outcome.value == word for one in found.tests))
    ]
    yield ", ".join(counts) or styled("no tests were found, and that is no pass", "red", colours=colours)


def _tested(tested: Tested, *, colours: bool) -> Iterator[str]:
    word, colour = _OUTCOMES[tested.outcome.value]
    name = f"{tested.path}: {tested.name}" if tested.name else tested.path
    yield f"{styled(f'{word:<7}', colour, colours=colours)}{printable(name)} ({tested.seconds * 1000:.0f} ms)"
    for message in tested.messages:
        yield f"       {printable(message)}"
    if tested.hint:
        yield f"       next: {printable(tested.hint)}"
    if tested.outcome.value != "passed":
        yield from (f"       print: {printable(line)}" for line in tested.prints)


def _coverage(one: FileCoverage, threshold: float | None, *, colours: bool) -> Iterator[str]:
    short = threshold is not None and one.percent < threshold
    wanted = f", expected {threshold:g} %" if short else ""
    yield styled(f"coverage {one.percent:g} %{wanted}  {printable(one.path)}", "red" if short else "", colours=colours)
    if one.not_covered:
        yield f"       lines not reached: {ranges(one.not_covered)}"
    elif not one.percent:
        yield "       no test evaluates this file"


def ranges(lines: Sequence[int]) -> str:
    """Line numbers with neighbours joined: `3, 7-9`; cut where there are many."""
    parts: list[list[int]] = []
    for line in lines:
        if parts and parts[-1][-1] == line - 1:
            parts[-1] = [parts[-1][0], line]
        else:
            parts.append([line])
    shown = [f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts[:_SHOWN_LINES]]
    return ", ".join(shown) + (f" and {len(parts) - _SHOWN_LINES} more places" if len(parts) > _SHOWN_LINES else "")
