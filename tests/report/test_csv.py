"""CSV for spreadsheets: rows that can be counted, cells that are never formulas."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.report.samples import FAILED, FULL, HOSTILE_TEXTS, hostile
from verifier.model import Report
from verifier.report import format_of
from verifier.report.csv_format import cell
from verifier.report.csv_rows import COLUMNS


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(format_of("csv").render(report), newline=""), strict=True))


def only(report: Report, record: str) -> list[dict[str, str]]:
    return [row for row in rows(report) if row["record"] == record]


def test_there_is_a_row_for_each_thing_that_the_report_says() -> None:
    platforms = [platform for image in FULL.images for platform in image.platforms]
    rules = [rule for platform in platforms for rule in platform.rules]
    details = [platform.details for platform in platforms if platform.details]
    scans = [scan for one in details for scan in one.stig]

    counts = Counter(row["record"] for row in rows(FULL))

    assert counts == {
        "run": 1,
        "image": len(FULL.images),
        "base": len(platforms),
        "waiver": 1,
        "signature": 1,
        "rule": len(rules),
        "violation": sum(len(rule.violations) for rule in rules),
        "evidence": sum(len(platform.attestations) for platform in platforms),
        "stig-scan": len(scans),
        "stig-rule": sum(len(scan.rules) for scan in scans),
        "fips-module": sum(len(found.modules) for one in details for found in one.fips),
        "test": sum(len(found.cases) for one in details for found in one.tests),
    }


def test_results_of_scans_can_be_counted_by_word() -> None:
    platforms = [platform for image in FULL.images for platform in image.platforms]
    scans = [scan for platform in platforms if platform.details for scan in platform.details.stig]

    found = Counter(row["result"] for row in only(FULL, "stig-rule"))

    assert found == sum((Counter(scan.counts) for scan in scans), Counter())


def test_an_image_row_cites_the_requirement_that_it_is_evidence_for() -> None:
    (row,) = only(FULL, "image")

    assert (row["result"], row["effect"], row["id"]) == ("deny", "enforce", FULL.images[0].pinned)
    assert (row["requirement"], row["cci"]) == ("V-233065 SRG-APP-000131-CTR-000285", "CCI-003992")
    assert row["nist_800_53"] == "CM-14"


def test_a_stig_row_names_control_and_the_attestation_that_it_comes_from() -> None:
    row = only(FULL, "stig-rule")[1]
    platform = FULL.images[0].platforms[0]
    assert platform.details
    source = platform.details.stig[0].attestation

    assert (row["id"], row["result"], row["severity"]) == ("V-203601", "fail", "high")
    assert (row["cci"], row["nist_800_53"]) == ("CCI-002450", "SC-13")
    assert row["requirement"] == "SV-203601r958401_rule"
    assert (row["attestation"], row["predicate_type"]) == (source.digest, source.predicate_type)
    assert (row["signer"], row["platform_digest"]) == (source.signer, platform.digest)


def test_a_rule_names_the_evidence_that_it_rests_on() -> None:
    image = FULL.images[0]
    platform = image.platforms[0]
    read = tuple(entry.digest for entry in platform.attestations[:2])
    rule = replace(platform.rules[0], evidence=read)
    report = replace(FULL, images=(replace(image, platforms=(replace(platform, rules=(rule,)),)),))

    (row,) = only(report, "rule")

    assert row["attestation"].split() == list(read)
    assert row["predicate_type"].split() == [entry.predicate_type for entry in platform.attestations[:2]]
    assert row["signer"] == "dhi-2"


def test_a_waived_violation_says_so() -> None:
    waived = [row for row in only(FULL, "violation") if row["result"] == "waived"]

    assert {row["id"] for row in waived} == {"fixable-vulnerabilities"}
    assert all("SEC-1234" in row["waiver"] for row in waived)


def test_an_error_is_a_row_with_its_remedy() -> None:
    (row,) = only(FAILED, "error")

    assert (row["id"], row["result"]) == ("dhiverify-registry", "error")
    assert (row["message"], row["remediation"]) == (FAILED.errors[0].message, "Check the network.")


def test_relaxations_stand_in_the_row_of_the_run() -> None:
    (row,) = only(replace(FULL, relaxations=("only linux/amd64 is judged",)), "run")

    assert "relaxed: only linux/amd64 is judged" in row["message"]


def test_lines_end_as_rfc_4180_says_and_have_one_width() -> None:
    text = format_of("csv").render(FULL)

    assert text.replace("\r\n", "").isprintable()
    assert {len(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)} == {len(COLUMNS)}


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\u3000=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "\ufe661",
    "\u22121",
    '"=1+1',
    "' =1+1",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_K05_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", FORMULAS)
def test_K05_nor_does_one_begin_where_a_spreadsheet_splits_at_semicolons(text: str) -> None:
    first, second = cell(f"harmless;{text}").split(";")

    assert first == "harmless"
    assert second.lstrip().startswith("'")


@pytest.mark.parametrize("text", ["1 infected file", "pkg:deb/debian/libc6@2.41-12", "a-b", "sha256:00", "x = 1", "'"])
def test_other_text_stays_what_it_is(text: str) -> None:
    assert cell(text) == text


@given(st.text())
def test_K05_K07_no_cell_opens_with_a_sign_breaks_a_line_or_hides_something(text: str) -> None:
    shown = cell(text)

    assert shown.isprintable()
    assert not shown.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K05_K07_K09_hostile_texts_change_neither_rows_nor_columns(text: str) -> None:
    table = rows(hostile(text))

    cells = list(chain.from_iterable(row.values() for row in table))
    assert Counter(row["record"] for row in table) - Counter(row["record"] for row in rows(FULL)) == {"error": 3}
    assert not any(one.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "::")) for one in cells)
    assert max(map(len, cells)) < 32_767
