"""Good keyless signatures changed at random, through the whole pipeline: never an exception, never another outcome."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.signature.keyless_signatures import (
    ENTRY,
    SIGSTORE,
    SIMPLE,
    STATEMENT,
    TOKEN,
    bundle_found,
    judged,
    layer_found,
)
from tests.signature.signed_documents import ARTIFACT, b64
from tests.sigstore import Checkpoint, Logged, Stamped, edited, witnesses
from verifier.model import Checked, FoundSignature, Status

# One source of a time each: what is left when one of two is lost is rightly another outcome.
STAMP = Stamped(embed=False)
DOCUMENTS: dict[str, Any] = {
    "v1": SIGSTORE.bundle(statement=STATEMENT),
    "v1, file": SIGSTORE.bundle(file=ARTIFACT, version="0.1"),
    "v2": SIGSTORE.bundle(statement=STATEMENT, logs=(Logged(log="v2"),), timestamps=(STAMP,)),
    "witnessed": SIGSTORE.bundle(file=ARTIFACT, logs=(Logged(checkpoint=Checkpoint(after=witnesses(2))),)),
}
GOOD = {name: judged(bundle_found(document)) for name, document in DOCUMENTS.items()}
LAYERS = {
    "payload": layer_found(SIGSTORE.cosign_layer(file=SIMPLE)),
    "payload, Docker's shape": layer_found(SIGSTORE.cosign_layer(file=SIMPLE, shape="docker")),
    "envelope": layer_found(SIGSTORE.cosign_layer(statement=STATEMENT)),
    "stamped envelope": layer_found(SIGSTORE.cosign_layer(statement=STATEMENT, timestamp=STAMP)),
}
names = st.sampled_from(sorted(DOCUMENTS))


def is_no_other(changed: Checked, genuine: Checked) -> bool:
    """Refused with a reason, or what the genuine one gives in every field."""
    if changed.status is Status.VERIFIED:
        return changed == genuine
    return bool(changed.reason) and (changed.signer, changed.statement, changed.time) == (None, None, "")


def test_the_genuine_ones_are_verified() -> None:
    assert {checked.status for checked in GOOD.values()} == {Status.VERIFIED}
    assert {judged(found).status for found in LAYERS.values()} == {Status.VERIFIED}


@settings(max_examples=300, deadline=None)
@given(names, st.integers(0, 20_000), st.binary(max_size=4), st.integers(0, 4))
def test_B01_D01_E01_any_bytes_of_a_bundle_exchanged(name: str, at: int, put: bytes, cut: int) -> None:
    body = json.dumps(DOCUMENTS[name]).encode()
    at %= len(body)

    changed = judged(bundle_found(body[:at] + put + body[at + cut :]))

    assert is_no_other(changed, GOOD[name])


INCLUSION = f"{ENTRY}.inclusionProof"
MEMBERS = [
    ("v1", "verificationMaterial.certificate.rawBytes"),
    ("v1, file", "verificationMaterial.x509CertificateChain.certificates.0.rawBytes"),
    ("v1", "dsseEnvelope.payload"),
    ("v1", "dsseEnvelope.signatures.0.sig"),
    ("v1, file", "messageSignature.signature"),
    ("v1, file", "messageSignature.messageDigest.digest"),
    ("v1", f"{ENTRY}.canonicalizedBody"),
    ("v1", f"{ENTRY}.logId.keyId"),
    ("v1", f"{ENTRY}.inclusionPromise.signedEntryTimestamp"),
    ("v1", f"{INCLUSION}.rootHash"),
    ("v1", f"{INCLUSION}.hashes.0"),
    ("v2", f"{ENTRY}.canonicalizedBody"),
    ("v2", f"{ENTRY}.logId.keyId"),
    ("v2", f"{INCLUSION}.rootHash"),
    ("v2", f"{INCLUSION}.hashes.0"),
]
"""Base64 members of which every bit means something."""


def flipped_at(at: int, bit: int) -> Callable[[str], str]:
    def flip(text: str) -> str:
        content = bytearray(base64.b64decode(text))
        content[at % len(content)] ^= 1 << bit
        return b64(bytes(content))

    return flip


@pytest.mark.parametrize(("name", "path"), MEMBERS)
@settings(max_examples=25, deadline=None)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_B01_C10_D04_D06_no_bit_of_what_is_signed_can_be_another(name: str, path: str, at: int, bit: int) -> None:
    changed = judged(bundle_found(edited(DOCUMENTS[name], {path: flipped_at(at, bit)})))

    assert changed.status in (Status.INVALID, Status.UNTRUSTED)
    assert is_no_other(changed, GOOD[name])


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_E01_E08_any_bit_of_a_timestamp(at: int, bit: int) -> None:
    """Some of them are signed by nobody and mean nothing, such as the version of the outer form."""
    assert is_no_other(judged(bundle_found(edited(DOCUMENTS["v2"], {TOKEN: flipped_at(at, bit)}))), GOOD["v2"])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*MEMBERS, ("v2", TOKEN)]), st.binary(max_size=200))
def test_C33_D20_E08_any_content_of_a_member_is_refused(member: tuple[str, str], content: bytes) -> None:
    name, path = member

    assert judged(bundle_found(edited(DOCUMENTS[name], {path: b64(content)}))).status is not Status.VERIFIED


CHECKPOINT = f"{INCLUSION}.checkpoint.envelope"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["v1", "v2", "witnessed"]), st.integers(0, 1_000), st.text(max_size=4), st.integers(0, 4))
def test_D08_any_change_of_a_checkpoint(name: str, at: int, put: str, cut: int) -> None:
    """Lines of witnesses are passed over, whatever they say."""

    def change(note: str) -> str:
        start = at % len(note)
        return note[:start] + put + note[start + cut :]

    assert is_no_other(judged(bundle_found(edited(DOCUMENTS[name], {CHECKPOINT: change}))), GOOD[name])


PLACES = (
    "verificationMaterial",
    "verificationMaterial.tlogEntries",
    "verificationMaterial.timestampVerificationData",
    "verificationMaterial.certificate",
    ENTRY,
    f"{ENTRY}.logIndex",
    f"{ENTRY}.integratedTime",
    f"{ENTRY}.kindVersion",
    f"{ENTRY}.logId",
    INCLUSION,
    f"{INCLUSION}.logIndex",
    f"{INCLUSION}.treeSize",
    f"{INCLUSION}.hashes",
    f"{INCLUSION}.checkpoint",
    CHECKPOINT,
    "dsseEnvelope",
    "dsseEnvelope.signatures",
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLACES), ANY)
def test_B34_D06_any_json_in_any_place(path: str, value: object) -> None:
    assert is_no_other(judged(bundle_found(edited(DOCUMENTS["v2"], {path: value}))), GOOD["v2"])


TEXTS = ("signature", "certificate", "chain", "rekor", "timestamp")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(LAYERS)), st.sampled_from(TEXTS), st.integers(0, 9_000), st.text(max_size=3))
def test_B01_C11_D03_E08_any_change_of_an_annotation(name: str, text: str, at: int, put: str) -> None:
    genuine = LAYERS[name]
    found = getattr(genuine, text) or " "
    start = at % len(found)

    changed = judged(replace(genuine, **{text: found[:start] + put + found[start + 1 :]}))

    assert is_no_other(changed, judged(genuine))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(LAYERS)), st.sampled_from(TEXTS), st.text(max_size=100))
def test_C33_any_text_as_annotation(name: str, text: str, put: str) -> None:
    assert is_no_other(judged(replace(LAYERS[name], **{text: put})), judged(LAYERS[name]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(LAYERS)), st.integers(0, 5_000), st.binary(max_size=3))
def test_B01_any_change_of_what_a_layer_holds(name: str, at: int, put: bytes) -> None:
    genuine = LAYERS[name]
    start = at % len(genuine.payload)

    changed: FoundSignature = replace(genuine, payload=genuine.payload[:start] + put + genuine.payload[start + 1 :])

    assert judged(changed).status is not Status.VERIFIED or changed == genuine
