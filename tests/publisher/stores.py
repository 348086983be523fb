"""Where a published image goes: an OCI layout on disk, or a registry over HTTP."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

from tests.publisher.about import JSON
from tests.publisher.documents import (
    DOCKER_LIST,
    INDEX,
    cosign_tag,
    descriptor,
    encode,
    fallback_tag,
    index_of,
    is_cosign_tag,
)
from tests.publisher.published import PublishedImage

REF_NAME = "org.opencontainers.image.ref.name"
KIND = "dev.cosignproject.cosign/"
STYLES = ("index", "fallback-tag", "nested", "cosign-save")


def to_layout(image: PublishedImage, path: Path, style: str = "index", tags: tuple[str, ...] | None = None) -> Path:
    """Writes an OCI layout (image-spec 1.1) with one entry in `index.json` per tag, or for `tags` only.

    Referrers stand beside them in `index.json` ("index"), in lists under the tags of the distribution-spec's fallback
    ("fallback-tag"), or in one more index ("nested"). cosign's tags are always there. "cosign-save" is what
    `cosign save` leaves of an image: no tags, and of all evidence only what hangs on the image itself.
    """
    listings = _listings_to_write(image, style)
    content = {digest: body for digest, (_, body) in image.manifests.items()} | image.blobs
    named = tags_to_write(image, tags) if style != "cosign-save" else ()
    entries = [{**image.descriptor(image.tags[tag]), "annotations": {REF_NAME: tag}} for tag in named]
    if style == "cosign-save":
        entries = _saved(image)
    if style == "index":
        entries += _distinct(image)
    for name, body in listings.items():
        described = descriptor(INDEX, body)
        content[described["digest"]] = body
        entries.append({**described, "annotations": {REF_NAME: name}} if name else described)
    _write(path, content, index_of(entries))
    return path


def tags_to_write(image: PublishedImage, tags: tuple[str, ...] | None) -> list[str]:
    """The chosen tags, and then all under which cosign keeps something; without a choice all in their order."""
    if tags is None:
        return list(image.tags)
    return [*tags, *(tag for tag in image.tags if is_cosign_tag(tag) and tag not in tags)]


def _saved(image: PublishedImage) -> list[JSON]:
    """The entries that `cosign save` writes for the image, each of a `kind`; referrers are images to it."""
    root = image.index_digest
    kinds = [(root, "imageIndex" if image.manifests[root][0] in (INDEX, DOCKER_LIST) else "image")]
    for suffix, kind in (("sig", "sigs"), ("att", "atts")):
        if digest := image.tags.get(cosign_tag(root, suffix)):
            kinds.append((digest, kind))
    kinds += [(entry["digest"], "image") for entry in image.listings.get(root, [])]
    return [_of_kind(image, digest, kind) for digest, kind in kinds]


def _of_kind(image: PublishedImage, digest: str, kind: str) -> JSON:
    listed = image.listed(digest)
    copied = {"artifactType": listed["artifactType"]} if "artifactType" in listed else {}
    return {**image.descriptor(digest), "annotations": {"kind": KIND + kind}, **copied}


def _listings_to_write(image: PublishedImage, style: str) -> dict[str, bytes]:
    """Indexes that carry the referrers, by the tag under which `index.json` names them."""
    if style == "fallback-tag":
        return {fallback_tag(digest): encode(index_of(listed)) for digest, listed in image.listings.items() if listed}
    if style == "nested":
        return {"": encode(index_of(_distinct(image)))}
    if style not in STYLES:
        raise ValueError(f"expected a style of {STYLES}, found {style!r}")
    return {}


def _distinct(image: PublishedImage) -> list[JSON]:
    """Every listed descriptor once, in the order of publication."""
    return list({entry["digest"]: entry for listed in image.listings.values() for entry in listed}.values())


def _write(path: Path, content: dict[str, bytes], index: JSON) -> None:
    blobs = path / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    (path / "oci-layout").write_bytes(b'{"imageLayoutVersion":"1.0.0"}')
    (path / "index.json").write_bytes(encode(index))
    for digest, body in content.items():
        (blobs / digest.partition(":")[2]).write_bytes(body)


class PushRefused(Exception):
    """The registry did not take something. The message says what, and what it answered."""


def to_registry(image: PublishedImage, repository: str, *, layers: bool = True, always_fallback: bool = False) -> None:
    """Pushes everything to `http://HOST:PORT/NAME`, all layers included, since registries check that they are there.

    Where the registry does not announce that it processed a `subject`, the lists under fallback tags are kept from
    here (distribution-spec 1.1, "Pushing Manifests with Subject"); `always_fallback` keeps them anyway, for those that
    announce it and offer no API. Raises `PushRefused`.
    """
    push = _Push(repository)
    try:
        for digest, body in (image.blobs | (image.layers if layers else {})).items():
            push.blob(digest, body)
        processed = {digest for digest, stored in image.manifests.items() if push.manifest(digest, *stored)}
        for tag, digest in image.tags.items():
            push.manifest(tag, *image.manifests[digest])
        for subject, listed in image.listings.items():
            if always_fallback or not processed.issuperset(entry["digest"] for entry in listed):
                push.manifest(fallback_tag(subject), INDEX, encode(index_of(listed)))
    finally:
        push.close()


class _Push:
    """One connection to one repository."""

    def __init__(self, repository: str) -> None:
        parts = urlsplit(repository)
        if parts.scheme != "http" or not parts.netloc:
            raise ValueError(f"expected http://HOST:PORT/NAME, found {repository!r}")
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        self._base = f"/v2{parts.path}"

    def close(self) -> None:
        self._connection.close()

    def blob(self, digest: str, body: bytes) -> None:
        """In one piece: POST for a place, PUT of the bytes."""
        _, headers = self._ask("POST", f"{self._base}/blobs/uploads/", 202)
        place = urlsplit(headers["Location"])
        query = f"{place.query}&" if place.query else ""
        url = f"{place.path}?{query}digest={digest}"
        self._ask("PUT", url, 201, body, "application/octet-stream")

    def manifest(self, reference: str, media_type: str, body: bytes) -> bool:
        """True when the registry says that it listed the manifest under its subject, or the manifest has none."""
        _, headers = self._ask("PUT", f"{self._base}/manifests/{reference}", 201, body, media_type)
        return "OCI-Subject" in headers or not _has_subject(body)

    def _ask(
        self, method: str, url: str, expected: int, body: bytes = b"", media_type: str = ""
    ) -> tuple[bytes, http.client.HTTPMessage]:
        headers = {"Content-Type": media_type} if media_type else {}
        self._connection.request(method, url, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != expected:
            raise PushRefused(f"{method} {url}: expected {expected}, found {answer.status} {content[:300]!r}")
        return content, answer.headers


def _has_subject(body: bytes) -> bool:
    try:
        return bool(json.loads(body).get("subject"))
    except (ValueError, AttributeError):
        return False
