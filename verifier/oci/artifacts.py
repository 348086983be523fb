"""Manifests that hold something else than an image (image-spec 1.1), as values, before they are pushed.

The same contents give the same bytes, and so the same digest: members are sorted, and nothing states a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from verifier.model import Descriptor, Digest
from verifier.oci.manifests import OCI_MANIFEST

EMPTY_TYPE = "application/vnd.oci.empty.v1+json"


class Content(msgspec.Struct, frozen=True):
    """A blob, and what a manifest says of it."""

    body: bytes
    media_type: str
    annotations: Mapping[str, str] = {}

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.media_type, Digest.of(self.body), len(self.body), annotations=self.annotations)


EMPTY = Content(b"{}", EMPTY_TYPE)


class Artifact(msgspec.Struct, frozen=True):
    """A manifest with the content that it names. With `subject` it hangs on another manifest."""

    artifact_type: str
    layers: tuple[Content, ...]
    config: Content = EMPTY
    subject: Descriptor | None = None
    annotations: Mapping[str, str] = {}

    @property
    def document(self) -> dict[str, Any]:
        described = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": self.artifact_type,
            "config": entry_of(self.config.descriptor),
            "layers": [entry_of(layer.descriptor) for layer in self.layers],
        }
        if self.subject:
            bare = Descriptor(self.subject.media_type, self.subject.digest, self.subject.size)
            described["subject"] = entry_of(bare)
        return described | ({"annotations": dict(self.annotations)} if self.annotations else {})

    @property
    def descriptor(self) -> Descriptor:
        body = encoded(self.document)
        return Descriptor(OCI_MANIFEST, Digest.of(body), len(body), self.artifact_type, self.annotations)


def entry_of(descriptor: Descriptor) -> dict[str, Any]:
    """A descriptor as it stands in a manifest or index."""
    entry: dict[str, Any] = {
        "mediaType": descriptor.media_type,
        "digest": str(descriptor.digest),
        "size": descriptor.size,
    }
    if descriptor.artifact_type:
        entry["artifactType"] = descriptor.artifact_type
    return entry | ({"annotations": dict(descriptor.annotations)} if descriptor.annotations else {})


def encoded(document: object) -> bytes:
    """The JSON of a manifest or index: compact, members sorted."""
    return msgspec.json.encode(document, order="sorted")
