"""DSSE envelopes: what is accepted, and why the rest is not."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publisher.keys import SigningKey
from tests.signature.keyless_signatures import ROOT, SIGSTORE
from tests.signature.signed_documents import (
    PUBLISHER,
    STATEMENT,
    STRANGER,
    TRUST,
    b64,
    dsse,
    encoded_for_signing,
    envelope,
    sign,
    signature,
    trust,
)
from tests.sigstore.cosign import REKOR
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Checked, Status, Transparency
from verifier.model.trust import Key, Trust
from verifier.signature import check_one, enclosed
from verifier.signature.dsse import pae


def outcome(document: Any, by: Trust = TRUST) -> Checked:
    return check_one(dsse(document), by)


def refused(document: Any) -> str:
    """Why the envelope is invalid, which it must be."""
    checked = outcome(document)
    assert checked.status is Status.INVALID
    assert checked.statement is None
    return checked.reason


def test_B02_a_good_envelope_hands_back_the_very_bytes_that_were_verified() -> None:
    body = b'{ "_type" : "x",\n"odd": "\\u0061" }'

    checked = outcome(envelope(body))

    assert checked.status is Status.VERIFIED
    assert checked.signer is not None
    assert (checked.signer.name, checked.statement) == ("key-0", body)
    assert (checked.claimed_type, checked.claimed_subject, checked.annotations) == ("", "", {})


@pytest.mark.parametrize(
    ("body", "payload_type", "digest"),
    [
        (
            b"hello world",
            "http://example.com/HelloWorld",
            "217751fac2c4f14edb2c9297fbc34abcb016ba88e74757e875ec4ac16fb6b6a1",
        ),
        (
            b"{}",
            "application/vnd.in-toto+json",
            "4842cb1ba6fed6e460d8a0d56f6b64ccf1f1e11f7714a7f282080d5780251b63",
        ),
    ],
)
def test_B04_the_signed_encoding_is_that_of_the_specification(body: bytes, payload_type: str, digest: str) -> None:
    assert hashlib.sha256(pae(payload_type, body).whole()).hexdigest() == digest
    assert pae(payload_type, body).digest("sha256").hex() == digest


def test_B04_lengths_are_in_bytes() -> None:
    assert pae("é", "ü".encode()).whole() == "DSSEv1 2 é 2 ü".encode()


@pytest.mark.parametrize(
    "message",
    [
        STATEMENT,
        encoded_for_signing(STATEMENT).replace(b" ", b"", 1),
        encoded_for_signing(STATEMENT, "application/json"),
        b64(STATEMENT).encode(),
        encoded_for_signing(b64(STATEMENT).encode()),
    ],
)
def test_B01_B04_a_signature_over_anything_else(message: bytes) -> None:
    document = envelope(signatures=[{"sig": b64(sign(message))}])

    assert outcome(document).status is Status.UNTRUSTED


def test_B01_O03_the_payload_exchanged_below_its_signature() -> None:
    checked = outcome(envelope(payload=b64(STATEMENT.replace(b"v1", b"v2"))))

    assert (checked.status, checked.statement) == (Status.UNTRUSTED, None)


@pytest.mark.parametrize(
    "payload_type",
    [None, "", "application/json", "application/vnd.in-toto+JSON", "application/vnd.in-toto.spdx+json", 1, ["x"]],
)
def test_B03_a_payload_of_another_type_is_not_opened_though_well_signed(payload_type: object) -> None:
    signed_so = sign(encoded_for_signing(b"?", str(payload_type)))

    reason = refused({"payload": "?", "payloadType": payload_type, "signatures": [{"sig": b64(signed_so)}]})

    assert "payload type" in reason


@pytest.mark.parametrize("signatures", [[], None, {}, "text", {"0": signature()}, 0])
def test_B05_no_signatures_are_never_all_of_them(signatures: object) -> None:
    assert "signatures" in refused(envelope(signatures=signatures))


@pytest.mark.parametrize("entry", [None, {}, {"sig": ""}, {"sig": None}, {"sig": 1}, {"sig": ["x"]}, "sig", [], 0])
def test_B06_one_empty_signature_spoils_the_form(entry: object) -> None:
    assert refused(envelope(signatures=[entry]))
    assert refused(envelope(signatures=[signature(), entry]))


def test_B07_wrong_key_is_untrusted_and_says_which_keys_count() -> None:
    checked = outcome(envelope(signatures=[signature(key=STRANGER)]))

    assert checked.status is Status.UNTRUSTED
    assert "key-0" in checked.reason


@pytest.mark.parametrize("keyid", ["", "unknown", None, 7, "0" * 64])
def test_B08_P08_key_ids_say_nothing(keyid: object) -> None:
    assert outcome(envelope(signatures=[signature() | {"keyid": keyid}])).status is Status.VERIFIED
    assert outcome(envelope(signatures=[signature()])).status is Status.VERIFIED


def test_B09_the_id_of_a_trusted_key_over_a_strangers_signature() -> None:
    by_stranger = signature(key=STRANGER) | {"keyid": TRUST.trusted[0].fingerprint}

    assert outcome(envelope(signatures=[by_stranger])).status is Status.UNTRUSTED


def test_B10_the_same_signature_many_times_is_one_signer() -> None:
    one, many = outcome(envelope()), outcome(envelope(signatures=[signature()] * 10))

    assert many == one


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("bad", [{"sig": "AAAA"}, {"sig": b64(b"\0" * 64)}, signature(key=STRANGER)])
def test_B12_a_bad_signature_beside_a_good_one(bad: dict[str, str], order: int) -> None:
    checked = outcome(envelope(signatures=[bad, signature()][::order]))

    assert (checked.status, checked.statement) == (Status.VERIFIED, STATEMENT)


@pytest.mark.parametrize("order", [1, -1])
def test_B12_a_key_whose_time_is_over_beside_a_current_one(order: int) -> None:
    ended = Key("old", "a" * 64, "file", STRANGER.public_key(), valid_until=datetime(2025, 1, 1, tzinfo=UTC))
    document = envelope(signatures=[signature(key=STRANGER), signature()][::order])

    checked = outcome(document, Trust((ended, *TRUST.trusted)))

    assert checked.signer is not None
    assert checked.signer.name == "key-0"


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_signatures_that_do_not_count_the_known_signer_is_named(order: int) -> None:
    retired = Trust(TRUST.trusted, (Key("dhi-1", "f" * 64, "retired", STRANGER.public_key()),))
    document = envelope(signatures=[{"sig": "AAAA"}, signature(key=STRANGER)][::order])

    assert "dhi-1 (retired)" in outcome(document, retired).reason


def test_B12_signatures_without_number_are_refused() -> None:
    most = DEFAULT_LIMITS.envelope_signatures

    assert outcome(envelope(signatures=[signature()] * most)).status is Status.VERIFIED
    assert "at most" in refused(envelope(signatures=[signature()] * (most + 1)))


@pytest.mark.parametrize("url_safe", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_P07_both_alphabets_with_or_without_padding(url_safe: bool, padded: bool) -> None:
    body = b"\xfb\xff\xfe?"

    def encode(content: bytes) -> str:
        text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(content).decode()
        return text if padded else text.rstrip("=")

    document = envelope(payload=encode(body), signatures=[{"sig": encode(sign(encoded_for_signing(body)))}])

    assert outcome(document).statement == body


@pytest.mark.parametrize("text", ["QUI==", "QU I=", "QUI=\n", "QUJ=", "-_+/", "A", "=", "QUI=QUI=", "ÄÄÄÄ", "QUI\0"])
def test_B13_base64_in_odd_forms(text: str) -> None:
    assert "base64" in refused(envelope(payload=text))
    assert "base64" in refused(envelope(signatures=[{"sig": text}]))


@pytest.mark.parametrize("payload", [None, "", 1, [], {}])
def test_a_payload_that_is_none(payload: object) -> None:
    assert "no payload" in refused(envelope(payload=payload))


@pytest.mark.parametrize("member", ["payload", "payloadType", "signatures", "unknown"])
def test_B14_a_member_twice(member: str) -> None:
    twice = json.dumps(envelope(unknown=1)).replace(f'"{member}":', f'"{member}": 1, "{member}":', 1)

    assert "twice" in refused(twice.encode())


def test_B14_a_member_twice_in_a_signature() -> None:
    assert "twice" in refused(json.dumps(envelope()).replace('"sig":', '"sig": "AAAA", "sig":').encode())


def test_B15_a_member_that_differs_only_in_case() -> None:
    assert "case" in refused(envelope(Payload=b64(b"{}")))
    assert "case" in refused(envelope(signatures=[signature() | {"SIG": "AAAA"}]))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{}", b"\xff", b"\xef\xbb\xbf{}", b'{"x":"\\ud800"}', "{}".encode("utf-16")],
)
def test_B16_bytes_that_are_no_strict_json(body: bytes) -> None:
    assert refused(body)


@pytest.mark.parametrize("size", [100_000, 2_000_000])
@pytest.mark.parametrize("start", [b"", b'{"payload":', b'{"x":'])
def test_B18_nesting_without_end(start: bytes, size: int) -> None:
    assert refused(start + b"[" * size)
    assert refused(start + b"[" * size + b"]" * size + b"}")


def test_B19_more_than_fits_beside_the_payload() -> None:
    much = "x" * DEFAULT_LIMITS.envelope_overhead_bytes

    assert "beside its payload" in refused(envelope(unknown=much))
    assert "beside its payload" in refused(envelope(payloadType=much))


def test_B19_an_envelope_or_payload_beyond_the_limit() -> None:
    assert "larger" in refused(b" " * (DEFAULT_LIMITS.envelope_bytes + 1))
    assert "payload is larger" in refused(
        b'{"payload":"%b","payloadType":"%b"}' % (b"A" * (DEFAULT_LIMITS.attestation_bytes // 3 * 4 + 8), IN_TOTO_BYTES)
    )


IN_TOTO_BYTES = b"application/vnd.in-toto+json"
LONG = b'{"_type":"' + b"long " * 400_000 + b'"}'


def test_P23_a_payload_of_megabytes_is_verified_whole() -> None:
    checked = outcome(envelope(LONG))

    assert (checked.status, checked.statement) == (Status.VERIFIED, LONG)


def test_P23_a_long_payload_may_be_escaped_as_json_allows() -> None:
    body = b"\xff" * 1_200_000
    escaped = json.dumps(envelope(body)).replace("/", "\\/")

    assert outcome(escaped.encode()).statement == body


@pytest.mark.parametrize("extra", [{"payload2": b64(LONG)}, {"x": {"payload": b64(LONG)}}])
def test_B19_a_long_payload_twice_is_more_than_fits_beside_it(extra: dict[str, Any]) -> None:
    assert refused(extra | envelope(LONG))
    assert refused(envelope(LONG) | extra)


def test_B14_a_long_payload_beside_an_empty_one() -> None:
    for first, second in (b'""', b'"%b"' % b64(LONG).encode()), (b'"%b"' % b64(LONG).encode(), b'""'):
        body = b'{"payload":%b,"payload":%b,"payloadType":"%b"}' % (first, second, IN_TOTO_BYTES)
        assert refused(body)


def test_a_long_text_elsewhere_is_never_taken_for_the_payload() -> None:
    """Whichever of two equal texts is cut out, each member keeps its own."""
    body = b"payload " * 50_000
    text = b64(body)

    assert outcome({"copy": text} | envelope(body)).statement == body
    assert refused({"dsseEnvelope": envelope(LONG)} | envelope(payload=""))


def test_P09_members_that_nobody_knows_are_passed_over() -> None:
    document = envelope(extension={"kind": "x"}, signatures=[signature() | {"extension": {}}])

    assert outcome(document).status is Status.VERIFIED


@pytest.mark.parametrize(
    "body",
    [
        b'{"_type":"https://in-toto.io/Statement/v0.1","predicate":{}}',
        b'{"_type":"https://in-toto.io/Statement/v1","predicate":{}}',
    ],
)
def test_P24_P30_what_the_statement_says_is_not_judged_here(body: bytes) -> None:
    assert outcome(envelope(body)).statement == body


def test_B33_the_signature_annotation_of_an_envelope_is_not_read() -> None:
    checked = check_one(dsse(signature="bm90aGluZw=="), TRUST)

    assert checked.status is Status.VERIFIED
    assert check_one(dsse(envelope(signatures=[signature(key=STRANGER)]), signature="AAAA"), TRUST).status != "verified"


def test_B27_the_data_cannot_choose_an_algorithm() -> None:
    for claim in {"alg": "none"}, {"alg": "HS256"}:
        assert outcome(envelope(signatures=[signature(key=STRANGER) | claim])).status is Status.UNTRUSTED


def test_C10_C11_a_certificate_and_its_chain_never_become_trust() -> None:
    checked = check_one(dsse(certificate="-----BEGIN CERTIFICATE-----", chain="-----BEGIN CERTIFICATE-----"), TRUST)

    assert (checked.status, checked.statement) == (Status.UNTRUSTED, None)
    assert "certificate" in checked.reason
    assert check_one(dsse(chain="junk"), TRUST).status is Status.VERIFIED


def test_ed25519_over_the_bytes_themselves() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
    document = envelope(signatures=[{"sig": b64(key.sign(encoded_for_signing(STATEMENT)))}])

    assert outcome(document, trust(PUBLISHER.public_key(), key.public_key())).status is Status.VERIFIED


def test_D17_O18_the_log_annotation_is_a_fact_and_the_policy_decides() -> None:
    made = SIGSTORE.cosign_layer(statement=STATEMENT, signer=SigningKey("publisher", PUBLISHER))
    logged = dsse(made.blob, rekor=made.annotations[REKOR])
    informed = trust(PUBLISHER.public_key(), root=lambda: ROOT)
    strict = trust(PUBLISHER.public_key(), transparency="require")

    assert check_one(dsse(), TRUST).transparency is Transparency.ABSENT
    assert check_one(logged, informed).transparency is Transparency.PROVED
    assert check_one(logged, TRUST).transparency is Transparency.UNCHECKED
    assert (check_one(logged, strict).status, check_one(dsse(), strict).statement) == (Status.INVALID, None)


@pytest.mark.parametrize("text", ["junk", '{"Payload": {}}', '{"SignedEntryTimestamp": "AAAA", "Payload": {}}'])
def test_O21_a_log_annotation_that_is_none_is_invalid_unless_it_is_ignored(text: str) -> None:
    lax = trust(PUBLISHER.public_key(), transparency="ignore")

    assert check_one(dsse(rekor=text), TRUST).transparency is Transparency.INVALID
    assert check_one(dsse(rekor=text), TRUST).status is Status.INVALID
    assert check_one(dsse(rekor=text), lax).status is Status.VERIFIED


def test_enclosed_shows_what_nobody_vouches_for() -> None:
    assert enclosed(dsse(envelope(signatures=[]))) == STATEMENT
    for document in (b"junk", envelope(payload="?"), envelope(payloadType="text/plain")):
        with pytest.raises(EvidenceInvalid):
            enclosed(dsse(document))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_bytes_give_an_outcome(body: bytes | str) -> None:
    found = dsse(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)

    assert check_one(found, TRUST).status is Status.INVALID
    with pytest.raises(EvidenceInvalid):
        enclosed(found)


_ANY = (
    st.none() | st.integers() | st.text(max_size=20) | st.lists(st.none() | st.dictionaries(st.just("sig"), st.text()))
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["payload", "payloadType", "signatures"]), _ANY, min_size=1))
def test_any_member_exchanged_is_never_verified(changes: dict[str, Any]) -> None:
    assert outcome(envelope() | changes).status in (Status.INVALID, Status.UNTRUSTED)


GOOD = json.dumps(envelope()).encode()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_B01_whatever_is_changed_only_what_was_signed_is_ever_verified(at: int, put: bytes, cut: int) -> None:
    checked = outcome(GOOD[:at] + put + GOOD[at + cut :])

    assert checked.status in (Status.VERIFIED, Status.UNTRUSTED, Status.INVALID)
    assert checked.statement == (STATEMENT if checked.status is Status.VERIFIED else None)
