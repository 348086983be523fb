"""Replays, and the stores that must carry everything that hangs on an image."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from tests.publisher import (
    ImageSpec,
    MemoryRegistry,
    PublishedImage,
    attest_tag,
    copy_referrer,
    copy_referrers,
    copy_tag,
    keys,
    publish,
    serve,
    sign_bundle,
    sign_tag,
    to_fallback_tag,
    to_layout,
    to_registry,
    with_buildkit,
)
from tests.publisher.documents import cosign_tag, fallback_tag
from tests.publisher.reading import all_digests_are_right, blob, sha256

TYPE = "https://example.com/said/v1"
REF_NAME = "org.opencontainers.image.ref.name"


def other_image() -> PublishedImage:
    return publish(ImageSpec(omit={"*"}, user="3000"))


@pytest.fixture
def image() -> PublishedImage:
    """With a signature and an attestation under tags, and a bundle."""
    made = publish(ImageSpec(omit={"*"}))
    sign_tag(made, made.index_digest, keys.publisher)
    attest_tag(made, made.index_digest, TYPE, {}, keys.publisher)
    sign_bundle(made, made.index_digest, keys.publisher)
    return made


def test_A01_a_tag_is_copied_as_it_is(image: PublishedImage) -> None:
    other = other_image()
    found = copy_tag(image, image.index_digest, other, other.index_digest)

    assert other.tags[cosign_tag(other.index_digest, "sig")] == found.digest
    assert other.manifests[found.digest] == image.manifests[found.digest]
    named = blob(other, found.layers[0])["critical"]["image"]["docker-manifest-digest"]
    assert named == image.index_digest != other.index_digest
    copy_tag(image, image.index_digest, other, other.index_digest, "att")
    all_digests_are_right(other)


@pytest.mark.parametrize("rewrite", [True, False])
def test_A02_A03_a_bundle_is_copied_with_its_subject_rewritten_or_not(image: PublishedImage, *, rewrite: bool) -> None:
    other = other_image()
    original = image.listings[image.index_digest][0]["digest"]
    found = copy_referrer(image, original, other, other.index_digest, rewrite=rewrite)

    subject = other.document(found.digest)["subject"]["digest"]
    assert subject == (other.index_digest if rewrite else image.index_digest)
    assert (found.digest == original) is not rewrite
    assert [entry["digest"] for entry in other.listings[other.index_digest]] == [found.digest]
    assert other.blobs[found.layers[0]] == image.blobs[found.layers[0]]


def test_A02_a_whole_set_of_referrers_is_copied() -> None:
    old, other = publish(ImageSpec()), other_image()
    copied = copy_referrers(old, old["amd64"].digest, other, other["amd64"].digest)

    assert len(copied) == 2 * len(old["amd64"].attestations)
    listed = other.listings[other["amd64"].digest]
    assert [entry["annotations"] for entry in listed] == [
        entry["annotations"] for entry in old.listings[old["amd64"].digest]
    ]
    for entry in listed:
        assert other.document(entry["digest"])["subject"]["digest"] == other["amd64"].digest
        assert len(other.listings[entry["digest"]]) == 1
    all_digests_are_right(other)


def ask(registry: MemoryRegistry, path: str) -> Any:
    connection = http.client.HTTPConnection(registry.host, timeout=5)
    try:
        connection.request("GET", f"/v2/dhi/python/{path}")
        answer = connection.getresponse()
        return json.loads(answer.read()) if answer.status == 200 else answer.status
    finally:
        connection.close()


@pytest.mark.parametrize("referrers_api", [True, False])
@pytest.mark.parametrize("pushed", [True, False])
def test_registries_carry_all_of_it(image: PublishedImage, *, referrers_api: bool, pushed: bool) -> None:
    with_buildkit(image, {TYPE: {}}, form="artifact")
    sign_tag(image, image.index_digest, keys.publisher)
    with MemoryRegistry(referrers_api=referrers_api) as registry:
        if pushed:
            to_registry(image, f"{registry.url}/dhi/python")
        else:
            assert registry.add(image) == f"{registry.host}/dhi/python:3.13"

        for tag, digest in image.tags.items():
            assert ask(registry, f"manifests/{tag}") == image.document(digest)
        subjects = {"index": image.index_digest, "platform": image["amd64"].digest}
        for subject in subjects.values():
            path = f"referrers/{subject}" if referrers_api else f"manifests/{fallback_tag(subject)}"
            listed = ask(registry, path)
            found = listed["manifests"] if isinstance(listed, dict) else []
            assert found == image.listings.get(subject, [])


def test_a_listing_can_stand_under_its_tag_although_there_is_an_api(image: PublishedImage) -> None:
    subject = image.index_digest
    sign_bundle(image, subject, keys.p384)
    digests = {entry["digest"] for entry in image.listings[subject]}
    tag = to_fallback_tag(image, subject)

    with serve(image) as registry:
        assert ask(registry, f"referrers/{subject}")["manifests"] == []
        listed = ask(registry, f"manifests/{tag}")["manifests"]
    assert tag == f"sha256-{subject[7:]}"
    assert [entry["digest"] for entry in listed] == sorted(digests)
    assert all("artifactType" in entry and "annotations" not in entry for entry in listed)


def index_of(layout: Path) -> list[Any]:
    return list(json.loads((layout / "index.json").read_bytes())["manifests"])


@pytest.mark.parametrize("style", ["index", "fallback-tag", "nested"])
def test_layouts_carry_cosigns_tags_whatever_was_chosen(image: PublishedImage, style: str, tmp_path: Path) -> None:
    layout = to_layout(image, tmp_path / "layout", style, tags=("3.13",))

    named = {
        entry["annotations"].get(REF_NAME): entry["digest"] for entry in index_of(layout) if "annotations" in entry
    }
    assert named["3.13"] == image.index_digest
    assert named[cosign_tag(image.index_digest, "sig")] in image.manifests
    assert named[cosign_tag(image.index_digest, "att")] in image.manifests
    assert "3.13-debian13" not in named
    bodies = [file.read_bytes() for file in (layout / "blobs" / "sha256").iterdir()]
    assert {sha256(body) for body in bodies} >= image.manifests.keys() | image.blobs.keys()


def test_cosigns_own_layout_tells_kinds_and_no_tags(image: PublishedImage, tmp_path: Path) -> None:
    entries = index_of(to_layout(image, tmp_path / "index", "cosign-save"))

    kinds = [entry["annotations"] for entry in entries]
    words = ["imageIndex", "sigs", "atts", "image"]
    assert kinds == [{"kind": f"dev.cosignproject.cosign/{word}"} for word in words]
    assert entries[0]["digest"] == image.index_digest
    assert entries[3]["digest"] == image.listings[image.index_digest][0]["digest"]

    single = publish(ImageSpec(omit={"*"}, as_index=False))
    entries = index_of(to_layout(single, tmp_path / "single", "cosign-save"))
    assert [entry["annotations"]["kind"] for entry in entries] == ["dev.cosignproject.cosign/image"]
