"""Hangs signatures and attestations on an image in cosign's own format: under tags, or the same as OCI 1.1 referrers.

    sign_tag(image, image.index_digest, keys.publisher)
    attest_tag(image, image["amd64"].digest, kinds.VSA, {…}, keys.publisher, about=OTHER_DIGEST)

`subject` is the digest of a stored manifest: the index, a platform, or an attestation manifest. Shapes as the released
cosign 3.1.3 pushes them without a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, Unpack

from tests.publisher import envelopes
from tests.publisher.about import JSON
from tests.publisher.attached import Attached, blob_layer, digests, hang, repository_of, statement_bytes
from tests.publisher.documents import (
    ATTESTATION_ARTIFACT,
    CONFIG,
    DOCKER_CONFIG,
    DOCKER_MANIFEST,
    DSSE,
    IN_TOTO,
    MANIFEST,
    SIGNATURE,
    SIGNATURE_ARTIFACT,
    SIMPLE_SIGNING,
    cosign_tag,
    descriptor,
    encode,
)
from tests.publisher.envelopes import Change, changed, encoded
from tests.publisher.keys import SigningKey
from tests.publisher.published import PublishedImage

_NEVER = "0001-01-01T00:00:00Z"


class Signing(TypedDict, total=False):
    """What can be said of a simple-signing signature. `about` is the digest in the payload, else the subject's."""

    annotations: Mapping[str, JSON] | None  # the payload's `optional`; without any it is null
    reference: str  # its docker-reference
    about: str
    payload: Change | None
    signature: Change | None  # gets and returns bytes
    layer: Change | None  # the descriptor with the annotations


class Attesting(TypedDict, total=False):
    """What can be said of an attestation. `about` is the digest in the statement, else the subject's."""

    statement_version: str
    about: str
    keyid: str | None
    payload_type: str
    statement: Change | None
    signature: Change | None  # gets and returns bytes
    envelope: Change | None
    layer: Change | None  # the descriptor with the annotations


def sign_tag(
    image: PublishedImage,
    subject: str,
    *keys: SigningKey,
    docker_types: bool = False,
    manifest: Change | None = None,
    **options: Unpack[Signing],
) -> Attached:
    """Adds a layer per key to the manifest tagged `sha256-<hex>.sig`. Layers of one payload have one digest."""
    layers = _signatures(image, subject, keys, **options)
    return _add_to_tag(image, cosign_tag(subject, "sig"), layers, docker_types, manifest)


def attest_tag(
    image: PublishedImage,
    subject: str,
    predicate_type: str,
    predicate: JSON,
    *keys: SigningKey,
    docker_types: bool = False,
    manifest: Change | None = None,
    **options: Unpack[Attesting],
) -> Attached:
    """Adds a DSSE envelope per key, each a layer, to the manifest tagged `sha256-<hex>.att`."""
    layers = _envelopes(image, subject, predicate_type, predicate, keys, **options)
    return _add_to_tag(image, cosign_tag(subject, "att"), layers, docker_types, manifest)


def sign_referrer(
    image: PublishedImage,
    subject: str,
    *keys: SigningKey,
    artifact_type: bool = True,
    manifest: Change | None = None,
    **options: Unpack[Signing],
) -> Attached:
    """A new referrer with a layer per key. Without `artifact_type` only the config's media type tells what it is."""
    layers = _signatures(image, subject, keys, **options)
    return _referrer(image, subject, SIGNATURE_ARTIFACT, layers, artifact_type, manifest)


def attest_referrer(
    image: PublishedImage,
    subject: str,
    predicate_type: str,
    predicate: JSON,
    *keys: SigningKey,
    artifact_type: bool = True,
    manifest: Change | None = None,
    **options: Unpack[Attesting],
) -> Attached:
    """A new referrer with an envelope per key. Without `artifact_type` only the config's media type tells."""
    layers = _envelopes(image, subject, predicate_type, predicate, keys, **options)
    return _referrer(image, subject, ATTESTATION_ARTIFACT, layers, artifact_type, manifest)


def _signatures(
    image: PublishedImage,
    subject: str,
    keys: tuple[SigningKey, ...],
    *,
    annotations: Mapping[str, JSON] | None = None,
    reference: str = "",
    about: str = "",
    payload: Change | None = None,
    signature: Change | None = None,
    layer: Change | None = None,
) -> list[JSON]:
    optional = dict(annotations) if annotations else None
    said = envelopes.simple_signing(reference or repository_of(image), about or subject, optional)
    body = encode(changed(payload, said))
    image.put_blob(body)
    made = (encoded(changed(signature, key.sign(body))) for key in keys)
    return [changed(layer, descriptor(SIMPLE_SIGNING, body, annotations={SIGNATURE: text})) for text in made]


def _envelopes(
    image: PublishedImage,
    subject: str,
    predicate_type: str,
    predicate: JSON,
    keys: tuple[SigningKey, ...],
    *,
    statement_version: str = "v0.1",
    about: str = "",
    keyid: str | None = None,
    payload_type: str = IN_TOTO,
    statement: Change | None = None,
    signature: Change | None = None,
    envelope: Change | None = None,
    layer: Change | None = None,
) -> list[JSON]:
    body = statement_bytes(image, about or subject, predicate_type, predicate, statement_version, statement)
    annotations = {SIGNATURE: "", "predicateType": predicate_type}
    layers = []
    for key in keys:
        made = envelopes.envelope(body, key, payload_type=payload_type, keyid=keyid, signature=signature)
        layers.append(blob_layer(image, DSSE, encode(changed(envelope, made)), annotations=annotations))
    return [changed(layer, found) for found in layers]


def _add_to_tag(
    image: PublishedImage, tag: str, added: list[JSON], docker_types: bool, manifest: Change | None
) -> Attached:
    """What stands under the tag already comes first: cosign reads, adds and writes."""
    before = image.document(image.tags[tag])["layers"] if tag in image.tags else []
    types = (DOCKER_MANIFEST, DOCKER_CONFIG) if docker_types else (MANIFEST, CONFIG)
    document = _manifest(image, *types, [*before, *added])
    found = image.put_manifest(changed(manifest, document), types[0])
    image.tags[tag] = found["digest"]
    return Attached(found["digest"], digests(added), tag)


def _referrer(
    image: PublishedImage,
    subject: str,
    kind: str,
    layers: list[JSON],
    artifact_type: bool,
    manifest: Change | None,
) -> Attached:
    document = _manifest(image, MANIFEST, kind, layers) | {"subject": image.descriptor(subject)}
    if artifact_type:
        document["artifactType"] = kind
    return hang(image, subject, document, manifest)


def _manifest(image: PublishedImage, media_type: str, config_type: str, layers: list[JSON]) -> JSON:
    """With the dummy configuration of an image."""
    config = {
        "architecture": "",
        "created": _NEVER,
        "history": [{"created": _NEVER} for _ in layers],
        "os": "",
        "rootfs": {"type": "layers", "diff_ids": digests(layers)},
        "config": {},
    }
    return {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": blob_layer(image, config_type, encode(config)),
        "layers": layers,
    }
