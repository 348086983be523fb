"""Code Quality as GitLab reads it: every issue whole, unique and relative, and no refusal without one."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, NOTHING, hostile
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report, Verdict, Violation
from verifier.report import format_of

SCHEMA = jsonschema.Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": r"^(?!\.{0,2}/)[^\s]+$"},
                        "lines": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    }
)
"""GitLab publishes none; this is what its documentation asks for."""


def issues(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(format_of("codequality").render(report))
    SCHEMA.validate(found)
    assert len({issue["fingerprint"] for issue in found}) == len(found)
    return found


def test_severities_follow_what_a_finding_does() -> None:
    about = {(issue["check_name"], issue["severity"]) for issue in issues(FULL)}

    assert about == {
        ("dhi-no-embedded-malware", "critical"),
        ("dhi-no-failing-tests", "critical"),
        ("dhi-fresh-evidence", "minor"),
        ("fixable-vulnerabilities", "info"),
    }


def test_nothing_wrong_is_an_empty_list() -> None:
    assert issues(ALLOWED) == []


@pytest.mark.parametrize("report", [FAILED, NOTHING], ids=["failed", "nothing"])
def test_K13_a_refusal_without_rules_blocks(report: Report) -> None:
    assert {issue["severity"] for issue in issues(report)} == {"blocker"}


def test_an_issue_says_what_and_where() -> None:
    first = issues(FULL)[0]

    assert first["description"] == "dhi-no-embedded-malware: 1 infected file (linux/amd64)"
    assert first["location"] == {"path": "dhi.io/python", "lines": {"begin": 1}}


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K07_K10_hostile_texts_change_neither_shape_nor_number(text: str) -> None:
    found = issues(hostile(text))

    assert len(found) == len(issues(FULL)) + 1
    assert all(issue["description"].isprintable() for issue in found)


@pytest.mark.parametrize("damage", [{"severity": "high"}, {"fingerprint": ""}, {"location": {"path": "./x"}}])
def test_the_schema_refuses_what_gitlab_would(damage: dict[str, Any]) -> None:
    assert not SCHEMA.is_valid([issues(FULL)[0] | damage])


def test_K16_the_same_finding_has_the_same_fingerprint_in_the_next_run() -> None:
    tomorrow = replace(FULL, images=(replace(FULL.images[0], reference="dhi.io/python:3.14"),))

    assert [one["fingerprint"] for one in issues(tomorrow)] == [one["fingerprint"] for one in issues(FULL)]


def test_what_is_left_out_is_counted_in_an_issue() -> None:
    image = FULL.images[0]
    platform = image.platforms[0]
    many = tuple(Violation(f"CVE-2026-{number}") for number in range(DEFAULT_LIMITS.lint_results + 3))
    rules = (replace(platform.rules[1], violations=many),)
    one = replace(image, verdict=Verdict.DENY, platforms=(replace(platform, rules=rules),))

    found = issues(replace(FULL, images=(one,)))

    assert len(found) == DEFAULT_LIMITS.lint_results + 1
    assert found[-1]["description"].startswith("and 3 more findings")
