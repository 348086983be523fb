"""The result file that programs written for `docker scout policy` read."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from verifier.errors import UsageError
from verifier.model import ImageResult, PlatformResult, Report, Result, RuleOutcome, Verdict, Violation
from verifier.report.scout import result_file

CURL = Violation("curl is old", {"purl": "pkg:deb/debian/curl@7", "reason": "old"})
BASH = Violation("bash is there", {"purl": "pkg:deb/debian/bash@5", "reason": "there"})


def outcome(result: str, *violations: Violation, rule: str = "packages", message: str = "") -> RuleOutcome:
    return RuleOutcome(rule, rule, Result(result), "enforce", message, violations)


def image(*platforms: tuple[RuleOutcome, ...]) -> ImageResult:
    results = tuple(PlatformResult(f"linux/{n}", "", Verdict.ALLOW, rules=rules) for n, rules in enumerate(platforms))
    return ImageResult("x", "", Verdict.ALLOW, platforms=results)


def report(*images: ImageResult) -> Report:
    return Report("", "", "", Verdict.ALLOW, 0, True, images=images)


def policies(*platforms: tuple[RuleOutcome, ...]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result_file(report(image(*platforms))))
    return found


def test_each_policy_has_the_documented_members() -> None:
    found = policies((outcome("fail", CURL, BASH), outcome("pass", rule="user")))

    assert found == {
        "packages": {
            "pass": False,
            "violations": [CURL.detail, BASH.detail],
            "bindings": {
                "violation": [
                    {"message": "curl is old", "detail": CURL.detail},
                    {"message": "bash is there", "detail": BASH.detail},
                ]
            },
            "metrics": {},
        },
        "user": {"pass": True, "violations": [], "bindings": {"violation": []}, "metrics": {}},
    }


def test_a_policy_passes_when_it_passes_on_every_platform_where_it_applies() -> None:
    assert policies((outcome("pass"),), (outcome("skipped"),))["packages"]["pass"] is True
    assert policies((outcome("pass"),), (outcome("fail", CURL),))["packages"]["pass"] is False
    assert policies((outcome("skipped"),), (outcome("skipped"),)) == {}


def test_what_several_platforms_have_is_there_once() -> None:
    found = policies((outcome("fail", CURL),), (outcome("fail", CURL, BASH),))["packages"]

    assert found["violations"] == [CURL.detail, BASH.detail]


def test_rules_of_one_name_pass_together() -> None:
    found = policies((outcome("pass"), outcome("fail", CURL)))

    assert found["packages"]["pass"] is False


@pytest.mark.parametrize("result", ["fail", "unknown"])
def test_G01_a_policy_that_does_not_pass_says_why(result: str) -> None:
    found = policies((outcome(result, message="expected a scan, found none"),))["packages"]

    assert (found["pass"], found["violations"]) == (False, [{"message": "expected a scan, found none"}])


def test_a_violation_without_detail_keeps_its_message() -> None:
    assert policies((outcome("fail", Violation("just so")),))["packages"]["violations"] == [{"message": "just so"}]


def test_a_waived_failure_does_not_pass() -> None:
    waived = RuleOutcome("packages", "", Result.FAIL, "enforce", "", (CURL,), waiver="until tomorrow")

    assert policies((waived,))["packages"]["pass"] is False


def test_an_image_that_could_not_be_judged_has_no_policies() -> None:
    assert policies() == {}


@pytest.mark.parametrize("exit_code", [1, 3, 4, 5])
def test_G25_what_refuses_an_image_beside_its_rules_is_no_pass_for_a_reader(exit_code: int) -> None:
    refused = msgspec.structs.replace(
        image((outcome("pass"),)), verdict=Verdict.DENY, exit_code=exit_code, reasons=("nobody trusted signed it",)
    )

    found = json.loads(result_file(report(refused)))

    assert found["packages"]["pass"] is True
    assert found["dhiverify"]["pass"] is False
    assert found["dhiverify"]["violations"] == [{"message": "nobody trusted signed it"}]


@pytest.mark.parametrize("number", [0, 2])
def test_it_is_about_exactly_one_image(number: int) -> None:
    with pytest.raises(UsageError, match=f"expected one image for a result file, found {number}"):
        result_file(report(*[image()] * number))


def test_foreign_text_can_neither_order_nor_mislead() -> None:
    hostile = Violation("x", {"reason": "##[error]\x1b[31m\u202e::set-output::"})

    text = result_file(report(image((outcome("fail", hostile),))))

    assert "##[" not in text
    assert text.isascii()
    assert json.loads(text)["packages"]["violations"] == [hostile.detail]
