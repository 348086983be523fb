"""What the checkers of STIG exports have in common: the programs, and the files that they are shown.

`exports` are written by the command line about a published image whose STIG attestation holds a real scan; `written`
writes reports of `tests.report.samples`. Node's readers are found in the directory that DHI_TEST_NODE_MODULES names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.publisher import FIPS, ImageSpec, publish, to_layout
from tests.publisher.compliance import real_stig
from verifier.model import Report
from verifier.report import format_of, parts

HERE = Path(__file__).parent
NAMES = ("ckl", "cklb", "xccdf", "hdf")
Documents = Mapping[str, str]
Found = dict[str, dict[str, Any]]
Reader = Callable[[Documents], Found]
"""Given documents by file name, gives what a program found in each, or `{"error": …}`."""


def missing(what: str) -> None:
    if os.environ.get("DHI_TEST_REQUIRE_CHECKERS") == "1":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By format, the file of the one platform's scan."""
    folder = tmp_path_factory.mktemp("exports")
    image = publish(ImageSpec(**FIPS, platforms=("linux/amd64",), evidence={"stig": real_stig()}))
    reference = f"oci:{to_layout(image, folder / 'layout', tags=('3.13-fips',))}"
    outputs = [argument for name in NAMES for argument in ("-o", f"{name}={folder / name}/")]
    judged = ("--key", "testdata/keys/publisher.pub", "--effective-time", "2026-01-20")
    ran = subprocess.run(
        [sys.executable, "-m", "verifier", "image", *judged, *outputs, reference],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, "")  # refused, for its score
    found = {name: list((folder / name).iterdir()) for name in NAMES}
    assert [len(files) for files in found.values()] == [1, 1, 1, 1]
    return {name: files[0] for name, files in found.items()}


def written(name: str, report: Report) -> str:
    """The document of the first scan."""
    form = format_of(name)
    return form.render(parts(report, form.per)[0].report)


@pytest.fixture(scope="session")
def node() -> list[str]:
    """How a script is run: the script and its files come between these."""
    program, modules = shutil.which("node"), os.environ.get("DHI_TEST_NODE_MODULES", "")
    if not program:
        missing("node is not here")
    if not (Path(modules) / "@mitre" / "hdf-converters").is_dir():
        missing("DHI_TEST_NODE_MODULES names no directory with the packages of tests/checkers/package.json")
    return [str(program), modules]


@pytest.fixture
def stigman(node: list[str], tmp_path: Path) -> Reader:
    """STIG Manager's parser."""
    return lambda documents: _asked(node, "stigman.mjs", tmp_path, documents)


@pytest.fixture
def mitre(node: list[str], tmp_path: Path) -> Reader:
    """MITRE's converters, and inspecjs."""
    return lambda documents: _asked(node, "mitre.mjs", tmp_path, documents)


def _asked(node: list[str], script: str, folder: Path, documents: Documents) -> Found:
    program, modules = node
    for name, text in documents.items():
        (folder / name).write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [program, HERE / script, modules, *documents],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: Found = json.loads(ran.stdout)
    assert set(found) == set(documents)
    return found
