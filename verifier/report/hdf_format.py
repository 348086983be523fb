"""HDF: MITRE's Heimdall Data Format, which Heimdall and the SAF tools read; the shape of InSpec's "exec JSON" 1.0.

    platform, version, statistics, profiles ── controls ── results, passthrough

A control's impact is what the rule would weigh, 0 where it does not apply, as MITRE's own converters have it; so
Heimdall shows pass and fixed as Passed, fail as Failed, notapplicable as Not Applicable, error and unknown as Profile
Error, and every other word as Not Reviewed. Of a rule with several results it shows Passed where one is, so none is
where another was not reviewed. The words themselves stand in `code_desc`. Document followed: the schema
and types of inspecjs 2.12 (facts as of 2026-08).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeAlias

from verifier.model import Report, StigRule
from verifier.report import checklist
from verifier.report.checklist import Line, Scanned, Status
from verifier.report.escape import printable, printable_json
from verifier.report.interface import Per
from verifier.report.xml_text import plain

JSONObject: TypeAlias = dict[str, Any]

STATUSES = {"pass": "passed", "fixed": "passed", "fail": "failed", "error": "error", "unknown": "error"}
"""By XCCDF's word; any other is `skipped`."""

IMPACTS = {"high": 0.7, "medium": 0.5, "low": 0.3}


class HdfFormat:
    name = "hdf"
    description = (
        "Heimdall data of each STIG scan for MITRE's tools: its rules and where they come from, not the verdict"
    )
    suffix = "hdf.json"
    details = ("stig",)
    per: Per = "scan"

    def render(self, report: Report) -> str:
        about = checklist.scanned(report)
        document = {
            "platform": {"name": "dhiverify", "release": _version(report), "target_id": checklist.host_name(about)},
            "version": _version(report),
            "statistics": {},
            "profiles": [_profile(about)],
            "passthrough": {"metadata": _metadata(about)},
        }
        return printable_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _version(report: Report) -> str:
    return printable(report.tool).rpartition(" ")[2]


def _metadata(about: Scanned) -> JSONObject:
    """What MITRE's converter to CKL writes about the asset."""
    return {
        "hostname": checklist.host_name(about),
        "targetcomment": checklist.origin(about),
        "profiles": [],
    }


def _profile(about: Scanned) -> JSONObject:
    """`sha256` is that of the XCCDF results as they were signed."""
    scan = about.scan
    return {
        "name": checklist.benchmark(scan),
        "version": printable(scan.benchmark_version),
        "title": checklist.title(scan),
        "summary": printable(scan.profile_title or scan.profile),
        "description": checklist.origin(about),
        "supports": [],
        "attributes": _attributes(about),
        "groups": [],
        "controls": [_control(about, line) for line in checklist.lines(scan)],
        "status": "loaded",
        "sha256": hashlib.sha256(scan.document).hexdigest(),
    }


def _attributes(about: Scanned) -> list[JSONObject]:
    """Where the results come from, as inputs of the profile."""
    entry = about.scan.attestation
    known = {
        "attestation": entry.digest,
        "predicate_type": entry.predicate_type,
        "signer": entry.signer,
        "time": entry.time,
        "image": about.image.pinned or about.image.reference,
        "image_digest": about.scan.image_digest,
        "platform": about.platform.platform,
        "scanner": about.scan.scanner,
        "exported_by": about.report.tool,
    }
    return [{"name": name, "options": {"value": printable(text)}} for name, text in known.items()]


def _control(about: Scanned, line: Line) -> JSONObject:
    rule = line.rule
    applies = any(checklist.status(result) is not Status.NOT_APPLICABLE for result in line.results)
    return {
        "id": line.vulnerability,
        "title": printable(rule.title),
        "desc": plain(rule.discussion),
        "descriptions": _descriptions(about, rule),
        "impact": IMPACTS[line.severity] if applies else 0.0,
        "refs": [],
        "tags": _tags(line),
        "code": "",
        "source_location": {},
        "results": [_result(about, line, result) for result in line.results],
    }


def _descriptions(about: Scanned, rule: StigRule) -> list[JSONObject]:
    known = {"check": rule.check, "fix": rule.fix, "rationale": rule.rationale}
    said = [{"label": label, "data": plain(text)} for label, text in known.items() if text]
    return [*said, {"label": "comments", "data": checklist.origin(about)}]


def _tags(line: Line) -> JSONObject:
    rule = line.rule
    return {
        "gtitle": printable(rule.group),
        "gid": line.vulnerability,
        "rid": line.rule_id,
        "stig_id": printable(rule.version),
        "severity": line.severity,
        "xccdf_severity": printable(rule.severity),
        "weight": str(rule.weight),
        "cci": [printable(cci) for cci in rule.ccis],
        "nist": [printable(control) for control in rule.controls],
    }


def _result(about: Scanned, line: Line, rule: StigRule) -> JSONObject:
    """The schema wants a time; where the rule states none it is that of the scan."""
    status, said = STATUSES.get(rule.result, "skipped"), "\n".join(map(plain, rule.messages))
    if status == "passed" and line.status is Status.NOT_REVIEWED:
        status = "skipped"
    word = printable(rule.result)
    return {
        "status": status,
        "code_desc": f"Result: {word}",
        "skip_message" if status == "skipped" else "message": said or f"XCCDF result: {word}",
        "start_time": printable(rule.time or about.scan.finished or about.report.effective_time),
    }
