"""Test results as Docker Scout attests them: the Common Test Report Format (CTRF), `{results: {summary, tests[]}}`."""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import epoch_milliseconds
from verifier.attestation.statement import predicate
from verifier.limits import DEFAULT_LIMITS
from verifier.model import AttestationEntry, ReportedTest, ReportedTests, Statement

_REQUIRED = ("tests", "passed", "failed")
_OPTIONAL = ("skipped", "pending", "other")


class TestsReader:
    """A summary that its own list of tests contradicts counts by the worse of the two."""

    kind = "tests"
    types = KINDS["tests"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        results = _results(predicate)
        summary = _summary(results)
        counts = _counted(results) | {name: _optional(summary, name) for name in _OPTIONAL}
        return Facts(dict(counts), epoch_milliseconds(summary.get("stop") or summary.get("start")))


def reported_tests(statement: Statement, entry: AttestationEntry) -> ReportedTests:
    """The counts that rules see, and the tests as stated. Raises `EvidenceInvalid` where it cannot be read, only that.

    Tests beyond the bound are counted and not listed; failed ones come first among those that are.
    """
    results = _results(predicate(statement))
    counts = _counted(results)
    listed = members.objects(results.get("tests") or [], "results.tests")
    ordered = sorted(listed, key=lambda test: test.get("status") != "failed")[: DEFAULT_LIMITS.detail_tests]
    return ReportedTests(entry, **counts, cases=tuple(map(_case, ordered)))


def _results(document: Any) -> members.JSONObject:
    return members.inner(members.an_object(document, "the predicate"), "results")


def _summary(results: members.JSONObject) -> members.JSONObject:
    return members.an_object(results.get("summary"), "results.summary")


def _counted(results: members.JSONObject) -> dict[str, int]:
    """`tests`, `passed` and `failed`; where summary and list disagree on failures, the larger number."""
    summary = _summary(results)
    counts = {name: members.count(summary.get(name), f"summary.{name}") for name in _REQUIRED}
    if counts["passed"] + counts["failed"] > counts["tests"]:
        raise Unreadable(
            f"summary counts {counts['passed']} passed and {counts['failed']} failed of {counts['tests']} tests"
        )
    return counts | {"failed": max(counts["failed"], _listed_failures(results.get("tests")))}


def _case(test: members.JSONObject) -> ReportedTest:
    """`suite` is a text, or in newer versions of the format a list of them."""
    name, suite = members.text(test, "name"), test.get("suite")
    named = [name, *(suite if isinstance(suite, list) else [suite])]
    return ReportedTest(
        name[: DEFAULT_LIMITS.report_text],
        members.text(test, "status")[: DEFAULT_LIMITS.report_text],
        members.text(test, "message")[: DEFAULT_LIMITS.report_text],
        _output(members.inner(test, "extra")),
        any("fips" in text.lower() for text in named if isinstance(text, str)),
    )


def _output(extra: members.JSONObject) -> str:
    """What the test printed: too long is cut, with a mark, and bytes that are no UTF-8 are replaced.

    What is not base64 is not guessed at, and must not hide the other tests.
    """
    try:
        printed = members.base64_bytes(members.text(extra, "stdout"), "extra.stdout", DEFAULT_LIMITS.xml_bytes)
    except Unreadable as fault:
        return f"[{fault}]"
    text = printed.decode("utf-8", "replace")
    cut = " […]" if len(text) > DEFAULT_LIMITS.detail_output else ""
    return text[: DEFAULT_LIMITS.detail_output] + cut


def _optional(summary: members.JSONObject, name: str) -> int:
    value = summary.get(name)
    return 0 if value is None else members.count(value, f"summary.{name}")


def _listed_failures(tests: object) -> int:
    if tests is None:
        return 0
    return sum(1 for test in members.objects(tests, "results.tests") if test.get("status") == "failed")
