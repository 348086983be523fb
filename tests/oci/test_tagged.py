"""What lies under a tag, on a registry and in a layout: there, not there, or not to be read, and never confused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.oci.conftest import OpenSource
from tests.oci.disk import COSIGN, Disk
from tests.oci.scripted import OCI_MANIFEST, Reply, ScriptedRegistry, manifest
from verifier.errors import AuthenticationError, ContentMismatch, MalformedContent, NotFound, Unreachable
from verifier.model import Descriptor, Source


def test_what_lies_under_a_tag_is_asked_for_once(registry: ScriptedRegistry, app: OpenSource) -> None:
    there = registry.put_manifest("app", manifest(), "sha256-5.sig")
    source = app()

    found = [source.tagged(tag) for tag in ("sha256-5.sig", "sha256-5.sig", "sha256-5.att", "sha256-5.att")]
    again = source.manifest(there)

    assert [one and one.digest for one in found] == [there.digest, there.digest, None, None]
    assert again is found[0]
    assert registry.paths == ["/v2/app/manifests/sha256-5.sig", "/v2/app/manifests/sha256-5.att"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401), AuthenticationError),
        (Reply(403), AuthenticationError),
        (Reply(500), Unreachable),
        (Reply(400), Unreachable),
        (Reply(404, b"<html>", {"Content-Type": "text/html"}), NotFound),
        (Reply(200, b"{}"), MalformedContent),
        (Reply.json(manifest(), OCI_MANIFEST, Docker_Content_Digest="sha256:" + "0" * 64), ContentMismatch),
    ],
)
def test_I19_a_tag_that_cannot_be_read_is_not_one_that_is_missing(
    registry: ScriptedRegistry, app: OpenSource, pauses: list[float], reply: Reply, error: type[Exception]
) -> None:
    registry.routes["/v2/app/manifests/x.sig"] = reply

    with pytest.raises(error):
        app().tagged("x.sig")


def saved(disk: Disk, kind: str, document: dict[str, Any]) -> Descriptor:
    """As cosign's `save` lists it."""
    return disk.add(document, annotations={"kind": f"{COSIGN}/{kind}"})


def test_what_lies_under_a_tag(disk: Disk, opened: Callable[..., Source]) -> None:
    tag = f"sha256-{'5' * 64}.sig"
    short, full = disk.add(manifest(), tag), disk.add(manifest(annotations={"n": "2"}), f"ghcr.io/a/b:{tag[:-4]}.att")
    source = opened()

    assert [found and found.digest for found in map(source.tagged, (tag, f"{tag[:-4]}.att"))] == [
        short.digest,
        full.digest,
    ]
    assert source.tagged(tag[:-4]) is None


def test_tag_of_two_manifests_is_ambiguous(disk: Disk, opened: Callable[..., Source]) -> None:
    disk.add(manifest(annotations={"n": "1"}), "one.sig")
    disk.add(manifest(), "one.sig")

    with pytest.raises(MalformedContent, match="2 different manifests"):
        opened().tagged("one.sig")


def test_tagged_manifest_that_is_missing_is_not_none(disk: Disk, opened: Callable[..., Source]) -> None:
    disk.file(disk.add(manifest(), "one.sig").digest).unlink()

    with pytest.raises(NotFound, match="is not there"):
        opened().tagged("one.sig")


@pytest.mark.parametrize("kind", ["image", "imageIndex"])
def test_what_cosign_saved_belongs_to_the_image_beside_it(disk: Disk, opened: Callable[..., Source], kind: str) -> None:
    image = saved(disk, kind, manifest(annotations={"the": "image"}))
    signatures = saved(disk, "sigs", manifest(annotations={"the": "signatures"}))
    statements = saved(disk, "atts", manifest(annotations={"the": "attestations"}))
    saved(disk, "image", disk.referrer(image, "bundle"))
    source = opened()

    found = [source.tagged(f"sha256-{image.digest.hex}.{suffix}") for suffix in ("sig", "att")]

    assert [one and one.digest for one in found] == [signatures.digest, statements.digest]
    assert source.tagged(f"sha256-{image.digest.hex}") is None
    assert source.tagged(f"sha256-{signatures.digest.hex}.sig") is None
    assert source.tagged(f"sha256-{'0' * 64}.sig") is None


def test_what_cosign_saved_belongs_to_no_entry_that_it_did_not_save(disk: Disk, opened: Callable[..., Source]) -> None:
    image = disk.add(manifest(), "1")
    saved(disk, "sigs", manifest(annotations={"the": "signatures"}))

    assert opened().tagged(f"sha256-{image.digest.hex}.sig") is None


def test_saved_signatures_beside_two_images_are_ambiguous(disk: Disk, opened: Callable[..., Source]) -> None:
    image = saved(disk, "image", manifest())
    saved(disk, "image", manifest(annotations={"another": "one"}))
    saved(disk, "sigs", manifest(annotations={"the": "signatures"}))

    with pytest.raises(MalformedContent, match="does not say which one was signed"):
        opened().tagged(f"sha256-{image.digest.hex}.sig")


def test_two_saved_manifests_of_signatures_are_ambiguous(disk: Disk, opened: Callable[..., Source]) -> None:
    image = saved(disk, "image", manifest())
    saved(disk, "sigs", manifest(annotations={"n": "1"}))
    saved(disk, "sigs", manifest(annotations={"n": "2"}))

    with pytest.raises(MalformedContent, match="2 different manifests"):
        opened().tagged(f"sha256-{image.digest.hex}.sig")
