"""Image manifests and indexes, read strictly: OCI image-spec 1.1 and Docker's version 2 types.

One document must have one reading. A body that could be an index for us and a manifest for a runtime, or whose own
`mediaType` differs from the one it came under, is refused (CVE-2021-41190). Members that nobody asked for are
ignored; `urls` and `data` of descriptors are never looked at (CVE-2020-15157).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.errors import ContentMismatch, LimitExceeded, MalformedContent, ReferenceInvalid
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.model import INDEX_TYPES, MANIFEST_TYPES, Descriptor, Digest, Manifest, Platform
from verifier.strictjson import JSONRefused, loads, refuse_variants

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_TYPES = frozenset(t for t in INDEX_TYPES | MANIFEST_TYPES if ".docker." in t)
SCHEMA1_TYPES = frozenset(f"application/vnd.docker.distribution.manifest.v1+{form}" for form in ("json", "prettyjws"))
ACCEPT = ", ".join(sorted(INDEX_TYPES | MANIFEST_TYPES, reverse=True))
WEB_PAGE_HINT = "Is this host a registry, or is there a captive portal or proxy between?"

_SIZE_END = 1 << 63

_MEMBERS = frozenset(
    {
        "schemaVersion",
        "mediaType",
        "artifactType",
        "config",
        "layers",
        "manifests",
        "subject",
        "annotations",
        "fsLayers",
    }
)
_DESCRIPTOR = frozenset({"mediaType", "digest", "size", "urls", "annotations", "data", "artifactType", "platform"})
_PLATFORM = frozenset({"os", "architecture", "variant", "os.version", "os.features", "features"})


def parse_manifest(body: bytes, media_type: str, digest: Digest, *, limits: Limits = DEFAULT_LIMITS) -> Manifest:
    """Reads `body`, which must already have been checked against `digest`.

    `media_type` is a `Content-Type` or a descriptor's type; "" means that nobody said, and then the document's own
    member decides, or its shape. Raises `MalformedContent`, `ContentMismatch` (types disagree) or `LimitExceeded`.
    """
    document = _document(body, essence(media_type), limits)
    agreed = _agreed_type(document, essence(media_type))
    if agreed in DOCKER_TYPES:
        document = {name: document.get(name) for name in ("config", "layers", "manifests") if name in document}
    subject = document.get("subject")
    config = _config(document, agreed, limits)
    return Manifest(
        digest=digest,
        media_type=agreed,
        body=body,
        artifact_type=_text(document, "artifactType") or (config.media_type if config else ""),
        config=config,
        layers=_descriptors(document, "layers", limits.layers, limits) if agreed in MANIFEST_TYPES else (),
        manifests=_descriptors(document, "manifests", limits.index_entries, limits) if agreed in INDEX_TYPES else (),
        subject=None if subject is None else _descriptor(subject, "subject", limits),
        annotations=_annotations(document, limits),
    )


def parse_referrers(body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[Descriptor, ...] | None:
    """One page of a referrers listing, or None when `body` is JSON of another kind.

    `manifests: null` and a missing array mean an empty list: registries written in Go send both.
    Raises `MalformedContent` or `LimitExceeded`.
    """
    document = _document(body, OCI_INDEX, limits)
    if document.get("mediaType", OCI_INDEX) != OCI_INDEX or document.get("schemaVersion") != 2:
        return None
    if {"layers", "config"} & document.keys():
        return None
    if document.get("manifests") is None:
        return ()
    return _descriptors(document, "manifests", limits.referrers, limits)


def essence(media_type: str) -> str:
    """A `Content-Type` without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def looks_like_web_page(body: bytes, content_type: str) -> bool:
    return essence(content_type) in ("text/html", "application/xhtml+xml") or body.lstrip()[:1] == b"<"


def _document(body: bytes, media_type: str, limits: Limits) -> dict[str, Any]:
    if len(body) > limits.manifest_bytes:
        raise LimitExceeded(f"a manifest of {len(body)} bytes; at most {limits.manifest_bytes} are read")
    if looks_like_web_page(body, media_type):
        raise MalformedContent("expected a manifest, found a web page", hint=WEB_PAGE_HINT)
    try:
        document = loads(body, depth=limits.json_depth)
    except JSONRefused as fault:
        raise MalformedContent(f"expected a manifest, found something else: {fault}") from None
    if not isinstance(document, dict):
        raise MalformedContent(f"expected a manifest, found JSON of type {type(document).__name__}")
    _exact(document, _MEMBERS)
    return document


def _exact(members: Mapping[str, Any], known: frozenset[str]) -> None:
    """A runtime that ignores case would run what such a member names, while another image is judged."""
    if members.keys() <= known:
        return
    try:
        refuse_variants(members, known)
    except JSONRefused as fault:
        raise MalformedContent(f"ambiguous: {fault}") from None


def _agreed_type(document: Mapping[str, Any], media_type: str) -> str:
    """The one type that envelope, member and shape agree on."""
    member = _text(document, "mediaType")
    if media_type in SCHEMA1_TYPES or member in SCHEMA1_TYPES or "fsLayers" in document:
        raise MalformedContent(
            "a Docker schema 1 manifest, which has no digests that could be verified",
            hint="Push the image again with a current client.",
        )
    if "manifests" in document and ("layers" in document or "config" in document):
        raise MalformedContent("ambiguous: it has members of an index (manifests) and of a manifest (layers, config)")
    if member and media_type and member != media_type:
        raise ContentMismatch(f"expected a document of type {media_type}, found mediaType {member!r:.200}")
    shape = OCI_INDEX if "manifests" in document else OCI_MANIFEST
    agreed = member or media_type or shape
    if agreed not in INDEX_TYPES | MANIFEST_TYPES:
        raise MalformedContent(f"expected an image manifest or index, found {agreed!r:.200}", hint=WEB_PAGE_HINT)
    if agreed in DOCKER_TYPES and not member:
        raise MalformedContent(f"a document of type {agreed} without its mediaType member")
    if (agreed in INDEX_TYPES) != (shape == OCI_INDEX):
        raise MalformedContent(f"a document of type {agreed} with the members of another type")
    version = document.get("schemaVersion")
    if type(version) is not int or version != 2:
        raise MalformedContent(f"expected schemaVersion 2, found {version!r:.40}")
    return agreed


def _config(document: Mapping[str, Any], media_type: str, limits: Limits) -> Descriptor | None:
    if media_type in INDEX_TYPES:
        return None
    return _descriptor(document.get("config"), "config", limits)


def _descriptors(document: Mapping[str, Any], member: str, most: int, limits: Limits) -> tuple[Descriptor, ...]:
    entries = document.get(member)
    if not isinstance(entries, list):
        raise MalformedContent(f"expected an array {member}, found {_kind(entries)}")
    if len(entries) > most:
        raise LimitExceeded(f"{len(entries)} {member} in one document; at most {most} are read")
    return tuple(_descriptor(entry, f"{member}[{i}]", limits) for i, entry in enumerate(entries))


def _descriptor(value: object, where: str, limits: Limits) -> Descriptor:
    if not isinstance(value, dict):
        raise MalformedContent(f"expected a descriptor at {where}, found {_kind(value)}")
    _exact(value, _DESCRIPTOR)
    media_type, size = value.get("mediaType"), value.get("size")
    if not isinstance(media_type, str) or not media_type:
        raise MalformedContent(f"the descriptor at {where} has no mediaType")
    if type(size) is not int or not 0 <= size < _SIZE_END:
        raise MalformedContent(f"expected a size in bytes at {where}, found {size!r:.40}")
    try:
        digest = Digest.parse(value.get("digest"))
    except ReferenceInvalid as fault:
        raise MalformedContent(f"{fault}, at {where}") from None
    return Descriptor(
        media_type,
        digest,
        size,
        _text(value, "artifactType") if "artifactType" in value else "",
        _annotations(value, limits) if "annotations" in value else {},
        _platform(value["platform"], where) if "platform" in value else None,
    )


def _annotations(document: Mapping[str, Any], limits: Limits) -> Mapping[str, str]:
    annotations = document.get("annotations")
    if annotations is None:
        return {}
    if not isinstance(annotations, dict) or not all(isinstance(text, str) for text in annotations.values()):
        raise MalformedContent("expected annotations that map strings to strings")
    if len(annotations) > limits.annotations:
        raise LimitExceeded(f"{len(annotations)} annotations in one place; at most {limits.annotations} are read")
    return annotations


def _platform(value: object, where: str) -> Platform | None:
    if value is None:
        return None
    names = ("os", "architecture", "variant")
    if not isinstance(value, dict) or not all(isinstance(value.get(name, ""), str) for name in names):
        raise MalformedContent(f"expected a platform at {where}")
    _exact(value, _PLATFORM)
    if not (value.get("os") and value.get("architecture")):
        raise MalformedContent(f"the platform at {where} lacks os or architecture")
    return Platform(*(value.get(name, "") for name in names)).normal()


def _text(document: Mapping[str, Any], member: str) -> str:
    value = document.get(member)
    if value is not None and not isinstance(value, str):
        raise MalformedContent(f"expected text in {member}, found {_kind(value)}")
    return value or ""


def _kind(value: object) -> str:
    return "nothing" if value is None else f"JSON of type {type(value).__name__}"
