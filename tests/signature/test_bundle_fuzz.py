"""Bundles with bytes and members changed at random: an outcome always, and nothing else than what was signed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signature.signed_documents import (
    BUNDLE,
    STATEMENT,
    bundle,
    bundle_document,
)
from tests.signature.test_bundle import outcome
from verifier.errors import EvidenceInvalid
from verifier.model import Status
from verifier.signature import enclosed


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_an_outcome(body: bytes) -> None:
    assert outcome(body).status is Status.INVALID
    with pytest.raises(EvidenceInvalid):
        enclosed(bundle(body))


_MEMBERS = ("mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature", "dsse_envelope", "media_type")
_KNOWN = (
    *_MEMBERS,
    "publicKey",
    "certificate",
    "rawBytes",
    "tlogEntries",
    "payload",
    "payloadType",
    "signatures",
    "sig",
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just(BUNDLE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KNOWN), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(_MEMBERS[:4]), _ANY, min_size=1, max_size=3))
def test_any_members_exchanged_give_an_outcome(changes: dict[str, Any]) -> None:
    checked = outcome(bundle_document() | changes)

    assert checked.statement == (STATEMENT if checked.status is Status.VERIFIED else None)
    assert checked.status is not Status.UNSIGNED


GOOD = json.dumps(bundle_document()).encode()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_B01_whatever_is_changed_only_what_was_signed_is_ever_verified(at: int, put: bytes, cut: int) -> None:
    checked = outcome(GOOD[:at] + put + GOOD[at + cut :])

    assert checked.status in (Status.VERIFIED, Status.UNTRUSTED, Status.INVALID)
    assert checked.statement == (STATEMENT if checked.status is Status.VERIFIED else None)
