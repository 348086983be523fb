"""The image itself: one resolve of its name, then every platform by digest. No layer is ever fetched.

Platform choice follows image-spec 1.1. Only an entry that no runtime could select (platform `unknown`) is left out:
an annotation that calls a runnable image an attestation does not hide it. What is no multi-platform image (a single
manifest, a Helm chart, another artifact) is one platform, whose name is "" where its configuration states none.
"""

from __future__ import annotations

from typing import Any

import msgspec

from verifier import strictjson
from verifier.errors import LimitExceeded, MalformedContent, UsageError
from verifier.evidence import ATTESTATION, REFERENCE_DIGEST, REFERENCE_TYPE, Walk, ask, fork
from verifier.limits import DEFAULT_LIMITS
from verifier.model import INDEX_TYPES, Descriptor, Digest, Manifest, Platform, Reference, Source

CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"
IMAGE_CONFIGS = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)

_CONFIG = frozenset({"os", "architecture", "variant", "config", "rootfs"})
_RUN = frozenset({"User", "Labels", "ExposedPorts", "Env", "Entrypoint", "Cmd", "WorkingDir", "Volumes", "StopSignal"})


class PlatformImage(msgspec.Struct, frozen=True):
    """One platform's manifest with its configuration, both covered by the manifest's digest.

    `announced` is the platform that the index states, `configured` the one in the configuration.
    """

    manifest: Manifest
    config: dict[str, Any]
    announced: Platform | None
    configured: Platform

    @property
    def digest(self) -> Digest:
        return self.manifest.digest

    @property
    def name(self) -> str:
        return str(self.announced or self.configured)

    @property
    def is_chart(self) -> bool:
        return bool(self.manifest.config and self.manifest.config.media_type == CHART_CONFIG)

    @property
    def labels(self) -> dict[str, Any]:
        section = self.config.get("config")
        labels = section.get("Labels") if isinstance(section, dict) else None
        return labels if isinstance(labels, dict) else {}


class Entry(msgspec.Struct, frozen=True):
    """A manifest that a runtime could select.

    `indexes` are those that lead to it, the nearest first, and `attached` the attestation manifests that the nearest
    lists for it.
    """

    descriptor: Descriptor
    indexes: tuple[Digest, ...] = ()
    attached: tuple[Descriptor, ...] = ()

    @property
    def digest(self) -> Digest:
        return self.descriptor.digest

    @property
    def platform(self) -> Platform | None:
        return self.descriptor.platform


class Image(msgspec.Struct, frozen=True):
    """What a reference resolved to. `entries` are the platform manifests that are to be judged.

    `dangling` are attestation manifests that an index lists for a manifest which it does not hold.
    """

    requested: Reference
    root: Manifest
    entries: tuple[Entry, ...]
    dangling: tuple[Descriptor, ...] = ()

    @property
    def digest(self) -> Digest:
        return self.root.digest

    @property
    def index_digests(self) -> tuple[Digest, ...]:
        """The index, and those inside it that lead to an entry; none for an image that is a single manifest."""
        own = (self.root.digest,) if self.root.is_index else ()
        return tuple(dict.fromkeys((*own, *(digest for entry in self.entries for digest in entry.indexes))))


class Listing(msgspec.Struct, frozen=True):
    """What an index lists, nested ones included."""

    entries: tuple[Entry, ...]
    dangling: tuple[Descriptor, ...] = ()


def entries_of(source: Source, root: Manifest) -> Walk[Listing]:
    """The runnable entries of an index, nested ones included; a single manifest is its own entry."""
    if not root.is_index:
        return Listing((Entry(root.descriptor),))
    listings = yield from _listed(source, root, (root.digest,), _Opened(root.digest))
    found = [entry for listing in listings for entry in listing.entries]
    if not found:
        raise MalformedContent(f"the index {root.digest} lists no image that could run")
    distinct = {(entry.digest, entry.platform): entry for entry in reversed(found)}
    dangling = tuple(descriptor for listing in listings for descriptor in listing.dangling)
    return Listing(tuple(reversed(distinct.values())), dangling)


class _Opened:
    """The indexes that were opened on the way, each once, and how much they list together."""

    def __init__(self, root: Digest) -> None:
        self._root = root
        self._seen = {root}
        self._entries = 0

    def take(self, index: Manifest) -> list[Descriptor]:
        """The indexes inside `index` that are new. Raises `LimitExceeded`."""
        inner = {entry.digest: entry for entry in index.manifests if entry.media_type in INDEX_TYPES}
        new = [entry for digest, entry in inner.items() if digest not in self._seen]
        self._seen.update(inner)
        self._entries += len(index.manifests)
        if self._entries > DEFAULT_LIMITS.index_entries or len(self._seen) > DEFAULT_LIMITS.indexes:
            raise LimitExceeded(
                f"the index {self._root} leads to more than {DEFAULT_LIMITS.index_entries} entries or "
                f"{DEFAULT_LIMITS.indexes} indexes"
            )
        return new


def _listed(source: Source, index: Manifest, path: tuple[Digest, ...], opened: _Opened) -> Walk[tuple[Listing, ...]]:
    inner = opened.take(index)
    if inner and len(path) >= DEFAULT_LIMITS.index_depth:
        raise LimitExceeded(f"indexes are nested deeper than {DEFAULT_LIMITS.index_depth} levels")
    nested = yield from fork(_nested(source, entry, path, opened) for entry in inner)
    return (_own(index, path), *(listing for several in nested for listing in several))


def _nested(source: Source, entry: Descriptor, path: tuple[Digest, ...], opened: _Opened) -> Walk[tuple[Listing, ...]]:
    index = yield from ask(lambda: source.manifest(entry))
    return (yield from _listed(source, index, (entry.digest, *path), opened))


def _own(index: Manifest, path: tuple[Digest, ...]) -> Listing:
    """The entries of this very index. What it says to be an attestation is one only if no runtime could select it."""
    manifests = [entry for entry in index.manifests if entry.media_type not in INDEX_TYPES]
    runnable = [entry for entry in manifests if entry.platform is None or entry.platform.runnable]
    said = [entry for entry in manifests if entry.annotations.get(REFERENCE_TYPE) == ATTESTATION]
    attached: dict[str, list[Descriptor]] = {entry.digest: [] for entry in runnable}
    dangling: list[Descriptor] = []
    for entry in said:
        if entry not in runnable:
            attached.get(entry.annotations.get(REFERENCE_DIGEST, ""), dangling).append(entry)
    entries = (Entry(entry, path, tuple(attached[entry.digest])) for entry in runnable)
    return Listing(tuple(entries), tuple(dangling))


def platform_image(source: Source, entry: Entry) -> Walk[PlatformImage]:
    """Manifest and configuration of one entry. Raises `RegistryError` when either cannot be had.

    The configuration of what is neither an image nor a chart is not read: it may be anything.
    """
    manifest = yield from ask(lambda: source.manifest(entry.descriptor))
    if manifest.is_index or manifest.config is None:
        raise MalformedContent(f"{manifest.digest} is listed as an image and has no configuration")
    described = manifest.config
    if described.media_type not in IMAGE_CONFIGS | {CHART_CONFIG}:
        return PlatformImage(manifest, {}, entry.platform, Platform())
    body = yield from ask(lambda: source.blob(described, DEFAULT_LIMITS.config_bytes))
    config = _config(body, described.digest)
    configured = Platform() if described.media_type == CHART_CONFIG else _configured(config)
    return PlatformImage(manifest, config, entry.platform, configured)


def _config(body: bytes, digest: Digest) -> dict[str, Any]:
    try:
        config = strictjson.loads(body)
    except strictjson.JSONRefused as fault:
        raise MalformedContent(f"the image configuration {digest} is {fault}") from None
    if not isinstance(config, dict):
        raise MalformedContent(f"the image configuration {digest} is not a JSON object")
    section = config.get("config")
    try:
        strictjson.refuse_variants(config, _CONFIG)
        strictjson.refuse_variants(section if isinstance(section, dict) else {}, _RUN)
    except strictjson.JSONRefused as fault:
        raise MalformedContent(f"the image configuration {digest} is ambiguous: {fault}") from None
    return config


def _configured(config: dict[str, Any]) -> Platform:
    parts = (config.get(member, "") for member in ("os", "architecture", "variant"))
    return Platform(*(part if isinstance(part, str) else "" for part in parts)).normal()


def select(images: list[PlatformImage], wanted: tuple[str, ...]) -> tuple[PlatformImage, ...]:
    """Those that `--platform` names, or all. Raises `UsageError` for a platform that the image does not have."""
    if not wanted:
        return tuple(images)
    asked = [Platform.parse(text) for text in wanted]
    chosen = tuple(image for image in images if (image.announced or image.configured) in asked)
    present = {image.announced or image.configured for image in images}
    missing = [platform for platform in asked if platform not in present]
    if missing:
        raise UsageError(
            f"the image has no platform {missing[0]}; it has {', '.join(sorted(map(str, present)))}",
            hint="Name one of these with --platform, or leave it out to judge all of them.",
        )
    return chosen


def announced_in(entries: tuple[Entry, ...], wanted: tuple[str, ...]) -> tuple[Entry, ...]:
    """Entries worth fetching when `--platform` narrows the choice: those announced so, and those that announce nothing.

    When none is left all are kept, so that the refusal can name what the image has.
    """
    asked = [Platform.parse(text) for text in wanted]
    kept = tuple(entry for entry in entries if not asked or entry.platform is None or entry.platform in asked)
    return kept or entries
