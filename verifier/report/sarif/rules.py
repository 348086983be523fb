"""What the rules of a report are, as SARIF describes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from verifier.model import Report, RuleOutcome
from verifier.report.escape import printable
from verifier.report.findings import CHECKS, NOT_ENFORCED, NOT_JUDGED, Finding
from verifier.report.sarif.log import descriptor

_HIGH, _MEDIUM = "8.0", "5.0"
"""What GitHub calls high and medium: a rule that may refuse an image, and one that only warns."""

_FAULTS = {check.id for code, check in CHECKS.items() if code not in (1, 3, 4)}


def descriptors(report: Report, found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Of every rule that was evaluated, and of each check beside the rules that found something; sorted by id."""
    known: dict[str, dict[str, Any]] = {}
    for rule in _strictest(report):
        known[printable(rule.id)] = _of_rule(rule)
    for finding in found:
        if finding.rule is None:
            known[finding.check] = _of_check(finding)
    return [known[name] for name in sorted(known)]


def _strictest(report: Report) -> list[RuleOutcome]:
    """Each rule once. Where images have it under different policies, as that one has it which denies."""
    rules = [rule for image in report.images for platform in image.platforms for rule in platform.rules]
    by_id: dict[str, RuleOutcome] = {}
    for rule in rules:
        known = by_id.setdefault(rule.id, rule)
        if known.effect == "warn" and rule.effect != "warn":
            by_id[rule.id] = rule
    return list(by_id.values())


def _of_rule(rule: RuleOutcome) -> dict[str, Any]:
    warns = rule.effect == "warn"
    described = descriptor(rule.id, rule.title or rule.id, f"Rego rule {rule.path}", rule.remediation)
    severity = _MEDIUM if warns else _HIGH
    return described | {
        "defaultConfiguration": {"level": "warning" if warns else "error"},
        "properties": {"tags": ["security", "supply-chain"], "security-severity": severity},
    }


def _of_check(finding: Finding) -> dict[str, Any]:
    """An error of the run is nothing about the security of an image."""
    described = descriptor(finding.check, finding.title, "Not a rule: what every image must meet", finding.remediation)
    softer = finding.check in (NOT_ENFORCED.id, NOT_JUDGED.id)
    security = {"tags": ["security", "supply-chain"], "security-severity": _MEDIUM if softer else _HIGH}
    return described | {
        "defaultConfiguration": {"level": "warning" if softer else "error"},
        "properties": {"tags": ["supply-chain"]} if finding.check in _FAULTS else security,
    }
