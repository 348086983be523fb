"""OSCAL assessment results, by NIST's own schema: every conclusion leads back to what was seen and who signed it."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from tests.report.oscal_documents import (
    REPORTS,
    SCHEMA,
    Document,
    everything,
    finding,
    render,
    result,
    results,
    scanned,
    values,
    with_scans,
)
from tests.report.samples import ALLOWED, AMD64, FAILED, FULL, STIG, WORDS, attestation, scan, stig_rule
from verifier.errors import UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Details, PlatformResult, Report, Result, Verdict
from verifier.report.oscal.values import NAMESPACE


def stated(report: Report) -> list[str]:
    platforms = [platform for image in report.images for platform in image.platforms if platform.details]
    return [rule.result for one in platforms if one.details for stig in one.details.stig for rule in stig.rules]


@pytest.mark.parametrize("name", REPORTS)
def test_the_schema_of_nist_accepts_every_report(name: str) -> None:
    document = results(REPORTS[name])

    assert document["metadata"]["oscal-version"] == "1.1.2"
    assert document["results"]


BAD: dict[str, tuple[tuple[str | int, ...], object]] = {
    "state": (("results", 0, "findings", 0, "target", "status", "state"), "maybe"),
    "uuid": (("results", 0, "uuid"), "00000000-0000-0000-0000-000000000000"),
    "zone": (("results", 0, "start"), "2026-01-20T00:00:00"),
    "empty": (("results", 0, "observations"), []),
    "unknown member": (("results", 0, "verdict"), "allow"),
    "lines in a title": (("metadata", "title"), "a\nb"),
}


@pytest.mark.parametrize("name", BAD)
def test_the_schema_of_nist_refuses_what_is_wrong(name: str) -> None:
    document = json.loads(render(FULL))
    place: Any = document["assessment-results"]
    (*way, last), wrong = BAD[name]

    for step in way:
        place = place[step]
    place[last] = wrong

    assert not SCHEMA.is_valid(document)


def test_the_decision_is_a_finding_about_cm_14_and_names_disas_requirement() -> None:
    denied, allowed = finding(FULL, "cm-14_smt"), finding(ALLOWED, "cm-14_smt")

    assert denied["target"]["status"]["state"] == "not-satisfied"
    assert "1 infected file" in denied["target"]["status"]["remarks"]
    assert allowed["target"]["status"] == {"state": "satisfied", "reason": "pass", "remarks": "verdict: allow"}
    assert values(allowed, "vulnerability-id") == ["V-233065"]
    assert values(allowed, "srg") == ["SRG-APP-000131-CTR-000285"]
    assert values(allowed, "cci") == ["CCI-003992", "CCI-001749"]


def test_G17_an_image_let_through_unenforced_does_not_satisfy_the_control() -> None:
    image = replace(FULL.images[0], verdict=Verdict.WARN, enforced=False, exit_code=0)

    found = finding(replace(FULL, images=(image,)), "cm-14_smt")

    assert found["target"]["status"]["state"] == "not-satisfied"
    assert "not enforced" in found["target"]["status"]["remarks"]


def test_each_rule_of_the_policy_is_an_objective_with_a_finding() -> None:
    document = results(FULL)

    (local,) = document["local-definitions"]["objectives-and-methods"]
    found = {one["target"]["target-id"]: one for one in document["results"][0]["findings"]}
    states = {values(part, "rule-id")[0]: found[part["id"]]["target"]["status"]["state"] for part in local["parts"]}

    assert local["control-id"] == "cm-14"
    assert states == {
        "dhi-no-embedded-secrets": "satisfied",
        "dhi-no-embedded-malware": "not-satisfied",
        "dhi-no-failing-tests": "not-satisfied",
        "dhi-fresh-evidence": "not-satisfied",
        "fixable-vulnerabilities": "not-satisfied",
        "dhi-stig-scan-score": "satisfied",
    }
    skipped = found["cm-14_obj.dhi-stig-scan-score"]["target"]
    assert skipped["implementation-status"]["state"] == "not-applicable"


def test_a_rule_that_fails_on_one_platform_is_not_satisfied() -> None:
    image = ALLOWED.images[0]
    first, second = image.platforms
    failing = replace(second, rules=tuple(replace(rule, result=Result.FAIL) for rule in second.rules))

    found = finding(
        replace(ALLOWED, images=(replace(image, platforms=(first, failing)),)), "cm-14_obj.dhi-no-embedded-secrets"
    )

    assert found["target"]["status"]["state"] == "not-satisfied"
    assert "linux/arm64: fail" in found["target"]["status"]["remarks"]


def test_every_result_of_a_scan_is_one_observation() -> None:
    observed = result(FULL)["observations"]

    counted = Counter(word for one in observed for word in values(one, "stig-result"))

    assert counted == Counter(stated(FULL))
    assert set(counted) == set(WORDS)


@pytest.mark.parametrize(
    ("words", "state", "reason"),
    [
        (("pass",), "satisfied", "pass"),
        (("fixed", "notapplicable"), "satisfied", "pass"),
        (("pass", "fail"), "not-satisfied", "fail"),
        (("pass", "error"), "not-satisfied", "other"),
        (("pass", "unknown"), "not-satisfied", "other"),
        (("pass", "notchecked"), "not-satisfied", "other"),
        (("pass", "a new word"), "not-satisfied", "other"),
        (("pass", "notselected", "informational"), "satisfied", "pass"),
        (("notapplicable", "notapplicable"), "satisfied", "other"),
        (("notselected", "informational"), "not-satisfied", "other"),
    ],
)
def test_a_control_is_satisfied_when_something_was_tested_and_nothing_is_open(
    words: tuple[str, ...], state: str, reason: str
) -> None:
    status = finding(scanned(*words), "sc-13_smt")["target"]["status"]

    assert (status["state"], status["reason"]) == (state, reason)
    assert all(word in status["remarks"] for word in words)


def test_a_control_of_which_nothing_applies_says_so() -> None:
    target = finding(scanned("notapplicable"), "sc-13_smt")["target"]

    assert target["implementation-status"]["state"] == "not-applicable"


def test_J22_of_two_scans_the_failed_one_counts() -> None:
    first, second = attestation(STIG, "stig", 1), attestation(STIG, "stig", 2)

    found = finding(with_scans(scan(first, AMD64, ("pass",)), scan(second, AMD64, ("fail",))), "sc-13_smt")

    assert found["target"]["status"]["state"] == "not-satisfied"
    assert len(found["related-observations"]) == 2


def test_J22_a_scan_that_contradicts_itself_satisfies_no_control() -> None:
    entry = attestation(STIG, "stig", 1)
    contradicted = replace(scan(entry, AMD64), rules=(stig_rule(1, "pass"),), contradictions=("2 rules, not 1",))

    status = finding(with_scans(contradicted), "sc-13_smt")["target"]["status"]

    assert (status["state"], status["reason"]) == ("not-satisfied", "other")
    assert "contradicts itself" in status["remarks"]


def test_controls_are_written_as_in_the_catalog_and_sorted_as_there() -> None:
    texts = ("AC-10", "AC-2 (4)", "CM-6 b", "AC-2", "AU-12 a 1 (b)", "not a control", "AC-02", "CM-6", "IA-5 (1) (c)")
    entry = attestation(STIG, "stig", 1)
    rules = tuple(replace(stig_rule(n, "pass"), controls=(text,)) for n, text in enumerate(texts))

    shown = result(with_scans(replace(scan(entry, AMD64), rules=rules)))
    selected = shown["reviewed-controls"]["control-selections"][1]["include-controls"]

    assert [one["control-id"] for one in selected] == ["ac-2", "ac-2.4", "ac-10", "au-12", "cm-6", "ia-5.1"]


def test_a_rule_without_a_control_is_observed_and_a_risk_when_open() -> None:
    entry = attestation(STIG, "stig", 1)
    rule = replace(stig_rule(1, "fail"), controls=(), ccis=())

    shown = result(with_scans(replace(scan(entry, AMD64), rules=(rule,))))

    assert [values(one, "vulnerability-id") for one in shown["risks"]] == [["V-203601"]]
    assert ["fail"] in [values(one, "stig-result") for one in shown["observations"]]


def test_an_open_rule_is_a_risk_with_its_severity_and_remedy() -> None:
    (risk,) = result(scanned("pass", "fail"))["risks"]

    assert risk["status"] == "open"
    assert risk["characterizations"][0]["facets"][0]["value"] == "high"
    assert risk["remediations"][0]["description"] == "Make it so."
    assert "Why it matters." in risk["statement"]


def test_a_waiver_makes_a_deviation_and_satisfies_nothing() -> None:
    found = finding(FULL, "cm-14_obj.fixable-vulnerabilities")
    risks = {one["uuid"]: one for one in result(FULL)["risks"]}

    (risk,) = [risks[one["risk-uuid"]] for one in found["related-risks"]]

    assert found["target"]["status"]["state"] == "not-satisfied"
    assert risk["status"] == "deviation-approved"
    assert values(risk, "waiver-ticket") == ["SEC-1234"]
    assert values(risk, "waiver-expires") == ["9999-12-31T00:00:00Z"]
    assert "deadline" not in risk  # OSCAL's times end with the year 2999


def test_a_waiver_ends_at_the_deadline_of_its_risk() -> None:
    image = FULL.images[0]
    waiver = replace(image.waivers[0], expires="2026-06-30T12:00:00+02:00")

    risks = result(replace(FULL, images=(replace(image, waivers=(waiver,)),)))["risks"]

    assert [one.get("deadline") for one in risks if one["status"] == "deviation-approved"] == ["2026-06-30T10:00:00Z"]


def test_evidence_that_is_not_trusted_is_observed_too() -> None:
    observed = [one for one in result(FULL)["observations"] if "untrusted" in values(one, "attestation-status")]

    assert len(observed) == len(FULL.images[0].platforms)
    assert all("not trusted here" in one["description"] for one in observed)


def test_what_could_not_be_read_is_observed() -> None:
    image = ALLOWED.images[0]
    platform = replace(image.platforms[0], details=Details(unreadable=("the STIG attestation is no XCCDF",)))

    observed = result(replace(ALLOWED, images=(replace(image, platforms=(platform,)),)))["observations"]

    assert "the STIG attestation is no XCCDF" in [one["description"] for one in observed]


def test_fips_modules_and_tests_are_observed_with_their_certificate() -> None:
    observed = result(FULL)["observations"]

    modules = [one for one in observed if values(one, "fips-module")]
    tests = [one for one in observed if values(one, "tests")]

    assert [values(one, "certification") for one in modules] == [["CMVP #4985"]] * 2
    assert modules[0]["links"][0]["href"].endswith("/certificate/4985")
    assert "FIPS self-test: passed" in tests[0]["description"]


def test_scan_results_carry_attestation_signer_time_and_image() -> None:
    document = results(FULL)
    resources = {one["uuid"]: one for one in document["back-matter"]["resources"]}
    items = {one["uuid"]: one for one in document["results"][0]["local-definitions"]["inventory-items"]}

    for one in document["results"][0]["observations"]:
        if not values(one, "stig-result"):
            continue
        (found,) = one["relevant-evidence"]
        resource = resources[found["href"].removeprefix("#")]
        assert values(found, "attestation-digest") == values(resource, "attestation-digest")
        assert values(resource, "signer") == ["dhi-2"]
        assert values(resource, "predicate-type") == [STIG]
        assert one["collected"] == "2026-01-15T12:45:00Z"
        assert values(items[one["subjects"][0]["subject-uuid"]], "image-digest")


@pytest.mark.parametrize(
    ("stamp", "collected"), [("2026-01-15T12:45:00", "2026-01-15T12:46:00Z"), ("", "2026-01-15T12:46:00Z")]
)
def test_a_time_without_zone_is_not_made_up(stamp: str, collected: str) -> None:
    entry = attestation(STIG, "stig", 1)
    rule = replace(stig_rule(1, "pass"), time=stamp)

    observed = result(with_scans(replace(scan(entry, AMD64), rules=(rule,))))["observations"]

    assert [one["collected"] for one in observed if values(one, "stig-result")] == [collected]


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_points_at_what_is_not_there(name: str) -> None:
    document = results(REPORTS[name])
    uuids = [one["uuid"] for one in everything(document) if "uuid" in one]
    defined = {one["id"] for one in everything(document) if "id" in one}
    resources = {one["uuid"] for one in document["back-matter"]["resources"]}

    pointers = [
        (key, value)
        for one in everything(document)
        for key, value in one.items()
        if key.endswith("-uuid") and isinstance(value, str)
    ]
    targets = {one["target-id"] for one in everything(document) if one.get("type") == "objective-id"}
    anchors = {one["href"][1:] for one in everything(document) if one.get("href", "").startswith("#")}

    assert {value for _, value in pointers} <= set(uuids)
    assert targets | {one["objective-id"] for one in everything(document) if "objective-id" in one} <= defined
    assert anchors <= resources
    assert [uuid for uuid, times in Counter(uuids).items() if times > 1] == []


def test_images_of_one_run_are_results_side_by_side() -> None:
    other = replace(ALLOWED.images[0], reference="dhi.io/node:24")

    document = results(replace(FULL, images=(FULL.images[0], other, FAILED.images[0])))

    assert [one["title"] for one in document["results"]] == [
        "dhi.io/python:3.13",
        "dhi.io/node:24",
        "dhi.io/python:3.13",
    ]
    uuids = [one["uuid"] for inside in document["results"] for one in (inside, *inside.get("observations", ()))]
    assert len(set(uuids)) == len(uuids)


def test_K17_a_run_that_was_not_complete_shows_it() -> None:
    document = results(FAILED)

    assert values(document["metadata"], "complete") == ["false"]
    assert "not complete" in document["metadata"]["remarks"]
    assert values(document["metadata"], "error") == ["dhi.io does not answer: connection refused"]
    (found,) = document["results"][0]["findings"]
    assert found["target"]["status"]["state"] == "not-satisfied"
    assert found["target"]["status"]["reason"] == "other"


def test_an_error_of_an_image_is_observed() -> None:
    fault = replace(FAILED.errors[0], image=FAILED.images[0].reference)

    (observed,) = result(replace(FAILED, errors=(fault,)))["observations"]

    assert "connection refused" in observed["description"]


def test_N08_a_relaxed_run_shows_it_where_it_concludes() -> None:
    relaxed = replace(ALLOWED, relaxations=("only platform linux/amd64 is judged (--platform)",))

    assert values(results(relaxed)["metadata"], "relaxation")
    assert "relaxed: only platform" in finding(relaxed, "cm-14_smt")["description"]


def test_K16_the_same_report_gives_the_same_bytes_wherever_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    here = render(FULL)

    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    there = render(FULL)
    monkeypatch.undo()
    time.tzset()

    assert here == there
    assert here.endswith("}\n")


def test_K16_what_stays_keeps_its_identifier_and_what_changes_does_not() -> None:
    before, after = results(FULL), results(replace(FULL, effective_time="2026-02-20T00:00:00Z"))

    def uuids(document: Document, *way: str) -> list[str]:
        place: Any = document["results"][0]
        for step in way:
            place = place[step]
        return [one["uuid"] for one in place]

    assert before["uuid"] != after["uuid"]
    assert set(uuids(before, "observations")).isdisjoint(uuids(after, "observations"))
    assert uuids(before, "local-definitions", "inventory-items") == uuids(after, "local-definitions", "inventory-items")


def test_a_rule_with_very_many_violations_names_some_and_counts_the_rest() -> None:
    image = FULL.images[0]
    failed = next(rule for rule in image.platforms[0].rules if rule.result is Result.FAIL)
    many = replace(failed, violations=failed.violations * (DEFAULT_LIMITS.exported_violations + 7))
    platform: PlatformResult = replace(image.platforms[0], rules=(many,))

    observed = result(replace(FULL, images=(replace(image, platforms=(platform,)),)))["observations"]

    (shown,) = [one["description"] for one in observed if values(one, "rule-id")]
    assert shown.endswith("and 7 more")


def test_properties_that_nist_does_not_define_are_in_a_namespace_of_ours() -> None:
    assert {prop["ns"] for one in everything(results(FULL)) for prop in one.get("props", ())} == {NAMESPACE}


@pytest.mark.parametrize("report", [replace(FULL, images=()), replace(FULL, effective_time="0001-01-01T00:00:00Z")])
def test_what_oscal_cannot_hold_is_refused(report: Report) -> None:
    with pytest.raises(UsageError, match="OSCAL"):
        render(report)
