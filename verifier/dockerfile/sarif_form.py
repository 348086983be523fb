"""Findings as SARIF 2.1.0, for code scanning and editors: here a result has a real file, line and column."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from verifier.dockerfile.findings import CHECKS, Severity
from verifier.dockerfile.report import DockerfileReport, FindingEntry
from verifier.dockerfile.source import STDIN
from verifier.limits import DEFAULT_LIMITS
from verifier.report.escape import printable
from verifier.report.sarif.log import bounded, descriptor, driver_of, log_of, message, note, settings_notes

_ABOUT_SECURITY = {
    "base-not-hardened": "8.0",
    "verification-refused": "8.0",
    "build-variant-in-final-stage": "6.0",
    "root-user": "6.0",
}
"""What GitHub calls high and medium, for the checks that are about security; the others are about what works."""

_UNDECIDED = 5  # exit codes from here on say that something could not be found out


def as_sarif(report: DockerfileReport) -> str:
    """A whole log, the gravest findings first where not all have room."""
    gravity = list(Severity)
    found = sorted(report.findings, key=lambda one: gravity.index(one.severity))[: DEFAULT_LIMITS.lint_results]
    rules = [_rule(name) for name in sorted({one.id for one in found})]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    marked = zip(found, _fingerprints(found), strict=True)
    results = list(bounded(_result(one, mark, index) for one, mark in marked))
    return log_of(
        {
            "tool": {"driver": driver_of(report.tool, rules)},
            "columnKind": "unicodeCodePoints",
            "invocations": [_invocation(report, len(report.findings) - len(results))],
            "results": results,
            "properties": _about(report),
        }
    )


def _rule(name: str) -> dict[str, Any]:
    title = CHECKS[name].title
    security = _ABOUT_SECURITY.get(name)
    tags = (
        {"tags": ["security", "supply-chain"], "security-severity": security} if security else {"tags": ["dockerfile"]}
    )
    return descriptor(name, title, "A check of Dockerfiles", "") | {"properties": tags}


def _result(finding: FindingEntry, fingerprint: str, index: Mapping[str, int]) -> dict[str, Any]:
    remedy = f" What to do: {finding.remedy}" if finding.remedy else ""
    return {
        "ruleId": finding.id,
        "ruleIndex": index[finding.id],
        "level": finding.severity.value,
        "message": {"text": message(f"{finding.message.rstrip('.')}.{remedy}")},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint[:16]}:1",
            "dhiverifyFinding/v1": fingerprint,
        },
        "properties": {"image": printable(finding.image)} if finding.image else {},
    }


def _location(finding: FindingEntry) -> dict[str, Any]:
    name = "Dockerfile" if finding.file == STDIN else PurePath(finding.file).as_posix()
    return {
        "artifactLocation": {"uri": quote(name, errors="backslashreplace")},
        "region": {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endLine": finding.end_line,
            "endColumn": finding.end_column,
        },
    }


def _fingerprints(found: Sequence[FindingEntry]) -> Iterator[str]:
    """Of each finding 64 hex digits, unique, and the same while its line and what is said of it stay."""
    seen: Counter[str] = Counter()
    for one in found:
        about = json.dumps([one.file, one.id, one.source.strip(), one.message])
        mark = hashlib.sha256(f"{about} {seen[about]}".encode()).hexdigest()
        seen[about] += 1
        yield mark


def _invocation(report: DockerfileReport, left: int) -> dict[str, Any]:
    undecided = [image for image in report.images if image.exit_code >= _UNDECIDED]
    said = (f"{image.reference}: {' '.join((*image.reasons[:1], image.hint))}".strip() for image in undecided)
    return {
        "executionSuccessful": report.complete and report.exit_code < _UNDECIDED,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [note("error", text) for text in said],
        "toolConfigurationNotifications": settings_notes(report.relaxations, left),
    }


def _about(report: DockerfileReport) -> dict[str, Any]:
    """What was verified: a result says only what is wrong."""
    policy = report.policy
    images = [
        {
            "reference": printable(image.reference),
            "digest": printable(image.digest),
            "verdict": image.verdict.value,
            "enforced": image.enforced,
        }
        for image in report.images
    ]
    return {
        "verified": report.verified,
        "complete": report.complete,
        "effectiveTime": report.effective_time,
        "policy": f"{printable(policy.name)} ({printable(policy.path)}, {policy.digest})" if policy else "",
        "images": images,
    }
