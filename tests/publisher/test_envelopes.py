"""Signed documents against the vectors of the documents that define them."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.publisher import ed25519ph, envelopes, keys, self_signed
from tests.publisher.documents import encode
from tests.publisher.reading import holds, opened

HELLO = ("http://example.com/HelloWorld", b"hello world")


def test_pae_is_that_of_the_dsse_protocol() -> None:
    assert envelopes.pae(*HELLO) == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    vector = "217751fac2c4f14edb2c9297fbc34abcb016ba88e74757e875ec4ac16fb6b6a1"
    assert hashlib.sha256(envelopes.pae(*HELLO)).hexdigest() == vector
    empty = hashlib.sha256(envelopes.pae("application/vnd.in-toto+json", b"{}")).hexdigest()
    assert empty == "4842cb1ba6fed6e460d8a0d56f6b64ccf1f1e11f7714a7f282080d5780251b63"


def test_B04_pae_counts_bytes() -> None:
    assert envelopes.pae("ü", "é".encode()) == b"DSSEv1 2 \xc3\xbc 2 \xc3\xa9"


def test_the_simple_signing_payload_is_cosigns() -> None:
    payload = encode(envelopes.simple_signing("registry.example/app", "sha256:" + "a" * 64))

    vector = "6c4a04f0080d29b258e489499ff344925999755fff14747133f26c527c5d5156"
    assert hashlib.sha256(payload).hexdigest() == vector


def test_ed25519ph_is_that_of_rfc_8032() -> None:
    seed = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")

    assert ed25519ph.sign(seed, b"abc").hex() == (
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    key = keys.ed25519.using("ph")
    assert key.sign(b"x") == keys.ed25519.sign(b"x", "ph") != keys.ed25519.sign(b"x")
    with pytest.raises(InvalidSignature):
        holds(keys.ed25519, key.sign(b"x"), b"x")


@pytest.mark.parametrize(
    ("key", "hash_name"),
    [
        (keys.publisher, "sha256"),
        (keys.p384, "sha384"),
        (keys.p384.using("sha256"), "sha256"),
        (keys.p521, "sha512"),
        (keys.rsa2048, "sha256"),
        (keys.rsa2048.using("pkcs1v15-sha512"), "sha512"),
        (keys.ed25519, "sha256"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.name}{value.scheme}",
)
def test_keys_sign_envelopes_with_the_hash_that_they_name(key: keys.SigningKey, hash_name: str) -> None:
    made = envelopes.envelope(b'{"said":1}', key)

    assert opened(made, key, hash_name) == {"said": 1}
    assert key.hash_name == hash_name
    assert made.keys() == {"payload", "payloadType", "signatures"}
    assert made["signatures"][0].keys() == {"sig"}


def test_an_envelope_takes_several_keys_a_keyid_and_damage() -> None:
    made = envelopes.envelope(b"{}", keys.publisher, keys.p384, keyid="a", signature=lambda body: body[:-1])

    assert [entry["keyid"] for entry in made["signatures"]] == ["a", "a"]
    whole = envelopes.envelope(b"{}", keys.publisher)["signatures"][0]["sig"]
    assert base64.b64decode(made["signatures"][0]["sig"]) == base64.b64decode(whole)[:-1]
    assert envelopes.envelope(b"{}")["signatures"] == []


def test_a_message_signature_names_the_digest_that_was_signed() -> None:
    made = envelopes.message_signature(b"bytes", keys.p384)

    assert made["messageDigest"]["algorithm"] == "SHA2_384"
    assert base64.b64decode(made["messageDigest"]["digest"]) == hashlib.sha384(b"bytes").digest()
    holds(keys.p384, base64.b64decode(made["signature"]), b"bytes", "sha384")


def test_a_statement_has_only_the_members_that_were_given() -> None:
    said = envelopes.statement("sha256:" + "a" * 64, "t", {})

    assert json.loads(encode(said)) == {
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": [{"digest": {"sha256": "a" * 64}}],
        "predicateType": "t",
        "predicate": {},
    }


def test_the_certificate_is_always_the_same_and_holds_the_key() -> None:
    certificate = x509.load_der_x509_certificate(self_signed(keys.publisher))

    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert hashlib.sha256(spki).hexdigest() == keys.publisher.fingerprint
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_after_utc.year == 2099
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier)[0].startswith("https://github.com/example/app/")
    assert self_signed(keys.publisher) == self_signed(keys.publisher) != self_signed(keys.stranger)
