"""inspecjs, the library in Heimdall and the SAF tools, reads our HDF as what the scan says; MITRE makes CKL of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checkers.conftest import Reader, written
from tests.checkers.test_checkers_ckl import REAL, found
from tests.report.samples import FULL, HOSTILE_TEXTS, hostile

pytestmark = pytest.mark.checker

NINE_WORDS = {"Passed": 2, "Failed": 1, "Not Applicable": 1, "Not Reviewed": 3, "Profile Error": 2}


def test_heimdall_counts_the_real_scan(mitre: Reader, exports: dict[str, Path]) -> None:
    read = mitre({"real.json": exports["hdf"].read_text()})["real.json"]

    assert read["counts"] == {"Passed": 85, "Failed": 6, "Not Applicable": 107}
    assert len({control["id"] for control in read["controls"]}) == 198
    assert not [control for control in read["controls"] if "UM-1" in control["nist"]]
    failed = [control for control in read["controls"] if control["status"] == "Failed"]
    assert {control["severity"] for control in failed} <= {"high", "medium", "low"}


def test_heimdall_has_the_controls_that_mitre_finds_in_the_xccdf(mitre: Reader, exports: dict[str, Path]) -> None:
    """MITRE names the part of a control as well, as in `CM-7 (9) b.`; a CCI stands for `CM-7 (9)` here."""
    read = mitre({"ours.json": exports["hdf"].read_text(), "theirs.xml": exports["xccdf"].read_text()})

    ours, theirs = ({_number(control["id"]): control for control in one["controls"]} for one in read.values())
    assert set(ours) == set(theirs)
    for number, control in ours.items():
        other = theirs[number]
        assert (control["status"], control["severity"]) == (other["status"], other["severity"])
        assert len(control["nist"]) == len(other["nist"])
        assert all(a.startswith(b) for a, b in zip(other["nist"], control["nist"], strict=True)), (control, other)


def _number(identifier: str) -> str:
    """203739 of V-203739 and of xccdf_mil.disa.stig_rule_SV-203739r987791_rule."""
    return identifier.rpartition("V-")[2].partition("r")[0]


def test_ckl_that_mitre_makes_of_it_has_the_same_counts(
    mitre: Reader, stigman: Reader, exports: dict[str, Path]
) -> None:
    made = mitre({"real.json": exports["hdf"].read_text()})["real.json"]["ckl"]

    read = stigman({"made.ckl": made})["made.ckl"]

    assert found(read["counts"]) == REAL
    assert read["target"] == "debian12-minbase"


def test_K13_all_nine_words_and_hostile_texts_are_read_alike(mitre: Reader) -> None:
    documents = {f"{n}.json": written("hdf", hostile(text)) for n, text in enumerate(HOSTILE_TEXTS.values())}
    documents["plain.json"] = written("hdf", FULL)

    for read in mitre(documents).values():
        assert read["counts"] == NINE_WORDS, read


def test_inspecjs_refuses_what_is_wrong(mitre: Reader) -> None:
    documents = {}
    for path in (("sha256",), ("controls", 0, "impact"), ("controls", 0, "tags"), ("controls", 0, "results")):
        made = json.loads(written("hdf", FULL))
        place = made["profiles"][0]
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        documents[f"{path[-1]}.json"] = json.dumps(made)
    documents["status.json"] = written("hdf", FULL).replace('"status": "failed"', '"status": "fail"')

    read = mitre(documents)

    assert [name for name in documents if "error" not in read[name]] == []
