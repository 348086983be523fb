"""dhi-no-embedded-secrets and dhi-no-failing-tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import SECRETS, TESTS, Image, Judge


def secrets(*predicates: Any) -> Image:
    return Image(predicates={SECRETS: list(predicates)})


def reported(*summaries: Any) -> Image:
    return Image(predicates={TESTS: [{"reportFormat": "CTRF", "results": {"summary": found}} for found in summaries]})


GOOD = {"tests": 12, "passed": 10, "failed": 0, "skipped": 2, "start": 1, "stop": 2}


@pytest.mark.parametrize("predicate", [[], {}])
def test_empty_scan_passes(judge: Judge, predicate: Any) -> None:
    assert judge("dhi-no-embedded-secrets", secrets(predicate)).result == "pass"


def test_findings_fail_and_are_not_repeated(judge: Judge) -> None:
    outcome = judge("dhi-no-embedded-secrets", secrets([{"findings": [{"match": "hunter2"}]}]))

    assert outcome.result == "fail"
    assert "hunter2" not in str(outcome)


@pytest.mark.parametrize("predicate", [None, ..., "", "none", 0, False])
def test_gap_secrets_predicate_that_is_no_result_fails(judge: Judge, predicate: Any) -> None:
    assert judge("dhi-no-embedded-secrets", secrets(predicate)).result == "fail"


def test_G04_J22_second_scan_with_findings_fails(judge: Judge) -> None:
    assert judge("dhi-no-embedded-secrets", secrets([], [{"rule_id": "x"}])).result == "fail"
    assert judge("dhi-no-embedded-secrets", secrets([{"rule_id": "x"}], [])).result == "fail"


@pytest.mark.parametrize("rule", ["dhi-no-embedded-secrets", "dhi-no-failing-tests"])
def test_G01_missing_evidence_is_unknown(judge: Judge, rule: str) -> None:
    assert judge(rule).result == "unknown"


def test_passed_tests_pass(judge: Judge) -> None:
    assert judge("dhi-no-failing-tests", reported(GOOD)).result == "pass"
    assert judge("dhi-no-failing-tests", reported(GOOD | {"pending": 0, "other": 0})).result == "pass"


def test_failed_test_fails(judge: Judge) -> None:
    outcome = judge("dhi-no-failing-tests", reported(GOOD | {"passed": 9, "failed": 1}))

    assert outcome.result == "fail"
    assert outcome.message == "1 of 12 tests failed"


@pytest.mark.parametrize("missing", ["tests", "passed", "failed"])
def test_gap_summary_without_a_count_fails(judge: Judge, missing: str) -> None:
    summary = {name: value for name, value in GOOD.items() if name != missing}

    assert judge("dhi-no-failing-tests", reported(summary)).result == "fail"


@pytest.mark.parametrize("predicate", [{}, {"results": {}}, {"results": {"summary": None}}, [], None, ..., "x"])
def test_gap_report_without_a_summary_fails(judge: Judge, predicate: Any) -> None:
    outcome = judge("dhi-no-failing-tests", Image(predicates={TESTS: [predicate]}))

    assert outcome.result == "fail"
    assert "expected a summary" in outcome.message


def test_gap_zero_tests_fail(judge: Judge) -> None:
    assert judge("dhi-no-failing-tests", reported({"tests": 0, "passed": 0, "failed": 0})).result == "fail"
    assert (
        judge("dhi-no-failing-tests", reported({"tests": 4, "passed": 0, "failed": 0, "skipped": 4})).result == "fail"
    )


@pytest.mark.parametrize("change", [{"passed": 13}, {"tests": 20}, {"failed": -1}, {"failed": "0"}, {"skipped": 2.5}])
def test_J20_counts_that_contradict_each_other_fail(judge: Judge, change: dict[str, Any]) -> None:
    assert judge("dhi-no-failing-tests", reported(GOOD | change)).result == "fail"


def test_J20_listed_failure_that_the_summary_denies_fails(judge: Judge) -> None:
    results = {"summary": GOOD, "tests": [{"name": "a", "status": "passed"}, {"name": "b", "status": "failed"}]}

    outcome = judge("dhi-no-failing-tests", Image(predicates={TESTS: [{"results": results}]}))

    assert outcome.result == "fail"
    assert "the list 1" in outcome.message


def test_G04_J22_second_report_with_a_failure_fails(judge: Judge) -> None:
    bad = GOOD | {"passed": 9, "failed": 1}

    assert judge("dhi-no-failing-tests", reported(GOOD, bad)).result == "fail"
    assert judge("dhi-no-failing-tests", reported(bad, GOOD)).result == "fail"
