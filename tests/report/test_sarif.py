"""SARIF: valid by its schema, within what GitHub takes, and a refusal is never an empty list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, NOTHING, hostile
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report, RuleOutcome, Status, Verdict, Violation
from verifier.report import format_of

SCHEMA = Path(__file__).parent / "data" / "sarif-2.1.0.json"
Valid = Callable[[Any], bool]


@pytest.fixture(scope="module")
def valid() -> Valid:
    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()), validate_formats=True).is_valid


def run_of(report: Report) -> dict[str, Any]:
    (run,) = json.loads(format_of("sarif").render(report))["runs"]
    found: dict[str, Any] = run
    return found


def with_rule(rule: RuleOutcome, report: Report = FULL) -> Report:
    image = report.images[0]
    return replace(report, images=(replace(image, platforms=(replace(image.platforms[0], rules=(rule,)),)),))


@pytest.mark.parametrize("report", [FULL, ALLOWED, FAILED, NOTHING], ids=["full", "allowed", "failed", "nothing"])
def test_it_follows_the_schema(valid: Valid, report: Report) -> None:
    assert valid(json.loads(format_of("sarif").render(report)))


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K13_hostile_texts_leave_it_valid(valid: Valid, text: str) -> None:
    assert valid(json.loads(format_of("sarif").render(hostile(text))))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K07_a_viewer_gets_no_character_that_hides_or_reorders(text: str) -> None:
    shown = [one.replace("\n\n", "") for one in texts(run_of(hostile(text)))]

    assert all(one.isprintable() for one in shown)
    assert not any("##[" in one or one.lstrip().startswith("::") for one in shown)


@pytest.mark.parametrize(
    "damage",
    [
        {"level": "fatal"},
        {"message": None},
        {"unheard": 1},
        {"suppressions": [{"justification": "x"}]},
        {"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a b"}}}]},
    ],
    ids=lambda damage: next(iter(damage)),
)
def test_the_schema_refuses_what_is_wrong(valid: Valid, damage: dict[str, Any]) -> None:
    document = json.loads(format_of("sarif").render(FULL))
    document["runs"][0]["results"][0] |= damage

    assert not valid(document)


def test_rules_that_do_not_pass_are_results_at_the_level_of_what_they_do() -> None:
    results = [one for one in run_of(FULL)["results"] if one["properties"]["platform"] == "linux/amd64"]

    assert {(one["ruleId"], one["level"], one["properties"]["result"]) for one in results} == {
        ("dhi-no-embedded-malware", "error", "fail"),
        ("dhi-no-failing-tests", "error", "unknown"),
        ("dhi-fresh-evidence", "warning", "fail"),
        ("fixable-vulnerabilities", "warning", "fail"),
    }
    assert run_of(ALLOWED)["results"] == []


def test_only_what_is_waived_is_suppressed_and_by_whom() -> None:
    suppressed = [one for one in run_of(FULL)["results"] if "suppressions" in one]

    assert {one["ruleId"] for one in suppressed} == {"fixable-vulnerabilities"}
    (suppression,) = suppressed[0]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"].startswith("SEC-1234")


def test_every_result_points_to_its_rule_and_every_rule_has_help() -> None:
    run = run_of(FULL)
    rules = run["tool"]["driver"]["rules"]

    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert {rule["id"] for rule in rules} == {rule.id for rule in FULL.images[0].platforms[0].rules}
    for rule in rules:
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["properties"]["tags"] == ["security", "supply-chain"]
        assert 0 < float(rule["properties"]["security-severity"]) < 10
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules}
    assert (levels["dhi-fresh-evidence"], levels["dhi-no-embedded-malware"]) == ("warning", "error")


def test_a_result_lies_where_code_scanning_looks_and_says_what_it_is_about() -> None:
    result = run_of(FULL)["results"][0]
    (location,) = result["locations"]
    platform = FULL.images[0].platforms[0]

    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "dhi.io/python"},
        "region": {"startLine": 1},
    }
    (logical,) = location["logicalLocations"]
    assert logical["name"] == "linux/amd64"
    assert logical["fullyQualifiedName"] == f"dhi.io/python@{platform.digest}"
    assert result["properties"]["digest"] == FULL.images[0].digest
    assert result["properties"]["platformDigest"] == platform.digest


def test_a_result_names_the_evidence_that_its_rule_read() -> None:
    platform = FULL.images[0].platforms[0]
    read = platform.attestations[0]

    (result,) = run_of(with_rule(replace(platform.rules[1], evidence=(read.digest,))))["results"]

    (evidence,) = result["properties"]["evidence"]
    assert (evidence["digest"], evidence["predicateType"]) == (read.digest, read.predicate_type)
    assert (evidence["signer"], evidence["time"], evidence["status"]) == (read.signer, read.time, Status.VERIFIED)


def test_a_refusal_names_the_evidence_that_was_found_wanting() -> None:
    image = FULL.images[0]
    untrusted = [entry for entry in image.platforms[0].attestations if entry.status is Status.UNTRUSTED]
    alone = replace(image.platforms[0], rules=(), attestations=tuple(untrusted))
    refused = replace(image, exit_code=4, platforms=(alone,), reasons=("none is trusted",))

    (result,) = run_of(replace(FULL, exit_code=4, images=(refused,)))["results"]

    assert (result["ruleId"], result["level"]) == ("dhiverify-untrusted-evidence", "error")
    assert [one["status"] for one in result["properties"]["evidence"]] == ["untrusted"]


def test_a_denial_cites_the_control_that_it_is_about() -> None:
    run = run_of(FULL)
    names = {one["name"]: [taxon["id"] for taxon in one["taxa"]] for one in run["taxonomies"]}

    for result in run["results"]:
        cited = {taxon["id"] for taxon in result.get("taxa", ())}
        assert cited == ({"V-233065", "CCI-003992", "CM-14"} if result["level"] == "error" else set())
        for taxon in result.get("taxa", ()):
            assert names[taxon["toolComponent"]["name"]][taxon["index"]] == taxon["id"]


def test_K13_an_error_is_a_result_and_a_notification_and_no_successful_execution() -> None:
    run = run_of(FAILED)
    (invocation,) = run["invocations"]

    assert "error" in {one["level"] for one in run["results"]}
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 5)
    (notification,) = invocation["toolExecutionNotifications"]
    assert FAILED.errors[0].message in notification["message"]["text"]
    assert "Check the network." in notification["message"]["text"]


def test_a_refusal_is_a_successful_execution() -> None:
    assert [one["executionSuccessful"] for one in run_of(NOTHING)["invocations"]] == [True]


def test_N08_relaxations_are_notifications() -> None:
    (invocation,) = run_of(replace(FULL, relaxations=("only linux/amd64 is judged",)))["invocations"]

    assert [one["message"]["text"] for one in invocation["toolConfigurationNotifications"]] == [
        "relaxed: only linux/amd64 is judged"
    ]


def test_versions_are_named_as_what_they_are() -> None:
    released = run_of(replace(FULL, tool="dhiverify 0.1.0"))["tool"]["driver"]

    assert (released["name"], released["version"], released["semanticVersion"]) == ("dhiverify", "0.1.0", "0.1.0")
    assert "semanticVersion" not in run_of(FULL)["tool"]["driver"]


def test_K16_fingerprints_are_unique_and_do_not_follow_tag_or_digest() -> None:
    tomorrow = replace(
        FULL, images=(replace(FULL.images[0], reference="dhi.io/python:3.14", digest="sha256:" + "9" * 64),)
    )

    marks = [one["partialFingerprints"] for one in run_of(FULL)["results"]]

    assert marks == [one["partialFingerprints"] for one in run_of(tomorrow)["results"]]
    assert len({mark["primaryLocationLineHash"] for mark in marks}) == len(marks)


def test_there_are_never_more_results_than_github_shows_and_the_rest_is_counted() -> None:
    platform = FULL.images[0].platforms[0]
    many = tuple(Violation(f"CVE-2026-{number}") for number in range(DEFAULT_LIMITS.lint_results + 7))

    run = run_of(with_rule(replace(platform.rules[1], violations=many)))

    assert len(run["results"]) <= DEFAULT_LIMITS.lint_results
    (note,) = run["invocations"][0]["toolConfigurationNotifications"]
    found = re.match(r"(\d+) more findings are left out", note["message"]["text"])
    assert found
    assert int(found[1]) + len(run["results"]) == len(many)


def test_there_are_never_more_bytes_than_github_takes() -> None:
    platform = FULL.images[0].platforms[0]
    long = tuple(Violation(f"{number} " + "x" * 1_900, {}, "y" * 1_900) for number in range(4_000))

    text = format_of("sarif").render(with_rule(replace(platform.rules[1], violations=long)))

    assert DEFAULT_LIMITS.lint_bytes // 2 < len(text) < 2 * DEFAULT_LIMITS.lint_bytes
    assert "more findings are left out" in text


def test_G17_what_is_let_through_is_a_warning() -> None:
    let_through = replace(FULL.images[0], enforced=False, verdict=Verdict.WARN, exit_code=0)

    results = run_of(replace(FULL, images=(let_through,)))["results"]

    assert {one["level"] for one in results} == {"warning"}
    assert not any("taxa" in one for one in results)


@pytest.mark.parametrize("name", ["K01 html", "K02 link", "K04 markdown"])
def test_K01_K02_K04_no_text_is_markup_or_a_link_in_it(name: str) -> None:
    run = run_of(hostile(HOSTILE_TEXTS[name]))

    messages = [one["message"]["text"] for one in run["results"]]
    assert not any("](" in message for message in messages)
    for rule in run["tool"]["driver"]["rules"]:
        help_text = rule["help"]["markdown"]
        assert not re.search(r"(?<!\\)[<\[`!]|(?<!\\)\]\(", help_text)
