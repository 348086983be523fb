"""Indexes with BuildKit's attestation manifests, and images of other shapes."""

from __future__ import annotations

import pytest

from tests.publisher import (
    CHART,
    OTHER_DIGEST,
    ImageSpec,
    PublishedImage,
    keys,
    kinds,
    publish,
    with_buildkit,
)
from tests.publisher.reading import all_digests_are_right, blob, opened

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ATTESTATION = "application/vnd.docker.attestation.manifest.v1+json"
SAID = {kinds.SLSA_V02: {"buildType": "x"}, kinds.SPDX: {"spdxVersion": "SPDX-2.3"}}


@pytest.fixture
def image() -> PublishedImage:
    return publish(ImageSpec(omit={"*"}))


@pytest.mark.parametrize("form", ["classic", "artifact"])
def test_the_index_lists_an_attestation_manifest_per_platform(image: PublishedImage, form: str) -> None:
    before, platforms = image.document(image.index_digest), {p: i.digest for p, i in image.platforms.items()}
    old = image.index_digest
    made = with_buildkit(image, SAID, form=form)

    assert image.index_digest != old
    assert set(image.tags.values()) == {image.index_digest}
    index = image.document(image.index_digest)
    assert index["manifests"][:2] == before["manifests"]
    assert index["manifests"][2:] == [
        {
            **image.descriptor(made[platform].digest),
            "platform": {"architecture": "unknown", "os": "unknown"},
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": digest,
            },
        }
        for platform, digest in platforms.items()
    ]
    assert image.index
    assert image.index.digest == image.index_digest
    all_digests_are_right(image)


@pytest.mark.parametrize("form", ["classic", "artifact"])
def test_layers_are_bare_statements(image: PublishedImage, form: str) -> None:
    found = with_buildkit(image, SAID, form=form)["linux/arm64"]

    layers = image.document(found.digest)["layers"]
    assert [layer["mediaType"] for layer in layers] == ["application/vnd.in-toto+json"] * 2
    assert [layer["annotations"] for layer in layers] == [{"in-toto.io/predicate-type": uri} for uri in SAID]
    assert [blob(image, layer["digest"])["predicate"] for layer in layers] == list(SAID.values())
    statement = blob(image, layers[0]["digest"])
    assert statement["subject"] == [
        {
            "name": "pkg:docker/dhi/python@3.13?platform=linux%2Farm64",
            "digest": {"sha256": image["arm64"].digest[7:]},
        }
    ]


def test_the_classic_form_looks_like_an_image(image: PublishedImage) -> None:
    found = with_buildkit(image, SAID)["linux/amd64"]

    manifest = image.document(found.digest)
    assert manifest.keys() == {"schemaVersion", "mediaType", "config", "layers"}
    config = blob(image, manifest["config"]["digest"])
    assert manifest["config"]["mediaType"] == "application/vnd.oci.image.config.v1+json"
    assert (config["os"], config["architecture"]) == ("unknown", "unknown")
    assert config["rootfs"]["diff_ids"] == list(found.layers)
    assert image.listings == {}


def test_the_artifact_form_is_a_referrer_too(image: PublishedImage) -> None:
    found = with_buildkit(image, SAID, form="artifact")["linux/amd64"]

    manifest = image.document(found.digest)
    assert manifest["artifactType"] == ATTESTATION
    assert manifest["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
    assert manifest["subject"] == image.descriptor(image["amd64"].digest)
    (entry,) = image.listings[image["amd64"].digest]
    assert (entry["digest"], entry["artifactType"]) == (found.digest, ATTESTATION)


def test_every_part_of_it_can_be_damaged(image: PublishedImage) -> None:
    made = with_buildkit(
        image,
        SAID,
        form="artifact",
        platforms=("linux/amd64",),
        listed=False,
        statement=lambda uri, platform, said: {**said, "predicateType": f"{uri} {platform}"},
        manifest=lambda platform, document: {**document, "annotations": {"a": platform}},
        reference_digest=lambda platform, digest: OTHER_DIGEST,
        entry=lambda platform, entry: {**entry, "platform": {"os": "linux", "architecture": "amd64"}},
        index=lambda index: {**index, "annotations": {}},
    )

    index = image.document(image.index_digest)
    assert list(made) == ["linux/amd64"]
    assert index["annotations"] == {}
    assert index["manifests"][-1]["annotations"]["vnd.docker.reference.digest"] == OTHER_DIGEST
    assert index["manifests"][-1]["platform"]["os"] == "linux"
    assert image.document(made["linux/amd64"].digest)["annotations"] == {"a": "linux/amd64"}
    assert blob(image, made["linux/amd64"].layers[0])["predicateType"] == f"{kinds.SLSA_V02} linux/amd64"
    assert image.listings == {}
    with pytest.raises(ValueError, match="found 'neither'"):
        with_buildkit(image, SAID, form="neither")


def test_docker_attest_signs_the_layers(image: PublishedImage) -> None:
    found = with_buildkit(image, {kinds.SLSA_V02: {}}, keys=(keys.publisher,))["linux/amd64"]

    (layer,) = image.document(found.digest)["layers"]
    assert layer["mediaType"] == "application/vnd.in-toto.provenance+dsse"
    assert opened(blob(image, layer["digest"]), keys.publisher)["predicateType"] == kinds.SLSA_V02


def test_a_chart_is_one_manifest_with_fewer_kinds() -> None:
    image = publish(ImageSpec(**CHART))
    chart = image[""]

    assert list(image.platforms) == [""]
    assert image.tags == {"1.2.3": chart.digest} == {"1.2.3": image.index_digest}
    manifest = image.document(chart.digest)
    assert manifest["mediaType"] == MANIFEST
    assert manifest["config"]["mediaType"] == "application/vnd.cncf.helm.config.v1+json"
    layers = [layer["mediaType"] for layer in manifest["layers"]]
    assert layers == ["application/vnd.cncf.helm.chart.content.v1.tar+gzip"]
    config = blob(image, chart.config_digest)
    assert {
        "name": "redis-chart",
        "version": "1.2.3",
        "apiVersion": "v2",
        "type": "application",
    }.items() <= config.items()
    absent = {kinds.VSA, kinds.STIG, kinds.FIPS, kinds.SOURCE, kinds.OPENVEX, kinds.SLSA_V1}
    assert set(chart.attestations) == set(kinds.ALL) - absent
    names = [subject["name"] for subject in chart.attestation("spdx").document["subject"]]
    assert names == ["pkg:docker/dhi/redis-chart@1.2.3"]
    all_digests_are_right(image)


def test_docker_media_types_are_used_throughout() -> None:
    image = publish(ImageSpec(docker_types=True, sign_index=True))
    platform = image["amd64"].digest

    index = image.document(image.index_digest)
    assert index.keys() == {"schemaVersion", "mediaType", "manifests"}
    assert index["mediaType"] == "application/vnd.docker.distribution.manifest.list.v2+json"
    assert image.manifests[image.index_digest][0] == index["mediaType"]
    assert all(entry.keys() == {"mediaType", "digest", "size", "platform"} for entry in index["manifests"])
    manifest = image.document(platform)
    assert manifest["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"
    assert image.manifests[platform][0] == manifest["mediaType"] == index["manifests"][0]["mediaType"]
    assert manifest["config"]["mediaType"] == "application/vnd.docker.container.image.v1+json"
    assert {entry["mediaType"] for entry in manifest["layers"]} == {"application/vnd.docker.image.rootfs.diff.tar.gzip"}
    assert image.document(image["amd64"].attestation("spdx").digest)["subject"]["mediaType"] == manifest["mediaType"]
    all_digests_are_right(image)
