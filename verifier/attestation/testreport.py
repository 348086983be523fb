"""Test results as Docker Scout attests them: the Common Test Report Format (CTRF), `{results: {summary, tests[]}}`."""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import epoch_milliseconds

_REQUIRED = ("tests", "passed", "failed")
_OPTIONAL = ("skipped", "pending", "other")


class TestsReader:
    """A summary that its own list of tests contradicts counts by the worse of the two."""

    kind = "tests"
    types = KINDS["tests"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        results = members.inner(members.an_object(predicate, "the predicate"), "results")
        summary = members.an_object(results.get("summary"), "results.summary")
        counts = {name: members.count(summary.get(name), f"summary.{name}") for name in _REQUIRED}
        counts |= {name: _optional(summary, name) for name in _OPTIONAL}
        if counts["passed"] + counts["failed"] > counts["tests"]:
            raise Unreadable(
                f"summary counts {counts['passed']} passed and {counts['failed']} failed of {counts['tests']} tests"
            )
        counts["failed"] = max(counts["failed"], _listed_failures(results.get("tests")))
        return Facts(dict(counts), epoch_milliseconds(summary.get("stop") or summary.get("start")))


def _optional(summary: members.JSONObject, name: str) -> int:
    value = summary.get(name)
    return 0 if value is None else members.count(value, f"summary.{name}")


def _listed_failures(tests: object) -> int:
    if tests is None:
        return 0
    return sum(1 for test in members.objects(tests, "results.tests") if test.get("status") == "failed")
