"""A `Source` that has all bytes already, and walks without threads, so that only the work on the bytes is measured."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from tests.publisher import PublishedImage
from verifier.errors import ContentMismatch
from verifier.model import Descriptor, Digest, Manifest, Platform, Reference
from verifier.oci import parse_manifest


class MemorySource:
    place = "memory/dhi/python"

    def __init__(self, image: PublishedImage) -> None:
        self._image = image

    def resolve(self, reference: Reference) -> Manifest:
        return self._parsed(Digest(self._image.index_digest))

    def manifest(self, descriptor: Descriptor) -> Manifest:
        return self._parsed(descriptor.digest)

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        body = self._image.blobs[descriptor.digest]
        if not descriptor.digest.matches(body):
            raise ContentMismatch(descriptor.digest)
        return body

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        return tuple(
            Descriptor(
                entry["mediaType"],
                Digest.parse(entry["digest"]),
                entry["size"],
                entry.get("artifactType", ""),
                entry.get("annotations", {}),
                Platform(),
            )
            for entry in self._image.listings.get(digest, [])
        )

    def tagged(self, tag: str) -> Manifest | None:
        digest = self._image.tags.get(tag)
        return self._parsed(Digest(digest)) if digest else None

    def _parsed(self, digest: Digest) -> Manifest:
        media_type, body = self._image.manifests[digest]
        if not digest.matches(body):
            raise ContentMismatch(digest)
        return parse_manifest(body, media_type, digest)


def inline(walk: Generator[Any, Any, Any]) -> Any:
    """Runs a walk by making each call at once, in this thread."""
    try:
        batch = next(walk)
        while True:
            batch = walk.send([inline(item) if isinstance(item, Generator) else item() for item in batch])
    except StopIteration as end:
        return end.value
