"""The image itself: one resolve of its name, then every platform by digest. No layer is ever fetched.

Platform choice follows image-spec 1.1. Only an entry that no runtime could select (platform `unknown`) is left out:
an annotation that calls a runnable image an attestation does not hide it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from verifier import strictjson
from verifier.errors import LimitExceeded, MalformedContent, UsageError
from verifier.evidence import Walk, ask, fork
from verifier.limits import DEFAULT_LIMITS
from verifier.model import INDEX_TYPES, Descriptor, Digest, Manifest, Platform, Reference, Source

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
    def labels(self) -> dict[str, Any]:
        section = self.config.get("config")
        labels = section.get("Labels") if isinstance(section, dict) else None
        return labels if isinstance(labels, dict) else {}


class Image(msgspec.Struct, frozen=True):
    """What a reference resolved to. `entries` are the platform manifests that are to be judged."""

    requested: Reference
    root: Manifest
    entries: tuple[Descriptor, ...]

    @property
    def digest(self) -> Digest:
        return self.root.digest

    @property
    def index_digests(self) -> frozenset[Digest]:
        """The index's digest; none for an image that is a single manifest."""
        return frozenset({self.root.digest}) if self.root.is_index else frozenset()


def entries_of(source: Source, root: Manifest) -> Walk[tuple[Descriptor, ...]]:
    """The runnable entries of an index, nested ones included; a single manifest is its own entry."""
    if not root.is_index:
        return (root.descriptor,)
    found = yield from _runnable(source, root, DEFAULT_LIMITS.index_depth, frozenset({root.digest}))
    if not found:
        raise MalformedContent(f"the index {root.digest} lists no image that could run")
    if len(found) > DEFAULT_LIMITS.index_entries:
        raise LimitExceeded(f"the index {root.digest} lists more than {DEFAULT_LIMITS.index_entries} images")
    return tuple({(entry.digest, entry.platform): entry for entry in found}.values())


def _runnable(source: Source, index: Manifest, depth: int, seen: frozenset[Digest]) -> Walk[tuple[Descriptor, ...]]:
    inner = [entry for entry in index.manifests if entry.media_type in INDEX_TYPES and entry.digest not in seen]
    if inner and depth <= 1:
        raise LimitExceeded(f"indexes are nested deeper than {DEFAULT_LIMITS.index_depth} levels")
    seen |= {entry.digest for entry in inner}
    nested = yield from fork(_nested(source, entry, depth - 1, seen) for entry in inner)
    own = (
        e for e in index.manifests if e.media_type not in INDEX_TYPES and (e.platform is None or e.platform.runnable)
    )
    return (*own, *(entry for several in nested for entry in several))


def _nested(source: Source, entry: Descriptor, depth: int, seen: frozenset[Digest]) -> Walk[tuple[Descriptor, ...]]:
    index = yield from ask(lambda: source.manifest(entry))
    return (yield from _runnable(source, index, depth, seen))


def platform_image(source: Source, entry: Descriptor) -> Walk[PlatformImage]:
    """Manifest and configuration of one entry. Raises `RegistryError` when either cannot be had."""
    manifest = yield from ask(lambda: source.manifest(entry))
    if manifest.is_index or manifest.config is None:
        raise MalformedContent(f"{manifest.digest} is listed as an image and has no configuration")
    config_descriptor = manifest.config
    body = yield from ask(lambda: source.blob(config_descriptor, DEFAULT_LIMITS.config_bytes))
    config = _config(body, config_descriptor.digest)
    return PlatformImage(manifest, config, entry.platform, _configured(config))


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


def announced_in(entries: tuple[Descriptor, ...], wanted: tuple[str, ...]) -> tuple[Descriptor, ...]:
    """Entries worth fetching when `--platform` narrows the choice: those announced so, and those that announce nothing.

    When none is left all are kept, so that the refusal can name what the image has.
    """
    asked = [Platform.parse(text) for text in wanted]
    kept = tuple(entry for entry in entries if not asked or entry.platform is None or entry.platform in asked)
    return kept or entries
