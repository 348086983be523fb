"""What OSCAL's small values hold: markup that shows foreign text and does nothing, times, links, ids."""

from __future__ import annotations

import json

import pytest
from markdown_it import MarkdownIt

from tests.report.oscal_documents import SCHEMA, Document, everything, render, result, values
from tests.report.samples import FULL, HOSTILE_TEXTS, hostile
from verifier.limits import DEFAULT_LIMITS
from verifier.report.identifiers import stable_uuid, token
from verifier.report.oscal.controls import control_id, control_order
from verifier.report.oscal.values import line, moment, prose, web_links

MARKUP = ("title", "description", "statement", "remarks", "text")


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_K01_K02_K04_K07_K18_hostile_text_is_shown_and_does_nothing(name: str) -> None:
    text = render(hostile(HOSTILE_TEXTS[name]))
    document = json.loads(text)
    SCHEMA.validate(document)
    reader = MarkdownIt("commonmark").enable("table")

    marked = [one[key] for one in everything(document) for key in MARKUP if isinstance(one.get(key), str)]
    tokens = {inner.type for one in marked for token in reader.parse(one) for inner in (token, *(token.children or ()))}

    assert tokens <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak", "code_block"}
    assert text.replace("\n", "").isprintable()
    assert max(map(len, marked)) < 20 * DEFAULT_LIMITS.report_text
    links = {one["href"] for one in everything(document) if "href" in one and not one["href"].startswith("#")}
    assert all(link.startswith("https://") for link in links)


def test_K18_no_text_of_a_scan_changes_what_is_counted() -> None:
    plain, attacked = result(FULL), result(hostile(HOSTILE_TEXTS["K18 xml"]))

    def states(shown: Document) -> list[tuple[str, str]]:
        return [(one["target"]["target-id"], one["target"]["status"]["state"]) for one in shown["findings"]]

    assert states(attacked) == states(plain)
    assert [values(one, "stig-result") for one in attacked["observations"] if values(one, "stig-result")] == [
        values(one, "stig-result") for one in plain["observations"] if values(one, "stig-result")
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CM-14", "cm-14"),
        ("AC-2 (4)", "ac-2.4"),
        ("AC-17(2)", "ac-17.2"),
        ("AC-2 (3) (d)", "ac-2.3"),
        ("CM-6 b", "cm-6"),
        ("AC-1 a 1 (a)", "ac-1"),
        ("PM-1 a", "pm-1"),
        ("AC-02", ""),
        ("AC-123", ""),
        ("ac-2", ""),
        ("", ""),
    ],
)
def test_control_ids(text: str, found: str) -> None:
    assert control_id(text) == found


def test_control_ids_sort_by_number() -> None:
    assert sorted(["ac-10", "ac-2.10", "ac-2.9", "ac-2"], key=control_order) == ["ac-2", "ac-2.9", "ac-2.10", "ac-10"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain - text.", "plain - text."),
        ("# head", "\\# head"),
        ("  - item", "\\- item"),
        ("1. one", "1\\. one"),
        ("12) one", "12\\) one"),
        ("3.11", "3\\.11"),
        ("===", "\\==="),
        ("a_b *c* [d](e)", "a\\_b \\*c\\* \\[d\\](e)"),
        ("{{ insert: param, x }}", "\\{\\{ insert: param, x \\}\\}"),
        ("&lt; <b> `x` a|b ~c~ ^d^ \\", "\\&lt; \\<b\\> \\`x\\` a\\|b \\~c\\~ \\^d\\^ \\\\"),
        ("", "-"),
        ("two\nlines", "two\\\\nlines"),
    ],
)
def test_K04_a_line_of_markup_shows_its_text(text: str, shown: str) -> None:
    assert line(text) == shown


def test_prose_keeps_its_lines_and_an_end() -> None:
    assert prose("one\r\n\ntwo\x1b\n") == "one\n\ntwo\\\\x1b"
    assert prose("x" * 100_000).endswith("… (cut)")


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("2026-01-20T01:00:00+02:00",), "2026-01-19T23:00:00Z"),
        (("2026-01-20T01:00:00", "2026-01-20T00:00:00.25Z"), "2026-01-20T00:00:00Z"),
        (("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "yesterday", ""), ""),
        (("1899-12-31T00:00:00Z", "3000-01-01T00:00:00Z"), ""),
    ],
)
def test_moments_are_in_utc_and_of_years_that_oscal_knows(texts: tuple[str, ...], found: str) -> None:
    assert moment(*texts) == found


def test_K02_only_plain_web_addresses_become_links() -> None:
    good = ("https://csrc.nist.gov/a/4985?x=1&y=%20", "http://host:8080")
    bad = ("javascript:alert(1)", "data:text/html,x", "https://a b", "https://a/%zz", "https://user@host/", "//host/a")

    assert [one["href"] for one in web_links(*good, *bad)["links"]] == list(good)
    assert web_links(*bad) == {}


def test_identifiers_tell_apart_what_is_not_the_same() -> None:
    assert stable_uuid("a", "bc") == stable_uuid("a", "bc") != stable_uuid("ab", "c")
    assert stable_uuid("\ud800") != stable_uuid("\\ud800")
    assert token("dhi-no-malware") == "dhi-no-malware"
    assert len({token("a b"), token("a/b"), token("a-b"), token(""), token("1"), token("x" * 81)}) == 6
