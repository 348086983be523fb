"""`judge(text)` reads a Dockerfile as `dhiverify dockerfile` would; what comes back answers questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verifier.dockerfile import DockerfileReport, Request, judge_sources, unverified
from verifier.dockerfile.report import FindingEntry
from verifier.dockerfile.source import source_of


class Judged:
    """A report, and the questions that tests ask of it."""

    def __init__(self, report: DockerfileReport) -> None:
        self.report = report

    @property
    def exit_code(self) -> int:
        return self.report.exit_code

    @property
    def grave(self) -> list[str]:
        """What is an error or a warning, as `severity id`."""
        return [f"{one.severity} {one.id}" for one in self.report.findings if one.severity != "note"]

    def all(self, check: str) -> list[FindingEntry]:
        return [finding for finding in self.report.findings if finding.id == check]

    def only(self, check: str) -> FindingEntry:
        (finding,) = self.all(check)
        return finding


Judge = Callable[..., Judged]


@pytest.fixture
def judge() -> Judge:
    def call(text: str | bytes, **request: Any) -> Judged:
        body = text if isinstance(text, bytes) else text.encode()
        return Judged(judge_sources([source_of("Dockerfile", body)], Request(**request), unverified))

    return call
