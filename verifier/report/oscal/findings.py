"""What follows from the observations of an image, as OSCAL findings: the decision, its rules, the controls of scans.

A finding needs a target. The decision's is the statement of CM-14; each rule of the policy has an objective of that
control that the document defines itself; STIG rules are gathered under the controls for which DISA's CCIs stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from verifier.model import ImageResult, Report, Result, Verdict
from verifier.report import admission
from verifier.report.identifiers import token
from verifier.report.oscal.controls import control_id, control_order, statement_id
from verifier.report.oscal.scope import Observed
from verifier.report.oscal.subjects import Assessed, origins
from verifier.report.oscal.values import JSONObject, line, props, prose, some

ADMISSION_CONTROL = control_id(admission.CONTROL)

_GOOD = ("pass", "fixed")
_OUTSIDE = ("notselected", "informational")  # words that say nothing of compliance


def objective_id(rule: str) -> str:
    """The id of the objective that a rule of the policy stands for."""
    return f"{ADMISSION_CONTROL}_obj.{token(rule)}"


def by_rule(observed: Sequence[Observed]) -> dict[str, list[Observed]]:
    """Observations of the policy's rules by rule id, all platforms together."""
    found: dict[str, list[Observed]] = {}
    for one in observed:
        if one.rule:
            found.setdefault(one.rule.id, []).append(one)
    return found


def by_control(observed: Sequence[Observed]) -> dict[str, list[Observed]]:
    """Observations of STIG rules by control, all scans and platforms together, in the catalog's order."""
    found: dict[str, list[Observed]] = {}
    for one in observed:
        for control in dict.fromkeys(map(control_id, one.stig.controls if one.stig else ())):
            if control:
                found.setdefault(control, []).append(one)
    return {control: found[control] for control in sorted(found, key=control_order)}


def findings(assessed: Assessed, observed: Sequence[Observed], risks: Mapping[str, str]) -> list[JSONObject]:
    """`risks` has the uuid of the risk of an observation that has one, by the observation's uuid."""

    def finding(name: str, title: str, target: JSONObject, seen: Sequence[Observed], more: JSONObject) -> JSONObject:
        related = dict.fromkeys(risks[one.uuid] for one in seen if one.uuid in risks)
        return {
            "uuid": assessed.once("finding", name),
            "title": line(title),
            **more,
            "origins": origins(assessed),
            "target": target,
            **some("related-observations", ({"observation-uuid": one.uuid} for one in seen)),
            **some("related-risks", ({"risk-uuid": risk} for risk in related)),
        }

    report, image = assessed.report, assessed.image
    decided = [one for one in observed if one.decides]
    made = [finding("admission", admission.TITLE, _decision(image), decided, _about_decision(report, image))]
    for rule, seen in by_rule(observed).items():
        made.append(finding(f"rule {rule}", _rule_title(seen), _rule_target(rule, seen), seen, _about_rule(rule, seen)))
    for control, seen in by_control(observed).items():
        title = f"{_controls(control, seen)} in STIG scans"
        target = _control_target(control, seen, _unscanned(image))
        made.append(finding(f"control {control}", title, target, seen, _about_control(seen)))
    return made


def _target(kind: str, target: str, state: bool, reason: str, remarks: str) -> JSONObject:
    status = {"state": "satisfied" if state else "not-satisfied", "reason": reason, "remarks": prose(remarks)}
    return {"type": kind, "target-id": target, "status": status}


def _decision(image: ImageResult) -> JSONObject:
    """Satisfied when the image may run by all rules that count; letting it through unenforced is no such thing."""
    allowed = image.verdict in (Verdict.ALLOW, Verdict.WARN) and image.enforced
    reason = "pass" if allowed else "other" if image.verdict is Verdict.ERROR else "fail"
    remarks = "\n".join((f"verdict: {image.verdict}", *_exceptions(image), *image.reasons))
    return _target("statement-id", statement_id(ADMISSION_CONTROL), allowed, reason, remarks)


def _exceptions(image: ImageResult) -> list[str]:
    return [] if image.enforced else ["not enforced: the policy lets this image through although it was refused"]


def _about_decision(report: Report, image: ImageResult) -> JSONObject:
    relaxed = "".join(f"\nrelaxed: {text}" for text in report.relaxations)
    told = {
        "vulnerability-id": admission.VULNERABILITY,
        "srg": admission.REQUIREMENT,
        "cci": (admission.CCI, admission.FORMER_CCI),
        "control": admission.CONTROL,
        "verdict": image.verdict,
        "relaxation": report.relaxations,
    }
    decision = f"The decision about {image.pinned or image.reference} by policy {_policy(report)}: {image.verdict}"
    return {"description": prose(f"{decision}{relaxed}"), **props(told)}


def _policy(report: Report) -> str:
    return f"{report.policy.name} ({report.policy.digest})" if report.policy else "none"


def _rule_title(seen: Sequence[Observed]) -> str:
    rule = seen[0].rule
    return f"{rule.id}: {rule.title}" if rule else ""


def _rule_target(rule: str, seen: Sequence[Observed]) -> JSONObject:
    results = {one.rule.result for one in seen if one.rule}
    state = results <= {Result.PASS, Result.SKIPPED}
    reason = "fail" if Result.FAIL in results else "pass" if state and Result.PASS in results else "other"
    told = [f"{one.platform}: {one.rule.result} {one.rule.message}".rstrip() for one in seen if one.rule]
    target = _target("objective-id", objective_id(rule), state, reason, "\n".join(told))
    if results == {Result.SKIPPED}:
        target |= _not_applicable("no platform is one to which this rule applies")
    return target


def _not_applicable(why: str) -> JSONObject:
    return {"implementation-status": {"state": "not-applicable", "remarks": line(why)}}


def _about_rule(rule: str, seen: Sequence[Observed]) -> JSONObject:
    found = [one.rule for one in seen if one.rule]
    waivers = dict.fromkeys(outcome.waiver for outcome in found if outcome.waiver)
    remedies = dict.fromkeys(outcome.remediation for outcome in found if outcome.result is not Result.PASS)
    text = "\n".join((f"Rule {rule} of the policy, platforms: {len(found)}.", *filter(None, remedies)))
    told = {
        "rule-id": rule,
        "effect": tuple(dict.fromkeys(outcome.effect for outcome in found)),
        "waiver": tuple(waivers),
        "control": admission.CONTROL,
    }
    return {"description": prose(text), **props(told)}


def _controls(control: str, seen: Sequence[Observed]) -> str:
    """The control as people write it, from the first rule that names it."""
    named = (text for one in seen if one.stig for text in one.stig.controls if control_id(text) == control)
    return next(named, control)


def _unscanned(image: ImageResult) -> list[str]:
    """Platforms of which there are no results, or evidence that could not be read: it may say the contrary."""
    known = ((platform.platform or "image", platform.details) for platform in image.platforms)
    return [
        name
        for name, details in known
        if details is None or details.unreadable or not any(scan.rules for scan in details.stig)
    ]


def _control_target(control: str, seen: Sequence[Observed], unscanned: Sequence[str]) -> JSONObject:
    """Satisfied when something was tested and nothing is open; what was not checked or went wrong is open.

    A scan that contradicts itself satisfies nothing, nor do scans of some platforms alone.
    """
    words = Counter(one.stig.result for one in seen if one.stig)
    tested = {word for word in words if word not in _OUTSIDE}
    doubtful = any(one.doubtful for one in seen)
    state = bool(tested) and not doubtful and not unscanned and not any(map(is_open_result, tested))
    reason = "fail" if "fail" in tested else "pass" if state and tested & set(_GOOD) else "other"
    counted = ", ".join(f"{number} {word}" for word, number in sorted(words.items()))
    doubt = "; a scan contradicts itself" if doubtful else ""
    gaps = f"; without readable results: {', '.join(unscanned)}" if unscanned else ""
    remarks = f"{counted}{doubt}{gaps}; this is about the rules of the scans and not about the whole control"
    target = _target("statement-id", statement_id(control), state, reason, remarks)
    if tested == {"notapplicable"}:
        target |= _not_applicable("no rule of this control applies to a container image")
    return target


def _about_control(seen: Sequence[Observed]) -> JSONObject:
    rules = [one.stig for one in seen if one.stig]
    still = [rule for rule in rules if is_open_result(rule.result)]
    named = ", ".join(dict.fromkeys(rule.vulnerability or rule.id for rule in still))
    text = f"{len(rules)} rule results of STIG scans stand for this control, {len(still)} of them open."
    told = {
        "cci": tuple(dict.fromkeys(cci for rule in rules for cci in rule.ccis)),
        "open-vulnerability-id": tuple(dict.fromkeys(rule.vulnerability for rule in still)),
    }
    return {"description": prose(f"{text}\n{named}"), **props(told)}


def is_open_result(word: str) -> bool:
    """Whether an XCCDF result leaves work: fail, error, unknown, notchecked, and any word that XCCDF does not have."""
    return word not in (*_GOOD, *_OUTSIDE, "notapplicable")
