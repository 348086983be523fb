"""Bare-key signatures over simple-signing payloads: what is accepted, and why the rest is not."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publisher.documents import SIGNATURE
from tests.publisher.keys import SigningKey
from tests.signature.keyless_signatures import ROOT, SIGSTORE
from tests.signature.signed_documents import MANIFEST, OTHER, PUBLISHER, STRANGER, TRUST, trust
from tests.sigstore import PrivateSigstore
from tests.sigstore.cosign import REKOR
from verifier import signature as signatures
from verifier.errors import EvidenceInvalid
from verifier.model import Checked, FoundSignature, Status, Transparency
from verifier.model.trust import Key, Trust
from verifier.signature import check_one, enclosed
from verifier.signature.ed25519ph import is_prehashed
from verifier.signature.keys import Message, verifies
from verifier.signature.simplesigning import read_payload


def payload(**changes: Any) -> bytes:
    document: dict[str, Any] = {
        "critical": {
            "identity": {"docker-reference": "registry.scout.docker.com/dhi/python"},
            "image": {"docker-manifest-digest": MANIFEST},
            "type": "cosign container image signature",
        },
        "optional": {"predicateType": "https://spdx.dev/Document", "subject": f"dhi/python@{OTHER}"},
    }
    document["critical"] |= changes.pop("critical", {})
    return json.dumps(document | changes).encode()


def found(body: bytes, signature: bytes | str, **more: Any) -> FoundSignature:
    text = signature if isinstance(signature, str) else base64.b64encode(signature).decode()
    return FoundSignature("simplesigning", MANIFEST, OTHER, body, text, **more)


def signed(body: bytes, key: Any = PUBLISHER, **more: Any) -> FoundSignature:
    return found(body, key.sign(body, ec.ECDSA(hashes.SHA256())), **more)


def check_all(several: Sequence[FoundSignature]) -> Checked:
    return signatures.check_all(several, partial(check_one, trust=TRUST))


def test_a_good_signature_names_its_signer_and_what_it_claims() -> None:
    outcome = check_one(signed(payload()), TRUST)

    assert outcome.status is Status.VERIFIED
    assert outcome.signer is not None
    assert outcome.signer.name == "key-0"
    assert (outcome.claimed_type, outcome.product) == ("https://spdx.dev/Document", "dhi/python")
    assert outcome.claimed_subject == OTHER


def test_payload_without_optional_members_is_fine() -> None:
    outcome = check_one(signed(payload(optional=None)), TRUST)

    assert outcome.status is Status.VERIFIED
    assert (outcome.claimed_type, outcome.claimed_subject) == ("", "")


def test_B01_O03_signature_over_another_payload() -> None:
    signature = PUBLISHER.sign(payload(optional=None), ec.ECDSA(hashes.SHA256()))

    assert check_one(found(payload(), signature), TRUST).status is Status.UNTRUSTED


def test_B07_C10_wrong_key_is_untrusted_and_says_which_keys_count() -> None:
    outcome = check_one(signed(payload(), STRANGER), TRUST)

    assert outcome.status is Status.UNTRUSTED
    assert "key-0" in outcome.reason
    assert outcome.hint


@pytest.mark.parametrize("text", ["", " ", "!!!", "AAAA\n", "AA-_+/", "A", "AB==", "QUI=="])
def test_B06_B13_signature_text_that_is_not_one_base64(text: str) -> None:
    assert check_one(found(payload(), text), TRUST).status in (Status.INVALID, Status.UNTRUSTED)
    assert check_one(found(payload(), text), TRUST).status is not Status.VERIFIED


@pytest.mark.parametrize("url_safe", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_P07_both_alphabets_with_or_without_padding(url_safe: bool, padded: bool) -> None:
    body = payload()
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(PUBLISHER.sign(body, ec.ECDSA(hashes.SHA256()))).decode()

    assert check_one(found(body, text if padded else text.rstrip("=")), TRUST).status is Status.VERIFIED


@pytest.mark.parametrize("order", [0, 1])
def test_B12_G06_G07_junk_beside_a_good_signature_never_decides(order: int) -> None:
    several = [signed(payload()), signed(payload(), STRANGER), found(b"junk", "junk")]

    assert check_all(several if order else several[::-1]).status is Status.VERIFIED


def test_I06_too_many_signatures_are_refused_not_sampled() -> None:
    assert check_all([signed(payload())] * 200).status is Status.INVALID


@pytest.mark.parametrize("kind", [None, "atomic container signature", "Cosign container image signature", 1])
def test_B30_payload_of_another_type(kind: object) -> None:
    outcome = check_one(signed(payload(critical={"type": kind})), TRUST)

    assert outcome.status is Status.INVALID
    assert "type" in outcome.reason


@pytest.mark.parametrize("digest", [OTHER, MANIFEST.upper(), MANIFEST.hex, f" {MANIFEST}", None, [MANIFEST]])
def test_O05_A02_payload_for_another_manifest(digest: object) -> None:
    outcome = check_one(signed(payload(critical={"image": {"docker-manifest-digest": digest}})), TRUST)

    assert outcome.status is Status.INVALID
    assert MANIFEST in outcome.reason


def test_B31_B14_digest_stated_twice() -> None:
    body = payload().replace(b'"critical"', b'"critical": {"image": {}}, "critical"', 1)

    assert "twice" in check_one(signed(body), TRUST).reason


def test_B31_digest_in_optional_does_not_count() -> None:
    body = payload(critical={"image": {}}, optional={"docker-manifest-digest": MANIFEST})

    assert check_one(signed(body), TRUST).status is Status.INVALID


@pytest.mark.parametrize("optional", ["text", [], 1, {"predicateType": 1}, {"subject": None}])
def test_B31_optional_of_a_wrong_type(optional: object) -> None:
    assert check_one(signed(payload(optional=optional)), TRUST).status is Status.INVALID


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"\xff", b"\xef\xbb\xbf{}", b"[" * 100_000, b"NaN"])
def test_B16_B17_B18_payload_that_is_no_strict_json(body: bytes) -> None:
    assert check_one(signed(body), TRUST).status is Status.INVALID


def test_B19_payload_beyond_the_limit() -> None:
    assert "larger" in check_one(signed(payload() + b" " * 70_000), TRUST).reason


def test_C10_C11_a_certificate_and_its_chain_never_become_trust() -> None:
    outcome = check_one(signed(payload(), certificate="-----BEGIN CERTIFICATE-----", chain="a root"), TRUST)

    assert outcome.status is Status.UNTRUSTED
    assert "certificate" in outcome.reason
    assert check_one(signed(payload(), STRANGER, chain="a root"), TRUST).status is Status.UNTRUSTED


def test_C19_O09_a_recognised_retired_key_is_named() -> None:
    known = Trust(TRUST.trusted, (Key("dhi-1", "f" * 64, "retired", STRANGER.public_key()),))

    outcome = check_one(signed(payload(), STRANGER), known)

    assert outcome.status is Status.UNTRUSTED
    assert "dhi-1 (retired)" in outcome.reason


def test_C19_C18_a_key_with_an_end_needs_a_proved_time() -> None:
    from datetime import UTC, datetime

    ended = Key("old", "0" * 64, "file", PUBLISHER.public_key(), valid_until=datetime(2025, 1, 1, tzinfo=UTC))

    outcome = check_one(signed(payload()), Trust((ended,)))

    assert outcome.status is Status.UNTRUSTED
    assert "2025-01-01" in outcome.reason


def test_C20_a_denied_key_is_named() -> None:
    denied = Key("leaked", "e" * 64, "file", STRANGER.public_key())

    outcome = check_one(signed(payload(), STRANGER), Trust(TRUST.trusted, (denied,), frozenset({"e" * 64})))

    assert outcome.status is Status.UNTRUSTED
    assert "denies" in outcome.reason


@pytest.mark.parametrize(
    ("curve", "algorithm"),
    [
        (ec.SECP256R1(), hashes.SHA256()),
        (ec.SECP384R1(), hashes.SHA384()),
        (ec.SECP384R1(), hashes.SHA256()),
        (ec.SECP521R1(), hashes.SHA512()),
        (ec.SECP521R1(), hashes.SHA256()),
    ],
)
def test_ecdsa_by_curve_and_with_the_older_hash(curve: ec.EllipticCurve, algorithm: hashes.HashAlgorithm) -> None:
    key = ec.derive_private_key(99, curve)

    assert (
        check_one(found(payload(), key.sign(payload(), ec.ECDSA(algorithm))), trust(key.public_key())).status
        == "verified"
    )


def test_B27_hash_that_the_key_does_not_allow() -> None:
    signature = PUBLISHER.sign(payload(), ec.ECDSA(hashes.SHA512()))

    assert check_one(found(payload(), signature), TRUST).status is Status.UNTRUSTED


def test_ed25519_over_the_bytes_themselves() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)

    assert check_one(found(payload(), key.sign(payload())), trust(key.public_key())).status is Status.VERIFIED


def test_ed25519ph_is_recognised_and_refused() -> None:
    # RFC 8032, section 7.3: the Ed25519ph vector of the message "abc".
    secret = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    public = ed25519.Ed25519PrivateKey.from_private_bytes(secret).public_key()
    signature = bytes.fromhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )

    assert is_prehashed(public.public_bytes_raw(), signature, hashlib.sha512(b"abc").digest())
    assert not is_prehashed(public.public_bytes_raw(), signature, hashlib.sha512(b"abd").digest())
    with pytest.raises(EvidenceInvalid, match="Ed25519ph"):
        verifies(public, signature, Message(b"a", b"bc"))


@pytest.mark.parametrize("scheme", ["pkcs1v15", "pss"])
def test_rsa_pkcs1_and_pss(scheme: str) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pad: padding.AsymmetricPadding = (
        padding.PKCS1v15() if scheme == "pkcs1v15" else padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    )

    outcome = check_one(found(payload(), key.sign(payload(), pad, hashes.SHA256())), trust(key.public_key()))

    assert outcome.status is Status.VERIFIED


def test_B26_sha1_is_never_accepted() -> None:
    key = rsa.generate_private_key(65537, 2048)
    signature = key.sign(payload(), padding.PKCS1v15(), hashes.SHA1())

    assert check_one(found(payload(), signature), trust(key.public_key())).status is Status.UNTRUSTED


def test_B08_B09_key_hints_are_not_even_read() -> None:
    """Simple signing has no key id: an annotation that names a key is nowhere to put."""
    assert "keyid" not in FoundSignature.__struct_fields__


def logged(sigstore: PrivateSigstore, shape: str = "cosign") -> FoundSignature:
    """With the entry of a log of this Sigstore, as cosign or Docker keep it."""
    made = sigstore.cosign_layer(file=payload(), signer=SigningKey("publisher", PUBLISHER), shape=shape)
    return found(made.blob, made.annotations[SIGNATURE], rekor=made.annotations[REKOR])


@pytest.mark.parametrize("shape", ["cosign", "docker"])
def test_O18_a_log_annotation_is_proved_where_its_log_is_known_and_its_absence_is_said(shape: str) -> None:
    informed = trust(PUBLISHER.public_key(), root=lambda: ROOT)

    facts = [
        check_one(one, by).transparency
        for one, by in (
            (logged(SIGSTORE, shape), informed),
            (logged(SIGSTORE, shape), TRUST),
            (logged(PrivateSigstore("foreign"), shape), informed),
            (signed(payload()), informed),
        )
    ]

    assert facts == ["proved", "unchecked", "unchecked", "absent"]


@pytest.mark.parametrize(
    "annotation",
    [
        '{"Payload": {}, "content": {}}',
        "{}",
        "[]",
        "junk",
        '{"Payload":1,"Payload":2}',
        '{"Payload": {}}',
        '{"SignedEntryTimestamp": "x", "Payload": {}}',
        '{"content": {"verificationMaterial": {}}}',
    ],
)
def test_O21_an_annotation_with_two_shapes_or_none_is_invalid(annotation: str) -> None:
    outcome = check_one(signed(payload(), rekor=annotation), TRUST)

    assert (outcome.status, outcome.transparency) == (Status.INVALID, Transparency.INVALID)


def test_D17_G08_required_proof_does_not_depend_on_the_annotation() -> None:
    strict = trust(PUBLISHER.public_key(), transparency="require", root=lambda: ROOT)

    assert check_one(logged(SIGSTORE), strict).status is Status.VERIFIED
    for lacking in (signed(payload()), logged(PrivateSigstore("foreign"))):
        outcome = check_one(lacking, strict)

        assert outcome.status is Status.INVALID
        assert "requires a transparency log proof" in outcome.reason


def test_D18_ignoring_the_log_is_labelled_unchecked() -> None:
    lax = trust(PUBLISHER.public_key(), transparency="ignore")

    assert check_one(signed(payload(), rekor="junk"), lax).transparency is Transparency.UNCHECKED


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_as_payload_give_an_outcome(body: bytes) -> None:
    assert check_one(signed(body), TRUST).status is not Status.UNSIGNED


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120))
def test_any_text_as_signature_or_annotation_gives_an_outcome(text: str) -> None:
    assert check_one(found(payload(), text, rekor=text), TRUST).status is not Status.VERIFIED


def test_what_the_signer_added_is_handed_back_as_text() -> None:
    added = {"a": "text", "b": 7, "c": True, "d": 1.5, "e": None, "f": {}, "g": ["x"]}

    outcome = check_one(signed(payload(optional=added)), TRUST)

    assert outcome.annotations == {"a": "text", "b": "7", "c": "true", "d": "1.5"}


def test_B20_nothing_of_a_signature_that_does_not_count_is_handed_back() -> None:
    outcome = check_one(signed(payload(optional={"a": "text"}), STRANGER), TRUST)

    assert (outcome.annotations, outcome.claimed_type, outcome.product, outcome.statement) == ({}, "", "", None)


def test_a_simple_signature_encloses_no_statement() -> None:
    assert enclosed(signed(payload())) is None


def test_read_payload_keeps_what_is_signed() -> None:
    assert read_payload(payload()).subject.startswith("dhi/python@")
