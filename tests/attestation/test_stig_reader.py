import gzip

import pytest

from tests.attestation.attestation_documents import (
    GROUPS,
    XCCDF_11,
    b64,
    facts_of,
    rule_result,
    stig_profile,
    xccdf_document,
)
from verifier.attestation.interface import Unreadable
from verifier.attestation.members import base64_bytes

DIGEST = "sha256:" + "c" * 64


def profile_of(document=None, summary=None, html=None):
    found = facts_of("stig", [stig_profile(document or xccdf_document(), summary, html)])
    assert "unreadable" not in found, found["unreadable"]
    return found["profiles"][0]


def contradictions(document=None, **summary):
    return profile_of(document, summary or None)["contradictions"]


def test_agreeing_report_in_full():
    found = facts_of("stig", [stig_profile(xccdf_document(), html="<html>")])
    profile = found["profiles"][0]
    results = profile["xccdf"]

    assert (profile["name"], profile["default_score"], profile["max_default_score"]) == ("GPOS", 75.0, 100.0)
    assert (results["score"], results["maximum"], results["computed_score"]) == (75.0, 100.0, 75.0)
    assert (results["computed_flat_score"], results["computed_flat_maximum"]) == (2.0, 3.0)
    assert results["counts"] == {
        "pass": 2,
        "fail": 1,
        "error": 0,
        "unknown": 0,
        "notapplicable": 1,
        "notchecked": 0,
        "notselected": 0,
        "informational": 0,
        "fixed": 0,
    }
    assert (results["rules"], results["target"]) == (4, "debian12-minbase")
    assert profile["html"]
    assert profile["contradictions"] == []
    assert found["time"] == results["end_time"] == "2026-01-02T03:04:09Z"


def test_default_score_of_nine_counted_groups_as_openscap_prints_it():
    groups = {f"g{n}": {f"r{n}": "pass" if n < 7 else "fail"} for n in range(9)}
    groups["many"] = {f"na{n}": "notapplicable" for n in range(107)}
    score = '<score system="urn:xccdf:scoring:default" maximum="100.000000">77.777779</score>'

    found = profile_of(xccdf_document(groups, score=score, flat=""), {"defaultScore": 77.777779})

    assert found["xccdf"]["computed_score"] == pytest.approx(77.777779, abs=1e-5)
    assert found["contradictions"] == []


def test_version_11_and_results_without_a_benchmark():
    assert profile_of(xccdf_document(namespace=XCCDF_11))["contradictions"] == []

    alone = profile_of(xccdf_document(benchmark=False))

    assert alone["xccdf"]["computed_score"] is None
    assert (alone["xccdf"]["computed_flat_score"], alone["xccdf"]["benchmark"]) == (2.0, "b")
    assert alone["contradictions"] == []


def test_weights_and_roles_count():
    results = (
        rule_result("SV-1", "pass", 'weight="3.0"')
        + rule_result("SV-2", "fail", 'weight="1.0"')
        + rule_result("SV-3", "fail", 'role="unscored" weight="1.0"')
        + rule_result("SV-4", "fixed", "")
    )

    found = profile_of(xccdf_document(results=results, score="", flat=""))["xccdf"]

    assert found["computed_score"] == pytest.approx(87.5)
    assert (found["computed_flat_score"], found["computed_flat_maximum"]) == (4.0, 5.0)


def test_summary_only_has_no_results_and_no_contradiction():
    found = facts_of("stig", [{"name": "GPOS", "summary": {"defaultScore": 100, "maxDefaultScore": 100}}])["profiles"][
        0
    ]

    assert found["xccdf"] is None
    assert not found["html"]


def test_J06_html_is_never_judged():
    found = profile_of(html="<h1>100 of 100, everything passed</h1>" + "<" * 1000)

    assert found["html"]
    assert found["xccdf"]["counts"]["fail"] == 1
    assert facts_of("stig", [stig_profile(None, html="all passed")])["profiles"][0]["xccdf"] is None


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        ({"defaultScore": 100}, "default score of 100, the XCCDF results 75"),
        ({"defaultScore": 75.02}, "default score"),
        ({"maxDefaultScore": 75}, "maximum of 75, the XCCDF results 100"),
        ({"pass": 3}, "3 rules are pass, the XCCDF results 2"),
        ({"Passed": 3}, "3 rules are pass"),
        ({"FAIL": 0}, "0 rules are fail"),
        ({"failed": 0}, "0 rules are fail"),
        ({"notapplicable": 0}, "notapplicable"),
        ({"notApplicable": 0}, "notapplicable"),
        ({"not_applicable": 0}, "notapplicable"),
        ({"error": 1}, "error"),
    ],
)
def test_J06_summary_that_the_xml_contradicts(summary, sentence):
    (found,) = contradictions(**summary)

    assert sentence in found


def test_summary_members_that_agree_or_are_not_known_are_no_contradiction():
    assert (
        contradictions(defaultScore=75.005, passed=2, fail=1, notApplicable=1, total=999, version="1", profile="p")
        == []
    )


def test_J06_score_that_its_own_rules_contradict():
    inflated = xccdf_document(score='<score system="urn:xccdf:scoring:default" maximum="100">100</score>')

    assert "their rules come to 75" in contradictions(inflated, defaultScore=100)[0]


def test_J06_flat_score_that_its_own_rules_contradict():
    inflated = xccdf_document(flat='<score system="urn:xccdf:scoring:flat" maximum="4">3</score>', benchmark=False)

    assert len(contradictions(inflated)) == 2


def test_J06_summary_is_compared_with_the_rules_where_no_score_is_stated():
    assert "default score of 100" in contradictions(xccdf_document(score="", flat=""), defaultScore=100)[0]


def test_J06_two_scores_of_one_system():
    twice = '<score system="urn:xccdf:scoring:default" maximum="100">75</score>' * 2

    assert "2 scores" in contradictions(xccdf_document(score=twice))[0]


def test_J06_failed_rule_that_was_left_out():
    kept = rule_result("SV-1", "pass") + rule_result("SV-3", "pass") + rule_result("SV-4", "notapplicable")
    score = '<score system="urn:xccdf:scoring:default" maximum="100">100</score>'

    found = contradictions(xccdf_document(results=kept, score=score, flat=""), defaultScore=100)

    assert found == ["1 rules of the profile have no result: SV-2"]


def test_J06_result_for_a_rule_that_does_not_exist():
    results = "".join(rule_result(rule, word) for rules in GROUPS.values() for rule, word in rules.items())

    found = contradictions(xccdf_document(results=results + rule_result("SV-9", "notapplicable")))

    assert found == ["1 results are for rules that the benchmark does not have: SV-9"]


@pytest.mark.parametrize("word", ["passed", "PASS", "", "ok", "true"])
def test_J07_unknown_result_word_is_a_contradiction_and_counts_as_failed(word):
    groups = {"crypto": {"SV-1": word}, "users": {"SV-3": "pass"}}

    found = profile_of(xccdf_document(groups, score="", flat=""), {"defaultScore": 50})

    assert repr(word) in found["contradictions"][0]
    assert found["xccdf"]["computed_score"] == 50.0
    assert found["xccdf"]["counts"]["pass"] == 1


@pytest.mark.parametrize("word", ["error", "unknown"])
def test_J07_error_and_unknown_count_as_failed(word):
    groups = {"crypto": {"SV-1": word}, "users": {"SV-3": "pass"}}

    assert (
        profile_of(xccdf_document(groups, score="", flat=""), {"defaultScore": 50})["xccdf"]["computed_score"] == 50.0
    )


def test_J07_rule_result_without_a_result():
    results = rule_result("SV-1", "pass").replace("<result>pass</result>", "")

    assert profile_of(xccdf_document({"g": {"SV-1": ""}}, results=results, score="", flat=""), {"x": 1})[
        "contradictions"
    ]


def test_J08_compressed_document_is_refused_not_unpacked():
    found = facts_of("stig", [stig_profile(gzip.compress(b" " * 10_000_000))])

    assert "unreadable" in found


def test_J21_profile_benchmark_and_version_are_facts():
    results = profile_of()["xccdf"]

    assert (results["profile"], results["benchmark"], results["version"]) == ("p", "b", "1.0")


@pytest.mark.parametrize(
    ("target", "digests", "references"),
    [
        ("<target>debian12-minbase</target>", [], []),
        (f"<target>{DIGEST}</target>", [DIGEST], []),
        (f"<target>docker-image://dhi.io/python@{DIGEST}</target>", [DIGEST], [f"dhi.io/python@{DIGEST}"]),
        ("<target>dhi.io/python:3.13-fips</target>", [], ["dhi.io/python:3.13-fips"]),
        ("<target>localhost:5000</target>", [], []),
        (f"<target>h</target><target-address>{DIGEST}</target-address>", [DIGEST], []),
        (f'<target>h</target><target-facts><fact name="i">x {DIGEST}</fact></target-facts>', [DIGEST], []),
        (f'<target>h</target><other xmlns="urn:o">{DIGEST}</other>', [], []),
    ],
)
def test_target_digests_and_image_references(target, digests, references):
    results = profile_of(xccdf_document(target=target))["xccdf"]

    assert results["target_digests"] == digests
    assert results["target_references"] == references


def test_age_of_several_profiles_is_that_of_the_oldest_scan():
    older = xccdf_document().replace(b"2026-01-02T03:04:09", b"2025-12-02T03:04:09")

    assert facts_of("stig", [stig_profile(xccdf_document()), stig_profile(older)])["time"] == "2025-12-02T03:04:09Z"


def test_J19_end_time_without_a_zone():
    found = facts_of("stig", [stig_profile(xccdf_document().replace(b"04:09+00:00", b"04:09"))])

    assert found["time"] == ""
    assert "zone" in found["time_problem"]


@pytest.mark.parametrize(
    "predicate",
    [
        [],
        {},
        "",
        [1],
        [{"summary": []}],
        [{"summary": {"defaultScore": "100"}}],
        [{"summary": {"maxDefaultScore": True}}],
        [{"output": {}}],
        [{"output": [{"format": "xccdf"}]}],
        [{"output": [{"format": "xccdf", "content": "%"}]}],
        [{"output": [{"format": "xccdf", "content": b64("<html/>")}]}],
        [{"output": [{"format": "xccdf", "content": b64(xccdf_document())}] * 2}],
        [{}] * 100,
    ],
)
def test_stig_predicate_that_cannot_be_judged_is_unreadable(predicate):
    assert "unreadable" in facts_of("stig", predicate)


def test_age_is_unknown_when_one_of_several_scans_has_no_time():
    timeless = xccdf_document().replace(b' end-time="2026-01-02T03:04:09+00:00"', b"")

    assert facts_of("stig", [stig_profile(xccdf_document()), stig_profile(timeless)])["time_ns"] is None


@pytest.mark.parametrize("words", [("pass", "fail"), ("fail", "pass")])
def test_rule_with_several_results_counts_by_the_worst(words):
    results = "".join(rule_result("SV-1", word) for word in words)

    found = profile_of(xccdf_document({"g": {"SV-1": ""}}, results=results, score="", flat=""), {"defaultScore": 0})

    assert found["xccdf"]["computed_score"] == 0.0


def test_J08_content_beyond_the_limit_is_not_decoded():
    with pytest.raises(Unreadable, match="larger than 10 bytes"):
        base64_bytes("A" * 1000, "the document", 10)

    assert base64_bytes("QUJD\nREVG\r\n", "the document", 10) == b"ABCDEF"
