"""compliance-trestle reads our OSCAL: its models of OSCAL 1.2.1, and its own import and validation.

`DHI_TEST_TRESTLE` names its program, or the Python beside it; else `trestle` is looked for on PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, NOTHING, WORDS, hostile
from verifier.model import Report
from verifier.report import format_of

pytestmark = pytest.mark.checker

Document = dict[str, Any]

REPORTS = {
    "full": FULL,
    "allowed": ALLOWED,
    "failed": FAILED,
    "nothing": NOTHING,
    "several": replace(FULL, images=(*FULL.images, *ALLOWED.images, *FAILED.images, *FULL.images)),
    **{f"hostile-{number}": hostile(text) for number, text in enumerate(HOSTILE_TEXTS.values())},
}

# Reads each file named, and prints what it found there, or why it is no assessment results.
READER = """
import json, sys
from pathlib import Path
from trestle.oscal.assessment_results import AssessmentResults

def told(path):
    try:
        found = AssessmentResults.parse_obj(json.loads(Path(path).read_text(encoding="utf-8"))["assessment-results"])
    except ValueError as fault:
        return {"refused": str(fault)}
    results = found.results
    observed = [one for result in results for one in result.observations or ()]
    return {
        "words": [prop.value for one in observed for prop in one.props or () if prop.name == "stig-result"],
        "observations": len(observed),
        "findings": [(f.target.target_id, f.target.status.state.value) for r in results for f in r.findings],
        "risks": sum(len(result.risks or ()) for result in results),
    }

print(json.dumps({Path(path).stem: told(path) for path in sys.argv[1:]}))
"""


@pytest.fixture(scope="module")
def trestle() -> Path:
    """The directory of trestle's programs."""
    named = os.environ.get("DHI_TEST_TRESTLE") or shutil.which("trestle")
    folder = Path(named).parent if named else None
    if folder and (folder / "trestle").exists() and (folder / "python").exists():
        return folder
    if os.environ.get("DHI_TEST_REQUIRE_CHECKERS") == "1":
        pytest.fail("compliance-trestle is not here; name it with DHI_TEST_TRESTLE")
    pytest.skip("compliance-trestle is not here; name it with DHI_TEST_TRESTLE")


def document(report: Report) -> Document:
    made: Document = json.loads(format_of("oscal").render(report))
    return made


def read(trestle: Path, folder: Path, documents: dict[str, Document]) -> dict[str, Document]:
    """What trestle's models find in each of the documents."""
    paths = [folder / f"{name}.json" for name in documents]
    for path in paths:
        path.write_text(json.dumps(documents[path.stem]), encoding="utf-8")
    ran = subprocess.run(
        [trestle / "python", "-c", READER, *paths], capture_output=True, text=True, check=True, timeout=120
    )
    found: dict[str, Document] = json.loads(ran.stdout)
    return found


def test_trestle_finds_everything_that_was_written(trestle: Path, tmp_path: Path) -> None:
    documents = {name: document(report) for name, report in REPORTS.items()}

    found = read(trestle, tmp_path, documents)

    for name, made in documents.items():
        results = made["assessment-results"]["results"]
        observed = [one for result in results for one in result.get("observations", ())]
        assert found[name]["observations"] == len(observed), found[name]
        assert found[name]["risks"] == sum(len(result.get("risks", ())) for result in results)
        assert found[name]["findings"] == [
            [one["target"]["target-id"], one["target"]["status"]["state"]] for r in results for one in r["findings"]
        ]
    platforms = len(FULL.images[0].platforms)
    assert Counter(found["full"]["words"]) == dict.fromkeys(WORDS, platforms)


def _state(made: Document) -> None:
    made["results"][0]["findings"][0]["target"]["status"]["state"] = "maybe"


def _identifier(made: Document) -> None:
    made["results"][0]["observations"][0]["uuid"] = "not-a-uuid"


def _zone(made: Document) -> None:
    made["results"][0]["start"] = "2026-01-20T00:00:00"


def _member(made: Document) -> None:
    made["results"][0]["observations"][0]["verdict"] = "allow"


def _empty(made: Document) -> None:
    made["results"][0]["observations"] = []


BAD: tuple[Callable[[Document], None], ...] = (_state, _identifier, _zone, _member, _empty)


def test_trestle_refuses_what_is_wrong(trestle: Path, tmp_path: Path) -> None:
    documents = {}
    for spoil in BAD:
        documents[spoil.__name__] = made = document(FULL)
        spoil(made["assessment-results"])

    found = read(trestle, tmp_path, documents)

    assert {name for name, told in found.items() if "refused" in told} == set(documents)


def run(trestle: Path, folder: Path, *arguments: str) -> tuple[int, str]:
    ran = subprocess.run(
        [trestle / "trestle", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "COLUMNS": "500"},
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_trestle_imports_and_validates_and_refuses_one_identifier_for_two_things(trestle: Path, tmp_path: Path) -> None:
    """Its warning that resources are not referenced is no matter: it looks for UUIDs of version 4 alone."""
    space = tmp_path / "space"
    space.mkdir()
    (tmp_path / "good.json").write_text(format_of("oscal").render(REPORTS["several"]), encoding="utf-8")
    made = document(FULL)
    first, second, *_ = made["assessment-results"]["results"][0]["observations"]
    first["uuid"] = second["uuid"]
    (tmp_path / "twice.json").write_text(json.dumps(made), encoding="utf-8")

    assert run(trestle, space, "init", "--local")[0] == 0
    imported = {name: run(trestle, space, "import", "-f", f"../{name}.json", "-o", name) for name in ("good", "twice")}
    code, said = run(trestle, space, "validate", "-t", "assessment-results", "-n", "good")

    assert imported["good"][0] == 0, imported
    assert imported["twice"][0] != 0
    assert (code, said.count("VALID"), said.count("INVALID")) == (0, 1, 0), said
