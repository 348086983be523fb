"""SARIF 2.1.0 (OASIS, 2020) for code scanning: a result for each finding.

Within what GitHub takes: "SARIF support for code scanning" of https://docs.github.com (facts as of 2026-08).
"""

from __future__ import annotations

from typing import Any

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Fault, Report
from verifier.report.escape import printable
from verifier.report.findings import CHECKS, findings, foremost
from verifier.report.fingerprints import fingerprints
from verifier.report.interface import Per
from verifier.report.sarif.log import bounded, driver_of, log_of, note, settings_notes
from verifier.report.sarif.results import TAXONOMIES, result
from verifier.report.sarif.rules import descriptors


class SarifFormat:
    name = "sarif"
    description = "SARIF 2.1.0 for GitHub code scanning and other viewers of lint results"
    suffix = "sarif"
    details = ()
    per: Per = "run"

    def render(self, report: Report) -> str:
        return log_of(_run(report))


def _run(report: Report) -> dict[str, Any]:
    found, left = foremost(findings(report), DEFAULT_LIMITS.lint_results)
    rules = descriptors(report, found)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    marked = zip(found, fingerprints(found), strict=True)
    results = list(bounded(result(finding, mark, index) for finding, mark in marked))
    return {
        "tool": {"driver": _driver(report, rules)},
        "taxonomies": TAXONOMIES,
        "invocations": [_invocation(report, left + len(found) - len(results))],
        "results": results,
        "properties": _about(report),
    }


def _driver(report: Report, rules: list[dict[str, Any]]) -> dict[str, Any]:
    supported = [{"name": one["name"], "index": number} for number, one in enumerate(TAXONOMIES)]
    return driver_of(report.tool, rules) | {"supportedTaxonomies": supported}


def _invocation(report: Report, left: int) -> dict[str, Any]:
    return {
        "executionSuccessful": report.complete and not report.errors and report.exit_code in (0, 1, 3, 4),
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [_fault(fault) for fault in report.errors],
        "toolConfigurationNotifications": settings_notes(report.relaxations, left),
    }


def _fault(fault: Fault) -> dict[str, Any]:
    said = " ".join(part for part in (f"{fault.image}: {fault.message}", fault.hint) if part)
    check = CHECKS.get(fault.exit_code)
    return note("error", said) | ({"descriptor": {"id": check.id}} if check else {})


def _about(report: Report) -> dict[str, Any]:
    """What was decided: a result says only what speaks against it."""
    policy, root = report.policy, report.trusted_root
    images = [
        {
            "reference": printable(image.reference),
            "digest": printable(image.digest),
            "verdict": image.verdict,
            "enforced": image.enforced,
        }
        for image in report.images
    ]
    return {
        "verdict": report.verdict,
        "complete": report.complete,
        "effectiveTime": report.effective_time,
        "policy": f"{printable(policy.name)} ({printable(policy.path)}, {policy.digest})" if policy else "",
        "trustedRoot": f"{printable(root.source)} ({root.digest})" if root else "",
        "images": images,
    }
