"""A log entry of Docker's own, proved by the root that ships with the program; and no byte of it can be another."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sigstore import edited, flipped
from verifier.model import Transparency
from verifier.signature.keys import Message
from verifier.signature.logbody import Signed
from verifier.signature.logentry import Needs, entries_of_bundle
from verifier.signature.logproof import LogProof, prove
from verifier.trust import keyring, trusted_root

DATA = Path(__file__).parent / "data"
BUNDLE = json.loads((DATA / "CVE-2026-42899.json.sha256.sig").read_bytes())
ENTRY = BUNDLE["verificationMaterial"]["tlogEntries"][0]
PUBLIC_GOOD = trusted_root.read_trusted_root(
    (Path(trusted_root.__file__).parent / "public_good" / "trusted_root.json").read_bytes(), "public good"
)


DOCKERS = {
    "signature": base64.b64decode(BUNDLE["messageSignature"]["signature"]),
    "verifier": base64.b64decode(next(entry.spki for entry in keyring.KEYRING if entry.name == "dhi-2")),
    "content": (DATA / "CVE-2026-42899.json.sha256").read_bytes(),
}


def dockers(entry: Any = ENTRY, **changes: bytes) -> LogProof:
    about = DOCKERS | changes
    signed = Signed(about["signature"], about["verifier"], Message(about["content"]))
    return prove(entries_of_bundle([entry], Needs.PROOF), signed, PUBLIC_GOOD)


def test_dockers_own_entry_is_proved_by_the_public_log() -> None:
    proof = dockers()

    assert (proof.problem, proof.by_inclusion, proof.by_promise) == ("", True, True)
    assert [log.host for log in proof.logs] == ["rekor.sigstore.dev"]
    assert proof.times == (datetime(2026, 5, 23, 9, 9, 10, tzinfo=UTC),)
    assert proof.records[0].index == 1614615074


CHANGEABLE = (
    "canonicalizedBody",
    "inclusionPromise.signedEntryTimestamp",
    "inclusionProof.rootHash",
    *(f"inclusionProof.hashes.{place}" for place in range(len(ENTRY["inclusionProof"]["hashes"]))),
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CHANGEABLE), st.integers(0, 10_000))
def test_D01_D04_D06_no_byte_of_dockers_entry_can_be_changed(path: str, place: int) -> None:
    def change(text: str) -> str:
        return flipped(text, place % (len(text) * 3 // 4 - 2))

    assert dockers(edited(ENTRY, {path: change})).fact is Transparency.INVALID


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(DOCKERS)), st.integers(0, 10_000), st.integers(1, 255))
def test_D01_no_byte_of_what_docker_signed_can_be_changed(name: str, place: int, mask: int) -> None:
    right = DOCKERS[name]
    at = place % len(right)

    assert dockers(**{name: right[:at] + bytes([right[at] ^ mask]) + right[at + 1 :]}).fact is Transparency.INVALID


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_D08_no_character_of_dockers_checkpoint_can_be_changed(place: int, other: str) -> None:
    note = ENTRY["inclusionProof"]["checkpoint"]["envelope"]
    at = place % len(note)
    damaged = note[:at] + other + note[at + 1 :]

    if damaged != note:
        found = dockers(edited(ENTRY, {"inclusionProof.checkpoint.envelope": damaged}))
        assert found.fact is Transparency.INVALID


@pytest.mark.parametrize("path", ["logIndex", "integratedTime", "inclusionProof.logIndex", "inclusionProof.treeSize"])
@pytest.mark.parametrize("change", [-1, 1])
def test_D03_D06_no_number_of_dockers_entry_can_be_changed(path: str, change: int) -> None:
    assert dockers(edited(ENTRY, {path: lambda text: str(int(text) + change)})).fact is Transparency.INVALID
