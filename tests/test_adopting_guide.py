"""What docs/adopting.md shows is run as it stands there, in its order, against a registry with bases and our images."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Publisher
from tests.publisher import DEV, keys
from tests.reader import ROOT, Block, Reader, blocks_of
from tests.verification.test_bases import Shop

GUIDE = (ROOT / "docs" / "adopting.md").read_text()
BASES = "[dhi.io/*, docker.io/acme/dhi-*]"
"""The approved bases of the guide, for which the test has a registry of its own."""


BLOCKS = blocks_of(GUIDE)


@pytest.fixture
def reader(publisher: Publisher, tmp_path: Path) -> Reader:
    """With a registry with two hardened images, a service on one of them, and an image that only bears its labels."""
    shop = Shop(publisher, tags=("3.13-debian13", "3.13.15-debian13"))
    publisher.image(**{**DEV, "tags": ("3.13-debian13-dev",)}).registry("dhi/python")
    image = shop.image().registry("acme/shop")
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + "e" * 64, "size": 10}

    def other_layers(_: str, manifest: dict[str, object]) -> dict[str, object]:
        return {**manifest, "layers": [layer] * 3}

    impostor = shop.image(platform_manifest=other_layers).registry("acme/impostor")
    reader = Reader(
        tmp_path,
        REGISTRY=f"{image.partition('/')[0]}/dhi",
        IMAGE=image,
        IMPOSTOR=impostor,
        DHIVERIFY_EFFECTIVE_TIME="2026-01-20",
    )
    reader.writes("team.pub", keys.stranger.public_pem.decode())
    reader.writes("dhi.pub", keys.publisher.public_pem.decode())
    return reader


def test_the_guide_holds_from_its_beginning_to_its_end(reader: Reader) -> None:
    assert BASES in GUIDE
    told, ran = "", 0
    for block in BLOCKS:
        if block.mark == "file":
            reader.writes(block.about, block.text.replace(BASES, '["127.0.0.1:*/dhi/*"]'))
        elif block.mark == "test":
            told = run(block, reader)
            ran += 1
        else:
            assert all(line in told for line in block.text.splitlines()), told

    assert ran == len(re.findall(r"^```sh$", GUIDE, re.MULTILINE))


def run(block: Block, reader: Reader) -> str:
    """Signers of bases are those of the guide's key file where a Dockerfile is judged."""
    more = {"DHIVERIFY_KEY": "dhi.pub"} if "dockerfile" in block.text else {}
    finished = reader.runs(block.text, **more)
    assert f"exit {finished.returncode}" == block.about, finished.stdout + finished.stderr
    return finished.stdout
