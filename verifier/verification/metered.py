"""A bound on all that one image may make us fetch, whatever the single pieces are allowed."""

from __future__ import annotations

import threading

from verifier.errors import LimitExceeded
from verifier.model import Descriptor, Digest, Manifest, Reference, Source


class Meter:
    """Counts bytes before they are fetched. Shared by everything that is fetched for one image."""

    def __init__(self, what: str, most: int) -> None:
        self._what = what
        self._most = most
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Raises `LimitExceeded` when `size` more bytes are too many."""
        with self._lock:
            self._taken += size
            if self._taken > self._most:
                raise LimitExceeded(f"{self._what} of this image together have more than {self._most} bytes")


class Metered:
    """`Source` whose blobs are counted."""

    def __init__(self, source: Source, meter: Meter) -> None:
        self._source = source
        self._meter = meter

    @property
    def place(self) -> str:
        return self._source.place

    def resolve(self, reference: Reference) -> Manifest:
        return self._source.resolve(reference)

    def manifest(self, descriptor: Descriptor) -> Manifest:
        return self._source.manifest(descriptor)

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        if descriptor.size <= limit:  # a larger one is refused before it is fetched
            self._meter.take(descriptor.size)
        return self._source.blob(descriptor, limit)

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        return self._source.referrers(digest)

    def tagged(self, tag: str) -> Manifest | None:
        return self._source.tagged(tag)
