"""CKLB: the checklist of DISA's STIG Viewer 3, in JSON, which STIG Manager and eMASS read.

Members and their order are those that STIG Viewer 3 writes (facts as of 2026-08). Readers take a rule's id from
`rule_id_src`, and drop a rule without one.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from verifier.model import Report
from verifier.report import checklist
from verifier.report.checklist import Line, Scanned, Status
from verifier.report.escape import printable, printable_json
from verifier.report.identifiers import stable_uuid
from verifier.report.interface import Per
from verifier.report.xml_text import plain

JSONObject: TypeAlias = dict[str, Any]

WORDS = {
    Status.OPEN: "open",
    Status.NOT_REVIEWED: "not_reviewed",
    Status.NOT_A_FINDING: "not_a_finding",
    Status.NOT_APPLICABLE: "not_applicable",
}


class CklbFormat:
    name = "cklb"
    description = "STIG Viewer 3 checklist of each STIG scan: its rules and where they come from, not the verdict"
    suffix = "cklb"
    details = ("stig",)
    per: Per = "scan"

    def render(self, report: Report) -> str:
        document = _checklist(checklist.scanned(report))
        return printable_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _checklist(about: Scanned) -> JSONObject:
    origin = checklist.origin(about)
    return {
        "title": f"{checklist.host_name(about)} {checklist.title(about.scan)}".strip(),
        "id": _uuid(about, "checklist"),
        "stigs": [_stig(about, origin)],
        "active": True,
        "mode": 2,
        "has_path": False,
        "target_data": {
            "target_type": "Computing",
            "host_name": checklist.host_name(about),
            "ip_address": "",
            "mac_address": "",
            "fqdn": "",
            "comments": origin,
            "role": "None",
            "is_web_database": False,
            "technology_area": "",
            "web_db_site": "",
            "web_db_instance": "",
            "classification": None,
        },
        "cklb_version": "1.0",
    }


def _stig(about: Scanned, origin: str) -> JSONObject:
    scan = about.scan
    rules = [_rule(about, line, origin) for line in checklist.lines(scan)]
    return {
        "stig_name": checklist.title(scan),
        "display_name": checklist.title(scan),
        "stig_id": checklist.benchmark(scan),
        "release_info": "",
        "version": printable(scan.benchmark_version),
        "uuid": _uuid(about, "stig"),
        "reference_identifier": "",
        "size": len(rules),
        "rules": rules,
    }


def _rule(about: Scanned, line: Line, origin: str) -> JSONObject:
    return {
        **_identity(line),
        **_texts(line),
        "ccis": [printable(cci) for cci in line.rule.ccis],
        "reference_identifier": "",
        "uuid": _uuid(about, "rule", line.rule.id),
        "stig_uuid": _uuid(about, "stig"),
        "status": WORDS[line.status],
        "overrides": {},
        "comments": origin,
        "finding_details": checklist.finding_details(line),
    }


def _identity(line: Line) -> JSONObject:
    group = printable(line.rule.group)
    return {
        "group_id_src": line.vulnerability,
        "group_tree": [
            {"id": line.vulnerability, "title": group, "description": "<GroupDescription></GroupDescription>"}
        ],
        "group_id": line.vulnerability,
        "severity": line.severity,
        "group_title": group,
        "rule_id_src": line.rule_id,
        "rule_id": line.rule_id.removesuffix("_rule"),
        "rule_version": printable(line.rule.version),
    }


def _texts(line: Line) -> JSONObject:
    rule = line.rule
    unsaid = ("security_override_guidance", "potential_impacts", "third_party_tools", "ia_controls", "responsibility")
    return {
        "rule_title": printable(rule.title),
        "fix_text": plain(rule.fix),
        "weight": str(rule.weight),
        "check_content": plain(rule.check),
        "check_content_ref": {"href": "", "name": "M"},
        "classification": "Unclassified",
        "discussion": plain(rule.discussion),
        "false_positives": "",
        "false_negatives": "",
        "documentable": "false",
        **dict.fromkeys(unsaid, ""),
        "mitigations": "",
        "mitigation_control": "",
        "legacy_ids": [],
    }


def _uuid(about: Scanned, *parts: str) -> str:
    return stable_uuid("cklb", *checklist.identity(about), *parts)
