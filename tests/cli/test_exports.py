"""One run about an image with the real STIG scan: each document has its 198 results, and six refuse the image."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import KEY, Ran, Run
from tests.conftest import Publisher
from tests.publisher import FIPS
from tests.publisher.compliance import real_stig

RESULTS = {"pass": 85, "fail": 6, "notapplicable": 107}
FAILED = ("V-203739", "V-203776", "V-203750", "V-203751", "V-203649", "V-263659")
FORMATS = ("json", "jsonl", "csv", "oscal", "html", "markdown", "sarif", "junit", "ckl", "cklb", "xccdf", "hdf")


@pytest.fixture
def written(publisher: Publisher, run: Run, tmp_path: Path) -> tuple[Ran, dict[str, str]]:
    scanned = datetime(2026, 11, 21, tzinfo=UTC)
    image = publisher.image(**FIPS, platforms=("linux/amd64",), at=scanned, evidence={"stig": real_stig()})
    outputs = [part for name in FORMATS for part in ("-o", f"{name}={tmp_path / name}")]

    ran = run("image", *KEY, "--effective-time", "2026-11-25", "-o", "text", *outputs, image.layout())

    return ran, {name: (tmp_path / name).read_text() for name in FORMATS}


def test_the_image_is_refused_for_its_score_and_the_failed_rules_are_named(
    written: tuple[Ran, dict[str, str]],
) -> None:
    ran, documents = written

    assert ran.code == 1
    assert "denied by: dhi-stig-scan-score\n" in ran.out
    for name in ("json", "jsonl", "csv", "html", "markdown", "sarif", "junit"):
        assert all(rule in documents[name] for rule in FAILED), name


def test_documents_about_the_decision_count_the_scan_alike(written: tuple[Ran, dict[str, str]]) -> None:
    _, documents = written

    (scan,) = json.loads(documents["json"])["images"][0]["platforms"][0]["details"]["stig"]
    rows = list(csv.DictReader(documents["csv"].splitlines()))
    (result,) = json.loads(documents["oscal"])["assessment-results"]["results"]
    observed = [p["value"] for o in result["observations"] for p in o.get("props", []) if p["name"] == "stig-result"]

    assert Counter(rule["result"] for rule in scan["rules"]) == RESULTS
    assert (scan["defaultScore"]["stated"], scan["flatScore"]["computed"], scan["flatScore"]["maximum"]) == (
        77.777779,
        85,
        91,
    )
    assert Counter(row["result"] for row in rows if row["record"] == "stig-rule") == RESULTS
    assert Counter(observed) == RESULTS


def test_checklists_hold_the_scan_and_nothing_of_the_decision(written: tuple[Ran, dict[str, str]]) -> None:
    _, documents = written

    assert Counter(rule["status"] for rule in json.loads(documents["cklb"])["stigs"][0]["rules"]) == {
        "not_a_finding": 85,
        "open": 6,
        "not_applicable": 107,
    }
    for name in ("ckl", "cklb", "xccdf", "hdf"):
        assert "dhi-stig-scan-score" not in documents[name], name
        assert "SRG-APP-000131-CTR-000285" not in documents[name], name
