"""dhi-stig-scan-score."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import STIG, Image, Judge, labelled

RULE = "dhi-stig-scan-score"


def profile(**summary: Any) -> dict[str, Any]:
    stated = {"defaultScore": 100, "maxDefaultScore": 100} | summary
    return {
        "name": "gpos",
        "summary": {name: value for name, value in stated.items() if value is not ...},
        "output": [{"format": "html", "content": "PGh0bWw+"}, {"format": "xccdf", "content": "PHhtbD4="}],
    }


def image(*predicates: Any, **more: Any) -> Image:
    more.setdefault("config", labelled(compliance="fips, stig,cis"))
    return Image(predicates={STIG: list(predicates)} if predicates else {}, **more)


def test_full_score_passes(judge: Judge) -> None:
    assert judge(RULE, image([profile()])).result == "pass"
    assert judge(RULE, image([profile(defaultScore=91.5, maxDefaultScore=91.5)])).result == "pass"


def test_lower_score_fails_unless_the_target_is_lower(judge: Judge) -> None:
    low = image([profile(defaultScore=90)])

    assert judge(RULE, low).message == "profile gpos: expected a score of at least 100, found 90"
    assert judge(RULE, low, target_score=90).result == "pass"
    assert judge(RULE, low, target_score="low").result == "fail"


def scanned(*failed: str, failing: int = 0) -> dict[str, Any]:
    rules = [{"rule": name, "title": f"Title of {name}", "result": "fail"} for name in failed]
    return {"xccdf": {"failing": failing or len(failed), "failed": rules}}


def test_failed_rules_are_named_of_the_very_profile_that_is_too_low(judge: Judge) -> None:
    facts = {"stig": [{"profiles": [scanned("V-1"), scanned("V-2", "V-3")]}, {"profiles": [scanned("V-4")]}]}
    low = image([profile(), profile(defaultScore=90)], [profile()], facts=facts)

    outcome = judge(RULE, low)

    assert outcome.message == "profile gpos: expected a score of at least 100, found 90; 2 rules failed: V-2, V-3"
    assert outcome.violations[0].detail["failed"] == ["V-2: Title of V-2", "V-3: Title of V-3"]


def test_failed_rules_beyond_those_that_are_named_are_counted(judge: Judge) -> None:
    low = image([profile(defaultScore=1)], facts={"stig": [{"profiles": [scanned("V-1", failing=150)]}]})

    assert judge(RULE, low).message.endswith("; 150 rules failed: V-1")


@pytest.mark.parametrize("facts", [[], [{"unreadable": "x"}], [{"profiles": [{"xccdf": None}]}], [{"profiles": []}]])
def test_score_too_low_fails_also_where_nobody_could_read_the_results(judge: Judge, facts: list[Any]) -> None:
    outcome = judge(RULE, image([profile(defaultScore=90)], facts={"stig": facts}))

    assert (outcome.result, outcome.message) == ("fail", "profile gpos: expected a score of at least 100, found 90")


@pytest.mark.parametrize("compliance", ["cis", "", "fipsy", ".."])
def test_image_that_claims_neither_is_skipped(judge: Judge, compliance: str) -> None:
    assert judge(RULE, image(config=labelled(compliance=compliance))).result == "skipped"


@pytest.mark.parametrize(
    "compliance", ["fips", "stig", "cis , FIPS", "cis;stig", "cis/Fips", "cis\tstig", " fips\ncis"]
)
def test_G01_claim_without_a_scan_is_unknown(judge: Judge, compliance: str) -> None:
    assert judge(RULE, image(config=labelled(compliance=compliance))).result == "unknown"


def test_signed_tag_claims_fips_too(judge: Judge) -> None:
    assert judge(RULE, image(config=labelled(compliance="cis"), tags=["3.13-debian13-fips"])).result == "unknown"


def test_gap_image_without_labels_is_not_taken_as_free_of_fips(judge: Judge) -> None:
    assert judge(RULE, image(config={"User": "1"}, tags=[])).result == "unknown"
    assert judge(RULE, image(config={"User": "1"}, tags=["3.13"])).result == "skipped"


def test_scan_that_is_there_counts_whatever_the_label_says(judge: Judge) -> None:
    assert judge(RULE, image([profile(defaultScore=1)], config=labelled(compliance="cis"))).result == "fail"


@pytest.mark.parametrize("predicate", [[], {}, None, ..., "x", 7])
def test_gap_scan_without_profiles_fails(judge: Judge, predicate: Any) -> None:
    assert judge(RULE, image(predicate)).result == "fail"


@pytest.mark.parametrize(
    "summary",
    [
        {"defaultScore": ...},
        {"maxDefaultScore": ...},
        {"maxDefaultScore": 0, "defaultScore": 0},
        {"defaultScore": "100"},
        {"defaultScore": None},
        {"defaultScore": -1},
        {"defaultScore": 101},
        {"maxDefaultScore": -100, "defaultScore": -100},
        {"maxDefaultScore": 1e-300, "defaultScore": 1e-300},
        {"maxDefaultScore": 0.5, "defaultScore": 0.5},
        {"maxDefaultScore": 1e308, "defaultScore": 1e307},
    ],
)
def test_gap_score_that_cannot_be_read_fails(judge: Judge, summary: dict[str, Any]) -> None:
    outcome = judge(RULE, image([profile(), profile(**summary)]))

    assert outcome.result == "fail"
    assert "none that can be read" in outcome.message


@pytest.mark.parametrize(
    "output",
    [
        None,
        [],
        {},
        "xccdf",
        [{"format": "html", "content": "PGh0bWw+"}],
        [{"format": "xccdf"}],
        [{"content": "PHhtbD4="}],
    ],
)
def test_J06_profile_without_its_results_fails(judge: Judge, output: Any) -> None:
    outcome = judge(RULE, image([profile(), profile() | {"output": output}]))

    assert outcome.result == "fail"
    assert outcome.message == "profile gpos: expected its XCCDF results, found none"


@pytest.mark.parametrize("entry", [{}, {"name": "x"}, {"summary": []}, "x", None])
def test_gap_profile_without_a_summary_fails(judge: Judge, entry: Any) -> None:
    assert judge(RULE, image([entry])).result == "fail"


def test_G04_J22_every_profile_of_every_scan_counts(judge: Judge) -> None:
    low = profile(defaultScore=50)

    assert judge(RULE, image([profile(), low])).result == "fail"
    assert judge(RULE, image([profile()], [low])).result == "fail"
    assert judge(RULE, image([low], [profile()])).result == "fail"
