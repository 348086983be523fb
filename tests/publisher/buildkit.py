"""Attestations as BuildKit publishes them: unsigned statements in manifests beside the image, inside its index.

    with_buildkit(image, {kinds.SLSA_V02: {…}, kinds.SPDX: {…}})
    sign_tag(image, image.index_digest, keys.publisher)

Shapes of BuildKit's attestation storage: the classic form looks like an image, the artifact form has a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypedDict, Unpack
from urllib.parse import quote

from tests.publisher import envelopes
from tests.publisher.about import JSON
from tests.publisher.attached import Attached, artifact, blob_layer, digests
from tests.publisher.documents import CONFIG, DOCKER_CONFIG, DOCKER_MANIFEST, IN_TOTO, PREDICATE_TYPE, encode
from tests.publisher.envelopes import Change, changed
from tests.publisher.keys import SigningKey
from tests.publisher.published import PlatformImage, PublishedImage
from tests.publisher.referrers import dsse_type
from tests.publisher.spec import INDEX, Hook, PlatformHook

REFERENCE_TYPE = "vnd.docker.reference.type"
REFERENCE_DIGEST = "vnd.docker.reference.digest"
ATTESTATION_MANIFEST = "attestation-manifest"
ARTIFACT = "application/vnd.docker.attestation.manifest.v1+json"
UNKNOWN = {"architecture": "unknown", "os": "unknown"}
FORMS = ("classic", "artifact")

DigestHook: TypeAlias = Callable[[str, str], str]
"""Called with platform and digest."""


class Layers(TypedDict, total=False):
    """What can be said of the layers."""

    statement_version: str
    statement: Hook | None
    keys: tuple[SigningKey, ...]  # put each statement into a signed envelope, as docker/attest does,
    name: str  # of the type application/vnd.in-toto.<name>+dsse


class Statements(Layers, total=False):
    """And of the manifests around them."""

    manifest: PlatformHook | None
    listed: bool  # whether registries list the artifact form at its subject


def with_buildkit(
    image: PublishedImage,
    statements: Mapping[str, JSON],
    *,
    form: str = "classic",
    platforms: tuple[str, ...] | None = None,
    reference_digest: DigestHook | None = None,
    entry: PlatformHook | None = None,
    index: Change | None = None,
    **options: Unpack[Statements],
) -> dict[str, Attached]:
    """Publishes the index anew with an attestation manifest per platform, whose layers are the `statements` by type.

    Tags and `image.index_digest` move to the new index; digests of platforms stay. What hung on the old index stays
    behind: sign and attest the index afterwards. `reference_digest` gives what an entry is annotated to be about.
    Gives the attestation manifests by platform. Raises ValueError for an unknown form.
    """
    if form not in FORMS:
        raise ValueError(f"expected a form of {FORMS}, found {form!r}")
    made, entries = {}, []
    for platform in image.platforms if platforms is None else platforms:
        subject = image.platforms[platform].digest
        made[platform] = _attestation(image, platform, statements, form, **options)
        named = reference_digest(platform, subject) if reference_digest else subject
        added = {
            **image.descriptor(made[platform].digest),
            "annotations": {REFERENCE_TYPE: ATTESTATION_MANIFEST, REFERENCE_DIGEST: named},
            "platform": UNKNOWN,
        }
        entries.append(entry(platform, added) if entry else added)
    _publish_index(image, entries, index)
    return made


def _attestation(
    image: PublishedImage,
    platform: str,
    statements: Mapping[str, JSON],
    form: str,
    *,
    manifest: PlatformHook | None = None,
    listed: bool = True,
    **options: Unpack[Layers],
) -> Attached:
    subject = image.platforms[platform].digest
    layers = [_layer(image, platform, uri, predicate, **options) for uri, predicate in statements.items()]
    document = _artifact(image, subject, layers) if form == "artifact" else _classic(image, subject, layers)
    document = manifest(platform, document) if manifest else document
    if form == "artifact":
        found = image.attach(subject, document, listed=listed)
    else:
        found = image.put_manifest(document, image.manifests[subject][0])
    return Attached(found["digest"], digests(layers))


def _layer(
    image: PublishedImage,
    platform: str,
    uri: str,
    predicate: JSON,
    *,
    statement_version: str = "v0.1",
    statement: Hook | None = None,
    keys: tuple[SigningKey, ...] = (),
    name: str = "provenance",
) -> JSON:
    purl = f"pkg:docker/{image.spec_product}@{next(iter(image.tags), 'latest')}?platform={quote(platform, safe='')}"
    subject = image.platforms[platform].digest
    said = envelopes.statement(subject, uri, predicate, version=statement_version, name=purl)
    body = encode(statement(uri, platform, said) if statement else said)
    annotations = {PREDICATE_TYPE: uri}
    if keys:
        return blob_layer(image, dsse_type(name), encode(envelopes.envelope(body, *keys)), annotations=annotations)
    return blob_layer(image, IN_TOTO, body, annotations=annotations)


def _classic(image: PublishedImage, subject: str, layers: list[JSON]) -> JSON:
    media_type = image.manifests[subject][0]
    config = {**UNKNOWN, "config": {}, "rootfs": {"type": "layers", "diff_ids": digests(layers)}}
    config_type = DOCKER_CONFIG if media_type == DOCKER_MANIFEST else CONFIG
    return {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": blob_layer(image, config_type, encode(config)),
        "layers": layers,
    }


def _artifact(image: PublishedImage, subject: str, layers: list[JSON]) -> JSON:
    document = artifact(image, subject, ARTIFACT, layers, {})
    return {name: value for name, value in document.items() if name != "annotations"}


def _publish_index(image: PublishedImage, entries: list[JSON], index: Change | None) -> None:
    old = image.index_digest
    document, (media_type, _) = image.document(old), image.manifests[old]
    document["manifests"] += entries
    new = image.put_manifest(changed(index, document), media_type)["digest"]
    image.tags.update({tag: new for tag, digest in image.tags.items() if digest == old})
    image.index_digest, image.index = new, PlatformImage(INDEX, new, "", {})
