"""Rules about facts that readers derive: FIPS, STIG reports, verification summaries, age, and the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import CONFIG, DAY_NS, DIGEST, INDEX, NOW_NS, OTHER, Image, Judge, labelled

SUNSET, VALIDATED = "dhi-fips-module-sunset", "dhi-fips-module-validated"
CONSISTENT, SUMMARY = "dhi-stig-report-consistent", "dhi-verification-summary"
FRESH, LIFE, PORT = "dhi-fresh-evidence", "dhi-end-of-life", "dhi-privileged-port"


def facts(kind: str, *found: dict[str, Any]) -> Image:
    return Image(facts={kind: [{"digest": "sha256:1"} | document for document in found]})


def module(**changes: Any) -> dict[str, Any]:
    return {
        "name": "OpenSSL",
        "standard": "FIPS 140-3",
        "status": "active",
        "version": "3.1.2",
        "certification": "CMVP #4985",
        "sunset_date": "2030-03-10",
        "sunset_ns": NOW_NS + DAY_NS,
    } | changes


def fips(*modules: dict[str, Any]) -> Image:
    return facts("fips", {"modules": list(modules)})


def stig(contradictions: tuple[str, ...] = (), **xccdf: Any) -> Image:
    results = {"target": "build-host", "target_digests": [], "target_references": []} | xccdf
    return facts("stig", {"profiles": [{"name": "gpos", "contradictions": list(contradictions), "xccdf": results}]})


@pytest.mark.parametrize("rule", [SUNSET, VALIDATED, CONSISTENT, SUMMARY])
def test_evidence_that_nobody_demands_here_may_be_absent(judge: Judge, rule: str) -> None:
    assert judge(rule).result == "skipped"


@pytest.mark.parametrize(
    ("rule", "kind"), [(SUNSET, "fips"), (VALIDATED, "fips"), (CONSISTENT, "stig"), (SUMMARY, "vsa")]
)
def test_G11_evidence_that_cannot_be_read_is_unknown(judge: Judge, rule: str, kind: str) -> None:
    outcome = judge(rule, facts(kind, {"unreadable": "expected a list"}))

    assert outcome.result == "unknown"
    assert "expected a list" in outcome.message


def test_active_module_passes(judge: Judge) -> None:
    assert judge(SUNSET, fips(module())).result == "pass"
    assert judge(VALIDATED, fips(module())).result == "pass"


@pytest.mark.parametrize("sunset", [NOW_NS, NOW_NS - DAY_NS, None])
def test_J21_module_past_its_sunset_fails(judge: Judge, sunset: int | None) -> None:
    outcome = judge(SUNSET, fips(module(), module(name="Go", sunset_ns=sunset)))

    assert (outcome.result, outcome.effect) == ("fail", "enforce")
    assert "Go 3.1.2 ended on 2030-03-10" in outcome.message


def test_module_without_a_sunset_date_does_not_end(judge: Judge) -> None:
    assert judge(SUNSET, fips(module(sunset_date="", sunset_ns=None))).result == "pass"


def test_J21_list_without_modules_fails(judge: Judge) -> None:
    assert judge(SUNSET, fips()).result == "fail"


@pytest.mark.parametrize("status", ["revoked", "historical", "Pending", "", None, "active?", "in-process"])
def test_J21_module_that_is_neither_active_nor_in_process_fails(judge: Judge, status: str | None) -> None:
    outcome = judge(SUNSET, fips(module(), module(name="Go", status=status)))

    assert (outcome.result, outcome.effect) == ("fail", "enforce")
    assert outcome.message == f"expected Go 3.1.2 to be active or in process, found {status or 'no status'}"


def test_J21_module_without_a_status_fails(judge: Judge) -> None:
    without = {name: value for name, value in module().items() if name != "status"}

    assert judge(SUNSET, fips(without)).result == "fail"


@pytest.mark.parametrize("status", ["Active", " active ", "IN PROCESS\n"])
def test_case_and_white_space_of_a_status_do_not_matter(judge: Judge, status: str) -> None:
    assert judge(SUNSET, fips(module(status=status))).result == "pass"
    assert (judge(VALIDATED, fips(module(status=status))).result == "pass") is ("active" in status.lower())


def test_module_in_process_warns(judge: Judge) -> None:
    outcome = judge(VALIDATED, fips(module(status="in process")))

    assert (outcome.result, outcome.effect) == ("fail", "warn")
    assert judge(SUNSET, fips(module(status="in process"))).result == "pass"


def test_consistent_report_passes_and_shows_its_host_name(judge: Judge) -> None:
    outcome = judge(CONSISTENT, stig())

    assert outcome.result == "pass"
    assert "build-host" in outcome.message


def test_J06_report_that_contradicts_itself_fails(judge: Judge) -> None:
    outcome = judge(CONSISTENT, stig(("the summary says 100, the results give 90",)))

    assert outcome.result == "fail"
    assert "the results give 90" in outcome.message


def test_J21_report_about_another_digest_fails(judge: Judge) -> None:
    assert judge(CONSISTENT, stig(target_digests=[OTHER])).result == "fail"
    assert judge(CONSISTENT, stig(target_digests=[DIGEST, OTHER])).result == "fail"
    assert judge(CONSISTENT, stig(target_digests=[DIGEST, INDEX, CONFIG])).result == "pass"


@pytest.mark.parametrize(
    "reference", ["docker.io/dhi/nginx:1.29", "dhi.io/nginx:1", "acme/dhi-nginx:1", "xdhi/python:1"]
)
def test_J21_report_about_another_image_fails(judge: Judge, reference: str) -> None:
    assert judge(CONSISTENT, stig(target_references=[reference])).result == "fail"


@pytest.mark.parametrize(
    "reference", ["dhi/python:3.13", "dhi.io/python:3.13", "docker.io/acme/dhi-python:x", f"scratch/x@{DIGEST}"]
)
def test_report_about_this_image_passes_under_any_of_its_names(judge: Judge, reference: str) -> None:
    assert judge(CONSISTENT, stig(target_references=[reference])).result == "pass"


def test_report_without_results_is_judged_by_its_summary(judge: Judge) -> None:
    document: dict[str, Any] = {"profiles": [{"name": "gpos", "contradictions": [], "xccdf": None}]}

    assert judge(CONSISTENT, facts("stig", document)).result == "pass"


@pytest.mark.parametrize("result", ["FAILED", "passed", "", "UNKNOWN"])
def test_G22_summary_that_does_not_say_passed_fails(judge: Judge, result: str) -> None:
    summaries = [{"result": word, "verifier": "https://docker.com", "policy": "p"} for word in ("PASSED", result)]

    assert judge(SUMMARY, facts("vsa", *summaries)).result == "fail"
    assert judge(SUMMARY, facts("vsa", summaries[0])).result == "pass"


def test_recent_build_and_scan_pass(judge: Judge) -> None:
    image = Image(
        facts={
            "provenance": [{"digest": "1", "finished_ns": NOW_NS - 29 * DAY_NS}],
            "vulnerabilities": [{"digest": "2", "time_ns": NOW_NS - DAY_NS}, {"digest": "3", "time_ns": None}],
        }
    )

    assert judge(FRESH, image).result == "pass"


def test_old_build_warns_by_the_configured_age(judge: Judge) -> None:
    old = facts("provenance", {"finished_ns": NOW_NS - 31 * DAY_NS})

    outcome = judge(FRESH, old)
    assert (outcome.result, outcome.effect) == ("fail", "warn")
    assert "2026-05-01" in outcome.message
    assert judge(FRESH, old, max_age_days=40).result == "pass"


def test_newest_scan_counts(judge: Judge) -> None:
    scans = [{"time_ns": NOW_NS - age * DAY_NS} for age in (100, 2)]

    assert judge(FRESH, facts("vulnerabilities", *scans)).result == "pass"
    assert judge(FRESH, facts("vulnerabilities", scans[0])).result == "fail"


def test_J19_time_in_the_future_warns(judge: Judge) -> None:
    assert judge(FRESH, facts("provenance", {"finished_ns": NOW_NS + 2 * DAY_NS})).result == "fail"
    assert judge(FRESH, facts("provenance", {"finished_ns": NOW_NS + DAY_NS // 2})).result == "pass"


def test_documents_without_a_time_are_not_judged_by_age(judge: Judge) -> None:
    outcome = judge(FRESH, facts("provenance", {"finished_ns": None}))

    assert outcome.result == "pass"
    assert "no document states" in outcome.message


@pytest.mark.parametrize(
    ("date", "result"), [("2026-06-01", "fail"), ("2020-01-01T00:00:00Z", "fail"), ("2026-06-02", "pass")]
)
def test_O14_end_of_life_warns(judge: Judge, date: str, result: str) -> None:
    labels = labelled()
    labels["Labels"]["com.docker.dhi.date.end-of-life"] = date

    outcome = judge(LIFE, Image(config=labels))

    assert (outcome.result, outcome.effect) == (result, "warn")


@pytest.mark.parametrize("date", ["soon", "2026-99-99", "20260101"])
def test_end_of_life_that_is_no_date_never_passes(judge: Judge, date: str) -> None:
    labels = labelled()
    labels["Labels"]["com.docker.dhi.date.end-of-life"] = date

    assert judge(LIFE, Image(config=labels)).result in ("fail", "unknown")


def test_image_without_an_end_of_life_is_skipped(judge: Judge) -> None:
    assert judge(LIFE).result == "skipped"
    assert judge(LIFE, Image(config={})).result == "skipped"


def test_port_below_1024_warns_when_the_user_is_not_root(judge: Judge) -> None:
    ports: dict[str, Any] = {"80/tcp": {}, "8080/tcp": {}}

    outcome = judge(PORT, Image(config={"User": "nginx", "ExposedPorts": ports}))
    assert (outcome.result, outcome.effect) == ("fail", "warn")
    assert [v.detail["port"] for v in outcome.violations] == ["80/tcp"]
    assert judge(PORT, Image(config={"User": "0:0", "ExposedPorts": ports})).result == "skipped"
    assert judge(PORT, Image(config={"User": "nginx", "ExposedPorts": {"8080/tcp": {}}})).result == "pass"
    assert judge(PORT, Image(config={"User": "nginx"})).result == "skipped"
    assert judge(PORT, Image(config={"User": "nginx", "ExposedPorts": None})).result == "skipped"


@pytest.mark.parametrize("port", ["0080/tcp", "80", "0000080", "0/udp", "01023/sctp"])
def test_port_is_read_as_a_number(judge: Judge, port: str) -> None:
    assert judge(PORT, Image(config={"User": "1", "ExposedPorts": {port: {}}})).message == f"port {port} is below 1024"


@pytest.mark.parametrize("port", ["1024", "08080/tcp", "65535/udp", "0065535"])
def test_port_from_1024_on_passes_in_any_spelling(judge: Judge, port: str) -> None:
    assert judge(PORT, Image(config={"User": "1", "ExposedPorts": {port: {}}})).result == "pass"


@pytest.mark.parametrize(
    "port", ["tcp/80", "", "http", "-80", "8000-9000/tcp", "65536/tcp", "8080/", "8080/tcp/x", "8080/x"]
)
def test_G11_port_that_cannot_be_read_warns(judge: Judge, port: str) -> None:
    outcome = judge(PORT, Image(config={"User": "1", "ExposedPorts": {port: {}, "8080/tcp": {}}}))

    assert (outcome.result, outcome.effect) == ("fail", "warn")
    assert outcome.message.startswith(f"port {port} cannot be read")


def test_G11_ports_that_are_no_object_warn(judge: Judge) -> None:
    assert judge(PORT, Image(config={"User": "1", "ExposedPorts": ["80/tcp"]})).result == "fail"
