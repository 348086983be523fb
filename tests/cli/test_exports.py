"""One run about an image with the real STIG scan: each document has its 198 results, and six refuse the image."""

from __future__ import annotations

import base64
import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import KEY, THEN, Ran, Run
from tests.conftest import Publisher
from tests.publisher import FIPS
from tests.publisher.compliance import real_stig
from verifier.report import FORMATS, format_of

RESULTS = {"pass": 85, "fail": 6, "notapplicable": 107}
FAILED = ("V-203739", "V-203776", "V-203750", "V-203751", "V-203649", "V-263659")
WRITTEN = ("json", "jsonl", "csv", "oscal", "html", "markdown", "sarif", "junit", "ckl", "cklb", "xccdf", "hdf")


@pytest.fixture
def written(publisher: Publisher, run: Run, tmp_path: Path) -> tuple[Ran, dict[str, str]]:
    scanned = datetime(2026, 11, 21, tzinfo=UTC)
    image = publisher.image(**FIPS, platforms=("linux/amd64",), at=scanned, evidence={"stig": real_stig()})
    outputs = [part for name in WRITTEN for part in ("-o", f"{name}={tmp_path / name}")]

    ran = run("image", *KEY, "--effective-time", "2026-11-25", "-o", "text", *outputs, image.layout())

    return ran, {name: (tmp_path / name).read_text() for name in WRITTEN}


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


CHECKLISTS = ("ckl", "cklb", "xccdf", "hdf")
NO_RESULTS = {"name": "HTML only", "summary": {}, "output": [{"format": "html", "content": "PGh0bWw+"}]}
NO_XML = {"name": "broken", "output": [{"format": "xccdf", "content": base64.b64encode(b"no XML").decode()}]}


@pytest.mark.parametrize("name", CHECKLISTS)
def test_a_profile_without_results_is_named_and_keeps_no_other_scan_back(
    publisher: Publisher, run: Run, tmp_path: Path, name: str
) -> None:
    image = publisher.image(**FIPS, evidence={"stig": [NO_RESULTS, *real_stig()]})

    ran = run("image", *KEY, "-q", "-o", f"{name}={tmp_path / 'out'}/", image.layout())

    assert (ran.code, len(list((tmp_path / "out").iterdir()))) == (2, 2)
    for platform in image.platforms:
        assert f"{platform} holds no XCCDF results of the profile HTML only" in ran.err


def test_several_scans_do_not_go_into_one_file(run: Run, tmp_path: Path) -> None:
    ran = run("image", *KEY, "-q", "-o", f"ckl={tmp_path / 'one.ckl'}", "oci:testdata/fips")

    assert (ran.code, list(tmp_path.iterdir())) == (2, [])
    assert "there are 2 scans, and a file holds one" in ran.err
    assert "--output ckl=DIR/" in ran.err


@pytest.mark.parametrize("extra", [(), (("stig", [NO_XML]),)])
def test_a_scan_that_cannot_be_decoded_is_said_and_does_not_pass_for_one_that_is_not_there(
    publisher: Publisher, run: Run, tmp_path: Path, extra: Any
) -> None:
    evidence = {"stig": real_stig() if extra else [NO_XML]}
    image = publisher.image(**FIPS, platforms=("linux/amd64",), evidence=evidence, extra=extra)

    ran = run("image", *KEY, "-q", "-o", f"ckl={tmp_path / 'out'}/", "-o", "json", image.layout())

    written = list((tmp_path / "out").iterdir()) if extra else []
    assert (ran.code, len(written)) == (3, len(extra))
    assert "linux/amd64: the stig attestation sha256:" in ran.err
    assert "cannot be decoded: expected XCCDF in XML" in ran.err
    assert "no verified STIG scan" not in ran.err


def test_an_image_without_a_scan_is_named_also_where_others_have_one(run: Run, tmp_path: Path) -> None:
    directory = tmp_path / "checklists"

    ran = run("image", *KEY, *THEN, "-q", "-o", f"ckl={directory}/", "oci:testdata/fips", "oci:testdata/allowed")

    assert ran.code == 3
    said = [line for line in ran.err.splitlines() if "no verified STIG scan" in line]
    assert [line.split()[2] for line in said] == ["oci:testdata/allowed"] * 2  # of each platform
    assert len(list(directory.iterdir())) == 2


def test_all_formats_fit_into_one_directory(publisher: Publisher, run: Run, tmp_path: Path) -> None:
    image = publisher.image(**FIPS, platforms=("linux/amd64",), evidence={"stig": real_stig()})
    formats = [name for name in FORMATS if name != "vsa"]

    run("image", *KEY, *(part for name in formats for part in ("-o", f"{name}={tmp_path / 'out'}/")), image.layout())

    assert len(list((tmp_path / "out").iterdir())) == len(formats)
    assert len({format_of(name).suffix for name in FORMATS}) == len(FORMATS)


def test_two_formats_in_one_file_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report"

    ran = run("image", *KEY, "-o", f"json={file}", "-o", f"csv={tmp_path}/./report", "oci:testdata/allowed")

    assert (ran.code, list(tmp_path.iterdir())) == (2, [])
    assert f"two formats are to go to {file}" in ran.err


def test_a_dash_is_stdout(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    layout, key = Path("testdata/fips").resolve(), Path(KEY[1]).resolve()
    monkeypatch.chdir(tmp_path)

    report = run("image", "--key", str(key), "-o", "json=-", f"oci:{layout}")
    results = run("stig", "extract", "--key", str(key), "-o", "-", "--platform", "linux/amd64", f"oci:{layout}")

    assert json.loads(report.out)["images"]
    assert results.out.startswith("<?xml")
    assert list(tmp_path.iterdir()) == []
