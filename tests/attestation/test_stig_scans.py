"""STIG attestations in detail: every profile, score and rule, as exports show them."""

from __future__ import annotations

import pytest

from tests.attestation.attestation_documents import (
    IMAGE,
    MANIFEST,
    facts_of,
    rule_result,
    statement,
    stig_profile,
    xccdf_document,
)
from tests.publisher.compliance import PROFILE, REAL_SCAN, real_stig
from verifier.attestation import KINDS
from verifier.attestation.cci import controls, is_cci
from verifier.attestation.decode import stig_documents, stig_scans
from verifier.attestation.interface import Unreadable
from verifier.attestation.xccdf_score import RESULTS
from verifier.errors import EvidenceInvalid
from verifier.model import AttestationEntry, Status, StigScan

STIG = KINDS["stig"][0]
ENTRY = AttestationEntry(STIG, "stig", MANIFEST, Status.VERIFIED, signer="dhi-2")
NO_SCORE = {"score": "", "flat": ""}


def scans(*profiles) -> tuple[StigScan, ...]:
    return stig_scans(statement(list(profiles), STIG), ENTRY, str(IMAGE))


def test_real_scan_in_full():
    (scan,) = scans(*real_stig())

    assert (scan.attestation, scan.image_digest) == (ENTRY, str(IMAGE))
    assert len(scan.rules) == 198
    assert {word: number for word, number in scan.counts.items() if number} == {
        "pass": 85,
        "fail": 6,
        "notapplicable": 107,
    }
    assert scan.default_score.computed == pytest.approx(77.777779, abs=1e-5)
    assert (scan.default_score.stated, scan.default_score.summary) == (77.777779, 77.777779)
    assert (scan.flat_score.computed, scan.flat_score.maximum) == (85.0, 91.0)
    assert (scan.flat_score.stated, scan.flat_score.stated_maximum) == (85.0, 91.0)
    assert (scan.contradictions, scan.html) == ((), False)
    assert scan.document == REAL_SCAN.read_bytes()


def test_J21_profile_and_benchmark_version_of_the_real_scan_are_facts():
    (scan,) = scans(*real_stig())

    assert (scan.profile, scan.benchmark_version) == (PROFILE, "1.0")
    assert scan.profile_title.startswith("Docker Hardened Image")
    assert (scan.benchmark_title, scan.scanner) == ("Datastream XCCDF Checklist Beta GPOS v3r2", "OpenSCAP 1.3.7")
    assert (scan.target, scan.started, scan.finished) == (
        "debian12-minbase",
        "2026-11-22T01:16:26Z",
        "2026-11-22T01:16:30Z",
    )


def test_every_rule_of_the_real_scan_has_what_an_auditor_looks_for():
    (scan,) = scans(*real_stig())
    by_name = {rule.vulnerability: rule for rule in scan.rules}

    assert len(by_name) == 198
    assert all(rule.title and rule.discussion and rule.group and rule.time for rule in scan.rules)
    assert all(len(rule.ccis) == 1 and rule.controls for rule in scan.rules)
    assert {rule.severity for rule in scan.rules} == {"high", "medium", "low"}
    assert by_name["V-203739"].controls == ("SC-13",)
    assert by_name["V-203739"].check.startswith("DetectOpenSslTest.xml")


def test_facts_name_the_failed_rules_of_the_real_scan():
    found = facts_of("stig", real_stig())["profiles"][0]["xccdf"]

    assert found["failing"] == 6
    assert [rule["rule"] for rule in found["failed"]] == [
        "V-203739",
        "V-203776",
        "V-203750",
        "V-203751",
        "V-203649",
        "V-263659",
    ]
    assert found["failed"][-1]["title"].startswith("The operating system must include only approved trust anchors")


def test_J04_facts_name_no_more_rules_than_a_message_holds():
    results = "".join(rule_result(f"SV-{number}", "fail") for number in range(150))

    found = facts_of("stig", [stig_profile(xccdf_document(results=results, **NO_SCORE))])["profiles"][0]["xccdf"]

    assert (found["failing"], len(found["failed"])) == (150, 100)


def test_J07_all_nine_words_are_counted_and_any_other_is_unknown():
    groups = {"g": {f"SV-{number}": word for number, word in enumerate((*RESULTS, "maybe"))}}

    (scan,) = scans(stig_profile(xccdf_document(groups, **NO_SCORE)))

    assert scan.counts == dict.fromkeys(RESULTS, 1) | {"unknown": 2}
    assert scan.rules[-1].result == "unknown"
    assert any("'maybe', which XCCDF does not know" in said for said in scan.contradictions)


def test_several_profiles_each_with_what_it_has():
    full, bare = stig_profile(xccdf_document(), html="<p>"), {"name": "CIS", "summary": {"defaultScore": 90}}

    first, second = scans(full, bare)

    assert (first.name, len(first.rules), first.html) == ("GPOS", 4, True)
    assert (second.name, second.rules, second.document, second.html) == ("CIS", (), b"", False)
    assert second.default_score.summary == 90.0
    assert (second.default_score.computed, second.flat_score) == (None, None)
    assert second.counts == dict.fromkeys(RESULTS, 0)


def test_result_without_benchmark_has_no_default_score_and_no_texts():
    (scan,) = scans(stig_profile(xccdf_document(benchmark=False, **NO_SCORE), {"x": 1}))

    assert scan.default_score is None
    assert scan.flat_score.computed == 2.0
    assert [rule.title for rule in scan.rules] == [""] * 4


def test_several_results_of_one_rule_are_all_kept():
    results = rule_result("SV-1", "pass") + rule_result("SV-1", "fail")

    (scan,) = scans(stig_profile(xccdf_document({"g": {"SV-1": ""}}, results=results, **NO_SCORE), {"x": 1}))

    assert [rule.result for rule in scan.rules] == ["pass", "fail"]


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        ({"flatScore": 3}, "flatScore of 3, the rules of the XCCDF results come to 2"),
        ({"maxFlatScore": 4}, "maxFlatScore of 4, the rules of the XCCDF results come to 3"),
    ],
)
def test_J06_flat_score_of_the_summary_is_held_against_the_rules(summary, sentence):
    (scan,) = scans(stig_profile(xccdf_document(), summary))

    assert sentence in scan.contradictions[0]


def test_summary_member_that_is_no_number_is_no_claim():
    (scan,) = scans(stig_profile(xccdf_document(), {"flatScore": "2 of 3", "maxFlatScore": True}))

    assert (scan.contradictions, scan.flat_score.summary) == ((), None)


def test_J06_maximum_as_low_as_the_score_is_a_contradiction():
    """Otherwise summary and document could agree on 75 of 75, and the score be full."""
    low = '<score system="urn:xccdf:scoring:default" maximum="75">75</score>'

    (scan,) = scans(stig_profile(xccdf_document(score=low), {"defaultScore": 75, "maxDefaultScore": 75}))

    assert scan.contradictions == ("the XCCDF results say a maximum of 75, the default model has 100",)


def test_J06_maximum_of_the_summary_is_held_against_the_model_where_none_is_stated():
    (scan,) = scans(stig_profile(xccdf_document(**NO_SCORE), {"defaultScore": 75, "maxDefaultScore": 75}))

    assert scan.contradictions == ("the summary says a maximum of 75, the XCCDF results 100",)


@pytest.mark.parametrize("predicate", [[], {}, [{"output": [{"format": "xccdf", "content": "PGh0bWwvPg=="}]}]])
def test_attestation_that_cannot_be_decoded_says_why(predicate):
    with pytest.raises(EvidenceInvalid):
        stig_scans(statement(predicate, STIG), ENTRY, str(IMAGE))


def test_documents_come_out_as_they_were_signed():
    broken = stig_profile(b"\xff not <xml", html="<script>alert(1)</script>")
    given = statement([stig_profile(xccdf_document(), html="<p>one</p>"), broken], STIG)

    assert [(d.profile, d.body) for d in stig_documents(given, "html")] == [
        ("p", b"<p>one</p>"),
        ("", b"<script>alert(1)</script>"),
    ]
    assert [d.body for d in stig_documents(given, "xccdf")] == [xccdf_document(), b"\xff not <xml"]
    assert stig_documents(statement([{"name": "bare"}], STIG), "html") == ()


def test_two_reports_of_one_profile_are_refused():
    doubled = stig_profile(xccdf_document(), html="<p>")
    doubled["output"] *= 2

    with pytest.raises(Unreadable, match="expected one HTML report"):
        stig_documents(statement([doubled], STIG), "html")


@pytest.mark.parametrize(
    ("cci", "control"),
    [
        ("CCI-000001", ("AC-1",)),
        ("CCI-002450", ("SC-13",)),
        ("CCI-003992", ("CM-14",)),
        ("CCI-000015", ("AC-2 (1)",)),
        ("CCI-999999", ()),
        ("CCI-1", ()),
        ("", ()),
    ],
)
def test_control_of_a_cci(cci, control):
    assert controls([cci]) == control


def test_controls_of_several_ccis_are_each_named_once():
    assert controls(["CCI-000007", "CCI-002450", "CCI-000008", "CCI-002450"]) == ("AC-2", "SC-13")


@pytest.mark.parametrize(
    ("system", "text", "expected"),
    [
        ("http://cyber.mil/cci", "CCI-000366", True),
        ("http://iase.disa.mil/cci", "CCI-000366", True),
        ("https://public.cyber.mil/cci/", "CCI-000366", True),
        ("http://cyber.mil.example/cci", "CCI-000366", False),
        ("http://cyber.mil/legacy", "CCI-000366", False),
        ("http://cyber.mil/cci", "SV-000366", False),
        ("http://cyber.mil/cci", "CCI-000366\n", False),
    ],
)
def test_what_counts_as_a_cci(system, text, expected):
    assert is_cci(system, text) is expected
