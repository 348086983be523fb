"""A `Source` that asks another one for nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from verifier.errors import ContentMismatch
from verifier.model import Descriptor, Digest, Manifest, Reference, Source

T = TypeVar("T")


class Remembering:
    """`Source` over `source`. Who asks for what is already on its way waits for that answer.

    Manifests and listings stay for the life of this object; blobs are dropped once everyone who waited has them, and
    faults are never kept. A tag is resolved once, so that nothing can change under a run (A23).
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._asked: dict[Hashable, Future[Any]] = {}
        self._manifests: dict[Digest, Manifest] = {}

    @property
    def place(self) -> str:
        return self._source.place

    def resolve(self, reference: Reference) -> Manifest:
        if reference.digest and (known := self._manifests.get(reference.digest)):
            return known
        manifest = self._once(("resolve", reference.tag, reference.digest), lambda: self._source.resolve(reference))
        return self._manifests.setdefault(manifest.digest, manifest)

    def manifest(self, descriptor: Descriptor) -> Manifest:
        if known := self._manifests.get(descriptor.digest):
            return _fitting(known, descriptor)
        # Keyed by all that the descriptor states: one that lies about the size must not fail for one that does not.
        key = (descriptor.digest, descriptor.size, descriptor.media_type)
        manifest = self._once(key, lambda: self._source.manifest(descriptor))
        return self._manifests.setdefault(manifest.digest, manifest)

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        key = ("blob", descriptor.digest, descriptor.size, limit)
        return self._once(key, lambda: self._source.blob(descriptor, limit), keep=False)

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        return self._once(("referrers", digest), lambda: self._source.referrers(digest))

    def tagged(self, tag: str) -> Manifest | None:
        manifest = self._once(("tagged", tag), lambda: self._source.tagged(tag))
        return manifest and self._manifests.setdefault(manifest.digest, manifest)

    def _once(self, key: Hashable, call: Callable[[], T], *, keep: bool = True) -> T:
        """The outcome of `call`, shared by all who ask for `key` while it runs, and with `keep` by all after."""
        with self._lock:
            future = self._asked.get(key)
            mine = future is None
            if future is None:
                future = self._asked[key] = Future()
        if not mine:
            return cast("T", future.result())
        try:
            value = call()
        except BaseException as fault:
            self._forget(key)
            future.set_exception(fault)
            raise
        if not keep:
            self._forget(key)
        future.set_result(value)
        return value

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            del self._asked[key]


def _fitting(manifest: Manifest, descriptor: Descriptor) -> Manifest:
    """The same manifest under another descriptor, which must state the same."""
    found = (manifest.media_type, len(manifest.body))
    stated = (descriptor.media_type or found[0], descriptor.size if descriptor.size > 0 else found[1])
    if stated != found:
        raise ContentMismatch(f"expected {manifest.digest} as {stated[0]!r:.200} of {stated[1]} bytes, found {found}")
    return manifest
