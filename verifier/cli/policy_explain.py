"""`dhiverify policy explain`: why each rule came out as it did."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.judging import judging
from verifier.cli.options import Command, common, output
from verifier.report import as_json
from verifier.report.escape import printable

if TYPE_CHECKING:
    from verifier.model import RuleOutcome
    from verifier.verification.explain import Entry, ExplainedRule, ExplanationReport, Question

_LONGEST = 300  # characters of a value; all that is kept of it stands in --output json
_SHOWN = 10  # violations, prints and pieces of evidence of one rule
_COLOURS = {"pass": "green", "fail": "red", "unknown": "red", "skipped": "cyan"}
_VERDICTS = {"allow": "green", "warn": "yellow", "deny": "red", "error": "bright_red"}


@click.command("explain", cls=Command)
@click.argument("reference", metavar="REF")
@click.argument("named", metavar="[RULE]...", nargs=-1)
@output("text", "json")
@judging
@common
def explain_command(reference: str, named: tuple[str, ...], **given: Any) -> int:
    """Explain why each rule, or each RULE, came out as it did on each platform of an image.

    The image is judged as by `dhiverify image`, with the same options. Of each rule is shown what it came to; its
    configuration; the inputs that it reads and its named values; what it asked of the evidence, the answer, and what
    was found of it, unverified included; what it printed; and which of its lines were not reached.

    \b
    Exit codes: those of `dhiverify image` for REF, whichever rules are named:
      0 allowed          3 no evidence found         6 access refused
      1 denied           4 evidence, none trusted    7 internal error
      2 wrong call       5 registry or network

    \b
    Examples:
      dhiverify policy explain dhi.io/python:3.13
      dhiverify policy explain dhi.io/python:3.13 dhi-no-embedded-malware fixable-vulnerabilities
      dhiverify policy explain --platform linux/amd64 --rules rules/ -o json dhi.io/python:3.13 my-rule
    """
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.verification.explain import explain

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    options = options_of(given)
    with shown(given["quiet"]) as progress:
        report = explain(reference, named, options, progress)
    put(outputs, partial(_rendered, report))
    return report.exit_code


def _rendered(report: ExplanationReport, form: str, colours: bool) -> str:
    if form == "json":
        return as_json(report)
    return "".join(f"{line}\n" for line in _lines(report, colours=colours))


def _lines(report: ExplanationReport, *, colours: bool) -> Iterator[str]:
    yield f"{_styled(report.verdict.upper(), _VERDICTS[report.verdict], colours)}  {_name(report)}"
    if not report.enforced:
        yield "  not enforced: the policy lets this image through in spite of its reasons"
    yield from (f"  {printable(reason)}" for reason in report.reasons)
    yield from (f"  next: {printable(fault.hint)}" for fault in report.errors if fault.hint)
    yield from (f"  note: {printable(note)}" for note in report.notes)
    for platform in report.platforms:
        yield ""
        yield f"{printable(platform.platform) or 'image'}  {printable(platform.digest)}"
        for rule in platform.rules:
            yield from _rule(rule, colours)
    yield ""
    yield from (f"relaxed: {printable(text)}" for text in report.relaxations)
    policy = f"policy {printable(report.policy.name)} ({printable(report.policy.path)}) · " if report.policy else ""
    yield f"{policy}as of {report.effective_time} · {report.verdict}, exit code {report.exit_code}"


def _name(report: ExplanationReport) -> str:
    whole = report.reference if report.digest in report.reference else f"{report.reference}@{report.digest}"
    return printable(whole)


def _styled(text: str, colour: str, colours: bool) -> str:
    return click.style(text, fg=colour) if colours else text


def _rule(rule: ExplainedRule, colours: bool) -> Iterator[str]:
    outcome = rule.outcome
    word = _styled(f"{outcome.result.upper():<8}", _COLOURS[outcome.result], colours)
    yield ""
    yield f"  {word}{printable(outcome.id)}: {printable(outcome.title)}"
    yield from (f"    {line}" for line in _outcome(outcome))
    yield from _members("configuration", rule.config)
    yield from _members("inputs that it reads", rule.inputs)
    yield from _members("its values", rule.values)
    yield from _cut("what it asked of the evidence", tuple(map(_question, rule.asked)))
    yield from _cut("what there is of that evidence", tuple(map(_entry, rule.evidence)))
    yield from _cut("what it printed", rule.prints)
    if rule.not_reached:
        from verifier.cli.policy_text import ranges

        yield f"    lines not reached: {ranges(rule.not_reached)}"
    if rule.fault:
        yield f"    not fully explained: {printable(rule.fault)}"


def _outcome(outcome: RuleOutcome) -> Iterator[str]:
    """What it means for the verdict, what was found, and what to do."""
    yield f"effect {outcome.effect} · {printable(outcome.path)}"
    if outcome.waiver:
        yield f"waived: {printable(outcome.waiver)}"
    if outcome.message and not outcome.violations:
        yield printable(outcome.message)
    for violation in outcome.violations[:_SHOWN]:
        waived = f" (waived: {printable(violation.waiver)})" if violation.waiver else ""
        detail = f"  {printable(_text(violation.detail))}" if violation.detail else ""
        yield f"- {printable(violation.message)}{detail}{waived}"
    if (more := len(outcome.violations) - _SHOWN) > 0:
        yield f"… and {more} more (see --output json)"
    if outcome.remediation:
        yield f"next: {printable(outcome.remediation)}"


def _members(heading: str, members: Mapping[str, Any]) -> Iterator[str]:
    if members:
        yield f"    {heading}"
        yield from (f"      {printable(name)} = {printable(_text(value), _LONGEST)}" for name, value in members.items())


def _text(value: Any) -> str:
    from verifier.rules import UNDEFINED

    return UNDEFINED if value == UNDEFINED else json.dumps(value, ensure_ascii=False)


def _question(asked: Question) -> str:
    """A call of a function, or a member of a document."""
    opening, closing = "[]" if asked.name.startswith("data.") else "()"
    return f"{asked.name}{opening}{asked.argument}{closing}: {asked.answer}"


def _entry(entry: Entry) -> str:
    """One piece as it stands in the report."""
    kind, what = getattr(entry, "kind", "signature"), getattr(entry, "predicate_type", "")
    digest = getattr(entry, "digest", "") or entry.location.rpartition("@")[2]
    parts = (entry.status, kind, what, digest, entry.time, entry.signer and f"by {entry.signer}", entry.reason)
    return "  ".join(part for part in parts if part)


def _cut(heading: str, texts: tuple[str, ...]) -> Iterator[str]:
    if texts:
        yield f"    {heading}"
        yield from (f"      {printable(text)}" for text in texts[:_SHOWN])
        if len(texts) > _SHOWN:
            yield f"      … and {len(texts) - _SHOWN} more (see --output json)"
