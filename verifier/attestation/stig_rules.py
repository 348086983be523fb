"""The rules of a STIG scan, each with its result, its CCIs and the controls that they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.attestation.cci import controls
from verifier.attestation.interface import Unreadable
from verifier.attestation.moment import rfc3339
from verifier.attestation.stig_ids import disa_ids
from verifier.attestation.xccdf import RuleResult
from verifier.attestation.xccdf_score import RESULTS, rule_weights, rules_of, weight_of
from verifier.attestation.xccdf_texts import ResultTexts, RuleTexts, Texts, one_line
from verifier.limits import DEFAULT_LIMITS
from verifier.model import StigRule

_SEVERITIES = ("high", "medium", "low", "info")


def stig_rules(texts: Texts) -> tuple[StigRule, ...]:
    """Every rule-result in the order of the document, a rule with several results several times.

    Raises `Unreadable` where all texts together are longer than anybody shows.
    """
    rules = tuple(_rules(texts))
    letters = sum(map(_letters, rules))
    if letters > DEFAULT_LIMITS.detail_letters:
        raise Unreadable(f"the texts of all rules have {letters} characters; at most {DEFAULT_LIMITS.detail_letters}")
    return rules


def _rules(texts: Texts) -> Iterator[StigRule]:
    results = texts.results
    weights = rule_weights(results.tree)
    titles = {rule.id: rule.title for rule in rules_of(results.tree)}
    for found, outcome in zip(results.rule_results, texts.outcomes, strict=True):
        said = texts.rules.get(found.rule) or RuleTexts()
        yield _rule(found, outcome, said, titles.get(found.rule, ""), weight_of(found, weights))


def _rule(found: RuleResult, outcome: ResultTexts, said: RuleTexts, title: str, weight: float) -> StigRule:
    vulnerability, rule = disa_ids(found.rule, said.group_id)
    ccis = tuple(dict.fromkeys((*said.ccis, *outcome.ccis)))
    return StigRule(
        id=one_line(found.rule),
        result=result_word(found.result),
        severity=_severity(outcome.severity or said.severity),
        title=title,
        vulnerability=vulnerability,
        rule=rule,
        version=said.version,
        group=said.group,
        ccis=ccis,
        controls=controls(ccis),
        weight=weight,
        time=rfc3339(outcome.time).text,
        messages=tuple(outcome.messages),
        discussion=said.discussion,
        rationale=said.rationale,
        check=said.check or outcome.check,
        fix=said.fixtext or said.fix,
    )


def result_word(stated: str | None) -> str:
    """One of XCCDF's nine words; any other, and none, is `unknown`."""
    return stated if stated in RESULTS else "unknown"


def _severity(stated: str) -> str:
    return stated if stated in _SEVERITIES else "unknown"


def _letters(rule: StigRule) -> int:
    texts = (rule.title, rule.group, rule.discussion, rule.rationale, rule.check, rule.fix, *rule.messages)
    return sum(map(len, texts))
