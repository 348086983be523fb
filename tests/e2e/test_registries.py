"""Whole runs against real registries: right images are allowed, damaged ones refused, whatever the server can do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.e2e.conftest import SERVERS
from tests.publisher import FIPS, OTHER_DIGEST, PublishedImage, keys, to_registry

pytestmark = pytest.mark.e2e

Server = Callable[[str], str]


def push(image: PublishedImage, host: str, name: str, server: str = "") -> None:
    to_registry(image, f"http://{host}/{name}", always_fallback=server == "ocimem-without-api")


def dhiverify(*arguments: str) -> tuple[int, Any]:
    command = [sys.executable, "-m", "verifier", "image", "-o", "json", "--effective-time", "2026-01-20", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return ran.returncode, json.loads(ran.stdout) if ran.stdout else ran.stderr


@pytest.mark.parametrize("name", SERVERS)
def test_a_fips_image_with_all_kinds_is_allowed(publisher: Publisher, server: Server, key_file: str, name: str) -> None:
    host = server(name)
    image = publisher.image(**FIPS, sign_index=True)
    push(image, host, "dhi/python", name)

    code, report = dhiverify("--key", key_file, f"{host}/dhi/python:3.13-fips")

    assert code == 0, report
    (result,) = report["images"]
    assert result["digest"] == image.index_digest
    assert [signature["status"] for signature in result["signatures"]] == ["verified"]
    assert {platform["platform"] for platform in result["platforms"]} == {"linux/amd64", "linux/arm64"}


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ({"omit": {"*"}}, 3),
        ({"unsigned": {"*"}}, 4),
        ({"keys": (keys.stranger,)}, 4),
        ({"omit": {"malware"}}, 1),
        ({"statement_subject": {"malware": OTHER_DIGEST}}, 1),
    ],
    ids=["bare", "unsigned", "stranger", "no-malware", "other-subject"],
)
def test_damaged_images_are_refused(
    publisher: Publisher, server: Server, key_file: str, name: str, damage: dict[str, Any], code: int
) -> None:
    host = server(name)
    image = publisher.image(**damage, platforms=("linux/amd64",), user=f"{sum(map(ord, str(damage)))}")
    push(image, host, "damaged/app", name)

    found, report = dhiverify("--key", key_file, f"{host}/damaged/app@{image.index_digest}")

    assert found == code, report


@pytest.mark.parametrize("name", SERVERS)
def test_what_is_not_there_is_a_registry_error(server: Server, key_file: str, name: str) -> None:
    code, report = dhiverify("--key", key_file, f"{server(name)}/no/such:image")

    assert (code, report["verdict"]) == (5, "error")


def test_evidence_in_another_registry(publisher: Publisher, server: Server, key_file: str) -> None:
    mirror, origin = server("docker-registry"), server("ocimem")
    push(publisher.image(user="2000", omit={"*"}), mirror, "acme/dhi-python")
    push(publisher.image(user="2000"), origin, "acme/dhi-python")

    assert dhiverify("--key", key_file, f"{mirror}/acme/dhi-python:3.13")[0] == 3
    assert (
        dhiverify("--key", key_file, "--external", f"{origin}/acme/dhi-python", f"{mirror}/acme/dhi-python:3.13")[0]
        == 0
    )


def test_cosign_accepts_what_we_verify(publisher: Publisher, server: Server, key_file: str, tmp_path: Path) -> None:
    cosign = shutil.which("cosign")
    if cosign is None:
        pytest.skip("cosign is not on this machine")
    host = server("docker-registry")
    image = publisher.image(user="3000")
    push(image, host, "witness/python")
    attestation = image["amd64"].attestation("malware").digest

    flags = ("--experimental-oci11", "--insecure-ignore-tlog=true", "--allow-http-registry")
    ran = subprocess.run(
        [cosign, "verify", "--key", key_file, *flags, f"{host}/witness/python@{attestation}"],
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin", "HOME": str(tmp_path), "COSIGN_EXPERIMENTAL": "1"},
        timeout=60,
    )

    assert ran.returncode == 0, ran.stderr
    assert dhiverify("--key", key_file, f"{host}/witness/python:3.13")[0] == 0
