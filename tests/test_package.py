"""The wheel: what a user installs does the main job with the policies of the checkout."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_policies_in_the_wheel_are_those_of_the_checkout(wheel: zipfile.ZipFile) -> None:
    prefix = "verifier/_policies/"
    packed = {
        name.removeprefix(prefix): hashlib.sha256(wheel.read(name)).hexdigest()
        for name in wheel.namelist()
        if name.startswith(prefix)
    }
    checkout = {
        str(path.relative_to(ROOT / "policies")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (ROOT / "policies").rglob("*")
        if path.is_file()
    }

    assert packed == checkout
    assert "dhi/dhi-no-embedded-malware.rego" in packed


def test_the_wheel_is_typed_and_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()

    assert "verifier/py.typed" in names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"verifier", "dhiverify"}


def test_lock_files_have_hashes_and_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        pins = [line for line in text.splitlines() if "==" in line]

        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
