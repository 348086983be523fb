"""The health score, as Docker Scout documents it, over rules that are judged on several platforms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.model import Health, Result, RuleOutcome
from verifier.verification.health import health_of


def outcome(result: str, weight: int = 10, rule: str = "r", path: str = "r.rego") -> RuleOutcome:
    return RuleOutcome(rule, rule, Result(result), "enforce", weight=weight, path=path)


def shares(passed: int, failed: int) -> list[RuleOutcome]:
    return [outcome("pass", passed, "good"), outcome("fail", failed, "bad")]


@pytest.mark.parametrize(
    ("passed", "failed", "score", "grade"),
    [
        (100, 0, 100, "A"),
        (91, 9, 91, "A"),
        (9001, 999, 90, "A"),
        (90, 10, 90, "B"),
        (8999, 1001, 89, "B"),
        (7001, 2999, 70, "B"),
        (70, 30, 70, "C"),
        (51, 49, 51, "C"),
        (50, 50, 50, "D"),
        (31, 69, 31, "D"),
        (30, 70, 30, "E"),
        (11, 89, 11, "E"),
        (10, 90, 10, "F"),
        (0, 100, 0, "F"),
    ],
)
def test_grade_goes_by_the_exact_share_and_the_score_is_rounded_down(
    passed: int, failed: int, score: int, grade: str
) -> None:
    assert health_of(shares(passed, failed)) == Health(score, grade)


def test_unknown_counts_and_does_not_pass() -> None:
    assert health_of([outcome("pass", rule="a"), outcome("unknown", rule="b")]) == Health(50, "D")


def test_skipped_rules_and_those_of_no_weight_do_not_count() -> None:
    found = [outcome("pass", rule="a"), outcome("skipped", rule="b"), outcome("fail", 0, "c")]

    assert health_of(found) == Health(100, "A")


def test_a_waived_failure_does_not_pass() -> None:
    waived = RuleOutcome("b", "b", Result.FAIL, "enforce", path="b.rego", waiver="until tomorrow")

    assert health_of([outcome("pass", rule="a"), waived]) == Health(50, "D")


def test_rules_that_only_warn_count_like_others() -> None:
    warning = RuleOutcome("b", "b", Result.FAIL, "warn", path="b.rego")

    assert health_of([outcome("pass", rule="a"), warning]) == Health(50, "D")


@pytest.mark.parametrize("nothing", [[], [outcome("skipped")], [outcome("pass", 0)]])
def test_nothing_that_counts_has_no_score(nothing: list[RuleOutcome]) -> None:
    assert health_of(nothing) is None


def test_a_rule_passes_when_it_passes_on_every_platform_where_it_applies() -> None:
    good, elsewhere, bad = outcome("pass"), outcome("skipped"), outcome("fail")

    assert health_of([good, elsewhere, good]) == Health(100, "A")
    assert health_of([good, bad]) == health_of([bad, good]) == Health(0, "F")


def test_rules_of_one_name_in_two_files_count_each() -> None:
    assert health_of([outcome("pass", path="ours.rego"), outcome("fail", path="theirs.rego")]) == Health(50, "D")


@given(st.lists(st.tuples(st.sampled_from(list(Result)), st.integers(0, 2**70), st.sampled_from("abcde"))))
def test_the_score_is_a_percentage_whatever_the_weights(found: list[tuple[Result, int, str]]) -> None:
    health = health_of([outcome(result, weight, rule) for result, weight, rule in found])

    assert health is None or (0 <= health.score <= 100 and health.grade in "ABCDEF")
