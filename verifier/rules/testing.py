"""The tests of one rule: `test_*` rules in Rego files beside it, each evaluated by itself in the worker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from verifier.errors import RuleFailure
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.model import RuleModule
from verifier.rules.bench import Bench
from verifier.rules.coverage import Coverage, Lines
from verifier.rules.engine import loading_of
from verifier.rules.process import WorkerGone
from verifier.rules.requests import RuleInput, TestFile, platform_frames


class TestStatus(StrEnum):
    """What a test came to. Only JSON `true` passes; `error` is a test that could not be evaluated."""

    __test__ = False  # nothing for pytest

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


class TestResult(msgspec.Struct, frozen=True):
    """One `test_*` rule. `path` is its file; `message` says why it did not pass; `seconds` is its time.

    `name` is "" where the names in a file are not known.
    """

    __test__: ClassVar[bool] = False

    name: str
    path: str
    status: TestStatus
    message: str = ""
    prints: tuple[str, ...] = ()
    seconds: float = 0.0


class TestRun(msgspec.Struct, frozen=True):
    """The tests of one rule file, in the order of the files, and which lines of the rule they reached."""

    __test__: ClassVar[bool] = False

    results: tuple[TestResult, ...]
    coverage: Coverage


class _Answer(msgspec.Struct, frozen=True):
    """What the worker says of one test. `value` is JSON, "undefined", or "" where there is no rule of that name."""

    value: str = ""
    fault: str = ""
    prints: tuple[str, ...] = ()
    lines: Lines = Lines()


def run_tests(
    module: RuleModule,
    tests: Sequence[tuple[str, str]],
    given: RuleInput,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> TestRun:
    """Runs the tests in `tests` (path and source of each file) against `module`; `given` answers its built-ins.

    A file of tests is of package `docker.scout`, or of `docker.scout_test` with `import data.docker.scout`. A test
    changes what it needs by `with input as …`, `with data.config as …`, `with data.dhiverify.statements as …` or
    `with oci.referrer as …`. All tests together have `limits.rules_seconds`.

    Raises `ConfigurationError` with file and line for a file that cannot be compiled, and `RuleFailure` for evidence
    that cannot be given. No tests at all give no results.
    """
    files = tuple(TestFile(path, source) for path, source in tests)
    bench = Bench(loading_of((module,), now, limits, coverage=True, tests=files))
    try:
        bench.ready()
        frames = platform_frames(given)
        bench.give(frames)
        asked = _Tests(bench, frames, files)
        results = tuple(asked.results(limits.rego_tests))
        return TestRun(results, asked.lines.of(module.path))
    finally:
        bench.close()


class _Tests:
    """Asks the worker for one test after the other."""

    def __init__(self, bench: Bench, frames: list[bytes], files: Sequence[TestFile]) -> None:
        self.lines = Lines()
        self._bench = bench
        self._frames = frames
        self._files = files

    def results(self, most: int) -> Iterator[TestResult]:
        """One result for each test. Where the worker is lost before they have names, one for each file."""
        try:
            names = msgspec.json.decode(self._bench.ask(do="tests"), type=list[tuple[int, str, str]])
        except WorkerGone as gone:
            for file in self._files:
                yield TestResult("", file.path, TestStatus.ERROR, f"the worker {gone}")
            return
        if len(names) > most:
            raise RuleFailure(f"the test files name more than {most} tests")
        for number, name, fault in names:
            yield self._result(number, name, fault)

    def _result(self, number: int, name: str, fault: str) -> TestResult:
        begun = time.perf_counter()
        answer = _Answer(fault=fault) if fault else self._answer(number, name)
        self.lines |= answer.lines
        status, message = _judged(answer)
        seconds = time.perf_counter() - begun
        return TestResult(name, self._files[number].path, status, message, answer.prints, seconds)

    def _answer(self, number: int, name: str) -> _Answer:
        try:
            self._bench.give(self._frames)
            return msgspec.json.decode(self._bench.ask(do="test", file=number, name=name), type=_Answer)
        except WorkerGone as gone:
            return _Answer(fault=f"the worker {gone}")
        except RuleFailure as failure:
            return _Answer(fault=str(failure))


def _judged(answer: _Answer) -> tuple[TestStatus, str]:
    """Status and message."""
    if answer.fault or not answer.value:
        return TestStatus.ERROR, answer.fault or "not a plain rule: there is no rule of that name alone"
    if answer.value == "true":
        return TestStatus.PASSED, ""
    return TestStatus.FAILED, f"expected true, found {answer.value}"
