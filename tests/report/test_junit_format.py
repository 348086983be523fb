"""JUnit: other readers count what we wrote, and no refusal is a suite of passed cases."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import junitparser
import pytest
from lxml import etree
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, NOTHING, hostile
from verifier.model import Report, Verdict
from verifier.report import format_of

XSD = Path(__file__).parent / "data" / "junit.xsd"
REPORTS = {"full": FULL, "allowed": ALLOWED, "failed": FAILED, "nothing": NOTHING}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD, etree.XMLParser(no_network=True)))


def render(report: Report) -> bytes:
    return format_of("junit").render(report).encode()


def ends(report: Report) -> Counter[str]:
    """How the cases ended, as junitparser reads them."""
    suites = junitparser.JUnitXml.fromstring(render(report))
    return Counter(_end(case) for suite in suites for case in suite)


def _end(case: junitparser.TestCase) -> str:
    return type(case.result[0]).__name__ if case.result else "Passed"


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_it_follows_the_schema(schema: etree.XMLSchema, report: Report) -> None:
    schema.assertValid(etree.fromstring(render(report)))


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K13_hostile_texts_leave_it_valid_with_the_same_cases(schema: etree.XMLSchema, text: str) -> None:
    written = render(hostile(text))

    schema.assertValid(etree.fromstring(written))
    assert ends(hostile(text)) - ends(FULL) == {"Error": 1}  # the run's error, which `hostile` adds


@pytest.mark.parametrize(
    "bad",
    [
        '<testsuites><testsuite name="x"/></testsuites>',
        '<testsuites><testsuite name="x" tests="1"><testcase><failure/></testcase></testsuite></testsuites>',
        '<testsuites><testsuite name="x" tests="1"><testcase name="y"><failed/></testcase></testsuite></testsuites>',
        '<testsuites><testcase name="y"/></testsuites>',
    ],
)
def test_the_schema_refuses_what_is_wrong(schema: etree.XMLSchema, bad: str) -> None:
    assert not schema.validate(etree.fromstring(bad))


def test_another_reader_counts_the_same() -> None:
    platforms = [platform for image in FULL.images for platform in image.platforms]

    assert ends(FULL) == {
        "Passed": 3 * len(platforms),  # one that passes, one that warns, one that is waived
        "Failure": len(platforms),
        "Error": len(platforms),
        "Skipped": len(platforms),
    }


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_counts_that_it_states_are_those_of_its_cases(report: Report) -> None:
    stated = junitparser.JUnitXml.fromstring(render(report))
    told = (stated.tests, stated.failures, stated.errors)

    counted = ends(report)

    assert told == (counted.total(), counted["Failure"], counted["Error"])


def test_cases_of_two_platforms_have_two_classes() -> None:
    suites = list(junitparser.JUnitXml.fromstring(render(FULL)))

    assert [suite.name for suite in suites] == ["dhi.io/python:3.13 linux/amd64", "dhi.io/python:3.13 linux/arm64"]
    names = [(case.classname, case.name) for suite in suites for case in suite]
    assert len(set(names)) == len(names)
    assert names[0] == ("dhi.io/python:3.13.linux/amd64", "dhi-no-embedded-secrets")


def test_a_failure_says_what_was_found_and_what_to_do() -> None:
    cases = {case.name: case for suite in junitparser.JUnitXml.fromstring(render(FULL)) for case in suite}

    (failure,) = cases["dhi-no-embedded-malware"].result
    assert failure.message == "1 infected file"
    assert failure.text == "must hold: No malware was found\nnext: Rebuild on a newer base."
    assert cases["fixable-vulnerabilities"].system_out.startswith("waived by SEC-1234")
    assert cases["dhi-fresh-evidence"].system_out.startswith("warning: 1 infected file")


@pytest.mark.parametrize("code", range(1, 8))
@pytest.mark.parametrize("verdict", [Verdict.DENY, Verdict.ERROR])
def test_K13_a_pipeline_never_sees_only_passed_cases_for_a_refusal(code: int, verdict: Verdict) -> None:
    for platforms in ((), ALLOWED.images[0].platforms, NOTHING.images[0].platforms):
        refused = replace(FULL.images[0], verdict=verdict, exit_code=code, platforms=platforms)

        counted = ends(replace(FULL, verdict=verdict, exit_code=code, images=(refused,)))

        assert counted["Failure"] + counted["Error"]


def test_an_error_of_the_run_is_an_error_of_a_case() -> None:
    assert ends(FAILED)["Error"] == ends(FAILED).total() > 0
    assert ends(NOTHING) == {"Failure": 1}


def test_G17_what_is_let_through_passes_and_says_so() -> None:
    let_through = replace(FULL, images=(replace(FULL.images[0], enforced=False, verdict=Verdict.WARN, exit_code=0),))

    counted = ends(let_through)

    assert not counted["Failure"] + counted["Error"]
    assert "not enforced" in render(let_through).decode()
