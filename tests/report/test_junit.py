"""JUnit XML: what readers of it find, and that foreign text stays text."""

from __future__ import annotations

from typing import Any

import defusedxml.ElementTree
from hypothesis import given
from hypothesis import strategies as st

from verifier.report.junit import JUnitCase, JUnitSuite, junit

CASES = (
    JUnitCase("good", "a.rego", 0.25),
    JUnitCase("bad", "a.rego", 0.5, failure="expected pass", details=("found fail", "next: mend it")),
    JUnitCase("broken", "a.rego", error="does not compile", output=("a print",)),
    JUnitCase("left out", "a.rego", skipped="does not apply"),
)


def parsed(text: str) -> Any:
    return defusedxml.ElementTree.fromstring(text.encode(), forbid_dtd=True)


def test_suites_count_what_is_in_them() -> None:
    root = parsed(junit("tests", [JUnitSuite("a.rego", CASES), JUnitSuite("b.rego", CASES[:1])]))

    counts = {name: root.get(name) for name in ("name", "tests", "failures", "errors", "time")}
    assert counts == {"name": "tests", "tests": "5", "failures": "1", "errors": "1", "time": "1.000"}
    first, second = root.findall("testsuite")
    assert (first.get("tests"), first.get("failures"), second.get("tests")) == ("4", "1", "1")
    assert (first.get("skipped"), second.get("skipped")) == ("1", "0")


def test_each_case_says_how_it_ended() -> None:
    good, bad, broken, left_out = parsed(junit("t", [JUnitSuite("a", CASES)])).iter("testcase")

    assert (list(good), good.get("classname"), good.get("time")) == ([], "a.rego", "0.250")
    assert bad.find("failure").get("message") == "expected pass"
    assert bad.find("failure").text == "found fail\nnext: mend it"
    assert broken.find("error").get("message") == "does not compile"
    assert broken.find("system-out").text == "a print"
    assert left_out.find("skipped").text == "does not apply"


def test_nothing_is_a_document_too() -> None:
    assert parsed(junit("t", [])).get("tests") == "0"


@given(
    st.text(min_size=1)
    | st.sampled_from(["\x00", "\x0b", "\ufffe", "\ud800", "]]>", '"/><failure/>', "&#0;", "\x1b[31m"])
)
def test_N12_foreign_text_stays_text_in_xml(text: str) -> None:
    case = JUnitCase(text, text, failure=text, details=(text, text), output=(text,))

    root = parsed(junit(text, [JUnitSuite(text, (case,))]))

    (found,) = root.iter("testcase")
    assert [child.tag for child in found] == ["failure", "system-out"]
    assert found.get("name") == root.get("name")
    assert root.get("tests") == "1"
