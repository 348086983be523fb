"""Docker Scout's health score: how much of what was evaluated passes, and a grade for it.

Follows "Health score" of https://docs.docker.com/scout/policy/local/. There an image has one platform; here a rule
passes when it passes wherever it applies.
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.model import Health, Result, RuleOutcome

# The share of a hundred that must be exceeded: exactly 90 is a B.
_GRADES = (("A", 90), ("B", 70), ("C", 50), ("D", 30), ("E", 10))
_LOWEST = "F"


def health_of(outcomes: Iterable[RuleOutcome]) -> Health | None:
    """The score of what rules came to, on all platforms of an image; None when nothing counts.

    Rules are told apart by id and file. One that is skipped on every platform does not count, nor does one of weight 0.
    `unknown` counts as not passed, and so does a failure that a waiver accepts. The score is rounded down, and the
    grade goes by the exact share.
    """
    passes: dict[tuple[str, str], bool] = {}
    weights: dict[tuple[str, str], int] = {}
    for outcome in outcomes:
        if outcome.result is Result.SKIPPED:
            continue
        rule = (outcome.id, outcome.path)
        passes[rule] = passes.get(rule, True) and outcome.result is Result.PASS
        weights[rule] = outcome.weight
    total = sum(weights.values())
    scored = sum(weights[rule] for rule, passed in passes.items() if passed)
    return Health(scored * 100 // total, _grade(scored, total)) if total > 0 else None


def _grade(scored: int, total: int) -> str:
    return next((grade for grade, more_than in _GRADES if scored * 100 > more_than * total), _LOWEST)
