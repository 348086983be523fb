"""Content-addressed things and where they come from: digests, platforms, descriptors, manifests, references, sources.

Follows the OCI image-spec 1.1 and distribution-spec 1.1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Protocol

import msgspec

from verifier.errors import ReferenceInvalid

_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_SHA256 = re.compile("sha256:[0-9a-f]{64}")
_HEX_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}  # `hashlib.new` is slower

INDEX_TYPES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
MANIFEST_TYPES = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)


class Digest(str):
    """`algorithm:hex` of some bytes. Made only by `parse` and `of`, so it is always safe in paths and URLs."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Digest:
        """Raises `ReferenceInvalid` unless `text` is a digest whose bytes we can check (sha256, sha384, sha512)."""
        if isinstance(text, str) and _SHA256.fullmatch(text):
            return cls(text)  # nearly all of them
        if not isinstance(text, str) or not _DIGEST.fullmatch(text):
            raise ReferenceInvalid(f"expected a digest such as sha256:<64 hex>, found {text!r:.200}")
        algorithm, _, encoded = text.partition(":")
        length = _HEX_LENGTHS.get(algorithm)
        if length is None:
            raise ReferenceInvalid(f"digest algorithm {algorithm!r} cannot be verified; expected sha256 or sha512")
        if len(encoded) != length or not re.fullmatch("[0-9a-f]+", encoded):
            raise ReferenceInvalid(
                f"expected {length} lower-case hex digits in a {algorithm} digest, found {encoded!r:.80}"
            )
        return cls(text)

    @classmethod
    def of(cls, content: bytes, algorithm: str = "sha256") -> Digest:
        return cls(f"{algorithm}:{_HASHES[algorithm](content).hexdigest()}")

    @property
    def algorithm(self) -> str:
        return self.partition(":")[0]

    @property
    def hex(self) -> str:
        return self.partition(":")[2]

    def matches(self, content: bytes) -> bool:
        algorithm, _, encoded = self.partition(":")
        return _HASHES[algorithm](content).hexdigest() == encoded


class Platform(msgspec.Struct, frozen=True, order=True):
    """What a manifest runs on, in containerd's normal form. `unknown/unknown` marks what is not an image."""

    os: str = ""
    architecture: str = ""
    variant: str = ""

    @classmethod
    def parse(cls, text: str) -> Platform:
        """`os/architecture[/variant]` as users write it. Raises `ReferenceInvalid`."""
        parts = text.split("/")
        if not 2 <= len(parts) <= 3 or not all(re.fullmatch(r"[A-Za-z0-9._-]{1,64}", part) for part in parts):
            raise ReferenceInvalid(
                f"expected a platform as os/architecture[/variant], found {text!r:.100}",
                hint="Write for instance --platform linux/amd64.",
            )
        return cls(*parts).normal()

    def normal(self) -> Platform:
        os = {"macos": "darwin"}.get(self.os.lower(), self.os.lower())
        architecture, variant = self.architecture.lower(), self.variant.lower()
        architecture, implied = _ARCHITECTURES.get(architecture, (architecture, ""))
        variant = variant or implied
        if (architecture, variant) in {("arm64", "v8"), ("arm64", "8"), ("amd64", "v1")}:
            variant = ""
        if architecture == "arm" and not variant:
            variant = "v7"
        return Platform(os, architecture, variant)

    @property
    def runnable(self) -> bool:
        return bool(self.os and self.architecture) and "unknown" not in (self.os, self.architecture)

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


_ARCHITECTURES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
    "i386": ("386", ""),
}


class Descriptor(msgspec.Struct, frozen=True):
    """A pointer to content: media type, digest, size. All else in it is a hint by whoever wrote the document."""

    media_type: str
    digest: Digest
    size: int
    artifact_type: str = ""
    annotations: Mapping[str, str] = {}
    platform: Platform | None = None


class Manifest(msgspec.Struct, frozen=True):
    """A parsed image manifest or index together with the very bytes that `digest` was computed over."""

    digest: Digest
    media_type: str
    body: bytes
    artifact_type: str = ""  # of a manifest without its own: the config's media type (image-spec)
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    manifests: tuple[Descriptor, ...] = ()
    subject: Descriptor | None = None
    annotations: Mapping[str, str] = {}

    @property
    def is_index(self) -> bool:
        return self.media_type in INDEX_TYPES

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.media_type, self.digest, len(self.body), self.artifact_type, self.annotations)


class Reference(msgspec.Struct, frozen=True):
    """An image as a person names it: on a registry, or in an OCI layout on disk.

    `registry` and `repository` are normalised (`docker.io/library/…`). For a layout `path` is set and they are empty.
    A digest decides; a tag beside it is information only.
    """

    registry: str = ""
    repository: str = ""
    tag: str = ""
    digest: Digest | None = None
    path: str = ""

    @property
    def is_layout(self) -> bool:
        return bool(self.path)

    @property
    def name(self) -> str:
        """`host/repository`, or `oci:PATH`: the place where the image lies, without tag and digest."""
        return f"oci:{self.path}" if self.path else f"{self.registry}/{self.repository}"

    def at(self, digest: Digest) -> Reference:
        return Reference(self.registry, self.repository, self.tag, digest, self.path)

    def __str__(self) -> str:
        if self.digest:
            return f"{self.name}@{self.digest}"
        return f"{self.name}:{self.tag}" if self.tag else self.name


class Source(Protocol):
    """Read access to one repository: on a registry or in a layout. Safe to call from several threads.

    Every method raises `RegistryError` or `AuthenticationError` and nothing else. Bytes are bounded before they are
    read and hashed before they are parsed or returned.
    """

    @property
    def place(self) -> str:
        """`host/repository` or `oci:PATH`, for reports."""

    def resolve(self, reference: Reference) -> Manifest:
        """The manifest or index behind a tag or digest. Called once per image; all else goes by digest."""

    def manifest(self, descriptor: Descriptor) -> Manifest:
        """The manifest with exactly this digest and, where the descriptor states them, size and media type."""

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        """The blob with exactly this digest and size; `LimitExceeded` before reading when it is over `limit` bytes."""

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        """Manifests that name `digest` as their subject, as listed: hints, in listing order, without duplicates.

        An empty tuple means that the place answered and has none. A place that cannot say raises.
        """

    def tagged(self, tag: str) -> Manifest | None:
        """The manifest behind a tag, as read now and unproved; None when the place says that there is none."""
