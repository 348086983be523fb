"""What docs/isolated.md shows is run as it stands there, against a registry that is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ImageUnderTest, Publisher
from tests.reader import ROOT, Reader, blocks_of

GUIDE = (ROOT / "docs" / "isolated.md").read_text()


class Site(Reader):
    """Somebody with the key of the publisher at hand."""

    def __init__(self, folder: Path, **variables: str) -> None:
        key = str(ROOT / "testdata" / "keys" / "publisher.pub")
        super().__init__(folder, DHIVERIFY_KEY=key, DHIVERIFY_EFFECTIVE_TIME="2026-01-20", **variables)

    def does(self, mark: str) -> str:
        (commands,) = (block.text for block in blocks_of(GUIDE) if block.about == mark)
        ran = self.runs(commands)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture
def image(publisher: Publisher) -> ImageUnderTest:
    return publisher.image(platforms=("linux/amd64",))


def test_evidence_on_disk_is_judged_without_the_registry(image: ImageUnderTest, tmp_path: Path) -> None:
    site = Site(tmp_path, IMAGE=image.registry("dhi/python"), NAME="registry.example/dhi/python:3.13")

    pinned = site.does("online")
    image.manifests.clear()
    image.blobs.clear()
    told = site.does("offline")

    assert pinned.strip() == f"oci:python@{image.index_digest}"
    assert told.startswith(f"ALLOW  registry.example/dhi/python:3.13@{image.index_digest}")


def test_evidence_at_a_mirror(publisher: Publisher, image: ImageUnderTest, tmp_path: Path) -> None:
    bare = publisher.image(platforms=("linux/amd64",), omit={"*"})
    mirror = bare.registry("mirror/dhi/python").rpartition(":")[0]
    site = Site(tmp_path, IMAGE=image.registry("dhi/python"), MIRROR=mirror)

    assert f"{mirror}@{image.index_digest}" in site.does("mirror")


def test_trust_goes_by_another_way(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for name in ("DHIVERIFY_KEY", "DHIVERIFY_EFFECTIVE_TIME"):
        del site.environment[name]

    assert "dhi-2" in site.does("trust")
