"""Sigstore bundles and other referrers have the shapes of their specifications."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.publisher import (
    ImageSpec,
    PublishedImage,
    attest_bundle,
    attest_dsse,
    hang_bundle,
    keys,
    message_bundle,
    notary_signature,
    publish,
    self_signed,
    sign_bundle,
)
from tests.publisher.reading import all_digests_are_right, blob, holds, opened

TYPE = "https://example.com/said/v1"
VERSIONS = {
    "0.1": "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "0.2": "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "0.3-old": "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "0.3": "application/vnd.dev.sigstore.bundle.v0.3+json",
}
EMPTY_DIGEST = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.fixture
def image() -> PublishedImage:
    return publish(ImageSpec(omit={"*"}))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_signature_bundle_is_what_cosign_pushes(image: PublishedImage, version: str) -> None:
    found = sign_bundle(image, image.index_digest, keys.publisher, annotations={"env": "prod"}, version=version)

    manifest = image.document(found.digest)
    assert manifest == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": VERSIONS[version],
        "config": {
            "mediaType": "application/vnd.oci.empty.v1+json",
            "size": 2,
            "digest": EMPTY_DIGEST,
            "artifactType": VERSIONS[version],
        },
        "layers": [
            {"mediaType": VERSIONS[version], "digest": found.layers[0], "size": len(image.blobs[found.layers[0]])}
        ],
        "subject": image.descriptor(image.index_digest),
        "annotations": {
            "dev.sigstore.bundle.content": "dsse-envelope",
            "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
            "org.opencontainers.image.created": "2026-01-15T12:00:00Z",
        },
    }
    bundle = blob(image, found.layers[0])
    hint = base64.b64encode(bytes.fromhex(keys.publisher.fingerprint)).decode()
    assert bundle["mediaType"] == VERSIONS[version]
    assert bundle["verificationMaterial"] == {"publicKey": {"hint": hint}}
    assert opened(bundle["dsseEnvelope"], keys.publisher) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": image.index_digest[7:]}, "annotations": {"env": "prod"}}],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    }
    all_digests_are_right(image)


def test_an_attestation_bundle_says_anything(image: PublishedImage) -> None:
    found = attest_bundle(image, image["arm64"].digest, TYPE, {"a": 1}, keys.p384)

    annotations = image.document(found.digest)["annotations"]
    assert annotations["dev.sigstore.bundle.predicateType"] == TYPE
    statement = opened(blob(image, found.layers[0])["dsseEnvelope"], keys.p384, "sha384")
    assert statement["_type"] == "https://in-toto.io/Statement/v0.1"
    assert statement["predicate"] == {"a": 1}
    assert image.listings[image["arm64"].digest][-1]["artifactType"] == VERSIONS["0.3"]


def test_a_message_bundle_signs_the_manifest_itself(image: PublishedImage) -> None:
    found = message_bundle(image, image.index_digest, keys.publisher)

    bundle = blob(image, found.layers[0])
    index = image.manifests[image.index_digest][1]
    assert bundle.keys() == {"mediaType", "verificationMaterial", "messageSignature"}
    digest = {"algorithm": "SHA2_256", "digest": base64.b64encode(hashlib.sha256(index).digest()).decode()}
    assert bundle["messageSignature"]["messageDigest"] == digest
    holds(keys.publisher, base64.b64decode(bundle["messageSignature"]["signature"]), index)
    assert image.document(found.digest)["annotations"]["dev.sigstore.bundle.content"] == "message-signature"


@pytest.mark.parametrize(("version", "chain"), [("0.1", True), ("0.2", True), ("0.3-old", False), ("0.3", False)])
def test_a_certificate_stands_where_its_version_wants_it(image: PublishedImage, version: str, *, chain: bool) -> None:
    certificate = self_signed(keys.publisher)
    found = attest_bundle(
        image,
        image.index_digest,
        TYPE,
        {},
        keys.publisher,
        statement_version="v1",
        version=version,
        certificate=certificate,
    )

    raw = {"rawBytes": base64.b64encode(certificate).decode()}
    expected = {"x509CertificateChain": {"certificates": [raw]}} if chain else {"certificate": raw}
    bundle = blob(image, found.layers[0])
    assert bundle["verificationMaterial"] == expected
    assert opened(bundle["dsseEnvelope"], keys.publisher)["_type"] == "https://in-toto.io/Statement/v1"


def test_bundles_can_be_wrong(image: PublishedImage) -> None:
    subject = image.index_digest
    twice = attest_bundle(image, subject, TYPE, {}, keys.publisher, keys.stranger)
    unsigned = attest_bundle(image, subject, TYPE, {})
    changed = sign_bundle(
        image,
        subject,
        keys.publisher,
        statement=lambda said: {**said, "subject": []},
        document=lambda bundle: {**bundle, "mediaType": "application/vnd.dev.sigstore.bundle.v0.4+json"},
        manifest=lambda manifest: {**manifest, "layers": manifest["layers"] * 2},
    )
    other = message_bundle(image, subject, keys.publisher, message=b"other")
    junk = hang_bundle(image, subject, b"{", predicate_type=TYPE)

    assert len(blob(image, twice.layers[0])["dsseEnvelope"]["signatures"]) == 2
    assert blob(image, unsigned.layers[0])["dsseEnvelope"]["signatures"] == []
    assert blob(image, changed.layers[0])["mediaType"].endswith("v0.4+json")
    assert opened(blob(image, changed.layers[0])["dsseEnvelope"], keys.publisher)["subject"] == []
    assert len(image.document(changed.digest)["layers"]) == 2
    holds(keys.publisher, base64.b64decode(blob(image, other.layers[0])["messageSignature"]["signature"]), b"other")
    assert image.blobs[junk.layers[0]] == b"{"
    assert len(image.listings[subject]) == 5


def test_a_plain_envelope_has_the_type_of_plain_statements(image: PublishedImage) -> None:
    found = attest_dsse(image, image["amd64"].digest, TYPE, {}, keys.publisher, keys.p384, keyid="k")

    manifest = image.document(found.digest)
    assert manifest["artifactType"] == "application/vnd.in-toto+json"
    assert [layer["mediaType"] for layer in manifest["layers"]] == ["application/vnd.dsse.envelope.v1+json"]
    envelope = blob(image, found.layers[0])
    assert [entry["keyid"] for entry in envelope["signatures"]] == ["k", "k"]
    assert opened(envelope, keys.publisher)["predicateType"] == TYPE
    all_digests_are_right(image)


def test_docker_attest_has_a_type_of_its_own(image: PublishedImage) -> None:
    found = attest_dsse(image, image["amd64"].digest, TYPE, {}, keys.publisher, name="spdx")

    manifest = image.document(found.digest)
    own = "application/vnd.in-toto.spdx+dsse"
    assert (manifest["artifactType"], manifest["layers"][0]["mediaType"]) == (own, own)


def test_a_notary_signature_is_recognisable(image: PublishedImage) -> None:
    found = notary_signature(image, image.index_digest, b"any bytes")

    (entry,) = image.listings[image.index_digest]
    assert entry["artifactType"] == "application/vnd.cncf.notary.signature"
    manifest = image.document(found.digest)
    assert manifest["layers"][0]["mediaType"] == "application/jose+json"
    assert "io.cncf.notary.x509chain.thumbprint#S256" in manifest["annotations"]
    assert image.blobs[found.layers[0]] == b"any bytes"
