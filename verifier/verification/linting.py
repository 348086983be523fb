"""What is wrong in policy documents and rules, the engine's own opinion of the rules included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from verifier.errors import ConfigurationError
from verifier.model import RuleModule
from verifier.policy.findings import Finding, LintReport, refused, together
from verifier.policy.linting import lint
from verifier.policy.modules import read_file
from verifier.policy.shipped import builtin_names
from verifier.rules import Rules
from verifier.verification.cases import read_case
from verifier.verification.strict_files import read_strict
from verifier.verification.testfiles import is_case, is_fixture, is_test, require_text, rules_in
from verifier.verification.testing import Fixture
from verifier.version import tool_name

SCHEMA = "https://dhiverify.dev/schema/lint/v1"


class LintResult(msgspec.Struct, frozen=True, rename="camel"):
    """What `policy lint` says. `exit_code` is 1 where something must be mended, else 0."""

    schema: str
    tool: str
    exit_code: int
    files: tuple[str, ...]
    findings: tuple[Finding, ...]


def lint_all(paths: Sequence[str], *, strict: bool = False) -> LintResult:
    """Looks at every path: a document, a Rego file, or a directory. With `strict`, a warning is as grave as an error.

    Raises `ConfigurationError` for a path that cannot be read.
    """
    reports = [_lint(path) for path in dict.fromkeys(paths)]
    whole = together((f for one in reports for f in one.files), (f for one in reports for f in one.findings))
    findings = together(whole.files, (*whole.findings, *_not_compiled(whole))).findings
    grave = ("error", "warning") if strict else ("error",)
    bad = any(finding.severity in grave for finding in findings)
    return LintResult(SCHEMA, tool_name(), int(bad), whole.files, findings)


def _lint(path: str) -> LintReport:
    """A built-in document, a file, or a directory: rules, documents, cases and fixtures that lie in it."""
    folder = Path(path)
    if path in builtin_names():
        return lint(path)
    if folder.is_file():
        return _file(folder)
    if not folder.is_dir():
        hint = f"Name a document, a Rego file or a directory, or one of: {', '.join(builtin_names())}."
        raise ConfigurationError(f"{path[:200]!r} is neither a file nor a directory", hint=hint)
    names = sorted(folder.iterdir())
    others = [_file(name) for name in names if name.suffix in (".yaml", ".yml") and name.is_file()]
    rules = [lint(path)] if rules_in(folder) or not others else []
    parts = (*others, *rules)
    return together((f for one in parts for f in one.files), (f for one in parts for f in one.findings))


def _file(path: Path) -> LintReport:
    """Of tests in Rego, `policy test` says what is wrong."""
    require_text(path)
    if is_test(path):
        return LintReport((str(path),), ())
    if not is_case(path) and not is_fixture(path):
        return lint(path)
    try:
        if is_case(path):
            read_case(path)
        else:
            read_strict(path, Fixture)
    except ConfigurationError as fault:
        return LintReport((str(path),), (refused(str(path), fault),))
    return LintReport((str(path),), ())


def _not_compiled(report: LintReport) -> Iterator[Finding]:
    """Rules that the engine refuses, of those whose header is in order."""
    broken = {finding.path for finding in report.findings if finding.severity == "error"}
    rego = [path for path in map(Path, report.files) if path.suffix == ".rego" and not is_test(path)]
    modules = [read_file(path) for path in rego if str(path) not in broken]
    if modules and _fault(modules):
        for module in modules:
            if fault := _fault([module]):
                yield refused(module.path, fault)


def _fault(modules: Sequence[RuleModule]) -> ConfigurationError | None:
    try:
        with Rules(modules, datetime.now(UTC)) as rules:
            rules.ready()
    except ConfigurationError as fault:
        return fault
    return None
