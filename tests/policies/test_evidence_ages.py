"""Required evidence with a maximal age: by the time that verified documents state themselves, as of the rules' time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import DAY_NS, NOW_NS, OTHER, Image, Judge

RULE = "dhi-required-evidence"


def scan(age_days: float | None, readable: bool = True) -> dict[str, Any]:
    time_ns = None if age_days is None else NOW_NS - int(age_days * DAY_NS)
    return {"kind": "vulnerabilities", "type": "t:1", "digest": OTHER, "readable": readable, "time_ns": time_ns}


def required(kind: str = "vulnerabilities", **limit: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "compliance": [], "artifacts": []} | limit]


def of(*found: dict[str, Any]) -> Image:
    return Image(facts={"evidence": list(found)})


@pytest.mark.parametrize("age", [0, 6.9, 7, -0.5])
def test_evidence_within_the_age_passes(judge: Judge, age: float) -> None:
    assert judge(RULE, of(scan(age)), required=required(max_age_days=7)).result == "pass"


def test_J19_older_evidence_fails_and_the_age_is_said(judge: Judge) -> None:
    outcome = judge(RULE, of(scan(9.5)), required=required(max_age_days=7))

    assert (outcome.result, outcome.effect) == ("fail", "enforce")
    assert outcome.message == (
        "expected verified evidence of kind vulnerabilities that is at most 7 days old, "
        "the newest is of 2026-05-23T00:00:00Z, more than 9 days ago"
    )
    assert outcome.violations[0].detail == {"kind": "vulnerabilities", "time": "2026-05-23T00:00:00Z"}


def test_J19_evidence_that_states_no_time_fails_where_an_age_is_asked_for(judge: Judge) -> None:
    outcome = judge(RULE, of(scan(None)), required=required(max_age_days=7))

    assert outcome.result == "fail"
    assert outcome.message.endswith("at most 7 days old, found none that states when it was made")
    assert judge(RULE, of(scan(None)), required=required()).result == "pass"


def test_J19_evidence_of_the_future_fails(judge: Judge) -> None:
    outcome = judge(RULE, of(scan(-2)), required=required(max_age_days=7))

    assert outcome.result == "fail"
    assert "of 2026-06-03T12:00:00Z, which lies in the future" in outcome.message


@pytest.mark.parametrize("order", [1, -1])
def test_G06_the_newest_counts_in_whatever_order_it_is_found(judge: Judge, order: int) -> None:
    found = [scan(90), scan(1), scan(None)][::order]

    assert judge(RULE, of(*found), required=required(max_age_days=7)).result == "pass"


def test_G11_unreadable_evidence_makes_nothing_recent(judge: Judge) -> None:
    image = of(scan(90), scan(1, readable=False))

    assert judge(RULE, image, required=required(max_age_days=7)).result == "fail"
    alone = judge(RULE, of(scan(1, readable=False)), required=required(max_age_days=7))
    assert [violation.message for violation in alone.violations] == [
        "expected readable verified evidence of kind vulnerabilities, found it unreadable"
    ]


def test_an_age_may_be_asked_of_a_predicate_type(judge: Judge) -> None:
    image = of(scan(9))

    assert judge(RULE, image, required=required("t:1", max_age_days=10)).result == "pass"
    assert judge(RULE, image, required=required("t:1", max_age_days=8)).result == "fail"


def test_G01_evidence_that_is_not_there_has_no_age(judge: Judge) -> None:
    outcome = judge(RULE, of(), required=required(max_age_days=7))

    assert outcome.message == "expected verified evidence of kind vulnerabilities, found none"


@pytest.mark.parametrize("limit", ["7", None, False, {}])
def test_G11_an_age_that_is_no_number_never_passes(judge: Judge, limit: Any) -> None:
    assert judge(RULE, of(scan(1)), required=required(max_age_days=limit)).result in ("fail", "unknown")
