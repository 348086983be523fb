"""Bodies of log entries, each member of each kind: what is compared, and that nothing else than a body gets through."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publisher import keys
from tests.signature.signed_documents import b64
from tests.signature.test_logproof import BARE, ENVELOPE, FILE, SIGSTORE, verified
from tests.sigstore import REMOVED, Edits, edited, flipped, key
from tests.sigstore import Signed as Made
from tests.sigstore.bodies import body as body_of
from tests.sigstore.keys import spki_of
from verifier.errors import EvidenceInvalid
from verifier.signature import logbody
from verifier.signature.keys import Message
from verifier.signature.logbody import Signed

OF_FILES = ("hashedrekord 0.0.1", "hashedrekord 0.0.2", "rekord 0.0.1")
OF_ENVELOPES = ("hashedrekord 0.0.1", "hashedrekord 0.0.2", "dsse 0.0.1", "intoto 0.0.1", "intoto 0.0.2")
OTHER_PEM = b64(key("another").public_pem)


def compare(made: Made, kind: str, edits: Edits, signed: Signed | None = None) -> None:
    document = edited(body_of(made, kind), {f"spec.{path}": value for path, value in edits.items()})
    body = logbody.read(json.dumps(document).encode())
    logbody.compare(body, signed or verified(made, stored=made.is_dsse and kind.startswith(("dsse", "intoto"))))


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        *((FILE, kind) for kind in OF_FILES),
        *((BARE, kind) for kind in OF_FILES),
        *((ENVELOPE, kind) for kind in OF_ENVELOPES),
    ],
)
def test_P09_a_body_that_says_what_was_verified_and_more(made: Made, kind: str) -> None:
    compare(made, kind, {})
    compare(made, kind, {"unknown": {"any": "thing"}})


def _named(value: object) -> str:
    return "removed" if value is REMOVED else repr(value)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("hashedrekord 0.0.1", "data.hash.value"),
        ("hashedrekord 0.0.1", "data.hash.algorithm"),
        ("hashedrekord 0.0.1", "data.hash"),
        ("hashedrekord 0.0.1", "data"),
        ("hashedrekord 0.0.1", "signature.content"),
        ("hashedrekord 0.0.1", "signature.publicKey.content"),
        ("hashedrekord 0.0.1", "signature.publicKey"),
        ("hashedrekord 0.0.1", "signature"),
        ("rekord 0.0.1", "data.hash.value"),
        ("rekord 0.0.1", "signature.format"),
        ("rekord 0.0.1", "signature.content"),
        ("rekord 0.0.1", "signature.publicKey.content"),
        ("hashedrekord 0.0.2", "hashedRekordV002"),
        ("hashedrekord 0.0.2", "hashedRekordV002.data.algorithm"),
        ("hashedrekord 0.0.2", "hashedRekordV002.data.digest"),
        ("hashedrekord 0.0.2", "hashedRekordV002.signature.content"),
        ("hashedrekord 0.0.2", "hashedRekordV002.signature.verifier"),
        ("hashedrekord 0.0.2", "hashedRekordV002.signature.verifier.keyDetails"),
        ("hashedrekord 0.0.2", "hashedRekordV002.signature.verifier.x509Certificate"),
        ("hashedrekord 0.0.2", "hashedRekordV002.signature.verifier.x509Certificate.rawBytes"),
        ("dsse 0.0.1", "envelopeHash"),
        ("dsse 0.0.1", "envelopeHash.value"),
        ("dsse 0.0.1", "payloadHash"),
        ("dsse 0.0.1", "payloadHash.algorithm"),
        ("dsse 0.0.1", "payloadHash.value"),
        ("dsse 0.0.1", "signatures"),
        ("dsse 0.0.1", "signatures.0.signature"),
        ("dsse 0.0.1", "signatures.0.verifier"),
        ("intoto 0.0.1", "content.hash"),
        ("intoto 0.0.1", "content.hash.value"),
        ("intoto 0.0.1", "content.payloadHash.value"),
        ("intoto 0.0.1", "publicKey"),
        ("intoto 0.0.2", "content.hash"),
        ("intoto 0.0.2", "content.payloadHash"),
        ("intoto 0.0.2", "content.payloadHash.value"),
        ("intoto 0.0.2", "content.envelope"),
        ("intoto 0.0.2", "content.envelope.payloadType"),
        ("intoto 0.0.2", "content.envelope.signatures"),
        ("intoto 0.0.2", "content.envelope.signatures.0.sig"),
        ("intoto 0.0.2", "content.envelope.signatures.0.publicKey"),
    ],
)
@pytest.mark.parametrize("value", [REMOVED, None, "", 1, [], {}, "AAAA", "text", "sha1"], ids=_named)
def test_D01_no_member_can_be_left_out_or_replaced(kind: str, path: str, value: object) -> None:
    made = FILE if kind in OF_FILES else ENVELOPE

    with pytest.raises(EvidenceInvalid):
        compare(made, kind, {path: value})


@pytest.mark.parametrize(
    ("made", "kind", "path", "value", "reason"),
    [
        (FILE, "hashedrekord 0.0.1", "data.hash.value", "0" * 64, "sha256 of the signed message"),
        (FILE, "hashedrekord 0.0.1", "data.hash.value", str.upper, "is not hex"),
        (FILE, "hashedrekord 0.0.1", "signature.content", flipped, "other signatures"),
        (FILE, "hashedrekord 0.0.1", "signature.publicKey.content", OTHER_PEM, "another key or certificate"),
        (FILE, "hashedrekord 0.0.2", "hashedRekordV002.data.digest", flipped, "sha256 of the signed message"),
        (FILE, "hashedrekord 0.0.2", "hashedRekordV002.signature.content", flipped, "other signatures"),
        (ENVELOPE, "dsse 0.0.1", "payloadHash.value", "0" * 64, "sha256 of the payload"),
        (ENVELOPE, "dsse 0.0.1", "envelopeHash.value", "0" * 64, "sha256 of the envelope"),
        (ENVELOPE, "dsse 0.0.1", "signatures.0.verifier", OTHER_PEM, "another key or certificate"),
        (ENVELOPE, "dsse 0.0.1", "signatures.0.signature", flipped, "other signatures"),
        (ENVELOPE, "dsse 0.0.1", "signatures", lambda each: each * 2, "other signatures"),
        (ENVELOPE, "dsse 0.0.1", "signatures", lambda each: each * 17, "not a list of 1 to 16"),
        (ENVELOPE, "intoto 0.0.1", "content.hash.value", "0" * 64, "sha256 of the envelope"),
        (ENVELOPE, "intoto 0.0.1", "publicKey", OTHER_PEM, "another key or certificate"),
        (ENVELOPE, "intoto 0.0.2", "content.payloadHash.value", "0" * 64, "sha256 of the payload"),
        (ENVELOPE, "intoto 0.0.2", "content.hash.value", "0" * 64, "sha256 of the envelope"),
        (ENVELOPE, "intoto 0.0.2", "content.envelope.payloadType", "text/plain", "payload type"),
        (ENVELOPE, "intoto 0.0.2", "content.envelope.signatures.0.publicKey", OTHER_PEM, "another key or certificate"),
        (ENVELOPE, "intoto 0.0.2", "content.envelope.signatures", lambda each: each * 2, "other signatures"),
    ],
)
def test_D01_only_one_member_is_about_something_else(made: Made, kind: str, path: str, value: Any, reason: str) -> None:
    with pytest.raises(EvidenceInvalid, match=reason):
        compare(made, kind, {path: value})


VERIFIER = "hashedRekordV002.signature.verifier"


def test_D01_only_the_key_of_a_v2_body_differs() -> None:
    other = {"rawBytes": b64(spki_of(key("another")))}

    with pytest.raises(EvidenceInvalid, match="another key or certificate"):
        compare(BARE, "hashedrekord 0.0.2", {f"{VERIFIER}.publicKey": other})
    with pytest.raises(EvidenceInvalid, match="not exactly one of a key and a certificate"):
        compare(FILE, "hashedrekord 0.0.2", {f"{VERIFIER}.publicKey": other})


@pytest.mark.parametrize("signing", keys.ALL, ids=lambda signing: signing.name)
def test_the_stated_kind_of_key_fits_the_key(signing: keys.SigningKey) -> None:
    made = SIGSTORE.sign(file=b"content", signer=signing)

    compare(made, "hashedrekord 0.0.2", {})
    for other in {"PKIX_ECDSA_P256_SHA_256", "PKIX_ED25519", "PKIX_RSA_PKCS1V15_4096_SHA256"} - {made.key_details}:
        with pytest.raises(EvidenceInvalid, match="is not of the kind"):
            compare(made, "hashedrekord 0.0.2", {f"{VERIFIER}.keyDetails": other})


@pytest.mark.parametrize("raw", [b"\0", b"0" * 91])
def test_a_logged_verifier_that_is_none(raw: bytes) -> None:
    for made, member in ((BARE, "publicKey"), (FILE, "x509Certificate")):
        with pytest.raises(EvidenceInvalid, match="cannot be parsed"):
            compare(made, "hashedrekord 0.0.2", {f"{VERIFIER}.{member}.rawBytes": b64(raw)})


@pytest.mark.parametrize(
    "change",
    [
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: b"\n " + pem + b"\n\n",
        lambda pem: pem.rstrip(),
        lambda pem: pem.replace(b"\n", b"\n\t"),
    ],
)
def test_P25_white_space_of_pem_means_nothing(change: Any) -> None:
    compare(BARE, "hashedrekord 0.0.1", {"signature.publicKey.content": b64(change(BARE.verifier_pem))})


@pytest.mark.parametrize(
    "change",
    [
        lambda pem: pem * 2,
        lambda pem: pem + OTHER_PEM.encode(),
        lambda pem: pem.replace(b"PUBLIC KEY", b"PRIVATE KEY"),
        lambda pem: pem.replace(b"BEGIN PUBLIC KEY", b"BEGIN CERTIFICATE"),
        lambda pem: pem.replace(b"END PUBLIC KEY", b"END CERTIFICATE"),
        lambda pem: pem.replace(b"=", b"-"),
        lambda pem: b"".join(pem.split(b"\n")[1:-2]),
    ],
)
def test_pem_that_is_not_one_key(change: Any) -> None:
    with pytest.raises(EvidenceInvalid, match="logged verifier"):
        compare(BARE, "hashedrekord 0.0.1", {"signature.publicKey.content": b64(change(BARE.verifier_pem) or b"?")})


def test_D23_several_signatures_are_compared_both_ways() -> None:
    """The second signer is unknown here, and so is the key that the log has for it."""
    second = SIGSTORE.sign(statement=ENVELOPE.content, signer=keys.stranger)
    both = (ENVELOPE.signature, second.signature)
    entries = [body_of(made, "dsse 0.0.1")["spec"]["signatures"][0] for made in (second, ENVELOPE)]
    payload = Message(ENVELOPE.content)

    def check(logged: list[Any], found: tuple[bytes, ...]) -> None:
        signed = Signed(
            both[0], ENVELOPE.verifier_der, Message(ENVELOPE.message), found, payload, ENVELOPE.payload_type
        )
        compare(ENVELOPE, "dsse 0.0.1", {"signatures": logged}, signed)

    check(entries, both)
    for logged, found in ((entries, both[:1]), (entries[1:], both), (entries, both[1:]), (entries[:1], both[1:])):
        with pytest.raises(EvidenceInvalid, match="other signatures"):
            check(logged, found)
    exchanged = [entries[0], {**entries[1], "verifier": entries[0]["verifier"]}]
    with pytest.raises(EvidenceInvalid, match="another key or certificate"):
        check(exchanged, both)


@pytest.mark.parametrize("kind", ["dsse 0.0.1", "intoto 0.0.2"])
def test_D01_an_envelope_was_logged_and_a_file_was_signed(kind: str) -> None:
    with pytest.raises(EvidenceInvalid, match="no envelope was signed"):
        compare(ENVELOPE, kind, {}, verified(FILE))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"apiVersion":"0.0.1","kind":"hashedrekord","kind":"dsse","spec":{}}',
        b'{"apiVersion":"0.0.1","Kind":"hashedrekord","kind":"hashedrekord","spec":{}}',
        b'{"apiVersion":1,"kind":"hashedrekord","spec":{}}',
        b'\xef\xbb\xbf{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{}}',
        b"[" * 1000,
    ],
)
def test_B14_B15_B16_bodies_with_no_reading_or_two(raw: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        logbody.read(raw)


def test_D20_a_huge_body_is_not_parsed() -> None:
    with pytest.raises(EvidenceInvalid, match="larger than"):
        logbody.read(b" " * 200_000)


@settings(max_examples=100, deadline=None)
@given(st.binary())
def test_any_bytes_give_a_body_or_our_error(raw: bytes) -> None:
    with contextlib.suppress(EvidenceInvalid):
        assert logbody.read(raw).kind


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(OF_ENVELOPES), st.data())
def test_D01_any_json_in_place_of_a_member_is_our_error(kind: str, data: st.DataObject) -> None:
    document = body_of(ENVELOPE, kind)["spec"]
    path = data.draw(st.sampled_from(sorted(_paths(document))))
    inner = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=70)
    value = data.draw(inner | st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2))

    with pytest.raises(EvidenceInvalid):
        compare(ENVELOPE, kind, {path: value})


def _paths(value: Any, before: str = "") -> list[str]:
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = [(str(place), item) for place, item in enumerate(value)]
    else:
        return []
    return [path for name, item in members for path in (f"{before}{name}", *_paths(item, f"{before}{name}."))]
