"""Runs the tests of rules: `test_*` rules in Rego beside their rule, and case files.

Beside `X_test.rego`, the fixture `X_test.json` or `X_test.yaml` says what the built-in functions answer: `statements`
as in cases, `input`, `config` (the rule's `data.config`), `product`, `tag`, `platform`, `effectiveTime`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier.errors import ConfigurationError, DhiverifyError, UsageError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import RuleModule
from verifier.policy.modules import read_file
from verifier.policy.waivers import moment
from verifier.rules import Coverage, RuleInput, TestRun, run_tests
from verifier.verification.assumed import Subject, assumed
from verifier.verification.cases import read_case, run_case
from verifier.verification.strict_files import read_strict
from verifier.verification.testfiles import TestFiles, find, fixture_of, rule_of
from verifier.version import tool_name

SCHEMA = "https://dhiverify.dev/schema/test/v1"


class Outcome(StrEnum):
    """What became of a test. `broken` is a file that cannot be used; `error` a test that could not be evaluated."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    BROKEN = "broken"


class Tested(msgspec.Struct, frozen=True, rename="camel"):
    """One test. `name` is the Rego rule's or the case's, "" for a file that is broken as a whole."""

    path: str
    name: str
    outcome: Outcome
    messages: tuple[str, ...] = ()
    hint: str = ""
    prints: tuple[str, ...] = ()
    seconds: float = 0.0


class FileCoverage(msgspec.Struct, frozen=True, rename="camel"):
    """How much of a rule file the tests reached: of its lines that hold something to evaluate, in percent."""

    path: str
    percent: float
    not_covered: tuple[int, ...] = ()


class TestReport(msgspec.Struct, frozen=True, rename="camel"):
    """Everything that ran. `exit_code` is 0 when all passed, 1 when not, 2 when nothing ran or a file is broken."""

    schema: str
    tool: str
    exit_code: int
    tests: tuple[Tested, ...]
    coverage: tuple[FileCoverage, ...] = ()
    threshold: float | None = None


class Settings(msgspec.Struct, frozen=True):
    """`run` is a regular expression that the name of a test must hold. `threshold` (percent) asks for coverage."""

    run: str = ""
    coverage: bool = False
    threshold: float | None = None

    @property
    def measures(self) -> bool:
        return self.coverage or self.threshold is not None


class Fixture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What the tests of one rule start from. With `input`, that is the whole input document."""

    statements: tuple[Any, ...] = ()
    input: dict[str, Any] | None = None
    config: dict[str, Any] = {}
    product: str = ""
    tag: str = ""
    platform: str = ""
    effective_time: str = ""


class _Reached:
    """Lines of rule files that tests reached, and those that none did."""

    def __init__(self) -> None:
        self.covered: dict[str, set[int]] = {}
        self.lines: dict[str, set[int]] = {}

    def add(self, coverages: Iterable[Coverage]) -> None:
        for one in coverages:
            self.covered.setdefault(one.path, set()).update(one.covered)
            self.lines.setdefault(one.path, set()).update((*one.covered, *one.not_covered))

    def of(self, path: str) -> FileCoverage:
        lines, covered = self.lines.get(path, set()), self.covered.get(path, set())
        percent = round(100 * len(covered) / len(lines), 1) if lines else 0.0
        return FileCoverage(path, percent, tuple(sorted(lines - covered)))


def run(paths: Sequence[str], settings: Settings | None = None) -> TestReport:
    """Runs what lies under `paths`.

    Raises `ConfigurationError` for a path that is not there, and `UsageError` for a pattern that is none. A broken file
    is an entry of the report, and the rest runs.
    """
    settings = settings or Settings()
    wanted, reached = _pattern(settings.run), _Reached()
    files = find(paths)
    tests = tuple(_tests(files, wanted, settings, reached))
    coverage = tuple(reached.of(str(path)) for path in files.rules) if settings.measures else ()
    code = _exit_code(tests, coverage, settings.threshold)
    return TestReport(SCHEMA, tool_name(), code, tests, coverage, settings.threshold)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as fault:
        raise UsageError(f"--run {text[:100]!r} is no regular expression: {fault}") from None


def _exit_code(tests: Sequence[Tested], coverage: Sequence[FileCoverage], threshold: float | None) -> int:
    """Zero tests are never a pass."""
    outcomes = {tested.outcome for tested in tests}
    if not outcomes or Outcome.BROKEN in outcomes:
        return 2
    short = threshold is not None and any(one.percent < threshold for one in coverage)
    return int(short or outcomes != {Outcome.PASSED})


def _tests(files: TestFiles, wanted: re.Pattern[str], settings: Settings, reached: _Reached) -> Iterator[Tested]:
    for test in files.tests:
        yield from _guarded(test, partial(_rego, test, wanted, reached))
    for case in files.cases:
        yield from _guarded(case, partial(_case, case, files, wanted, settings, reached))


def _guarded(path: Path, work: Callable[[], list[Tested]]) -> list[Tested]:
    try:
        return work()
    except DhiverifyError as fault:
        return [Tested(str(path), "", Outcome.BROKEN, (str(fault),), fault.hint)]


def _rego(test: Path, wanted: re.Pattern[str], reached: _Reached) -> list[Tested]:
    rule = rule_of(test)
    if not rule.is_file():
        raise ConfigurationError(f"{test}: there is no rule {rule.name} beside it", hint="X_test.rego tests X.rego.")
    ran = _ran(test, read_file(rule))
    reached.add([ran.coverage])
    if not ran.results:
        raise ConfigurationError(f"{test} holds no test", hint="Tests are rules whose names begin with test_.")
    return [
        Tested(
            one.path,
            one.name,
            Outcome(one.status.value),
            (one.message,) if one.message else (),
            "",
            one.prints,
            one.seconds,
        )
        for one in ran.results
        if not one.name or wanted.search(one.name)
    ]


def _ran(test: Path, module: RuleModule) -> TestRun:
    fixture, folder = _fixture(test), test.parent
    now = _time(fixture.effective_time, test)
    told = replace(module, config=module.config | fixture.config)
    return run_tests(told, [(str(test), _source(test))], _given(fixture, folder), now)


def _source(path: Path) -> str:
    body = read_regular(path, f"test {path}", DEFAULT_LIMITS.rego_bytes)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ConfigurationError(f"{path}: not UTF-8 at byte {fault.start}") from None


def _fixture(test: Path) -> Fixture:
    path = fixture_of(test)
    return read_strict(path, Fixture)[0] if path else Fixture()


def _time(text: str, test: Path) -> datetime:
    try:
        return moment(text) if text else datetime.now(UTC)
    except ValueError as fault:
        raise ConfigurationError(f"{fixture_of(test)}: effectiveTime: {fault}") from None


def _given(fixture: Fixture, folder: Path) -> RuleInput:
    """Facts are derived from the statements; configuration and digest of the image stand in a fixture's `input`."""
    image = _image(fixture.input or {})
    config, digest = image.get("config"), image.get("digest")
    given = assumed(
        Subject(
            folder,
            fixture.statements,
            config if isinstance(config, dict) else {},
            product=fixture.product,
            tag=fixture.tag,
            platform=fixture.platform,
            digest=digest if isinstance(digest, str) else "",
        )
    )
    return given if fixture.input is None else replace(given, input=fixture.input)


def _image(document: dict[str, Any]) -> dict[str, Any]:
    """`source.image` of an input document."""
    source = document.get("source")
    image = source.get("image") if isinstance(source, dict) else None
    return image if isinstance(image, dict) else {}


def _case(path: Path, files: TestFiles, wanted: re.Pattern[str], settings: Settings, reached: _Reached) -> list[Tested]:
    found = read_case(path)
    if not wanted.search(found.case.name):
        return []
    begun = time.perf_counter()
    needs_rules = not found.case.image and not found.case.rules
    modules = [read_file(rule) for rule in files.rules_near(path)] if needs_rules else []
    ran = run_case(found, modules, coverage=settings.measures)
    reached.add(ran.coverage)
    outcome = Outcome.FAILED if ran.failures else Outcome.PASSED
    return [Tested(str(path), found.case.name, outcome, ran.failures, seconds=time.perf_counter() - begun)]
