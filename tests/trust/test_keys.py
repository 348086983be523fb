"""The shipped keys, and how a file that is no key is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from verifier.errors import ConfigurationError
from verifier.trust import KEYRING, load_key_file
from verifier.trust.keyring import load

KEY = ec.derive_private_key(42, ec.SECP256R1())
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_file(folder: Path, body: bytes) -> str:
    path = folder / "key.pub"
    path.write_bytes(body)
    return str(path)


def test_C21_O10_shipped_keys_match_their_pinned_fingerprints() -> None:
    assert {entry.name: load(entry).fingerprint for entry in KEYRING} == {
        "dhi-2": "118ba556dd52f4aec67018efd316c285c783cd3e54cc0f4527605715c643887c",
        "dhi-1": "1b431f0d467ecc9e3d97e5b446980599a99c3a386e42ea628b172db1051c737b",
    }


def test_C21_a_shipped_key_that_was_exchanged_is_refused() -> None:
    exchanged = replace(KEYRING[0], spki=KEYRING[1].spki)

    with pytest.raises(ConfigurationError, match="fingerprint"):
        load(exchanged)


def test_P25_crlf_in_pem_is_fine(tmp_path: Path) -> None:
    path = key_file(tmp_path, PEM.replace(b"\n", b"\r\n"))

    assert load_key_file(path).fingerprint == load_key_file(key_file(tmp_path, PEM)).fingerprint


def test_C22_C37_a_private_key_is_refused_and_not_repeated(tmp_path: Path) -> None:
    secret = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    with pytest.raises(ConfigurationError, match="private key") as caught:
        load_key_file(key_file(tmp_path, secret))

    assert secret.decode().splitlines()[1] not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"junk",
        PEM + PEM,
        PEM[: len(PEM) // 2],
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        PEM + b"x" * 70_000,
    ],
)
def test_C22_a_file_with_anything_but_one_public_key(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(ConfigurationError):
        load_key_file(key_file(tmp_path, body))


def test_N14_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero"), tmp_path / "missing"):
        with pytest.raises(ConfigurationError):
            load_key_file(str(path))


def weak_keys() -> list[bytes]:
    keys = (
        ec.generate_private_key(ec.SECP256K1()).public_key(),
        ec.generate_private_key(ec.SECP224R1()).public_key(),
        rsa.generate_private_key(65537, 1024).public_key(),
        rsa.generate_private_key(3, 2048).public_key(),
        dsa.generate_private_key(2048).public_key(),
    )
    return [key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in keys]


@pytest.mark.parametrize("body", weak_keys(), ids=["secp256k1", "p224", "rsa1024", "rsa-e3", "dsa"])
def test_B26_B29_weak_or_foreign_keys_are_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(ConfigurationError, match="expected"):
        load_key_file(key_file(tmp_path, body))


def test_B29_a_point_that_is_not_on_the_curve(tmp_path: Path) -> None:
    import base64

    der = bytearray(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    der[-1] ^= 1
    body = b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(bytes(der)) + b"-----END PUBLIC KEY-----\n"

    with pytest.raises(ConfigurationError):
        load_key_file(key_file(tmp_path, body))


def test_ed25519_keys_are_accepted(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x01" * 32).public_key()
    body = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    assert load_key_file(key_file(tmp_path, body)).status == "file"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_key_or_a_configuration_error(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    path = key_file(tmp_path_factory.mktemp("key"), b"-----BEGIN PUBLIC KEY-----\n" + body)

    with pytest.raises(ConfigurationError):
        load_key_file(path)
