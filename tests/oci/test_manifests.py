"""Manifests and indexes: one reading, or none."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oci.conftest import bounded
from tests.oci.scripted import DOCKER_INDEX, DOCKER_MANIFEST, EMPTY, OCI_INDEX, OCI_MANIFEST, index, manifest
from verifier.errors import ContentMismatch, LimitExceeded, MalformedContent, RegistryError
from verifier.model import Digest, Manifest, Platform
from verifier.oci import parse_manifest
from verifier.oci.manifests import parse_referrers

LAYER = {"mediaType": "application/vnd.in-toto+json", "digest": "sha256:" + "b" * 64, "size": 7}


def read(document: Any, media_type: str = "", **limits: Any) -> Manifest:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return parse_manifest(body, media_type, Digest.of(body), limits=bounded(**limits))


def without(document: dict[str, Any], *members: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in members}


def test_manifest_with_subject_and_unknown_members() -> None:
    subject = {"mediaType": OCI_INDEX, "digest": "sha256:" + "c" * 64, "size": 9}

    found = read(
        manifest(LAYER, subject=subject, artifactType="a/b", annotations={"k": "v"}, later={"x": 1}), OCI_MANIFEST
    )

    assert (found.artifact_type, found.annotations, found.is_index) == ("a/b", {"k": "v"}, False)
    assert found.layers[0].size == 7
    assert found.subject is not None
    assert found.subject.digest == subject["digest"]


def test_artifact_type_falls_back_to_the_config_type() -> None:
    assert read(manifest(LAYER)).artifact_type == "application/vnd.oci.empty.v1+json"


def test_index_with_platforms_in_normal_form() -> None:
    found = read(index([{**LAYER, "mediaType": OCI_MANIFEST, "platform": {"os": "Linux", "architecture": "aarch64"}}]))

    assert found.is_index
    assert found.manifests[0].platform == Platform("linux", "arm64")


def test_P17_docker_types_and_what_means_nothing_in_them() -> None:
    nothing = {"subject": LAYER, "artifactType": "x/y", "annotations": {"a": "b"}}
    image = read({**manifest(LAYER), "mediaType": DOCKER_MANIFEST, **nothing}, DOCKER_MANIFEST)
    listing = read({**index([LAYER]), "mediaType": DOCKER_INDEX, **nothing}, DOCKER_INDEX)

    assert (image.subject, image.annotations, len(image.layers)) == (None, {}, 1)
    assert (listing.subject, listing.artifact_type, listing.annotations, listing.is_index) == (None, "", {}, True)


def test_P27_old_manifest_without_media_type() -> None:
    assert read(without(manifest(LAYER), "mediaType"), OCI_MANIFEST).media_type == OCI_MANIFEST
    assert read(without(manifest(LAYER), "mediaType")).media_type == OCI_MANIFEST
    assert read(without(index([]), "mediaType")).media_type == OCI_INDEX


@pytest.mark.parametrize(
    "both",
    [
        {**index([]), "layers": []},
        {**index([]), "config": LAYER},
        {**manifest(), "manifests": []},
        {**manifest(), "manifests": None},
    ],
)
def test_A12_document_with_two_readings(both: dict[str, Any]) -> None:
    with pytest.raises(MalformedContent, match="ambiguous"):
        read(both, both["mediaType"])


@pytest.mark.parametrize(
    ("document", "media_type"),
    [
        (index([]), OCI_MANIFEST),
        (manifest(), OCI_INDEX),
        (manifest(), DOCKER_MANIFEST),
    ],
)
def test_A12_A13_member_disagrees_with_the_type_it_came_under(document: dict[str, Any], media_type: str) -> None:
    with pytest.raises(ContentMismatch):
        read(document, media_type)


@pytest.mark.parametrize(
    ("document", "media_type"),
    [
        (without(index([]), "mediaType"), OCI_MANIFEST),
        (without(manifest(), "mediaType"), OCI_INDEX),
        (without(manifest(), "mediaType"), DOCKER_MANIFEST),
        ({**manifest(), "mediaType": OCI_INDEX}, ""),
    ],
)
def test_A13_shape_disagrees_with_the_type(document: dict[str, Any], media_type: str) -> None:
    with pytest.raises(MalformedContent):
        read(document, media_type)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"schemaVersion":2,"schemaVersion":2}',
        json.dumps({**manifest(), "schemaVersion": 1}).encode(),
        json.dumps({**manifest(), "schemaVersion": True}).encode(),
        json.dumps({**manifest(), "schemaVersion": 2.0}).encode(),
        json.dumps({**manifest(), "mediaType": "application/vnd.docker.distribution.manifest.v1+prettyjws"}).encode(),
        json.dumps({"schemaVersion": 1, "fsLayers": [], "history": []}).encode(),
        json.dumps({**manifest(), "mediaType": 7}).encode(),
        json.dumps({**manifest(), "mediaType": "text/plain"}).encode(),
        json.dumps({**index([]), "manifests": None}).encode(),
        json.dumps(without(index([]), "manifests")).encode(),
        json.dumps(without(manifest(), "config")).encode(),
        json.dumps(without(manifest(), "layers")).encode(),
        json.dumps({**manifest(), "layers": None}).encode(),
        json.dumps({**manifest(), "annotations": {"k": 1}}).encode(),
        json.dumps({**manifest(), "annotations": ["k"]}).encode(),
        json.dumps({**manifest(), "artifactType": 3}).encode(),
        json.dumps({**manifest(), "subject": "sha256:" + "a" * 64}).encode(),
    ],
)
def test_malformed_documents(body: bytes) -> None:
    with pytest.raises(MalformedContent):
        read(body)


def test_I19_html_instead_of_json_asks_whether_this_is_a_registry() -> None:
    with pytest.raises(MalformedContent, match="web page") as caught:
        read(b"\n<!doctype html><p>Log in to the hotel")

    assert "captive portal" in caught.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "sha256:../../../etc/passwd"},
        {"digest": "sha256:" + "A" * 64},
        {"digest": "sha256:" + "a" * 63},
        {"digest": "sha1:" + "a" * 40},
        {"digest": "../blobs"},
        {"digest": None},
    ],
)
def test_I16_digest_outside_the_grammar(change: dict[str, Any]) -> None:
    for document in (
        manifest({**LAYER, **change}),
        index([{**LAYER, **change}]),
        manifest(subject={**LAYER, **change}),
    ):
        with pytest.raises(MalformedContent):
            read(document)


@pytest.mark.parametrize(
    "change",
    [
        {"size": -1},
        {"size": True},
        {"size": 1.0},
        {"size": "7"},
        {"size": 1 << 63},
        {"mediaType": ""},
        {"mediaType": None},
        {"annotations": {"k": None}},
        {"platform": {"os": "linux"}},
        {"platform": {"os": 1, "architecture": "amd64"}},
        {"platform": "linux/amd64"},
    ],
)
def test_malformed_descriptors(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedContent):
        read(index([{**LAYER, **change}]))


def test_I15_urls_and_embedded_data_have_no_way_in() -> None:
    found = read(manifest({**LAYER, "urls": ["https://evil.example/x"], "data": "e30="}))

    assert "evil.example" not in repr(found.layers)


def test_I04_counts_are_bounded_before_anything_is_made_of_them() -> None:
    with pytest.raises(LimitExceeded, match="layers"):
        read(manifest(*[LAYER] * 5), layers=4)
    with pytest.raises(LimitExceeded, match="manifests"):
        read(index([LAYER] * 5), index_entries=4)
    with pytest.raises(LimitExceeded, match="annotations"):
        read(manifest(annotations={str(n): "" for n in range(5)}), annotations=4)


def test_I03_oversized_manifest() -> None:
    with pytest.raises(LimitExceeded):
        read(manifest(annotations={"k": "x" * 2000}), manifest_bytes=1000)


def test_listing_with_null_or_no_array_is_empty_and_an_index_is_not() -> None:
    assert parse_referrers(json.dumps({**index([]), "manifests": None}).encode()) == ()
    assert parse_referrers(json.dumps(without(index([]), "manifests")).encode()) == ()
    assert parse_referrers(json.dumps(manifest()).encode()) is None
    with pytest.raises(MalformedContent):
        read({**index([]), "manifests": None}, OCI_INDEX)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([EMPTY, OCI_INDEX, LAYER]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    [
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "manifests",
        "subject",
        "annotations",
        "artifactType",
        "platform",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["", OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, "text/html; x"]))
def test_any_bytes_give_a_manifest_or_our_error(body: bytes, media_type: str) -> None:
    for reader in (lambda: parse_manifest(body, media_type, Digest.of(body)), lambda: parse_referrers(body)):
        with contextlib.suppress(RegistryError):
            reader()


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(MEMBERS, JSON_VALUES), st.sampled_from([manifest(LAYER), index([LAYER])]))
def test_any_damage_to_a_good_document_gives_a_manifest_or_our_error(
    damage: dict[str, Any], good: dict[str, Any]
) -> None:
    body = json.dumps({**good, **damage}).encode()
    with contextlib.suppress(RegistryError):
        parse_manifest(body, "", Digest.of(body))
    with contextlib.suppress(RegistryError):
        parse_referrers(body)
