"""What docs/isolated.md shows is run as it stands there, against a registry that is gone afterwards."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ImageUnderTest, Publisher

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "isolated.md").read_text()
BLOCKS = dict(re.findall(r"<!-- test: (\w+) -->\n```sh\n(.*?)```", GUIDE, re.DOTALL))


class Site:
    """Somebody who types what the guide says, with the key of the publisher at hand."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        program = folder / "bin" / "dhiverify"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
        program.chmod(0o755)
        self.environment = {
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "DHIVERIFY_KEY": str(ROOT / "testdata" / "keys" / "publisher.pub"),
            "DHIVERIFY_EFFECTIVE_TIME": "2026-01-20",
            **variables,
        }

    def run(self, mark: str) -> str:
        ran = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", BLOCKS[mark]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture
def image(publisher: Publisher) -> ImageUnderTest:
    return publisher.image(platforms=("linux/amd64",))


def test_evidence_on_disk_is_judged_without_the_registry(image: ImageUnderTest, tmp_path: Path) -> None:
    site = Site(tmp_path / "", IMAGE=image.registry("dhi/python"), NAME="registry.example/dhi/python:3.13")

    pinned = site.run("online")
    image.manifests.clear()
    image.blobs.clear()
    told = site.run("offline")

    assert pinned.strip() == f"oci:python@{image.index_digest}"
    assert told.startswith(f"ALLOW  registry.example/dhi/python:3.13@{image.index_digest}")


def test_evidence_at_a_mirror(publisher: Publisher, image: ImageUnderTest, tmp_path: Path) -> None:
    bare = publisher.image(platforms=("linux/amd64",), omit={"*"})
    mirror = bare.registry("mirror/dhi/python").rpartition(":")[0]
    site = Site(tmp_path, IMAGE=image.registry("dhi/python"), MIRROR=mirror)

    assert f"{mirror}@{image.index_digest}" in site.run("mirror")


def test_trust_goes_by_another_way(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for name in ("DHIVERIFY_KEY", "DHIVERIFY_EFFECTIVE_TIME"):
        del site.environment[name]

    assert "dhi-2" in site.run("trust")
