"""Reading trusted roots: what is sound is read to the last member, everything else is refused by name."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trust.root_documents import (
    MEDIA_TYPE,
    authority,
    base64_text,
    certificate,
    ed,
    log,
    p256,
    root_bytes,
    root_document,
    spki,
)
from verifier.errors import ConfigurationError
from verifier.model.trust import TrustedRoot
from verifier.trust.trusted_root import MEDIA_TYPES, ROOT_BYTES, read_trusted_root

Damage = Callable[[dict[str, Any]], object]


def read(document: object) -> TrustedRoot:
    return read_trusted_root(json.dumps(document).encode(), "test.json")


def test_a_root_is_read_to_the_last_member() -> None:
    body = root_bytes(
        tlogs=[log() | {"operator": "example", "checkpointKeyId": {"keyId": base64_text(b"abcd")}}],
    )

    root = read_trusted_root(body, "test.json")

    (one,) = root.logs
    assert (one.url, one.host, one.operator) == ("https://log.example", "log.example", "example")
    assert (one.key_id, one.checkpoint_key_id) == (b"\x05" * 32, b"abcd")
    assert (one.spki, one.details) == (spki(p256(5)), "PKIX_ECDSA_P256_SHA_256")
    assert one.window.start == datetime(2024, 1, 1, tzinfo=UTC)
    assert root.authorities[0].certificates == (certificate(7),)
    assert root.timestamp_authorities[0].uri == "https://tsa.example"
    assert [entry.url for entry in root.certificate_logs] == ["https://ct.example"]
    assert (root.source, root.digest) == ("test.json", f"sha256:{hashlib.sha256(body).hexdigest()}")


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_every_known_media_type_is_read(media_type: str) -> None:
    assert read(root_document(mediaType=media_type)).logs


def test_a_client_trust_config_gives_its_root() -> None:
    wrapper = {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": root_document(),
        "signingConfig": {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"},
    }

    assert read(wrapper).logs == read(root_document()).logs


def test_a_root_without_logs_is_sound_as_that_of_github() -> None:
    root = read(root_document(tlogs=[], ctlogs=[]))

    assert root.logs == root.certificate_logs == ()
    assert root.authorities


def test_protobuf_json_may_be_spelt_in_its_other_ways() -> None:
    number = log()
    number["hashAlgorithm"] = 1
    number["publicKey"]["keyDetails"] = 5
    snake = {
        "base_url": number["baseUrl"],
        "hash_algorithm": "SHA2_256",
        "public_key": {
            "raw_bytes": base64.urlsafe_b64encode(spki(p256(5))).decode().rstrip("="),
            "key_details": "PKIX_ECDSA_P256_SHA_256",
            "valid_for": {"start": "2024-01-01T02:00:00.000000000+02:00", "end": None},
        },
        "log_id": {"key_id": number["logId"]["keyId"]},
        "from_the_future": {"x": 1},
    }

    assert (
        read(root_document(tlogs=[snake])).logs
        == read(root_document(tlogs=[number])).logs
        == read(root_document()).logs
    )


def test_both_ends_of_a_window_are_read_to_the_fraction() -> None:
    entry = log()
    entry["publicKey"]["validFor"]["end"] = "2025-12-31T23:59:59.999Z"

    (one,) = read(root_document(tlogs=[entry])).logs

    assert one.window.end == datetime(2025, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert one.window.holds(one.window.end)


@pytest.mark.parametrize(
    ("details", "key"),
    [
        ("PKIX_ED25519", ed(9)),
        ("PKIX_ECDSA_P384_SHA_384", ec.derive_private_key(9, ec.SECP384R1()).public_key()),
        ("PKIX_ECDSA_P521_SHA_512", ec.derive_private_key(9, ec.SECP521R1()).public_key()),
    ],
    ids=["ed25519", "p384", "p521"],
)
def test_keys_of_each_kind_stay_der(details: str, key: Any) -> None:
    entry = log()
    entry["publicKey"] |= {"keyDetails": details, "rawBytes": base64_text(spki(key))}

    assert read(root_document(tlogs=[entry])).logs[0].spki == spki(key)


def test_a_pkcs1_key_becomes_a_subject_public_key_info() -> None:
    key = rsa.generate_private_key(65537, 2048).public_key()
    entry = log()
    entry["publicKey"] |= {
        "keyDetails": "PKCS1_RSA_PKCS1V5",
        "rawBytes": base64_text(key.public_bytes(Encoding.DER, PublicFormat.PKCS1)),
    }

    assert read(root_document(ctlogs=[entry])).certificate_logs[0].spki == spki(key)


@pytest.mark.parametrize(
    ("media_type", "said"),
    [
        ("application/vnd.dev.sigstore.trustedroot+json;version=0.9", "media type"),
        ("application/json", "media type"),
        (None, "media type"),
        (3, "not text"),
    ],
)
def test_F09_an_unknown_media_type(media_type: object, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read(root_document(mediaType=media_type))


def test_F09_a_root_that_is_empty() -> None:
    with pytest.raises(ConfigurationError, match="is empty"):
        read({"mediaType": MEDIA_TYPE, "tlogs": [], "certificateAuthorities": []})


@pytest.mark.parametrize("window", [None, {}, {"end": "2030-01-01T00:00:00Z"}])
def test_D13_F09_a_log_without_a_start_of_validity(window: object) -> None:
    entry = log()
    entry["publicKey"]["validFor"] = window

    with pytest.raises(ConfigurationError, match=r"validFor.*has no `start`|has no `validFor`"):
        read(root_document(tlogs=[entry]))


@pytest.mark.parametrize("name", ["certificateAuthorities", "timestampAuthorities"])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda entry: entry.pop("validFor"), "has no `validFor`"),
        (lambda entry: entry["validFor"].pop("start"), "has no `start`"),
        (lambda entry: entry.pop("certChain"), "has no `certChain`"),
        (lambda entry: entry["certChain"].update(certificates=[]), "0 certificates"),
        (lambda entry: entry["certChain"].update(certificates=entry["certChain"]["certificates"] * 11), "11 certif"),
        (lambda entry: entry["certChain"]["certificates"][0].update(rawBytes="AAAA"), "not an X.509 certificate"),
        (lambda entry: entry["certChain"]["certificates"][0].clear(), "has no `rawBytes`"),
        (lambda entry: entry["validFor"].update(end="2023-12-31T23:59:59Z"), "ends before it starts"),
        (lambda entry: entry["validFor"].update(start="yesterday"), "not a time"),
        (lambda entry: entry["validFor"].update(start="0001-01-01T00:00:00+14:00"), "not a time"),
    ],
)
def test_F09_an_authority_that_is_not_sound(name: str, damage: Damage, said: str) -> None:
    entry = authority()
    damage(entry)

    with pytest.raises(ConfigurationError, match=said):
        read(root_document(**{name: [entry]}))


@pytest.mark.parametrize("name", ["tlogs", "ctlogs"])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda entry: entry.pop("publicKey"), "has no `publicKey`"),
        (lambda entry: entry.pop("logId"), "has no `logId`"),
        (lambda entry: entry["logId"].update(keyId=""), "has no `keyId`"),
        (lambda entry: entry["logId"].update(keyId="AA A="), "not base64"),
        (lambda entry: entry["logId"].update(keyId="AAF="), "not base64"),
        (lambda entry: entry["logId"].update(keyId="+-AA"), "not base64"),
        (lambda entry: entry.update(hashAlgorithm="SHA2_512"), "expected one of SHA2_256"),
        (lambda entry: entry.pop("hashAlgorithm"), "expected one of SHA2_256"),
        (lambda entry: entry["publicKey"].update(keyDetails="PKIX_ED25519"), "not of the kind PKIX_ED25519"),
        (lambda entry: entry["publicKey"].update(keyDetails="ML_DSA_65"), "keyDetails"),
        (lambda entry: entry["publicKey"].update(keyDetails=True), "keyDetails"),
        (lambda entry: entry["publicKey"].update(rawBytes="AAAA"), "cannot be parsed"),
        (lambda entry: entry["publicKey"].pop("rawBytes"), "has no `rawBytes`"),
        (lambda entry: entry.update(base_url="https://other.example"), "two spellings"),
        (lambda entry: entry.update(baseURL="https://other.example"), "two spellings"),
        (lambda entry: entry.update(baseUrl=7), "not text"),
    ],
)
def test_F09_a_log_that_is_not_sound(name: str, damage: Damage, said: str) -> None:
    entry = log()
    damage(entry)

    with pytest.raises(ConfigurationError, match=said):
        read(root_document(**{name: [entry]}))


def test_F09_two_logs_with_one_id() -> None:
    other = log(6)
    other["logId"] = log()["logId"]

    with pytest.raises(ConfigurationError, match="one log id"):
        read(root_document(tlogs=[log(), other]))


def test_F09_a_weak_rsa_key() -> None:
    entry = log()
    key = rsa.generate_private_key(65537, 1024).public_key()
    entry["publicKey"] |= {"keyDetails": "PKIX_RSA_PKCS1V5", "rawBytes": base64_text(spki(key))}

    with pytest.raises(ConfigurationError, match="not of the kind"):
        read(root_document(tlogs=[entry]))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"mediaType": "a", "mediaType": "b"}', b'{"tlogs": 3}', b" " * (ROOT_BYTES + 1)],
    ids=["empty", "list", "cut", "twice", "no-list", "large"],
)
def test_F09_documents_that_are_none(body: bytes) -> None:
    with pytest.raises(ConfigurationError):
        read_trusted_root(body, "test.json")


def test_F09_more_logs_than_anyone_has() -> None:
    with pytest.raises(ConfigurationError, match="at most 256"):
        read(root_document(tlogs=[log()] * 257))


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0), st.binary(min_size=1, max_size=8))
def test_F09_any_bytes_are_a_root_or_a_configuration_error(place: int, noise: bytes) -> None:
    body = root_bytes()
    at = place % len(body)

    try:
        root = read_trusted_root(body[:at] + noise + body[at + len(noise) :], "fuzz")
    except ConfigurationError:
        return
    assert isinstance(root, TrustedRoot)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["tlogs", "ctlogs", "certificateAuthorities"]), st.sampled_from(range(12)), _JSON)
def test_F09_any_value_in_any_place_is_read_or_refused(name: str, place: int, value: object) -> None:
    document = root_document()
    holders = [document, document[name][0], *(v for v in document[name][0].values() if isinstance(v, dict))]
    holder = holders[place % len(holders)]
    holder[sorted(holder)[place % len(holder)]] = value

    try:
        root = read(document)
    except ConfigurationError:
        return
    assert isinstance(root, TrustedRoot)
