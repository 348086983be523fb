"""Copies of an image with its evidence, made by us and by others: judged as the image is where it came from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Publisher
from tests.e2e.conftest import SERVERS
from tests.e2e.test_registries import dhiverify, push
from tests.publisher import FIPS, PublishedImage

pytestmark = pytest.mark.e2e

Server = Callable[[str], str]
NAME = "registry.example/dhi/python:3.13-fips"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "verifier", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def regctl(*arguments: str, home: Path) -> None:
    program = shutil.which("regctl")
    if program is None:
        pytest.skip("regctl is not on this machine")
    environ = {**os.environ, "HOME": str(home), "REGCTL_CONFIG": str(home / "regctl.json")}
    subprocess.run([program, *arguments], check=True, capture_output=True, timeout=120, env=environ)


def without_evidence(image: PublishedImage) -> PublishedImage:
    """The image as a mirror without evidence has it."""
    own = {image.index_digest, *(platform.digest for platform in image.platforms.values())}
    bare = PublishedImage(**{field: getattr(image, field) for field in image.__struct_fields__ if field != "desk"})
    bare.blobs = {platform.config_digest: image.blobs[platform.config_digest] for platform in image.platforms.values()}
    bare.manifests = {digest: stored for digest, stored in image.manifests.items() if digest in own}
    bare.listings, bare.tags = {}, {"3.13-fips": image.index_digest}
    return bare


@pytest.mark.parametrize("name", SERVERS)
def test_a_saved_image_is_judged_without_its_registry(
    publisher: Publisher, server: Server, key_file: str, tmp_path: Path, name: str
) -> None:
    image = publisher.image(**FIPS, sign_index=True)
    push(image, server(name), "dhi/python", name)

    saved = run("save", "--key", key_file, f"{server(name)}/dhi/python:3.13-fips", str(tmp_path / "saved"))
    code, report = dhiverify("--key", key_file, "--as", NAME, saved.stdout.strip())

    assert saved.returncode == 0, saved.stderr
    assert code == 0, report
    assert report["images"][0]["digest"] == image.index_digest


@pytest.mark.parametrize("name", SERVERS)
def test_copied_evidence_is_verified_at_the_mirror(
    publisher: Publisher, server: Server, key_file: str, name: str
) -> None:
    image, host = publisher.image(**FIPS, sign_index=True), server("ocimem")
    push(image, host, "from/python", "ocimem")
    push(without_evidence(image), server(name), "mirror/dhi-python", name)
    mirrored = f"{server(name)}/mirror/dhi-python"

    before, _ = dhiverify("--key", key_file, f"{mirrored}:3.13-fips")
    copied = run("copy", "--key", key_file, f"{host}/from/python:3.13-fips", mirrored)
    after, report = dhiverify("--key", key_file, f"{mirrored}:3.13-fips")

    assert before == 3
    assert copied.returncode == 0, copied.stderr
    assert after == 0, report


@pytest.mark.parametrize("name", ["docker-registry", "ocimem"])
def test_what_regctl_copies_is_judged_alike(
    publisher: Publisher, server: Server, key_file: str, tmp_path: Path, name: str
) -> None:
    image = publisher.image(**FIPS, sign_index=True)
    push(image, server(name), "dhi/python", name)
    target = tmp_path / "copied"

    plain = ("--host", f"reg={server(name)},tls=disabled")
    source = f"{server(name)}/dhi/python:3.13-fips"
    regctl(*plain, "image", "copy", "--referrers", source, f"ocidir://{target}:3.13-fips", home=tmp_path)
    code, report = dhiverify("--key", key_file, "--as", NAME, f"oci:{target}:3.13-fips")

    assert code == 0, report
    assert report["images"][0]["digest"] == image.index_digest
