"""Our XCCDF is what OpenSCAP, the official schemas, STIG Manager and MITRE take for XCCDF, with the scan's results.

The schemas and oscap come with Debian's `openscap-common` and `openscap-scanner`. Schematron finds faults in genuine
results, so its errors are compared with those of what was signed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from tests.checkers.conftest import Reader, missing, written
from tests.checkers.test_checkers_ckl import REAL, found
from tests.publisher.compliance import REAL_SCAN
from tests.report.samples import FULL, HOSTILE_TEXTS, hostile

pytestmark = pytest.mark.checker

SCHEMATRON = Path("/usr/share/openscap/schemas/xccdf/1.2/xccdf_1.2-schematron.xsl")


@pytest.fixture(scope="module")
def oscap() -> str:
    program = shutil.which("oscap")
    if not program:
        missing("oscap is not here: install openscap-scanner and openscap-common")
    return str(program)


@pytest.fixture(scope="module")
def schematron() -> etree.XSLT:
    if not SCHEMATRON.exists():
        missing("the Schematron of XCCDF 1.2 is not here: install openscap-common")
    return etree.XSLT(etree.parse(SCHEMATRON))


def valid(oscap: str, path: Path) -> bool:
    ran = subprocess.run(
        [oscap, "xccdf", "validate", "--skip-schematron", path], capture_output=True, text=True, check=False
    )
    assert ran.returncode in (0, 2), ran.stderr
    return ran.returncode == 0


def complaints(schematron: etree.XSLT, document: bytes) -> Counter[str]:
    """Errors and warnings, by what they say."""
    said = str(schematron(etree.fromstring(document)))
    return Counter(line for line in said.splitlines() if line.startswith(("Error:", "Warning:")))


def test_oscap_takes_it(oscap: str, exports: dict[str, Path], tmp_path: Path) -> None:
    assert valid(oscap, exports["xccdf"])
    for number, text in enumerate(HOSTILE_TEXTS.values()):
        path = tmp_path / f"{number}.xml"
        path.write_text(written("xccdf", hostile(text)), encoding="utf-8")
        assert valid(oscap, path)


def test_oscap_refuses_what_is_wrong(oscap: str, exports: dict[str, Path], tmp_path: Path) -> None:
    good = exports["xccdf"].read_text(encoding="utf-8")
    path = tmp_path / "wrong.xml"
    for text, wrong in (
        ("<result>pass<", "<result>passed<"),
        (' type="string">', ' type="text">'),
        ("<target-facts>", "<target-facts><x/>"),
    ):
        path.write_text(good.replace(text, wrong), encoding="utf-8")
        assert not valid(oscap, path)


def test_schematron_finds_no_more_than_in_what_was_signed(schematron: etree.XSLT, exports: dict[str, Path]) -> None:
    exported, signed = (complaints(schematron, path.read_bytes()) for path in (exports["xccdf"], REAL_SCAN))

    assert exported == signed
    assert sum(signed.values()) > 0


def test_schematron_finds_what_is_wrong(schematron: etree.XSLT, exports: dict[str, Path]) -> None:
    good = exports["xccdf"].read_bytes()
    wrong = good.replace(b'<select idref="xccdf_mil', b'<select idref="xccdf_lim', 1)

    more = complaints(schematron, wrong) - complaints(schematron, good)

    assert any(line.startswith("Error:") for line in more), more


def test_stig_manager_counts_the_real_scan_and_knows_where_it_comes_from(
    stigman: Reader, exports: dict[str, Path]
) -> None:
    read = stigman({"real.xml": exports["xccdf"].read_text()})["real.xml"]

    assert found(read["counts"]) == REAL
    assert read["target"] == "debian12-minbase"
    assert read["metadata"]["urn:dhiverify:fact:attestation:digest"].startswith("sha256:")


def test_mitre_counts_the_real_scan(mitre: Reader, exports: dict[str, Path]) -> None:
    read = mitre({"real.xml": exports["xccdf"].read_text()})["real.xml"]

    assert read["counts"] == {"Passed": 85, "Failed": 6, "Not Applicable": 107}


def test_both_read_all_nine_words_beside_hostile_facts(stigman: Reader, mitre: Reader) -> None:
    """Each has words of its own for them: STIG Manager takes `fixed` for not checked."""
    documents = {f"{n}.xml": written("xccdf", hostile(text)) for n, text in enumerate(HOSTILE_TEXTS.values())}
    documents["plain.xml"] = written("xccdf", FULL)

    reviews, controls = stigman(documents), mitre(documents)

    for name in documents:
        assert found(reviews[name]["counts"]) == {"pass": 1, "fail": 1, "notapplicable": 1, "notchecked": 6}
        assert controls[name]["counts"] == {
            "Passed": 2,
            "Failed": 1,
            "Not Applicable": 3,
            "Not Reviewed": 1,
            "Profile Error": 2,
        }


def test_both_refuse_or_miss_what_is_wrong(stigman: Reader, mitre: Reader) -> None:
    good = written("xccdf", FULL)
    documents = {
        "target.xml": good.replace("<target>dhi-python-amd64</target>", ""),
        "results.xml": good.replace("TestResult", "TestResults"),
        "word.xml": good.replace("<result>pass</result>", "<result>passed</result>"),
    }

    reviews, controls = stigman(documents), mitre(documents)

    assert "error" in reviews["target.xml"]
    assert "error" in reviews["results.xml"]
    assert found(reviews["word.xml"]["counts"]) == {"fail": 1, "notapplicable": 1, "notchecked": 7}
    assert controls["results.xml"].get("counts", {}).get("Passed") is None
    assert controls["word.xml"]["counts"]["Profile Error"] == 3
