"""A published image: all its bytes by digest, what the registry lists, and the means to damage both afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from tests.publisher.about import JSON
from tests.publisher.documents import MANIFEST, descriptor, digest_of, encode
from tests.publisher.kinds import one_uri


class SignatureImage(msgspec.Struct, frozen=True):
    """A signature manifest. `payload` are the signed bytes."""

    digest: str
    payload: bytes
    payload_digest: str
    signature: bytes
    key: str


class AttestationImage(msgspec.Struct, frozen=True):
    """An attestation manifest with its statement's bytes and its signatures."""

    uri: str
    digest: str
    statement: bytes
    statement_digest: str
    signatures: tuple[SignatureImage, ...]

    @property
    def document(self) -> JSON:
        """The statement, parsed."""
        return json.loads(self.statement)

    @property
    def signature_digest(self) -> str:
        """The manifest of the first signature."""
        return self.signatures[0].digest


class PlatformImage(msgspec.Struct, frozen=True):
    """One platform; or the index itself, which then has no configuration."""

    platform: str
    digest: str
    config_digest: str
    attestations: dict[str, AttestationImage]
    extra: tuple[AttestationImage, ...] = ()
    signatures: tuple[SignatureImage, ...] = ()

    def attestation(self, word: str) -> AttestationImage:
        """By kind of one predicate type, or by predicate type."""
        return self.attestations[one_uri(word)]


class PublishedImage(msgspec.Struct, kw_only=True):
    """The store of one repository.

    `manifests` maps digests to media type and bytes, `listings` the digest of a subject to the descriptors that a
    registry lists for it, `layers` are the bytes of layers, which are pushed where a registry insists on them.
    """

    spec_product: str
    index_digest: str = ""
    platforms: dict[str, PlatformImage] = {}
    index: PlatformImage | None = None
    blobs: dict[str, bytes] = {}
    manifests: dict[str, tuple[str, bytes]] = {}
    layers: dict[str, bytes] = {}
    listings: dict[str, list[JSON]] = {}
    tags: dict[str, str] = {}

    def __getitem__(self, platform: str) -> PlatformImage:
        """`image["linux/amd64"]`, or `image["amd64"]`; `image[""]` is a chart's only one."""
        return self.platforms[platform if "/" in platform or not platform else f"linux/{platform}"]

    @property
    def attestations(self) -> tuple[AttestationImage, ...]:
        """All of them: every platform's, and the index's."""
        places = (*self.platforms.values(), *([self.index] if self.index else []))
        return tuple(one for place in places for one in (*place.attestations.values(), *place.extra))

    def put_blob(self, body: bytes) -> str:
        digest = digest_of(body)
        self.blobs[digest] = body
        return digest

    def put_manifest(self, document: JSON, media_type: str = MANIFEST) -> JSON:
        """Stores a manifest or index and gives its descriptor. It hangs on nothing yet."""
        body = encode(document)
        found = descriptor(media_type, body)
        self.manifests[found["digest"]] = (media_type, body)
        return found

    def descriptor(self, digest: str) -> JSON:
        """Of a stored manifest as it should be: media type, digest, size."""
        media_type, body = self.manifests[digest]
        return {"mediaType": media_type, "digest": digest, "size": len(body)}

    def document(self, digest: str) -> JSON:
        """A stored manifest, parsed."""
        return json.loads(self.manifests[digest][1])

    def body(self, digest: str) -> bytes | None:
        """What is stored under a digest, manifest or blob."""
        stored = self.manifests.get(digest)
        return stored[1] if stored else self.blobs.get(digest)

    def attach(self, subject: str | JSON, manifest: JSON, *, listed: bool = True) -> JSON:
        """Stores `manifest` with that subject, unless it states its own, and lists it there. Gives its descriptor."""
        named = self.descriptor(subject) if isinstance(subject, str) else subject
        if isinstance(manifest, dict) and "subject" not in manifest:
            manifest = {**manifest, "subject": named}
        found = self.put_manifest(manifest)
        if listed:
            self.listings.setdefault(named["digest"], []).append(self.listed(found["digest"]))
        return found

    def listed(self, digest: str) -> JSON:
        """The entry with which a registry lists a stored manifest: its artifact type and annotations are copied."""
        entry = self.descriptor(digest)
        try:
            document = json.loads(self.manifests[digest][1])
        except ValueError:
            return entry
        if not isinstance(document, dict):
            return entry
        config = document.get("config") or {}
        copied = {
            "artifactType": document.get("artifactType") or config.get("mediaType"),
            "annotations": document.get("annotations"),
        }
        return {**entry, **{name: value for name, value in copied.items() if value}}

    def relist(self, subject: str, entries: Iterable[str | JSON]) -> None:
        """Makes the listing of `subject` exactly these: digests of stored manifests, or descriptors."""
        self.listings[subject] = [self.listed(entry) if isinstance(entry, str) else entry for entry in entries]

    def replace_blob(self, digest: str, body: bytes) -> None:
        """Serves other bytes under the same digest, of a blob or a manifest."""
        if digest in self.manifests:
            self.manifests[digest] = (self.manifests[digest][0], body)
        else:
            self.blobs[digest] = body

    def corrupt(self, digest: str) -> None:
        """Changes one bit and keeps the length."""
        body = self.body(digest)
        if not body:
            raise KeyError(digest)
        self.replace_blob(digest, body[:-1] + bytes([body[-1] ^ 1]))

    def drop(self, digest: str) -> None:
        """Forgets the content; whatever names it stays."""
        if self.manifests.pop(digest, None) is None:
            del self.blobs[digest]
