"""cosign's own format: what hangs under tags and as referrers has the shape that cosign 3.1.3 was seen to push."""

from __future__ import annotations

import base64

import pytest

from tests.publisher import (
    OTHER_DIGEST,
    ImageSpec,
    PublishedImage,
    attest_referrer,
    attest_tag,
    keys,
    publish,
    sign_bundle,
    sign_referrer,
    sign_tag,
)
from tests.publisher.documents import SIGNATURE
from tests.publisher.reading import all_digests_are_right, blob, holds, opened

SIG = "application/vnd.dev.cosign.artifact.sig.v1+json"
ATT = "application/vnd.dev.cosign.artifact.att.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
TYPE = "https://example.com/said/v1"


@pytest.fixture
def image() -> PublishedImage:
    return publish(ImageSpec(omit={"*"}))


def test_a_sig_tag_is_an_image_manifest_without_subject(image: PublishedImage) -> None:
    found = sign_tag(image, image.index_digest, keys.publisher, annotations={"env": "prod"})

    assert found.tag == f"sha256-{image.index_digest[7:]}.sig"
    assert image.tags[found.tag] == found.digest
    manifest = image.document(found.digest)
    assert manifest.keys() == {"schemaVersion", "mediaType", "config", "layers"}
    assert manifest["config"]["mediaType"] == "application/vnd.oci.image.config.v1+json"
    assert blob(image, manifest["config"]["digest"])["rootfs"]["diff_ids"] == list(found.layers)
    (layer,) = manifest["layers"]
    assert layer["mediaType"] == "application/vnd.dev.cosign.simplesigning.v1+json"
    assert blob(image, layer["digest"]) == {
        "critical": {
            "identity": {"docker-reference": "registry.example/dhi/python"},
            "image": {"docker-manifest-digest": image.index_digest},
            "type": "cosign container image signature",
        },
        "optional": {"env": "prod"},
    }
    holds(keys.publisher, base64.b64decode(layer["annotations"][SIGNATURE]), image.blobs[layer["digest"]])
    assert image.listings.get(image.index_digest) is None


def test_two_signers_share_a_layer_digest_and_later_ones_are_added(image: PublishedImage) -> None:
    sign_tag(image, image.index_digest, keys.publisher, keys.p384)
    found = sign_tag(image, image.index_digest, keys.stranger, annotations={"a": "b"})

    layers = image.document(found.digest)["layers"]
    assert len(layers) == 3
    assert layers[0]["digest"] == layers[1]["digest"] != layers[2]["digest"]
    assert len({layer["annotations"][SIGNATURE] for layer in layers}) == 3
    assert blob(image, layers[0]["digest"])["optional"] is None
    assert found.layers == (layers[2]["digest"],)
    all_digests_are_right(image)


def test_an_att_tag_has_an_envelope_per_key(image: PublishedImage) -> None:
    platform = image["amd64"].digest
    attest_tag(image, platform, TYPE, {"a": 1}, keys.publisher, keys.ed25519)
    found = attest_tag(image, platform, "https://example.com/other", {}, keys.publisher, about=OTHER_DIGEST)

    assert found.tag == f"sha256-{platform[7:]}.att"
    layers = image.document(found.digest)["layers"]
    assert [layer["mediaType"] for layer in layers] == [DSSE] * 3
    assert layers[0]["annotations"] == {SIGNATURE: "", "predicateType": TYPE}
    assert layers[0]["digest"] != layers[1]["digest"]
    statement = opened(blob(image, layers[0]["digest"]), keys.publisher)
    assert statement["subject"] == [{"name": "registry.example/dhi/python", "digest": {"sha256": platform[7:]}}]
    assert (statement["predicateType"], statement["predicate"]) == (TYPE, {"a": 1})
    assert opened(blob(image, layers[1]["digest"]), keys.ed25519) == statement
    other = opened(blob(image, layers[2]["digest"]), keys.publisher)
    assert other["subject"][0]["digest"] == {"sha256": OTHER_DIGEST[7:]}
    all_digests_are_right(image)


def test_referrers_are_new_manifests_with_both_types_or_one(image: PublishedImage) -> None:
    subject = image.index_digest
    new = sign_referrer(image, subject, keys.publisher)
    old = sign_referrer(image, subject, keys.publisher, artifact_type=False)
    attested = attest_referrer(image, subject, TYPE, {}, keys.publisher)

    listed = image.listings[subject]
    assert [entry["digest"] for entry in listed] == [new.digest, old.digest, attested.digest]
    assert [entry["artifactType"] for entry in listed] == [SIG, SIG, ATT]  # taken from the config, as registries do
    assert image.document(new.digest)["artifactType"] == SIG
    assert "artifactType" not in image.document(old.digest)
    assert image.document(old.digest)["config"]["mediaType"] == SIG
    assert image.document(old.digest)["subject"] == image.descriptor(subject)
    assert image.document(attested.digest)["layers"][0]["mediaType"] == DSSE
    all_digests_are_right(image)


def test_docker_media_types(image: PublishedImage) -> None:
    found = sign_tag(image, image.index_digest, keys.publisher, docker_types=True)

    media_type, _ = image.manifests[found.digest]
    assert media_type == "application/vnd.docker.distribution.manifest.v2+json"
    assert image.document(found.digest)["mediaType"] == media_type
    config = image.document(found.digest)["config"]["mediaType"]
    assert config == "application/vnd.docker.container.image.v1+json"


def test_plain_statements_can_be_signed_in_other_ways() -> None:
    image = publish(ImageSpec(unsigned={"*"}))
    attestation = image["amd64"].attestation("secrets")
    assert attestation.signatures == ()

    tagged = sign_tag(image, attestation.digest, keys.publisher)
    bundled = sign_bundle(image, attestation.digest, keys.publisher)

    payload = blob(image, tagged.layers[0])
    assert payload["critical"]["image"]["docker-manifest-digest"] == attestation.digest
    statement = opened(blob(image, bundled.layers[0])["dsseEnvelope"], keys.publisher)
    assert statement["subject"] == [{"digest": {"sha256": attestation.digest[7:]}}]
    assert [entry["digest"] for entry in image.listings[attestation.digest]] == [bundled.digest]


def test_hooks_reach_every_step(image: PublishedImage) -> None:
    subject = image.index_digest
    signed = sign_tag(
        image,
        subject,
        keys.publisher,
        reference="elsewhere/app",
        payload=lambda said: {**said, "more": True},
        signature=lambda body: body[:-1],
        layer=lambda layer: {**layer, "annotations": {**layer["annotations"], "x": "y"}},
        manifest=lambda document: {**document, "annotations": {"z": "z"}},
    )
    attested = attest_referrer(
        image,
        subject,
        TYPE,
        {},
        keys.publisher,
        keyid="k",
        statement=lambda said: {**said, "predicate": None},
        envelope=lambda made: {**made, "more": True},
    )

    (layer,) = image.document(signed.digest)["layers"]
    assert layer["annotations"]["x"] == "y"
    assert image.document(signed.digest)["annotations"] == {"z": "z"}
    payload = blob(image, layer["digest"])
    assert payload["more"]
    assert payload["critical"]["identity"]["docker-reference"] == "elsewhere/app"
    whole = keys.publisher.sign(image.blobs[layer["digest"]])
    assert base64.b64decode(layer["annotations"][SIGNATURE]) == whole[:-1]
    envelope = blob(image, attested.layers[0])
    assert envelope["more"]
    assert envelope["signatures"][0]["keyid"] == "k"
    assert opened(envelope, keys.publisher)["predicate"] is None
