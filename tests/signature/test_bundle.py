"""Sigstore bundles with keys: the forms that are read, and why the rest is not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.publisher.keys import SigningKey
from tests.signature.keyless_signatures import ROOT, SIGSTORE
from tests.signature.signed_documents import (
    ARTIFACT,
    BUNDLE,
    MANIFEST,
    PUBLISHER,
    STATEMENT,
    STRANGER,
    TRUST,
    b64,
    bundle,
    bundle_document,
    envelope,
    message_signature,
    sign,
    signature,
    trust,
)
from tests.sigstore import PrivateSigstore
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Checked, Digest, FoundSignature, Status, Transparency
from verifier.model.trust import Trust
from verifier.signature import check_one, enclosed
from verifier.trust.keyring import named
from verifier.trust.shipped import shipped_file
from verifier.trust.trusted_root import read_trusted_root

DATA = Path(__file__).parent / "data"
CERTIFICATE = {"rawBytes": b64(b"a certificate")}
CHAIN = {"certificates": [CERTIFICATE, CERTIFICATE]}


def outcome(document: Any, by: Trust = TRUST) -> Checked:
    return check_one(bundle(document), by)


def refused(document: Any) -> str:
    """Why the bundle is invalid, which it must be."""
    checked = outcome(document)
    assert checked.status is Status.INVALID
    assert checked.statement is None
    return checked.reason


def message_bundle(**changes: Any) -> dict[str, Any]:
    return bundle_document({"messageSignature": message_signature(**changes)})


def material(**members: Any) -> dict[str, Any]:
    return bundle_document(verificationMaterial=members)


def snake(value: Any) -> Any:
    """The same with the names of the protocol buffers' own files."""
    if isinstance(value, list):
        return [snake(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): snake(v) for name, v in value.items()}


def test_B02_an_envelope_inside_hands_back_the_bytes_that_were_verified() -> None:
    checked = outcome(bundle_document())

    assert (checked.status, checked.statement) == (Status.VERIFIED, STATEMENT)
    assert checked.signer is not None
    assert checked.signer.name == "key-0"


def test_a_message_signature_is_over_the_manifest_itself() -> None:
    checked = outcome(message_bundle())

    assert (checked.status, checked.statement) == (Status.VERIFIED, None)


def test_a_real_bundle_by_docker_verifies_over_its_file() -> None:
    artifact = (DATA / "CVE-2026-42899.json.sha256").read_bytes()
    body = (DATA / "CVE-2026-42899.json.sha256.sig").read_bytes()
    found = FoundSignature("bundle", Digest.of(artifact), Digest.of(body), body, artifact=artifact)

    checked = check_one(found, Trust((named("dhi-2"),), (named("dhi-1"),)))

    assert checked.status is Status.VERIFIED
    assert checked.signer is not None
    assert (checked.signer.name, checked.transparency, checked.time) == ("dhi-2", Transparency.UNCHECKED, "")
    assert check_one(found, Trust((named("dhi-1"),), (named("dhi-2"),))).status is Status.UNTRUSTED
    assert enclosed(found) is None


def test_P11_log_and_timestamp_of_that_bundle_are_proved_by_the_shipped_root() -> None:
    body, artifact = (DATA / f"CVE-2026-42899.json.sha256{end}" for end in (".sig", ""))
    root = read_trusted_root(shipped_file("trusted_root.json"), "shipped")
    strict = Trust((named("dhi-2"),), transparency="require", root=lambda: root)

    def judged(content: bytes) -> Checked:
        return check_one(
            FoundSignature("bundle", Digest.of(content), MANIFEST, body.read_bytes(), artifact=content), strict
        )

    checked = judged(artifact.read_bytes())

    assert (checked.status, checked.transparency) == (Status.VERIFIED, Transparency.PROVED), checked.reason
    assert checked.time == "2026-05-23T09:09:10Z"
    assert judged(artifact.read_bytes() + b"\n").status is Status.INVALID


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dev.sigstore.bundle.v0.3.2+json",
    ],
)
def test_every_known_version_is_read(media_type: str) -> None:
    assert outcome(bundle_document(mediaType=media_type)).status is Status.VERIFIED


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        3,
        [BUNDLE],
        "application/vnd.dev.sigstore.bundle+json;version=99.9",
        "application/vnd.dev.sigstore.bundle+json;version=0.30",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.dev.sigstore.bundle.v0.3x+json",
        "application/vnd.dev.sigstore.bundle.v0.3.٣+json",
        f"{BUNDLE}\n",
        BUNDLE.upper(),
    ],
)
def test_B36_a_bundle_of_unknown_version(media_type: object) -> None:
    document = bundle_document(mediaType=media_type)

    assert "media type" in refused(document)
    with pytest.raises(EvidenceInvalid, match="media type"):
        enclosed(bundle(document))


def test_B34_snake_case_names_are_read_as_well() -> None:
    assert outcome(snake(bundle_document())).statement == STATEMENT
    assert outcome(snake(message_bundle())).status is Status.VERIFIED
    assert "certificate" in outcome(snake(material(x509CertificateChain=CHAIN))).reason


@pytest.mark.parametrize("second", [None, {}, "same"])
@pytest.mark.parametrize(
    ("where", "name", "other"),
    [
        ((), "mediaType", "media_type"),
        ((), "verificationMaterial", "verification_material"),
        ((), "dsseEnvelope", "dsse_envelope"),
        (("dsseEnvelope",), "payloadType", "payload_type"),
        (("verificationMaterial",), "publicKey", "public_key"),
        (("verificationMaterial",), "tlogEntries", "tlog_entries"),
    ],
)
def test_B34_both_spellings_of_a_member_are_two_readings(
    where: tuple[str, ...], name: str, other: str, second: object
) -> None:
    document = bundle_document()
    document["verificationMaterial"]["tlogEntries"] = []
    holder = document
    for step in where:
        holder = holder[step]
    holder[other] = holder[name] if second == "same" else second

    assert f"both `{name}` and `{other}`" in refused(document)


@pytest.mark.parametrize("algorithm", [1, "sha256", "SHA256", "SHA2_224", "", None])
def test_B34_B37_digest_algorithms_have_one_name_each(algorithm: object) -> None:
    digest = {"algorithm": algorithm, "digest": b64(hashlib.sha256(ARTIFACT).digest())}

    assert "algorithm" in refused(message_bundle(messageDigest=digest))


@pytest.mark.parametrize(
    ("algorithm", "name"), [("SHA2_256", "sha256"), ("SHA2_384", "sha384"), ("SHA2_512", "sha512")]
)
def test_B37_a_stated_digest_must_be_that_of_the_manifest(algorithm: str, name: str) -> None:
    right = {"algorithm": algorithm, "digest": b64(hashlib.new(name, ARTIFACT).digest())}
    wrong = {"algorithm": algorithm, "digest": b64(hashlib.new(name, b"other").digest())}

    assert outcome(message_bundle(messageDigest=right)).status is Status.VERIFIED
    assert "other bytes" in refused(message_bundle(messageDigest=wrong))


@pytest.mark.parametrize(
    "digest", [{}, [], "text", {"algorithm": "SHA2_256"}, {"algorithm": "SHA2_256", "digest": "?"}]
)
def test_B37_a_digest_that_is_none(digest: object) -> None:
    assert refused(message_bundle(messageDigest=digest))


def test_B37_a_digest_that_is_not_stated_is_not_missed() -> None:
    assert outcome(message_bundle(messageDigest=None)).status is Status.VERIFIED


def test_B37_A02_a_message_signature_moved_to_another_manifest() -> None:
    def moved(document: dict[str, Any]) -> Status:
        other = b'{"schemaVersion":2, "layers":[]}'
        return check_one(replace(bundle(document), covers=Digest.of(other), artifact=other), TRUST).status

    assert moved(message_bundle()) is Status.INVALID
    assert moved(message_bundle(messageDigest=None)) is Status.UNTRUSTED


@pytest.mark.parametrize("artifact", [b"", b"other", ARTIFACT + b"\n"])
def test_B37_I01_bytes_that_are_not_those_of_the_manifest(artifact: bytes) -> None:
    document = bundle_document({"messageSignature": message_signature(artifact)})

    assert check_one(bundle(document, artifact=artifact), TRUST).status is Status.INVALID


@pytest.mark.parametrize("text", [None, "", "?", 1, []])
def test_B06_a_message_signature_that_is_none(text: object) -> None:
    assert "signature" in refused(message_bundle(signature=text))


def test_B35_two_contents_or_none() -> None:
    both = bundle_document({"messageSignature": message_signature(), "dsseEnvelope": envelope()})

    assert "exactly one" in refused(both)
    assert "exactly one" in refused(bundle_document({}))
    assert "exactly one" in refused(
        bundle_document({"message_signature": message_signature()}, dsseEnvelope=envelope())
    )


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"publicKey": None},
        {"publicKey": {}, "certificate": CERTIFICATE},
        {"publicKey": {}, "x509CertificateChain": CHAIN},
        {"certificate": CERTIFICATE, "x509CertificateChain": CHAIN},
        {"publicKey": {}, "x509_certificate_chain": CHAIN},
    ],
)
def test_B35_several_materials_or_none(members: dict[str, Any]) -> None:
    assert "exactly one" in refused(material(**members))


@pytest.mark.parametrize("found", [None, [], "text", 1])
def test_B35_material_or_content_of_a_wrong_type(found: object) -> None:
    assert refused(bundle_document(verificationMaterial=found))
    assert refused(bundle_document(dsseEnvelope=found))
    assert refused(bundle_document({"messageSignature": found}))
    assert refused(material(publicKey=found))


@pytest.mark.parametrize(
    "members",
    [
        {"certificate": {}},
        {"certificate": {"rawBytes": ""}},
        {"certificate": {"rawBytes": "?"}},
        {"certificate": "text"},
        {"x509CertificateChain": {}},
        {"x509CertificateChain": {"certificates": []}},
        {"x509CertificateChain": {"certificates": [None]}},
        {"x509CertificateChain": {"certificates": [CERTIFICATE] * 1000}},
    ],
)
def test_B35_a_certificate_that_is_none(members: dict[str, Any]) -> None:
    assert "certificate" in refused(material(**members))


@pytest.mark.parametrize("members", [{"certificate": CERTIFICATE}, {"x509CertificateChain": CHAIN}])
@pytest.mark.parametrize("content", [{"dsseEnvelope": envelope()}, {"messageSignature": message_signature()}])
def test_C10_C11_a_certificate_and_its_chain_never_become_trust(
    members: dict[str, Any], content: dict[str, Any]
) -> None:
    """Though a trusted key made the signature: what is to vouch for it is the certificate."""
    checked = outcome(bundle_document(content, verificationMaterial=members | {"tlogEntries": [{}]}))

    assert (checked.status, checked.statement) == (Status.UNTRUSTED, None)
    assert "only keys are trusted here" in checked.reason
    assert checked.transparency is Transparency.UNCHECKED


@pytest.mark.parametrize("hint", ["", "unknown", None, 7, "0" * 64])
def test_B08_B09_the_hint_picks_nothing(hint: object) -> None:
    good = material(publicKey={"hint": hint})
    by_stranger = envelope(signatures=[signature(key=STRANGER) | {"keyid": str(hint)}])

    assert outcome(good).status is Status.VERIFIED
    assert outcome(good | {"dsseEnvelope": by_stranger}).status is Status.UNTRUSTED


@pytest.mark.parametrize("signatures", [[], None, [signature(), signature()], [signature(), {"sig": "AAAA"}]])
def test_B05_B12_a_bundle_has_exactly_one_signature(signatures: object) -> None:
    assert "signatures" in refused(bundle_document(dsseEnvelope=envelope(signatures=signatures)))


@pytest.mark.parametrize("entry", [None, {}, {"sig": ""}, {"sig": None}, {"sig": 1}])
def test_B06_one_empty_signature_spoils_the_form(entry: object) -> None:
    assert refused(bundle_document(dsseEnvelope=envelope(signatures=[entry])))


def test_B01_B37_a_signature_over_something_else() -> None:
    other = b64(STATEMENT.replace(b"v1", b"v2"))

    assert outcome(bundle_document(dsseEnvelope=envelope(payload=other))).status is Status.UNTRUSTED
    assert outcome(message_bundle(signature=b64(sign(b"other")))).status is Status.UNTRUSTED
    assert outcome(message_bundle(signature=signature()["sig"])).status is Status.UNTRUSTED


def test_B03_an_envelope_of_another_type() -> None:
    assert "payload type" in refused(bundle_document(dsseEnvelope=envelope(payloadType="application/json")))


@pytest.mark.parametrize(
    "text", ['"mediaType":', '"publicKey":', '"payload":', '"sig":', '"dsseEnvelope":', '"verificationMaterial":']
)
def test_B14_a_member_twice(text: str) -> None:
    twice = json.dumps(bundle_document()).replace(text, f'{text} "x", {text}', 1)

    assert "twice" in refused(twice.encode())


def test_B15_a_member_that_differs_only_in_case() -> None:
    assert "case" in refused(bundle_document(DsseEnvelope={}))
    assert "case" in refused(material(publicKey={}, TlogEntries=[]))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"\xff", b"\xef\xbb\xbf{}", b"[" * 100_000])
def test_B16_B18_bytes_that_are_no_strict_json(body: bytes) -> None:
    assert refused(body)


def test_B18_nesting_without_end_in_a_large_bundle() -> None:
    start = b'{"dsseEnvelope":{"payload":'

    assert refused(start + b"[" * 2_000_000)
    assert refused(start + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}}")


def test_B38_a_truncated_bundle_at_any_length_is_invalid() -> None:
    whole = json.dumps(bundle_document()).encode()

    assert {outcome(whole[:end]).status for end in range(len(whole))} == {Status.INVALID}


def test_P23_a_payload_of_megabytes_is_verified_whole() -> None:
    body = b'{"_type":"' + b"long " * 400_000 + b'"}'
    document = bundle_document(dsseEnvelope=envelope(body))

    assert outcome(document).statement == body
    assert outcome(snake(document)).statement == body
    assert enclosed(bundle(document)) == body
    assert refused(document | {"dsse_envelope": document["dsseEnvelope"]})


def test_B19_more_than_fits_beside_the_payload() -> None:
    much = "x" * DEFAULT_LIMITS.envelope_overhead_bytes

    assert "beside its payload" in refused(bundle_document(unknown=much))
    assert "beside its payload" in refused(material(publicKey={"hint": much}))


def test_P09_members_that_nobody_knows_are_passed_over() -> None:
    document = material(publicKey={"hint": "x", "new": 1}, timestampVerificationData={"new": "?"}, new=[])

    assert outcome(document | {"new": {}}).status is Status.VERIFIED


@pytest.mark.parametrize("found", ["?", [], {"rfc3161Timestamps": "?"}, {"rfc3161Timestamps": [{}]}])
def test_E08_timestamps_that_are_none(found: object) -> None:
    assert refused(material(publicKey={}, timestampVerificationData=found))


@pytest.mark.parametrize("entries", [None, []])
def test_O18_the_absence_of_log_entries_is_said(entries: object) -> None:
    checked = outcome(material(publicKey={}, tlogEntries=entries))

    assert (checked.status, checked.transparency) == (Status.VERIFIED, Transparency.ABSENT)


def entry_of(sigstore: PrivateSigstore) -> Any:
    """About the good bundle, as its log gives it out."""
    return sigstore.entry(sigstore.sign(statement=STATEMENT, signer=SigningKey("publisher", PUBLISHER)))


def test_O18_an_entry_is_proved_by_a_log_that_is_known() -> None:
    document = material(publicKey={}, tlogEntries=[entry_of(SIGSTORE)])
    informed = trust(PUBLISHER.public_key(), root=lambda: ROOT)

    assert outcome(document, informed).transparency is Transparency.PROVED
    assert (outcome(document).status, outcome(document).transparency) == ("verified", "unchecked")


@pytest.mark.parametrize("entries", [{}, "text", 1, False, [None], ["x"], [{}], [{}] * 33])
def test_O21_I05_log_entries_that_are_none_or_too_many(entries: object) -> None:
    document = material(publicKey={}, tlogEntries=entries)
    lax = trust(PUBLISHER.public_key(), transparency="ignore")

    assert outcome(document).transparency is Transparency.INVALID
    assert refused(document)
    assert (outcome(document, lax).status, outcome(document, lax).transparency) == ("verified", "unchecked")


def test_D17_G08_required_proof_does_not_depend_on_the_entries() -> None:
    strict = trust(PUBLISHER.public_key(), transparency="require", root=lambda: ROOT)
    proved, foreign = ([entry_of(sigstore)] for sigstore in (SIGSTORE, PrivateSigstore("foreign")))

    assert outcome(material(publicKey={}, tlogEntries=proved), strict).status is Status.VERIFIED
    for entries in (None, [], foreign):
        checked = outcome(material(publicKey={}, tlogEntries=entries), strict)

        assert (checked.status, checked.statement) == (Status.INVALID, None)
        assert "requires a transparency log proof" in checked.reason
    assert outcome(material(publicKey={}, tlogEntries=[{}]), strict).transparency is Transparency.INVALID


def test_B33_annotations_of_the_layer_mean_nothing_beside_a_bundle() -> None:
    annotated = bundle(signature="AAAA", certificate="junk", chain="junk", rekor="junk", timestamp="junk")

    assert check_one(annotated, TRUST) == check_one(bundle(), TRUST)


def test_enclosed_shows_what_nobody_vouches_for() -> None:
    assert enclosed(bundle(material(certificate=CERTIFICATE))) == STATEMENT
    assert enclosed(bundle(bundle_document(dsseEnvelope=envelope(signatures=[])))) == STATEMENT
    assert enclosed(bundle(message_bundle())) is None
    for document in (b"junk", bundle_document({}), bundle_document(dsseEnvelope={})):
        with pytest.raises(EvidenceInvalid):
            enclosed(bundle(document))
