"""Docker's own signed advisory file, with every byte that is signed, hashed or signs changed in turn."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier import BlobOptions, verify_blob
from verifier.errors import ConfigurationError
from verifier.trust import KEYRING

DATA = Path(__file__).parent.parent / "signature" / "data"
FILE = DATA / "CVE-2026-42899.json.sha256"
BUNDLE = DATA / "CVE-2026-42899.json.sha256.sig"
DHI_2 = next(entry.spki for entry in KEYRING if entry.name == "dhi-2")


@given(place=st.integers(0, len(FILE.read_bytes()) - 1), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_B01_no_byte_of_the_file_can_change(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    body = bytearray(FILE.read_bytes())
    body[place] ^= 1 << bit
    path = tmp_path_factory.mktemp("blob") / "file"
    path.write_bytes(body)

    assert verify_blob(str(path), str(BUNDLE)).exit_code == 4


def _values(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every text of the bundle that is not a name of a kind, and not the hint."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _values(value, (*path, name))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _values(value, (*path, number))
    elif isinstance(node, str) and path[-1] not in ("hint", "mediaType", "algorithm", "kind", "version"):
        yield path, node


TIMESTAMP = ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp")
VALUES = [found for found in _values(json.loads(BUNDLE.read_text())) if found[0] != TIMESTAMP]


def _with(path: tuple[Any, ...], value: str) -> str:
    """The bundle with another value in that place."""
    document = json.loads(BUNDLE.read_text())
    holder = document
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return json.dumps(document)


def _changed(text: str, place: int, bit: int) -> str:
    """One bit of the decoded value, or of the text itself where it is no base64."""
    if text.isdigit():
        return str(int(text) ^ (1 << bit))
    if "\n" in text:  # a checkpoint: its text lines and its signature lines are signed or sign
        body = bytearray(text.encode())
        body[place % (len(body) - 1)] ^= 1
        return body.decode("utf-8", "replace")
    raw = bytearray(base64.b64decode(text))
    raw[place % len(raw)] ^= 1 << bit
    return base64.b64encode(raw).decode()


@given(value=st.sampled_from(VALUES), place=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=400, deadline=None)
def test_B01_D01_D06_E01_no_decoded_value_of_the_bundle_can_change(
    tmp_path_factory: pytest.TempPathFactory, value: tuple[tuple[Any, ...], str], place: int, bit: int
) -> None:
    path, text = value
    bundle = tmp_path_factory.mktemp("bundle") / "bundle.json"
    bundle.write_text(_with(path, _changed(text, place, bit)))

    assert verify_blob(str(FILE), str(bundle)).exit_code == 4, (path, place, bit)


# Bytes of the timestamp response that CMS leaves unsigned, and that say nothing of time, signer or message: granted
# or granted with modifications, the version, the list of digest algorithms (the signer's own counts), the tag of the
# empty list of certificates, and the version of the signer's part.
UNSIGNED = {8, 34, *range(37, 50), 236, 248}


def test_E01_E03_no_signed_byte_of_the_timestamp_can_change(tmp_path: Path) -> None:
    der = base64.b64decode(next(text for path, text in _values(json.loads(BUNDLE.read_text())) if path == TIMESTAMP))
    bundle = tmp_path / "bundle.json"
    time = verify_blob(str(FILE), str(BUNDLE)).time

    for place in range(len(der)):
        changed = bytearray(der)
        changed[place] ^= 1
        bundle.write_text(_with(TIMESTAMP, base64.b64encode(changed).decode()))
        report = verify_blob(str(FILE), str(bundle))

        assert (report.exit_code, report.time) in {(4, ""), (0 if place in UNSIGNED else 4, time)}, place


def test_hint_white_space_and_wrapping_may_change(tmp_path: Path) -> None:
    document = json.loads(BUNDLE.read_text())
    document["verificationMaterial"]["publicKey"]["hint"] = "another"
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(document, indent=7))
    key = tmp_path / "key.pub"

    assert verify_blob(str(FILE), str(bundle)).exit_code == 0
    for end, width in (("\n", 64), ("\r\n", 64), ("\n", 48)):
        lines = [DHI_2[start : start + width] for start in range(0, len(DHI_2), width)]
        key.write_text(end.join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""]), newline="")
        assert verify_blob(str(FILE), str(bundle), BlobOptions(key_files=(str(key),))).exit_code == 0, (end, width)


def test_B07_no_byte_of_the_key_can_change(tmp_path: Path) -> None:
    der = base64.b64decode(DHI_2)
    path = tmp_path / "key.pub"
    for place in range(len(der)):
        changed = bytearray(der)
        changed[place] ^= 1
        encoded = base64.encodebytes(changed).decode()
        path.write_text(f"-----BEGIN PUBLIC KEY-----\n{encoded}-----END PUBLIC KEY-----\n")
        try:
            code = verify_blob(str(FILE), str(BUNDLE), BlobOptions(key_files=(str(path),))).exit_code
        except ConfigurationError as fault:
            code = fault.exit_code
        assert code in (2, 4), place


@given(body=st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_B38_B39_any_bytes_in_the_place_of_a_bundle(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    bundle = tmp_path_factory.mktemp("any") / "bundle"
    bundle.write_bytes(body)

    assert verify_blob(str(FILE), str(bundle)).exit_code == 4
