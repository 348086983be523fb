"""GitLab's Code Quality report: a list of issues, empty when nothing speaks against any image.

Follows "Code Quality report format" of https://docs.gitlab.com/ci/testing/code_quality/ (facts as of 2026-08).
"""

from __future__ import annotations

import json

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report
from verifier.report.escape import printable, printable_json
from verifier.report.findings import Finding, findings, foremost
from verifier.report.fingerprints import fingerprints, hashed, path_of
from verifier.report.interface import Per


class CodeQualityFormat:
    name = "codequality"
    description = "Code Quality as GitLab's merge requests show it"
    suffix = "codequality.json"
    details = ()
    per: Per = "run"

    def render(self, report: Report) -> str:
        found, left = foremost(findings(report), DEFAULT_LIMITS.lint_results)
        issues = [_issue(one, mark) for one, mark in zip(found, fingerprints(found), strict=True)]
        if left:
            issues.append(_rest(left))
        return printable_json(json.dumps(issues, indent=2, ensure_ascii=False)) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    where = f" ({finding.where})" if finding.where else ""
    waived = f" [waived by {finding.waiver}]" if finding.waiver else ""
    return {
        "description": printable(f"{finding.check}: {finding.message}{where}{waived}"),
        "check_name": printable(finding.check),
        "fingerprint": fingerprint,
        "severity": _severity(finding),
        "location": {"path": path_of(finding.image.reference), "lines": {"begin": 1}},
    }


def _severity(finding: Finding) -> str:
    """An image that is refused as a whole blocks; what a policy accepts or only warns of is less."""
    if finding.level == "error":
        return "critical" if finding.rule else "blocker"
    return "info" if finding.waiver else "minor"


def _rest(left: int) -> dict[str, object]:
    """Whatever is counted here is no graver than what is listed, and must not look like nothing."""
    return {
        "description": f"and {left} more findings, which are not listed here",
        "check_name": "dhiverify-more",
        "fingerprint": hashed("dhiverify-more"),
        "severity": "major",
        "location": {"path": "dhiverify", "lines": {"begin": 1}},
    }
