"""Markdown for job summaries and pull requests: what stands in it, that it fits, and that no text means anything."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, INDEX, NOTHING, attestation, hostile, scan
from verifier.model import Details, Report, StigScan, Verdict, Violation
from verifier.report import format_of
from verifier.report.escape import printable
from verifier.report.markdown_text import Section, code, fitted, row, words

SEVERAL = replace(FULL, images=(*FULL.images, *ALLOWED.images, *FAILED.images, *NOTHING.images))
COMMENT = 65_536  # characters that GitHub takes
HARMLESS = {
    *("heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td", "strong"),
    *("inline", "text", "code_inline", "softbreak", "html_block"),
}
OURS = re.compile(r"(<details>\n<summary>[A-Za-z0-9 :-]+</summary>\n|</details>\n)")


def render(report: Report) -> str:
    return format_of("markdown").render(report)


def tokens(document: str) -> list[Any]:
    """What CommonMark with tables makes of it; `_open` and `_close` taken from the names."""
    found = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document)
    return [one for token in found for one in (token, *(token.children or ()))]


def kinds(document: str) -> list[str]:
    return [re.sub("_(open|close)$", "", token.type) for token in tokens(document)]


def cells(document: str) -> list[int]:
    """How many cells each row of each table has."""
    counts: list[int] = []
    for token in tokens(document):
        if token.type == "tr_open":
            counts.append(0)
        if token.type in ("th_open", "td_open"):
            counts[-1] += 1
    return counts


# What it says


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (FULL, "## ❌ Refused: `dhi.io/python:3.13`"),
        (ALLOWED, "## ✅ Allowed: `dhi.io/python:3.13`"),
        (FAILED, "## 🚫 Not decided: `dhi.io/python:3.13`"),
        (replace(ALLOWED, verdict=Verdict.WARN), "## ⚠️ Allowed, with warnings: `dhi.io/python:3.13`"),
        (SEVERAL, "## ❌ Refused: 4 images"),
    ],
    ids=["denied", "allowed", "error", "warned", "several"],
)
def test_the_verdict_is_the_first_line(report: Report, said: str) -> None:
    assert render(report).splitlines()[0] == said


def test_digest_and_policy_stand_beside_the_verdict() -> None:
    head = render(FULL).split("**Rules that did not pass**")[0]

    for text in (f"`{INDEX}`", "`dhi-2`", "71 of 100, B", "exit code 1", "`2026-01-20T00:00:00Z`", "policy `dhi`"):
        assert text in head


def test_rules_that_did_not_pass_come_with_what_to_do_and_the_rest_is_folded() -> None:
    document = render(FULL)

    order = (
        "❌ fail | No malware was found (`dhi-no-embedded-malware`) | all | 1 infected file | Rebuild on a newer base.",
        "❓ unknown | Tests pass",
        "⚠️ warn | Evidence is fresh",
        "⚠️ waived | No fixable vulnerability",
        "| applied | `fixable-vulnerabilities` |",
        "40 of 100 | 1 fail",
        "OpenSSL FIPS Provider 3.1.2",
        "<summary>STIG rules that did not pass: 4</summary>",
        "| pass | No secrets were found",
        "<summary>Evidence: 11 pieces</summary>",
    )
    places = [document.index(text) for text in order]
    assert places == sorted(places)


def test_an_image_without_evidence_says_why_and_what_to_do() -> None:
    document = render(NOTHING)

    assert "no evidence was found in dhi.io/python" in document
    assert "**What to do:**" in document
    assert "--attestation-repo" in document
    assert "Rules that did not pass" not in document


def test_N08_errors_and_relaxations_stand_before_the_rules() -> None:
    document = render(replace(FULL, relaxations=("only one platform",), errors=FAILED.errors, complete=False))

    rules = document.index("**Rules")
    assert document.index("not complete") < document.index("connection refused") < rules
    assert document.index("only one platform") < rules


def test_G17_what_is_not_enforced_says_so() -> None:
    assert "deny, not enforced" in render(replace(FULL, images=(replace(FULL.images[0], enforced=False),)))


def test_J06_contradictions_of_a_scan_are_counted() -> None:
    one = replace(scan(attestation("stig", "stig", 1), INDEX), contradictions=("a", "b"))

    assert "2 contradictions" in render(_with(Details(stig=(one,))))


def test_a_scan_without_results_says_so() -> None:
    one = StigScan(attestation("stig", "stig", 1), INDEX, name="GPOS", html=True)

    assert "| no XCCDF results |" in render(_with(Details(stig=(one,))))


def _with(details: Details) -> Report:
    image = FULL.images[0]
    return replace(FULL, images=(replace(image, platforms=(replace(image.platforms[0], details=details),)),))


# That it fits


def test_what_does_not_fit_is_counted_and_no_row_is_cut() -> None:
    rule = FULL.images[0].platforms[0].rules[1]
    found = tuple(
        replace(rule, id=f"rule-{n}", message="x" * 200, violations=(Violation("y" * 200),)) for n in range(400)
    )
    image = replace(FULL.images[0], platforms=(replace(FULL.images[0].platforms[0], rules=found),))

    document = render(replace(FULL, images=(image,)))

    shown = document.count("| ❌ fail |")
    assert 20 < shown < 400
    assert f"… and {400 - shown} more rules" in document
    assert len(document) <= COMMENT
    assert "**STIG scans**" in document
    assert set(cells(document)) == {5, 6, 7}


def test_of_many_images_every_one_that_is_left_out_is_counted() -> None:
    document = render(replace(FULL, images=FULL.images * 1_000))

    shown = document.count("| ❌ deny |")
    assert shown > 50
    assert f"… and {1_000 - shown} more images" in document
    assert "more parts, which are left out" in document
    assert len(document.encode()) <= COMMENT


def test_a_report_full_of_long_texts_fits() -> None:
    document = render(hostile("\N{GRINNING FACE}|`" * 20_000))

    assert len(document.encode()) <= COMMENT
    assert "(cut)" in document


def test_a_section_keeps_its_end_when_it_is_cut() -> None:
    section = Section("<details>\n", tuple(row(str(n)) for n in range(1_000)), "</details>\n", "lines")

    document = fitted((section, section), 2_000)

    assert document.count("<details>") == document.count("</details>") == document.count("more lines")
    assert len(document.encode()) <= 2_000


# That no text in it means anything


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K04_no_text_is_a_link_an_image_markup_or_the_end_of_a_cell(text: str) -> None:
    plain, attacked = render(hostile("plain")), render(hostile(text))

    assert set(kinds(attacked)) <= HARMLESS
    assert cells(attacked) == cells(plain)
    blocks = [token.content for token in tokens(attacked) if token.type == "html_block"]
    assert blocks
    assert all(OURS.fullmatch(block) for block in blocks)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K04_outside_of_code_nothing_is_left_that_github_or_gitlab_look_for(text: str) -> None:
    plain = " ".join(token.content for token in tokens(render(hostile(text))) if token.type == "text")

    assert not re.search(r"[@#~!&$^<>]|://|www\.|:\w+:|javascript|\bGH-\d", plain)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1 infected file", "1 infected file"),
        ("expected a score of 100, found 77.7 (6 rules)", "expected a score of 100, found 77.7 (6 rules)"),
        ("sizes: 50% of all", "sizes: 50% of all"),
        ("1. a list", "`1. a list`"),
        ("- a list", "`- a list`"),
        ("ask @octocat", "`ask @octocat`"),
        ("see GH-12", "`see GH-12`"),
        ("see #12", "`see #12`"),
        ("commit deadbeef", "`commit deadbeef`"),
        ("www.evil.example", "`www.evil.example`"),
        ("a :tada: b", "`a :tada: b`"),
        ("50%milestone", "`50%milestone`"),
        ("a|b", r"`a\x7cb`"),
        ("a\\|b", r"`a\\x7cb`"),
        ("`a`", "`` `a` ``"),
        ("a```b", "````a```b````"),
        ("a\nb", r"`a\nb`"),
        ("  ", "\N{EN DASH}"),
        ("", "\N{EN DASH}"),
    ],
)
def test_K04_text_is_plain_where_it_means_nothing_and_code_elsewhere(text: str, shown: str) -> None:
    assert words(text) == shown


@given(st.text(alphabet=st.sampled_from("ab1 `|\\*_[]()<>@#:!~-\n&;/.\u202e"), max_size=30))
def test_K04_any_text_is_one_cell_and_is_what_it_says(text: str) -> None:
    document = row("x", "y") + "|---|---|\n" + row(words(text), code(text))

    found = tokens(document)

    assert cells(document) == [2, 2]
    assert {re.sub("_(open|close)$", "", token.type) for token in found} <= HARMLESS
    spans = [token.content for token in found if token.type == "code_inline"]
    visible = printable(text.strip()).replace("|", r"\x7c")
    assert set(spans) <= {visible}
