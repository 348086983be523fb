"""Other readers of CKL find the rules that the scan has, each with its result."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.checkers.conftest import Reader, written
from tests.report.samples import FULL, HOSTILE_TEXTS, hostile

pytestmark = pytest.mark.checker

REAL = {"pass": 85, "fail": 6, "notapplicable": 107}
NINE_WORDS = {"pass": 2, "fail": 1, "notapplicable": 1, "notchecked": 5}


def found(counts: dict[str, int]) -> dict[str, int]:
    return {word: number for word, number in counts.items() if number}


def test_stig_manager_counts_the_real_scan(stigman: Reader, exports: dict[str, Path]) -> None:
    read = stigman({"real.ckl": exports["ckl"].read_text()})["real.ckl"]

    assert found(read["counts"]) == REAL
    assert len({review["ruleId"] for review in read["reviews"]}) == 198
    assert read["target"] == "debian12-minbase"
    assert all("signed in attestation sha256:" in review["comment"] for review in read["reviews"])


def test_mitre_counts_the_real_scan(mitre: Reader, exports: dict[str, Path]) -> None:
    read = mitre({"real.ckl": exports["ckl"].read_text()})["real.ckl"]

    assert read["counts"] == {"Passed": 85, "Failed": 6, "Not Applicable": 107}
    assert not [control for control in read["controls"] if "UM-1" in control["nist"]]  # no CCI that it does not know


def test_K13_K18_all_nine_words_and_hostile_texts_are_read_alike(stigman: Reader, mitre: Reader) -> None:
    documents = {f"{number}.ckl": written("ckl", hostile(text)) for number, text in enumerate(HOSTILE_TEXTS.values())}
    documents["plain.ckl"] = written("ckl", FULL)

    reviews, controls = stigman(documents), mitre(documents)

    for name in documents:
        assert found(reviews[name]["counts"]) == NINE_WORDS, reviews[name]
        assert controls[name]["counts"] == {"Passed": 2, "Failed": 1, "Not Applicable": 1, "Not Reviewed": 5}


def test_stig_manager_drops_or_refuses_what_is_wrong(stigman: Reader) -> None:
    good = written("ckl", FULL)
    documents = {
        "status.ckl": good.replace("<STATUS>Open</STATUS>", "<STATUS>Opened</STATUS>"),
        "rule.ckl": good.replace("<VULN_ATTRIBUTE>Rule_ID</VULN_ATTRIBUTE>", "<VULN_ATTRIBUTE>Rule</VULN_ATTRIBUTE>"),
        "host.ckl": re.sub("<HOST_NAME>[^<]*", "<HOST_NAME>", good),
        "asset.ckl": re.sub("(?s)<ASSET>.*</ASSET>", "", good),
    }

    read = stigman(documents)

    assert found(read["status.ckl"]["counts"]) == {"pass": 2, "notapplicable": 1, "notchecked": 5}
    assert read["rule.ckl"]["reviews"] == []
    assert "host_name" in read["host.ckl"]["error"]
    assert "ASSET" in read["asset.ckl"]["error"]


def test_mitre_refuses_what_is_wrong(mitre: Reader) -> None:
    good = written("ckl", FULL)
    severity = "<VULN_ATTRIBUTE>Severity</VULN_ATTRIBUTE>\n\t\t\t\t\t<ATTRIBUTE_DATA>high"
    assert severity in good
    documents = {
        "severity.ckl": good.replace(severity, severity.removesuffix("high")),
        "role.ckl": good.replace("<ROLE>None", "<ROLE>Container"),
        "cut.ckl": good[: len(good) // 2],
        "empty.ckl": re.sub("(?s)<VULN>.*</VULN>", "", good),
    }

    read = mitre(documents)

    assert [name for name in documents if "error" not in read[name]] == []
