"""The page that a person reads: what stands on it, and what no text on it can do."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from itertools import pairwise

import pytest
from msgspec.structs import replace

from tests.report.pages import Page
from tests.report.samples import (
    ALLOWED,
    FAILED,
    FULL,
    HOSTILE_TEXTS,
    INDEX,
    NOTHING,
    SPDX,
    STIG,
    attestation,
    hostile,
    module,
    scan,
    stig_rule,
)
from verifier.model import (
    Details,
    FipsModules,
    ImageResult,
    Package,
    Packages,
    Relation,
    Report,
    StigRule,
    StigScan,
    Verdict,
    Violation,
)
from verifier.model.base import BaseEntry
from verifier.report import format_of

SEVERAL = replace(FULL, images=(*FULL.images, *ALLOWED.images, *FAILED.images, *NOTHING.images))
NOTHING_THERE = "\N{EN DASH}"
REPORTS = {"full": FULL, "allowed": ALLOWED, "failed": FAILED, "nothing": NOTHING, "several": SEVERAL}

any_report = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
any_text = pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)


def render(report: Report) -> str:
    return format_of("html").render(report)


def page(report: Report) -> Page:
    return Page(render(report))


def with_scans(*scans: StigScan, images: tuple[ImageResult, ...] = FULL.images) -> Report:
    """The full report, with one of these scans on each of its platforms."""
    (image,) = images
    given = zip(image.platforms, scans, strict=False)
    platforms = tuple(replace(platform, details=Details(stig=(one,))) for platform, one in given)
    return replace(FULL, images=(replace(image, platforms=platforms),))


# What it says


@pytest.mark.parametrize(
    ("report", "word"),
    [(FULL, "Refused"), (ALLOWED, "Allowed"), (FAILED, "Not decided"), (NOTHING, "Refused")],
    ids=["denied", "allowed", "error", "nothing"],
)
def test_the_verdict_stands_first_in_words_with_the_digest_and_the_policy(report: Report, word: str) -> None:
    shown = page(report)

    assert shown.all("h1")[0].text == word
    assert (
        next(element for element in shown.elements if element.tag[0] == "h" and element.tag[1:].isdigit()).text == word
    )
    (header,) = shown.all("header")
    assert report.effective_time in header.text
    assert "sha256:" + "d" * 64 in header.text
    assert not report.images[0].digest or INDEX in header.text


def test_what_stands_in_the_way_comes_before_what_passed_with_its_remedy() -> None:
    document = render(FULL)

    order = [
        "No malware was found",
        "1 infected file",
        "Rebuild on a newer base.",
        "No secrets were found",
        "Evidence</h3>",
    ]
    rules = document[document.index(">Rules</h3>") :]
    places = [rules.index(text) for text in order]
    assert places == sorted(places)


def test_a_rule_that_came_to_the_same_on_all_platforms_is_told_once() -> None:
    other = replace(FULL.images[0].platforms[0].rules[1], message="2 infected files")
    arm64 = replace(FULL.images[0].platforms[1], rules=(other,))
    differing = replace(FULL.images[0], platforms=(FULL.images[0].platforms[0], arm64))

    same, different = page(FULL), page(replace(FULL, images=(differing,)))

    assert len([rule for rule in same.all("section", "rule") if "dhi-no-embedded-malware" in rule.text]) == 1
    assert len([rule for rule in different.all("section", "rule") if "dhi-no-embedded-malware" in rule.text]) == 2


def test_of_many_violations_the_rest_is_counted() -> None:
    rule = replace(
        FULL.images[0].platforms[0].rules[1],
        violations=tuple(Violation(f"file {n} is infected", {"n": n, "files": ["a", {"b": 1}]}) for n in range(33)),
    )
    one = replace(FULL.images[0].platforms[0], rules=(rule,))

    document = render(replace(FULL, images=(replace(FULL.images[0], platforms=(one,)),)))

    assert "file 19 is infected" in document
    assert "file 20 is infected" not in document
    assert "and 13 more" in document
    assert "<dt>files</dt><dd><span>a</span><span>{&#34;b&#34;: 1}</span></dd>" in document


def test_evidence_is_shown_with_the_way_back_to_its_signed_bytes() -> None:
    shown = page(FULL)

    row = next(row for row in shown.all("tr") if STIG in row.text)
    for text in (
        "stig",
        "verified",
        "dhi-2",
        "2026-01-15T12:45:00Z",
        "log proved",
        f"sha256:{100:064x}",
        "dhi.io/python",
    ):
        assert text in row.text
    assert f"dhiverify attestation get dhi.io/python@{INDEX} --predicate-type {STIG} --platform linux/amd64" in row.text
    untrusted = next(row for row in shown.all("tr") if "untrusted" in row.text)
    assert "dhiverify attestation get" not in untrusted.text


def test_a_command_is_quoted_for_the_shell_it_is_pasted_into() -> None:
    strange = replace(FULL.images[0], pinned="dhi.io/a;reboot@sha256:1")

    assert (
        "get 'dhi.io/a;reboot@sha256:1' --predicate-type" in page(replace(FULL, images=(strange,))).all("main")[0].text
    )


def test_rules_lead_to_the_evidence_that_they_rest_on() -> None:
    rule = replace(FULL.images[0].platforms[0].rules[1], evidence=(f"sha256:{100:064x}", "sha256:elsewhere"))
    one = replace(FULL.images[0].platforms[0], rules=(rule,))

    shown = page(replace(FULL, images=(replace(FULL.images[0], platforms=(one,)),)))

    (cited,) = shown.all("p", "cited")
    assert "stig 00000000" in cited.text
    assert "sha256:elsewhere" in cited.text
    target = next(a.attributes["href"] for a in shown.all("a") if a.text.startswith("stig "))
    assert any(row.attributes.get("id") == target[1:] and STIG in row.text for row in shown.all("tr"))


def test_N08_relaxations_and_errors_stand_before_the_decision() -> None:
    fault = FAILED.errors[0]

    document = render(replace(FULL, relaxations=("only linux/amd64 is judged",), errors=(fault,), complete=False))

    assert document.index("not complete") < document.index(fault.hint) < document.index(">Decision</h2>")
    assert document.index("only linux/amd64 is judged") < document.index(">Decision</h2>")


def test_G17_what_is_not_enforced_says_so() -> None:
    assert "Not enforced." in render(replace(FULL, images=(replace(FULL.images[0], enforced=False),)))


def test_without_evidence_it_says_what_to_do_instead_of_showing_rules() -> None:
    shown = page(NOTHING)

    assert "no evidence was found" in shown.all("main")[0].text
    assert "--attestation-repo" in shown.all("p", "next")[0].text
    assert not shown.all("section", "rule")


def test_the_control_for_which_the_decision_is_evidence_is_named() -> None:
    text = page(FULL).all("main")[0].text

    for name in ("V-233065", "SRG-APP-000131-CTR-000285", "CCI-003992", "CCI-001749", "CM-14"):
        assert name in text


def test_a_base_is_shown_with_its_own_verdict() -> None:
    base = BaseEntry(
        "dhi.io/base@sha256:1", "sha256:1", "provenance", Relation.CLAIMED, "only the contents are equal", 3
    )
    one = replace(FULL.images[0].platforms[0], base=replace(base, verdict=Verdict.ALLOW, signers=("dhi-2",)))

    text = page(replace(FULL, images=(replace(FULL.images[0], platforms=(one,)),))).all("main")[0].text

    for part in ("Base of linux/amd64", "claimed", "dhi.io/base@sha256:1", "3 layers", "only the contents are equal"):
        assert part in text


# STIG, FIPS, packages


def test_scans_with_the_same_benchmark_share_a_table_with_a_column_each() -> None:
    first = scan(attestation(STIG, "stig", 1), "sha256:1", ("pass", "fail"))
    second = scan(attestation(STIG, "stig", 2), "sha256:2", ("pass", "pass"))

    shown = page(with_scans(first, second))

    (table,) = shown.all("table", "checks")
    rows = [row for row in shown.all("tr") if row.has("r-fail") or row.has("r-pass")]
    assert [row.has("r-fail") for row in rows] == [True, False]
    cells = [cell.text for cell in shown.all("td") if cell.attributes.get("class", "").startswith("r-")]
    assert cells == ["fail", "pass", "pass", "pass"]
    assert table.text.count("Why it matters.") == 2
    assert len(shown.all("svg", "ring")) == 2


def test_results_that_one_scan_has_twice_and_another_not_at_all_keep_their_lines() -> None:
    rule = stig_rule(1, "pass")
    twice = replace(scan(attestation(STIG, "stig", 1), "sha256:1"), rules=(rule, replace(rule, result="fail")))
    other = replace(scan(attestation(STIG, "stig", 2), "sha256:2"), rules=(stig_rule(2, "notchecked"),))

    shown = page(with_scans(twice, other))

    cells = [cell.text for cell in shown.all("td") if cell.attributes.get("class", "").startswith("r-")]
    assert cells == ["fail", NOTHING_THERE, NOTHING_THERE, "not checked", "pass", NOTHING_THERE]


def test_filters_count_every_line_once() -> None:
    shown = page(FULL)

    counts = [int(label.text.split()[-1]) for label in shown.all("label")]
    assert (
        sum(counts[:9])
        == sum(counts[9:])
        == len(shown.all("tr", "s-high") + shown.all("tr", "s-medium")) + len(shown.all("tr", "s-low"))
    )


def test_every_filter_has_a_rule_in_the_style() -> None:
    style = page(FULL).all("style")[0].text

    boxes = [box.attributes["class"] for box in page(FULL).all("input")]
    assert boxes
    assert all(f":has(.{name}:not(:checked))" in style for name in boxes)


def test_J06_without_xccdf_results_the_html_report_counts_for_nothing() -> None:
    empty = StigScan(attestation(STIG, "stig", 1), "sha256:1", name="GPOS", html=True)

    shown = page(with_scans(empty))

    assert not shown.all("table", "checks")
    assert "Its HTML report is not evidence" in shown.all("section", "scan")[0].text


def test_J06_a_scan_that_contradicts_itself_says_so_beside_its_results() -> None:
    doubtful = scan(attestation(STIG, "stig", 1), "sha256:1", ("pass", "fail"))
    doubtful = replace(doubtful, contradictions=("the summary says that 2 passed, the results hold 1",))

    assert "the results hold 1" in page(with_scans(doubtful)).all("section", "scan")[0].text


@pytest.mark.parametrize(
    "address",
    [
        "http://csrc.nist.gov/certificate/1",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://csrc.nist.gov@evil.example/",
        "https://csrc.nist.gov\\@evil.example/",
        "https://evil.example/\n",
        "https://evil.example/<b>",
        "https://\N{FULLWIDTH LATIN SMALL LETTER E}vil.example/",
        "HTTPS:evil",
        "//evil.example",
        "",
    ],
)
def test_K02_only_a_plain_https_address_becomes_a_link(address: str) -> None:
    found = FipsModules(attestation(STIG, "fips", 1), (replace(module(), certification_url=address),))
    one = replace(FULL.images[0].platforms[0], details=Details(fips=(found,)))

    shown = page(replace(FULL, images=(replace(FULL.images[0], platforms=(one,)),)))

    assert "CMVP #4985" in shown.all("main")[0].text
    assert all(link.attributes["href"].startswith("#") for link in shown.all("a"))


def test_a_certificate_is_linked_and_the_host_stands_beside_it() -> None:
    links = [link for link in page(FULL).all("a") if not link.attributes["href"].startswith("#")]

    assert {link.text for link in links} == {"CMVP #4985"}
    assert all(link.attributes["rel"] == "noopener noreferrer" for link in links)
    assert "(csrc.nist.gov)" in page(FULL).all("main")[0].text


def test_packages_beyond_the_bound_are_counted() -> None:
    listed = Packages(attestation(SPDX, "sbom", 1), 9_000, (Package("libc6", "2.41"),))
    one = replace(FULL.images[0].platforms[0], details=Details(packages=(listed,)))

    text = page(replace(FULL, images=(replace(FULL.images[0], platforms=(one,)),))).all("main")[0].text

    assert "9000 packages" in text
    assert "8999 more are left out here" in text


def test_an_image_with_2000_packages_and_two_scans_of_198_rules_fits_3_megabytes() -> None:
    document = render(large())

    assert document.count("pkg:deb/debian/package-") == 4_000
    assert document.count('"s-') + document.count(" s-") >= 198
    assert len(document.encode()) < 3_000_000


def large() -> Report:
    """As large as real images are: the texts of each STIG rule have 1,500 characters, and no two are alike."""
    rules = tuple(_long_rule(number) for number in range(198))
    (image,) = FULL.images
    platforms = []
    for number, platform in enumerate(image.platforms):
        one = replace(scan(attestation(STIG, "stig", 100 * number + 100), platform.digest), rules=rules)
        packages = tuple(
            Package(
                f"package-{n}", f"1.{n}.3-12+deb13u2", f"pkg:deb/debian/package-{n}@1.{n}.3-12?arch={number}", "MIT"
            )
            for n in range(2_000)
        )
        sbom = Packages(attestation(SPDX, "sbom", 100 * number + 103), len(packages), packages)
        platforms.append(replace(platform, details=Details(stig=(one,), packages=(sbom,))))
    return replace(FULL, images=(replace(image, platforms=tuple(platforms)),))


def _long_rule(number: int) -> StigRule:
    text = f"Requirement {number} says what has to be done.\n" * 10
    plain = stig_rule(number, "notapplicable" if number % 2 else "pass")
    return replace(plain, discussion=text, check=text, fix=text)


# What no text on it can do


@any_text
def test_K01_K03_no_text_becomes_an_element_an_attribute_or_a_script(text: str) -> None:
    plain, attacked = page(hostile("plain")), page(hostile(text))

    assert [element.tag for element in attacked.elements] == [element.tag for element in plain.elements]
    assert [set(element.attributes) for element in attacked.elements] == [
        set(element.attributes) for element in plain.elements
    ]
    assert not attacked.unclosed


@any_text
def test_K01_K02_K03_there_is_no_script_no_handler_no_style_attribute_and_nothing_is_loaded(text: str) -> None:
    shown = page(hostile(text))

    assert not [e for e in shown.elements if e.tag in ("script", "img", "iframe", "object", "embed", "link", "form")]
    for element in shown.elements:
        assert not [name for name in element.attributes if name.startswith("on") or name in ("style", "src", "srcset")]
        assert re.match(r"#[a-z0-9-]+$|https://[a-z.]+/", element.attributes.get("href", "#ok"))
    assert not re.search(r"url\(|@import|expression", shown.all("style")[0].text)


@any_text
def test_K07_no_text_hides_or_reorders_others(text: str) -> None:
    document = render(hostile(text))

    assert document.replace("\n", "").isprintable()


@any_report
def test_the_security_policy_allows_this_style_and_nothing_else(report: Report) -> None:
    shown = page(report)

    (style,) = shown.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    policy = shown.meta("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}';" in policy
    assert all(word in ("'none'", f"'sha256-{digest}'") for part in policy.split("; ") for word in part.split()[1:])
    assert shown.meta("referrer") == "no-referrer"


@any_report
def test_ids_are_unique_links_lead_somewhere_and_every_element_is_closed(report: Report) -> None:
    shown = page(report)

    ids = [element.attributes["id"] for element in shown.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    named = [e.attributes["href"][1:] for e in shown.all("a") if e.attributes["href"].startswith("#")]
    named += [e.attributes["aria-labelledby"] for e in shown.elements if "aria-labelledby" in e.attributes]
    assert set(named) <= set(ids)
    assert not shown.unclosed


# For everybody


@any_report
def test_headings_go_down_one_level_at_a_time(report: Report) -> None:
    levels = [int(e.tag[1]) for e in page(report).elements if re.fullmatch("h[1-6]", e.tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


@any_report
def test_header_cells_say_what_they_are_the_head_of_and_pictures_have_a_title(report: Report) -> None:
    shown = page(report)

    assert shown.all("html")[0].attributes["lang"] == "en"
    assert all(cell.attributes.get("scope") in ("col", "row") for cell in shown.all("th"))
    for picture in shown.all("svg"):
        assert picture.attributes["role"] == "img"
        assert picture.text
    assert len(shown.all("svg")) <= len(shown.all("title"))


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_colour_of_text_is_read_easily(theme: int) -> None:
    style = files("verifier.report.html").joinpath("templates", "page.css").read_text()
    colours = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]

    known = colours[theme]

    pairs = [(text, ground) for text in ("text", "quiet", "link") for ground in ("page", "card", "sunk")]
    pairs += [(tone, ground) for tone in ("good", "mild", "bad", "odd", "none") for ground in (f"{tone}-soft", "card")]
    assert {
        pair: _contrast(known[pair[0]], known[pair[1]])
        for pair in pairs
        if _contrast(known[pair[0]], known[pair[1]]) < 4.5
    } == {}


def _contrast(text: str, ground: str) -> float:
    """WCAG 2.2, relative luminance."""
    lighter, darker = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
