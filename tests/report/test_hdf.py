"""HDF: Heimdall shows what the scan says. Its statuses come of a control's impact and results."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.report.samples import FULL, WORDS
from tests.report.scans import about, scan_of, with_rules
from verifier.model import Report
from verifier.report import format_of

STATUSES = {
    **dict.fromkeys(("pass", "fixed"), "passed"),
    "fail": "failed",
    **dict.fromkeys(("error", "unknown"), "error"),
    **dict.fromkeys(("notapplicable", "notchecked", "notselected", "informational"), "skipped"),
}


def render(report: Report) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(format_of("hdf").render(report))
    return made


def controls(report: Report) -> list[dict[str, Any]]:
    (profile,) = render(report)["profiles"]
    found: list[dict[str, Any]] = profile["controls"]
    return found


def test_all_nine_words_have_a_status_and_stand_beside_it() -> None:
    found = controls(about(scan_of(FULL)))

    assert [control["results"][0]["status"] for control in found] == [STATUSES[word] for word in WORDS]
    assert [control["results"][0]["code_desc"] for control in found] == [f"Result: {word}" for word in WORDS]


@pytest.mark.parametrize(
    ("severity", "impact"), [("high", 0.7), ("medium", 0.5), ("low", 0.3), ("info", 0.3), ("unknown", 0.5)]
)
def test_impact_is_that_of_the_severity_and_never_that_of_what_does_not_apply(severity: str, impact: float) -> None:
    (control,) = controls(with_rules(replace(scan_of(FULL).rules[0], severity=severity)))

    assert control["impact"] == impact
    assert control["tags"]["xccdf_severity"] == severity


@pytest.mark.parametrize(
    ("words", "impact"), [(("notapplicable",), 0.0), (("notapplicable", "fail"), 0.5), (("notchecked",), 0.5)]
)
def test_only_what_does_not_apply_at_all_has_no_impact(words: tuple[str, ...], impact: float) -> None:
    rule = scan_of(FULL).rules[0]

    (control,) = controls(with_rules(*(replace(rule, result=word) for word in words)))

    assert control["impact"] == impact
    assert [result["status"] for result in control["results"]] == [STATUSES[word] for word in words]


def test_tags_have_ids_cci_and_controls() -> None:
    (control, *_) = controls(about(scan_of(FULL)))

    assert control["id"] == "V-203600"
    assert {name: control["tags"][name] for name in ("gid", "rid", "severity", "cci", "nist")} == {
        "gid": "V-203600",
        "rid": "SV-203600r958400_rule",
        "severity": "medium",
        "cci": ["CCI-002450"],
        "nist": ["SC-13"],
    }


def test_it_says_where_it_comes_from() -> None:
    scan = replace(scan_of(FULL), contradictions=("the summary says 9",))

    made = render(about(scan))
    (profile,) = made["profiles"]

    stated = {attribute["name"]: attribute["options"]["value"] for attribute in profile["attributes"]}
    assert stated == {
        "attestation": scan.attestation.digest,
        "predicate_type": scan.attestation.predicate_type,
        "signer": "dhi-2",
        "time": "2026-01-15T12:45:00Z",
        "image": FULL.images[0].pinned,
        "image_digest": scan.image_digest,
        "platform": "linux/amd64",
        "scanner": "OpenSCAP 1.3.7",
        "exported_by": "dhiverify test",
    }
    assert profile["sha256"] == hashlib.sha256(scan.document).hexdigest()
    assert made["passthrough"]["metadata"]["hostname"] == scan.target
    for control in profile["controls"]:
        comments = {one["label"]: one["data"] for one in control["descriptions"]}["comments"]
        assert scan.attestation.digest in comments
        assert "Contradiction in the scan: the summary says 9" in comments


def test_time_of_a_result_is_the_rules_own_or_that_of_the_scan() -> None:
    rule = scan_of(FULL).rules[0]

    own, scans, runs = (
        controls(with_rules(replace(rule, time=time), finished=finished))[0]["results"][0]["start_time"]
        for time, finished in (("2026-01-15T12:45:30Z", "x"), ("", "2026-01-15T12:46:00Z"), ("", ""))
    )

    assert (own, scans, runs) == ("2026-01-15T12:45:30Z", "2026-01-15T12:46:00Z", "2026-01-20T00:00:00Z")
