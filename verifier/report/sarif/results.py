"""One finding as a SARIF result, and the controls that a refusal is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.model import AttestationEntry, Status
from verifier.report import admission
from verifier.report.escape import printable
from verifier.report.findings import Finding, evidence_of
from verifier.report.fingerprints import image_name, path_of
from verifier.report.sarif.log import message

_EVIDENCE = 20  # pieces named in one result; a hardened image has 16


def _taxonomy(name: str, organization: str, identifier: str, title: str, version: str = "") -> dict[str, Any]:
    taxon = {"id": identifier, "shortDescription": {"text": title}}
    known = {"name": name, "organization": organization, "shortDescription": {"text": name}, "taxa": [taxon]}
    return known | ({"version": version} if version else {})


TAXONOMIES = [
    _taxonomy("Container Platform SRG", "DISA", admission.VULNERABILITY, admission.TITLE),
    _taxonomy("Control Correlation Identifiers", "DISA", admission.CCI, f"formerly {admission.FORMER_CCI}"),
    _taxonomy("SP 800-53", "NIST", admission.CONTROL, f"formerly {admission.FORMER_CONTROL}", "revision 5"),
]
TAXONOMIES[0]["taxa"][0]["name"] = admission.REQUIREMENT

_CONTROLS = [
    {"id": one["taxa"][0]["id"], "index": 0, "toolComponent": {"name": one["name"], "index": number}}
    for number, one in enumerate(TAXONOMIES)
]


def result(finding: Finding, fingerprint: str, index: Mapping[str, int]) -> dict[str, Any]:
    """`index` says where the rules stand among the descriptors."""
    check = printable(finding.check)
    written: dict[str, Any] = {
        "ruleId": check,
        "ruleIndex": index[check],
        "level": finding.level,
        "message": {"text": message(_said(finding))},
        "locations": [_location(finding)],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint[:16]}:1",
            "dhiverifyFinding/v1": fingerprint,
        },
        "properties": _properties(finding),
    }
    if finding.level == "error":
        written["taxa"] = _CONTROLS
    if finding.waiver:
        justification = message(finding.waiver)
        written["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return written


def _said(finding: Finding) -> str:
    where = f"{finding.where}: " if finding.where else ""
    remedy = f" What to do: {finding.remediation}" if finding.remediation else ""
    return f"{where}{finding.message.rstrip('.')}.{remedy}"


def _location(finding: Finding) -> dict[str, Any]:
    """Viewers of code want a file and a line, so the image's name stands for a file."""
    reference, platform = finding.image.reference, finding.platform
    name, digest = image_name(reference), platform.digest if platform else finding.image.digest
    logical = {
        "name": printable(finding.where or name),
        "fullyQualifiedName": printable(f"{name}@{digest}" if digest else name),
        "kind": "resource",
    }
    return {
        "physicalLocation": {"artifactLocation": {"uri": path_of(reference)}, "region": {"startLine": 1}},
        "logicalLocations": [logical],
    }


def _properties(finding: Finding) -> dict[str, Any]:
    """What the finding is about and rests on: the way back to signed bytes."""
    image, platform, rule = finding.image, finding.platform, finding.rule
    return {
        "image": printable(image.reference),
        "digest": printable(image.digest),
        "platform": printable(finding.where),
        "platformDigest": printable(platform.digest) if platform else "",
        "result": finding.result,
        "effect": printable(rule.effect) if rule else "enforce",
        "enforced": image.enforced,
        "rulePath": printable(rule.path) if rule else "",
        "ruleDigest": printable(rule.digest) if rule else "",
        "evidence": [_evidence(entry) for entry in _rests_on(finding)[:_EVIDENCE]],
    }


def _rests_on(finding: Finding) -> tuple[AttestationEntry, ...]:
    """What the rule read; of a refusal beside the rules, the evidence that was found wanting."""
    if finding.rule:
        return evidence_of(finding)
    platforms = (finding.platform,) if finding.platform else finding.image.platforms
    entries = (*finding.image.attestations, *(entry for platform in platforms for entry in platform.attestations))
    return tuple(entry for entry in entries if entry.status not in (Status.VERIFIED, Status.UNREAD))


def _evidence(entry: AttestationEntry) -> dict[str, str]:
    return {
        "digest": printable(entry.digest),
        "predicateType": printable(entry.predicate_type),
        "status": str(entry.status),
        "signer": printable(entry.signer),
        "time": printable(entry.time),
        "reason": printable(entry.reason),
    }
