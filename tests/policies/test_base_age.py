"""base-current: the age of a base, by what its provenance states, as of the rules' time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import DAY_NS, NOW_NS, Image, Judge

RULE = "base-current"


def built(age_days: float | None) -> Image:
    base: dict[str, Any] = {
        "reference": "dhi.io/python:3.13",
        "built": "" if age_days is None else "then",
        "built_ns": None if age_days is None else NOW_NS - int(age_days * DAY_NS),
        "end_of_life": "",
        "end_of_life_ns": None,
        "variant": "",
    }
    return Image(facts={"base": [base]})


@pytest.mark.parametrize("age", [0, 7, -0.5])
def test_a_base_within_the_age_passes(judge: Judge, age: float) -> None:
    assert judge(RULE, built(age), max_age_days=7).result == "pass"


def test_an_older_base_fails(judge: Judge) -> None:
    outcome = judge(RULE, built(7.5), max_age_days=7)

    assert (outcome.result, outcome.message) == ("fail", "the base was built at then, more than 7 days ago")


def test_J19_a_base_that_states_no_time_fails_where_an_age_is_asked_for(judge: Judge) -> None:
    outcome = judge(RULE, built(None), max_age_days=7)

    assert outcome.result == "fail"
    assert outcome.message == "no provenance of the base states when it was built; at most 7 days are allowed"
    assert judge(RULE, built(None)).result == "pass"


def test_J19_a_base_of_the_future_fails_where_an_age_is_asked_for(judge: Judge) -> None:
    outcome = judge(RULE, built(-2), max_age_days=7)

    assert (outcome.result, outcome.message) == ("fail", "the base was built at then, which lies in the future")
    assert judge(RULE, built(-2)).result == "pass"
