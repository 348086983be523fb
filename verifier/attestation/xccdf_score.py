"""Scores of an XCCDF result, computed again from its rule results.

The default model averages inside each group, weighted, and then over groups, so a group with one failed rule of one
weighs as much as a group with ninety passed ones. The flat model adds weights. XCCDF 1.2 (NIST IR 7275r4), 7.3.2
and 7.3.3; rules without a verdict (not applicable, not checked, not selected, informational) count in neither.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from verifier.attestation.xccdf import Group, Results, Rule, RuleResult

RESULTS = (
    "pass",
    "fail",
    "error",
    "unknown",
    "notapplicable",
    "notchecked",
    "notselected",
    "informational",
    "fixed",
)
"""The nine result words of XCCDF. Any other counts as failed."""

_GOOD = {"pass", "fixed"}
_UNCOUNTED = {"notapplicable", "notchecked", "notselected", "informational"}
_UNSCORED_ROLES = {"unscored", "unchecked"}


class Outcome(msgspec.Struct, frozen=True):
    """What a rule adds to a score: 0.0 to 1.0 of its weight. `weight` is None when only the rule states it."""

    value: float
    weight: float | None


def default_score(results: Results) -> float | None:
    """The score out of 100 by the default model; None when the document holds no benchmark with groups and rules."""
    if results.tree is None or not results.tree.children:
        return None
    scored = _group_score(results.tree, _outcomes(results))
    return 100.0 * (scored or 0.0)


def flat_score(results: Results) -> tuple[float, float]:
    """The score by the flat model and its maximum."""
    counted = [entry for entry in results.rule_results if _counts(entry)]
    weights = rule_weights(results.tree)
    weighed = [(entry, weight_of(entry, weights)) for entry in counted]
    return sum(weight for entry, weight in weighed if entry.result in _GOOD), sum(weight for _, weight in weighed)


def _outcomes(results: Results) -> dict[str, Outcome]:
    """By rule id. A rule with several results has the worst of them."""
    outcomes: dict[str, Outcome] = {}
    for entry in filter(_counts, results.rule_results):
        value = float(entry.result in _GOOD)
        known = outcomes.get(entry.rule)
        outcomes[entry.rule] = Outcome(min(value, known.value) if known else value, entry.weight)
    return outcomes


def counts_as_failed(entry: RuleResult) -> bool:
    """Whether it lowers a score: failed, error, unknown, and any word that XCCDF does not know."""
    return _counts(entry) and entry.result not in _GOOD


def _counts(entry: RuleResult) -> bool:
    return entry.result not in _UNCOUNTED and entry.role not in _UNSCORED_ROLES


def _group_score(group: Group, outcomes: dict[str, Outcome]) -> float | None:
    """The weighted mean of the children that count; None when none does. As deep as the XML at most."""
    total = weights = 0.0
    counted = False
    for child in group.children:
        value, weight = _child_score(child, outcomes)
        if value is not None:
            counted = True
            total += value * weight
            weights += weight
    if not counted:
        return None
    return total / weights if weights else 0.0


def _child_score(child: Group | Rule, outcomes: dict[str, Outcome]) -> tuple[float | None, float]:
    if isinstance(child, Group):
        return _group_score(child, outcomes), child.weight
    outcome = outcomes.get(child.id)
    if outcome is None:
        return None, child.weight
    return outcome.value, child.weight if outcome.weight is None else outcome.weight


def weight_of(entry: RuleResult, weights: dict[str, float]) -> float:
    """As the result states it, else as the rule does (`rule_weights`), else 1.0."""
    return weights.get(entry.rule, 1.0) if entry.weight is None else entry.weight


def rule_weights(group: Group | None) -> dict[str, float]:
    """By rule id, of all rules below `group`."""
    return {rule.id: rule.weight for rule in rules_of(group)}


def rules_of(group: Group | None) -> Iterator[Rule]:
    """All rules below `group`, however deep."""
    waiting = [group] if group else []
    while waiting:
        for child in waiting.pop().children:
            if isinstance(child, Group):
                waiting.append(child)
            else:
                yield child
