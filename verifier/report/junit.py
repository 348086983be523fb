"""JUnit XML, as continuous integration reads it: suites of cases, each passed, failed, in error or skipped.

There is no standard. This is the part on which Jenkins, GitLab, GitHub's actions and `junitparser` agree, and that the
strictest schema in use, Jenkins's of 2010, accepts: https://github.com/testmoapp/junitxml (facts as of 2026-08).
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import msgspec

from verifier.report.escape import printable


class JUnitCase(msgspec.Struct, frozen=True):
    """One case of a suite. Of `failure`, `error` and `skipped` at most one holds text; none means passed.

    `details` are more lines on that, `output` what it printed. `seconds` is its time.
    """

    name: str
    classname: str
    seconds: float = 0.0
    failure: str = ""
    error: str = ""
    skipped: str = ""
    details: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


class JUnitSuite(msgspec.Struct, frozen=True):
    name: str
    cases: tuple[JUnitCase, ...]


def junit(name: str, suites: Sequence[JUnitSuite]) -> str:
    """The whole document, ending in a newline. What XML cannot hold is written as its escape."""
    root = Element("testsuites", _attributes(name, [case for suite in suites for case in suite.cases]))
    for suite in suites:
        skipped = {"skipped": str(sum(bool(case.skipped) for case in suite.cases))}
        element = SubElement(root, "testsuite", _attributes(suite.name, suite.cases) | skipped)
        for case in suite.cases:
            _add(element, case)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _attributes(name: str, cases: Sequence[JUnitCase]) -> dict[str, str]:
    return {
        "name": printable(name),
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.failure) for case in cases)),
        "errors": str(sum(bool(case.error) for case in cases)),
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }


def _add(suite: Element, case: JUnitCase) -> None:
    about = {"name": printable(case.name), "classname": printable(case.classname), "time": f"{case.seconds:.3f}"}
    element = SubElement(suite, "testcase", about)
    if case.skipped:  # has no attribute in the schema
        SubElement(element, "skipped").text = _lines((case.skipped, *case.details))
    for word, message in (("error", case.error), ("failure", case.failure)):
        if message:
            SubElement(element, word, message=printable(message)).text = _lines(case.details) or None
    if case.output:
        SubElement(element, "system-out").text = _lines(case.output)


def _lines(texts: Sequence[str]) -> str:
    """Every character that XML 1.0 forbids is one that is not printable, and is escaped as such."""
    return "\n".join(map(printable, texts))
