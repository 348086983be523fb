"""The released cosign takes what the publisher signs, in each of its formats, and refuses another key's."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.publisher import (
    Attached,
    ImageSpec,
    PublishedImage,
    attest_bundle,
    attest_tag,
    keys,
    publish,
    serve,
    sign_bundle,
    sign_referrer,
    sign_tag,
)

pytestmark = pytest.mark.e2e

TYPE = "https://example.com/said/v1"

Hang: TypeAlias = Callable[[PublishedImage, str, keys.SigningKey], Attached]


def _attested_tag(image: PublishedImage, subject: str, key: keys.SigningKey) -> Attached:
    return attest_tag(image, subject, TYPE, {"a": 1}, key)


def _attested_bundle(image: PublishedImage, subject: str, key: keys.SigningKey) -> Attached:
    return attest_bundle(image, subject, TYPE, {"a": 1}, key)


KEYS = (keys.publisher, keys.p384, keys.p384.using("sha256"), keys.rsa2048, keys.ed25519)
ATTESTED = ("verify-attestation", "--type", TYPE)
WAYS: dict[str, tuple[Hang, tuple[str, ...]]] = {
    "tag": (sign_tag, ("verify",)),
    "referrer": (sign_referrer, ("verify", "--experimental-oci11")),
    "bundle": (sign_bundle, ("verify",)),
    "attested tag": (_attested_tag, ATTESTED),
    "attested bundle": (_attested_bundle, ATTESTED),
}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.name}{key.scheme}")
@pytest.mark.parametrize("way", WAYS)
def test_cosign_takes_it(way: str, key: keys.SigningKey, tmp_path: Path) -> None:
    hang, command = WAYS[way]
    image = publish(ImageSpec(omit={"*"}, platforms=("linux/amd64",)))
    hang(image, image.index_digest, key)

    assert cosign(image, command, key, tmp_path) == 0
    if key is keys.publisher:
        assert cosign(image, command, keys.stranger, tmp_path) != 0


def cosign(image: PublishedImage, command: tuple[str, ...], key: keys.SigningKey, home: Path) -> int:
    program = shutil.which("cosign")
    if program is None:
        pytest.skip("cosign is not on this machine")
    (home / "key.pub").write_bytes(key.public_pem)
    algorithm = f"--signature-digest-algorithm={key.hash_name}"  # else it takes SHA-256 for every key
    flags = ("--key", str(home / "key.pub"), algorithm, "--insecure-ignore-tlog=true", "--allow-http-registry")
    with serve(image, "app", referrers_api=False) as registry:
        ran = subprocess.run(
            [program, *command, *flags, f"{registry.host}/app@{image.index_digest}"],
            capture_output=True,
            check=False,
            env={"PATH": "/usr/bin", "HOME": str(home), "COSIGN_EXPERIMENTAL": "1"},
            timeout=60,
        )
    return ran.returncode
