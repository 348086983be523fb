"""What is open, as OSCAL risks with remedy and waiver: the part of an assessment from which a POA&M is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from verifier.model import ImageResult, Result, RuleOutcome, StigRule, WaiverEntry, WaiverState
from verifier.report.oscal.findings import by_rule, is_open_result
from verifier.report.oscal.scope import Observed
from verifier.report.oscal.subjects import Assessed, origins
from verifier.report.oscal.values import NAMESPACE, JSONObject, line, moment, props, prose, some


def risks(assessed: Assessed, observed: Sequence[Observed]) -> list[JSONObject]:
    """One risk for each rule of the policy that did not pass, and for each open STIG rule, all platforms together."""
    made = []
    for rule, seen in by_rule(observed).items():
        bad = [one for one in seen if one.rule and one.rule.result in (Result.FAIL, Result.UNKNOWN)]
        if bad:
            made.append(_policy_risk(assessed, rule, bad))
    for rule, seen in _open_by_stig_rule(observed).items():
        made.append(_stig_risk(assessed, rule, seen))
    return made


def risk_of(risks: Sequence[JSONObject]) -> Mapping[str, str]:
    """The uuid of the risk of each observation that has one, by the observation's uuid."""
    return {one["observation-uuid"]: risk["uuid"] for risk in risks for one in risk["related-observations"]}


def _risk(assessed: Assessed, name: str, title: str, statement: str, seen: Sequence[Observed]) -> JSONObject:
    platforms = ", ".join(dict.fromkeys(one.platform for one in seen))
    return {
        "uuid": assessed.once("risk", name),
        "title": line(title),
        "description": line(f"{title} ({platforms})"),
        "statement": prose(statement) or line(title),
        "status": "open",
        "origins": origins(assessed),
        **some("related-observations", ({"observation-uuid": one.uuid} for one in seen)),
    }


def _remediation(assessed: Assessed, name: str, text: str) -> JSONObject:
    if not text:
        return {}
    response = {
        "uuid": assessed.once("remediation", name),
        "lifecycle": "recommendation",
        "title": "Remedy",
        "description": prose(text) or line(text),
    }
    return {"remediations": [response]}


def _policy_risk(assessed: Assessed, rule: str, seen: Sequence[Observed]) -> JSONObject:
    outcomes = [one.rule for one in seen if one.rule]
    first, name = outcomes[0], f"rule {rule}"
    told = {"rule-id": rule, "effect": first.effect}
    risk = _risk(assessed, name, f"{rule}: {first.title}", "\n".join(_messages(outcomes)), seen)
    risk |= {**props(told), **_remediation(assessed, name, first.remediation)}
    return risk | _deviation(assessed.image, rule) if all(outcome.waiver for outcome in outcomes) else risk


def _messages(outcomes: Sequence[RuleOutcome]) -> Iterator[str]:
    return iter(dict.fromkeys(f"{outcome.result}: {outcome.message}" for outcome in outcomes))


def _deviation(image: ImageResult, rule: str) -> JSONObject:
    """What a waiver makes of a risk: accepted, by whom, why, and until when."""
    applied = [waiver for waiver in image.waivers if waiver.rule == rule and waiver.state is WaiverState.APPLIED]
    told = {
        "rule-id": rule,
        "waiver": tuple(map(_waiver_text, applied)),
        "waiver-owner": tuple(dict.fromkeys(waiver.owner for waiver in applied)),
        "waiver-ticket": tuple(dict.fromkeys(waiver.ticket for waiver in applied)),
        "waiver-expires": tuple(dict.fromkeys(waiver.expires for waiver in applied)),
    }
    ends = sorted(filter(None, (moment(waiver.expires) for waiver in applied)))
    return {"status": "deviation-approved", **props(told), **({"deadline": ends[0]} if ends else {})}


def _waiver_text(waiver: WaiverEntry) -> str:
    return f"{waiver.reason} ({waiver.owner}, {waiver.ticket}, until {waiver.expires})"


def _open_by_stig_rule(observed: Sequence[Observed]) -> dict[str, list[Observed]]:
    found: dict[str, list[Observed]] = {}
    for one in observed:
        if one.stig and is_open_result(one.stig.result):
            found.setdefault(one.stig.id, []).append(one)
    return found


def _stig_risk(assessed: Assessed, rule: str, seen: Sequence[Observed]) -> JSONObject:
    results = [one.stig for one in seen if one.stig]
    first, name = results[0], f"stig {rule}"
    title = f"{first.vulnerability or first.id}: {first.title}"
    words = ", ".join(f"{one.platform}: {one.stig.result}" for one in seen if one.stig)
    risk = _risk(assessed, name, title, f"{words}\n{first.discussion}", seen)
    told = {"vulnerability-id": first.vulnerability, "stig-rule-id": first.rule or first.id, "cci": first.ccis}
    return risk | {**props(told), **_severity(assessed, first), **_remediation(assessed, name, first.fix)}


def _severity(assessed: Assessed, rule: StigRule) -> JSONObject:
    facet = {"name": "severity", "system": NAMESPACE, "value": line(rule.severity)}
    return {"characterizations": [{"origin": origins(assessed)[0], "facets": [facet]}]}
