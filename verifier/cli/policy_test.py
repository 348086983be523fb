"""`dhiverify policy test`: the tests of rules."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.options import FILES, Command, noise, output
from verifier.report import as_json

if TYPE_CHECKING:
    from verifier.report.junit import JUnitCase
    from verifier.verification.testing import Tested, TestReport


@click.command("test", cls=Command)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, shell_complete=FILES)
@click.option("--run", "pattern", default="", metavar="REGEXP", help="Only tests in whose name this is found.")
@click.option("--coverage", is_flag=True, help="Show how much of each rule file the tests reach.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail where the tests reach less of a rule file. Implies --coverage.",
)
@output("text", "json", "junit")
@noise
def test_command(paths: tuple[str, ...], pattern: str, coverage: bool, threshold: float | None, **given: Any) -> int:
    """Run the tests of rules: files in Rego, and cases in YAML. Nothing is fetched.

    PATH is a directory, which is searched with all below it, or a file. X_test.rego belongs to X.rego beside it; each
    of its rules test_… must be true. What the built-in functions answer stands in X_test.yaml or X_test.json:
    `statements` (paths, in-toto statements, or {predicateType, predicate}), `input`, `config`, `product`, `tag`,
    `platform`, `effectiveTime`.

    NAME_case.yaml, or any YAML file in a directory `cases`, is a case with `name`, `expect` and either `image`
    (oci:DIR, verified for real; with `as`, `policy`, `keyFiles`, `rules`, `platform`, `effectiveTime`) or `statements`
    (taken as verified; with `rules`, `ruleConfig`, `config`, `product`, `tag`, `as`, `platform`, `effectiveTime`).
    `expect` holds `verdict`, `exitCode` and `rules`. Paths are relative to the file.

    \b
    Exit codes: 0 all passed, 1 a test failed or coverage is short, 2 nothing ran, or a file is broken.

    \b
    Examples:
      dhiverify policy test rules/
      dhiverify policy test --coverage --threshold 80 rules/
      dhiverify policy test --run malware -o junit=results.xml rules/ cases/infected_case.yaml
    """
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.run import start_logging
    from verifier.verification.testing import Settings, run

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json", "junit"))
    found = run(paths, Settings(pattern, coverage, threshold))
    put(outputs, partial(_rendered, found))
    return found.exit_code


def _rendered(found: TestReport, form: str, colours: bool) -> str:
    from verifier.cli.policy_text import tests

    if form == "text":
        return tests(found, colours=colours)
    return as_json(found) if form == "json" else _junit(found)


def _junit(found: TestReport) -> str:
    """A suite for each file."""
    from verifier.report.junit import JUnitSuite, junit

    paths = dict.fromkeys(tested.path for tested in found.tests)
    suites = [JUnitSuite(path, tuple(_case(one) for one in found.tests if one.path == path)) for path in paths]
    return junit("dhiverify policy test", suites)


def _case(tested: Tested) -> JUnitCase:
    from verifier.report.junit import JUnitCase

    first, *more = tested.messages or ("",)
    said = first or f"the test {tested.outcome}"
    failed = tested.outcome.value == "failed"
    passed = tested.outcome.value == "passed"
    return JUnitCase(
        name=tested.name or "the file",
        classname=tested.path,
        seconds=tested.seconds,
        failure=said if failed else "",
        error="" if failed or passed else said,
        details=tuple(filter(None, (*more, tested.hint))),
        output=tested.prints,
    )
