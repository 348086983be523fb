"""Waivers, applied to what rules came to: the one place for it, wherever a verdict is made.

A waiver covers what a rule found, violation by violation. It never covers `unknown`, for nobody knows what would be
accepted then, and no rule that says whether evidence is there and trusted: what is missing stays missing. Time is the
real clock's, never that of `--effective-time`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier.model import Digest, Plan, Reference, Result, RuleOutcome, Violation, Waiver, WaiverEntry, WaiverState
from verifier.policy.match import matches
from verifier.purl import parse_purl
from verifier.times import written


class Outcomes(msgspec.Struct, frozen=True):
    """What the rules came to on one platform. `digests` are the platform's and those of the indexes above it."""

    platform: str
    digests: tuple[Digest, ...]
    rules: tuple[RuleOutcome, ...]


class Waived(msgspec.Struct, frozen=True):
    """The same outcomes, platform by platform, and what became of each waiver."""

    rules: tuple[tuple[RuleOutcome, ...], ...]
    entries: tuple[WaiverEntry, ...] = ()


def waive(platforms: Sequence[Outcomes], plan: Plan, requested: Reference, now: datetime) -> Waived:
    """Marks what the waivers of `plan` cover on an image that was asked for as `requested`."""
    entries = tuple(_entry(waiver, platforms, plan, requested, now) for waiver in plan.waivers)
    applied = [w for w, entry in zip(plan.waivers, entries, strict=True) if entry.state is WaiverState.APPLIED]
    return Waived(tuple(_waived(platform, applied) for platform in platforms), entries)


def _waived(platform: Outcomes, waivers: Sequence[Waiver]) -> tuple[RuleOutcome, ...]:
    here = [waiver for waiver in waivers if _about(waiver, platform)]
    return tuple(_accepted(outcome, [w for w in here if w.rule == outcome.id]) for outcome in platform.rules)


def _accepted(outcome: RuleOutcome, waivers: Sequence[Waiver]) -> RuleOutcome:
    """`outcome` with every violation that a waiver covers marked; all of them marked, the rule itself is."""
    if outcome.result is not Result.FAIL or not waivers:
        return outcome
    violations = tuple(_marked(violation, waivers) for violation in outcome.violations)
    whole = [waiver for waiver in waivers if not waiver.purl and not waiver.vulnerability]
    if whole:
        return replace(outcome, violations=violations, waiver=_named(whole))
    if violations and all(violation.waiver for violation in violations):
        texts = dict.fromkeys(violation.waiver for violation in violations if violation.waiver)
        return replace(outcome, violations=violations, waiver="; ".join(texts))
    return replace(outcome, violations=violations)


def _marked(violation: Violation, waivers: Sequence[Waiver]) -> Violation:
    covering = [waiver for waiver in waivers if _covers(waiver, violation)]
    return replace(violation, waiver=_named(covering)) if covering else violation


def _named(waivers: Iterable[Waiver]) -> str:
    return "; ".join(f"{w.ticket} ({w.owner}, until {written(w.expires)}): {w.reason}" for w in waivers)


def _covers(waiver: Waiver, violation: Violation) -> bool:
    if waiver.vulnerability and not any(_same_id(waiver.vulnerability, text) for text in _texts(violation.detail)):
        return False
    return not waiver.purl or any(_same_package(waiver.purl, text) for text in _texts(violation.detail))


def _texts(detail: Mapping[str, Any]) -> list[str]:
    """The texts of a violation's detail, and of lists in it: an identifier there is what the violation is about."""
    values = [item for value in detail.values() for item in (value if isinstance(value, list) else [value])]
    return [value for value in values if isinstance(value, str)]


def _same_id(wanted: str, found: str) -> bool:
    return wanted.casefold() == found.strip().casefold()


def _same_package(wanted: str, found: str) -> bool:
    """Whether `found` is the package URL `wanted`, in whatever version and with whatever qualifiers it leaves open."""
    if not found.startswith("pkg:"):
        return False
    try:
        want, have = parse_purl(wanted), parse_purl(found)
    except ValueError:
        return False
    named = all(want[part] == have[part] for part in ("type", "namespace", "name", "subpath"))
    versioned = want["version"] in ("", have["version"])
    return named and versioned and want["qualifiers"].items() <= have["qualifiers"].items()


def _entry(
    waiver: Waiver, platforms: Sequence[Outcomes], plan: Plan, requested: Reference, now: datetime
) -> WaiverEntry:
    covered, note = _reach(waiver, platforms, plan, requested)
    state = _state(waiver, covered, now)
    if covered and state is not WaiverState.APPLIED:
        note = "what it covers is there, and counts"
    return WaiverEntry(
        rule=waiver.rule,
        images=waiver.images,
        state=state,
        reason=waiver.reason,
        owner=waiver.owner,
        ticket=waiver.ticket,
        expires=written(waiver.expires),
        starts=written(waiver.starts) if waiver.starts else "",
        digest=waiver.digest,
        purl=waiver.purl,
        vulnerability=waiver.vulnerability,
        platforms=covered if state is WaiverState.APPLIED else (),
        note=note,
    )


def _state(waiver: Waiver, covered: Sequence[str], now: datetime) -> WaiverState:
    if now > waiver.expires:
        return WaiverState.EXPIRED
    if waiver.starts and now < waiver.starts:
        return WaiverState.PENDING
    return WaiverState.APPLIED if covered else WaiverState.UNUSED


def _reach(
    waiver: Waiver, platforms: Sequence[Outcomes], plan: Plan, requested: Reference
) -> tuple[tuple[str, ...], str]:
    """The platforms on which `waiver` covers something, whatever the time, or why there is none."""
    if any(not module.waivable for module in plan.rules if module.id == waiver.rule):
        return (), "this rule says whether evidence is there and trusted, and that cannot be waived"
    if not matches(waiver.images, requested):
        return (), f"it is about other images than {requested.name}"
    here = [platform for platform in platforms if _about(waiver, platform)]
    if not here:
        return (), "the image has another digest"
    found = {p.platform: [outcome for outcome in p.rules if outcome.id == waiver.rule] for p in here}
    covered = tuple(name for name, outcomes in found.items() if any(_touches(waiver, one) for one in outcomes))
    return covered, "" if covered else _why_not([outcome for outcomes in found.values() for outcome in outcomes])


def _touches(waiver: Waiver, outcome: RuleOutcome) -> bool:
    after = _accepted(outcome, [waiver])
    return after.waiver is not None or any(violation.waiver for violation in after.violations)


def _about(waiver: Waiver, platform: Outcomes) -> bool:
    return not waiver.digest or waiver.digest in platform.digests


def _why_not(outcomes: Sequence[RuleOutcome]) -> str:
    results = {outcome.result for outcome in outcomes}
    if Result.FAIL in results:
        return "the rule fails for something else"
    if Result.UNKNOWN in results:
        return "the rule could not be evaluated, and a waiver covers only what a rule found"
    return "the rule does not fail" if results else "the rule is not evaluated"
