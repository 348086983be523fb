"""What docs/adopting.md shows is run as it stands there, in its order, against a registry with bases and our images."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import Publisher
from tests.publisher import DEV, keys
from tests.verification.test_bases import Shop

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "adopting.md").read_text()


BASES = "[dhi.io/*, docker.io/acme/dhi-*]"
"""The approved bases of the guide, for which the test has a registry of its own."""


class Block(NamedTuple):
    """A block of the guide that a comment marks: `file` NAME, `test` exit N, or `output`."""

    mark: str
    about: str
    text: str


BLOCKS = [Block(*found) for found in re.findall(r"<!-- (\w+)(?:: ([^>]+))? -->\n```\w+\n(.*?)```", GUIDE, re.DOTALL)]


@pytest.fixture
def environment(publisher: Publisher, tmp_path: Path) -> dict[str, str]:
    """A registry with two hardened images, a service on one of them, and an image that only bears its labels."""
    shop = Shop(publisher, tags=("3.13-debian13", "3.13.15-debian13"))
    publisher.image(**{**DEV, "tags": ("3.13-debian13-dev",)}).registry("dhi/python")
    image = shop.image().registry("acme/shop")
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + "e" * 64, "size": 10}

    def other_layers(_: str, manifest: dict[str, object]) -> dict[str, object]:
        return {**manifest, "layers": [layer] * 3}

    impostor = shop.image(platform_manifest=other_layers).registry("acme/impostor")
    (tmp_path / "team.pub").write_bytes(keys.stranger.public_pem)
    (tmp_path / "dhi.pub").write_bytes(keys.publisher.public_pem)
    program = tmp_path / "bin" / "dhiverify"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
    program.chmod(0o755)
    return {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "REGISTRY": f"{image.partition('/')[0]}/dhi",
        "IMAGE": image,
        "IMPOSTOR": impostor,
        "DHIVERIFY_EFFECTIVE_TIME": "2026-01-20",
    }


def test_the_guide_holds_from_its_beginning_to_its_end(environment: dict[str, str], tmp_path: Path) -> None:
    assert BASES in GUIDE
    told, ran = "", 0
    for block in BLOCKS:
        if block.mark == "file":
            (tmp_path / block.about).write_text(block.text.replace(BASES, '["127.0.0.1:*/dhi/*"]'))
        elif block.mark == "test":
            told = run(block, environment, tmp_path)
            ran += 1
        else:
            assert all(line in told for line in block.text.splitlines()), told

    assert ran == len(re.findall(r"^```sh$", GUIDE, re.MULTILINE))


def run(block: Block, environment: dict[str, str], folder: Path) -> str:
    """Signers of bases are those of the guide's key file where a Dockerfile is judged."""
    more = {"DHIVERIFY_KEY": "dhi.pub"} if "dockerfile" in block.text else {}
    finished = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", block.text],
        cwd=folder,
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"exit {finished.returncode}" == block.about, finished.stdout + finished.stderr
    return finished.stdout
