"""What hangs on a published image, and the pieces of which all that can hang there is made."""

from __future__ import annotations

import msgspec

from tests.publisher import envelopes
from tests.publisher.about import JSON
from tests.publisher.documents import EMPTY, EMPTY_BYTES, MANIFEST, descriptor, encode
from tests.publisher.envelopes import Change, changed
from tests.publisher.published import PublishedImage


class Attached(msgspec.Struct, frozen=True):
    """A manifest that hangs on an image now, the blobs of its layers that were added, and its tag if it has one."""

    digest: str
    layers: tuple[str, ...]
    tag: str = ""


def repository_of(image: PublishedImage) -> str:
    """Where signers say that the image is, whatever place it is served from."""
    return f"registry.example/{image.spec_product}"


def statement_bytes(
    image: PublishedImage,
    digest: str,
    predicate_type: str,
    predicate: JSON,
    statement_version: str,
    statement: Change | None,
) -> bytes:
    """A statement about `digest`, named after the repository as cosign does it; `statement` may change it."""
    name = repository_of(image)
    said = envelopes.statement(digest, predicate_type, predicate, version=statement_version, name=name)
    return encode(changed(statement, said))


def blob_layer(image: PublishedImage, media_type: str, body: bytes, **members: JSON) -> JSON:
    """Stores a blob and gives its descriptor."""
    image.put_blob(body)
    return descriptor(media_type, body, **members)


def digests(layers: list[JSON]) -> tuple[str, ...]:
    """Of those that a hook left with one."""
    return tuple(layer["digest"] for layer in layers if isinstance(layer, dict) and "digest" in layer)


def artifact(
    image: PublishedImage, subject: str, artifact_type: str, layers: list[JSON], annotations: JSON, **config: JSON
) -> JSON:
    """An OCI 1.1 artifact with the empty configuration; `config` are more members of that descriptor."""
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": artifact_type,
        "config": blob_layer(image, EMPTY, EMPTY_BYTES, **config),
        "layers": layers,
        "subject": image.descriptor(subject),
        "annotations": annotations,
    }


def hang(image: PublishedImage, subject: str, document: JSON, manifest: Change | None) -> Attached:
    """Stores a referrer, changed by `manifest`, and lists it at its subject."""
    found = image.attach(subject, changed(manifest, document))
    return Attached(found["digest"], digests(document["layers"]))
