"""CKLB: the same as CKL, in STIG Viewer 3's words and members."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from tests.report import test_ckl as ckl
from tests.report.samples import FULL
from tests.report.scans import about, scan_of, with_rules
from tests.report.test_ckl import attribute, text
from verifier.model import Report
from verifier.report import format_of

MEMBERS = [
    *("group_id_src", "group_tree", "group_id", "severity", "group_title", "rule_id_src", "rule_id", "rule_version"),
    *("rule_title", "fix_text", "weight", "check_content", "check_content_ref", "classification", "discussion"),
    *("false_positives", "false_negatives", "documentable", "security_override_guidance", "potential_impacts"),
    *("third_party_tools", "ia_controls", "responsibility", "mitigations", "mitigation_control", "legacy_ids", "ccis"),
    *("reference_identifier", "uuid", "stig_uuid", "status", "overrides", "comments", "finding_details"),
]
WORDS = {
    "NotAFinding": "not_a_finding",
    "Open": "open",
    "Not_Applicable": "not_applicable",
    "Not_Reviewed": "not_reviewed",
}


def render(report: Report) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(format_of("cklb").render(report))
    return made


def test_members_are_those_of_stig_viewer() -> None:
    made = render(about(scan_of(FULL)))
    (stig,) = made["stigs"]

    assert list(made) == ["title", "id", "stigs", "active", "mode", "has_path", "target_data", "cklb_version"]
    assert (made["cklb_version"], stig["size"]) == ("1.0", 9)
    assert [list(rule) for rule in stig["rules"]] == [MEMBERS] * 9
    assert {rule["stig_uuid"] for rule in stig["rules"]} == {stig["uuid"]}
    assert len({rule["uuid"] for rule in stig["rules"]}) == 9


def test_it_says_of_every_rule_what_ckl_says() -> None:
    report = about(replace(scan_of(FULL), contradictions=("the summary says 9",)))
    members = {
        "group_id": "Vuln_Num",
        "severity": "Severity",
        "group_title": "Group_Title",
        "rule_id_src": "Rule_ID",
        "rule_version": "Rule_Ver",
        "rule_title": "Rule_Title",
        "discussion": "Vuln_Discuss",
        "check_content": "Check_Content",
        "fix_text": "Fix_Text",
        "weight": "Weight",
    }

    (stig,) = render(report)["stigs"]

    for rule, other in zip(stig["rules"], ckl.rules(report), strict=True):
        assert {name: rule[name] for name in members} == {m: attribute(other, name) for m, name in members.items()}
        assert rule["status"] == WORDS[text(other, "STATUS")]
        assert rule["finding_details"] == text(other, "FINDING_DETAILS")
        assert rule["comments"] == text(other, "COMMENTS")
        assert rule["ccis"] == [attribute(other, "CCI_REF")]


def test_target_is_named_and_says_where_the_scan_comes_from() -> None:
    scan = scan_of(FULL)

    target = render(about(scan))["target_data"]

    assert target["host_name"] == scan.target
    assert target["comments"].startswith(f"STIG scan of {scan.image_digest}, signed in attestation")
    assert len(target["comments"].splitlines()[0]) <= 255  # what STIG Manager keeps


def test_rule_id_has_both_forms() -> None:
    (rule,) = render(with_rules(scan_of(FULL).rules[0]))["stigs"][0]["rules"]

    assert (rule["rule_id_src"], rule["rule_id"]) == ("SV-203600r958400_rule", "SV-203600r958400")
