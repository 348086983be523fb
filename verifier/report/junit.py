"""JUnit XML, as continuous integration reads it: suites of cases, each passed, failed, in error or skipped.

There is no standard. This is the part on which Jenkins, GitLab, GitHub's actions and `junitparser` agree:
https://github.com/testmoapp/junitxml (facts as of 2026-08).
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

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
    cases = [case for suite in suites for case in suite.cases]
    lines = [f"<testsuites {_attributes(name, cases)}>", *(line for suite in suites for line in _suite(suite))]
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', *lines, "</testsuites>", ""))


def _suite(suite: JUnitSuite) -> Iterator[str]:
    yield f"  <testsuite {_attributes(suite.name, suite.cases)}>"
    for case in suite.cases:
        yield from _case(case)
    yield "  </testsuite>"


def _attributes(name: str, cases: Sequence[JUnitCase]) -> str:
    counts = {
        "tests": len(cases),
        "failures": sum(bool(case.failure) for case in cases),
        "errors": sum(bool(case.error) for case in cases),
        "skipped": sum(bool(case.skipped) for case in cases),
    }
    numbers = " ".join(f'{word}="{number}"' for word, number in counts.items())
    return f'name="{_text(name)}" {numbers} time="{sum(case.seconds for case in cases):.3f}"'


def _case(case: JUnitCase) -> Iterator[str]:
    head = f'    <testcase name="{_text(case.name)}" classname="{_text(case.classname)}" time="{case.seconds:.3f}"'
    inside = [line for word in ("failure", "error", "skipped") for line in _end(case, word)]
    if case.output:
        inside.append(f"      <system-out>{_lines(case.output)}</system-out>")
    if not inside:
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield from inside
    yield "    </testcase>"


def _end(case: JUnitCase, word: str) -> Iterator[str]:
    """How it ended, where it did not pass."""
    message: str = getattr(case, word)
    if message:
        body = f">{_lines(case.details)}</{word}>" if case.details else "/>"
        yield f'      <{word} message="{_text(message)}"{body}'


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(map(_text, texts))


def _text(text: str) -> str:
    """Every character that XML 1.0 forbids is one that is not printable, and is escaped as such."""
    return html.escape(printable(text))
