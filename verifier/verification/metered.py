"""A bound on all that one image may make us fetch, whatever the single pieces are allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from verifier.errors import DhiverifyError, LimitExceeded
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Descriptor, Digest, Manifest, Reference, Source

T = TypeVar("T")


class Meter:
    """Counts bytes before they are fetched. Shared by everything that is fetched for one image.

    Only what was really there stays counted, so that sizes that somebody made up cannot use up what others need.
    """

    def __init__(self, what: str, most: int) -> None:
        self._what = what
        self._most = most
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Raises `LimitExceeded` when `size` more bytes are too many."""
        with self._lock:
            if self._taken + size > self._most:
                raise LimitExceeded(f"{self._what} of this image together have more than {self._most} bytes")
            self._taken += size

    def give_back(self, size: int) -> None:
        with self._lock:
            self._taken -= size


class ManifestMeter:
    """Counts every manifest of one image once for each place, the large ones apart: real ones are small."""

    def __init__(self, most: int) -> None:
        self._large = Meter("the large manifests", most)
        self._small = Meter("the manifests", most)
        self._counted: set[tuple[str, Digest]] = set()

    def counted(self, place: str, digest: Digest, size: int, fetch: Callable[[], T]) -> T:
        """What `fetch` returns. Raises `LimitExceeded` before it is called, and what it raises."""
        key = (place, digest)
        if key in self._counted:
            return fetch()
        meter = self._small if size <= DEFAULT_LIMITS.payload_bytes else self._large
        meter.take(size)
        try:
            found = fetch()
        except DhiverifyError:
            meter.give_back(size)
            raise
        self._counted.add(key)
        return found


class Metered:
    """`Source` whose blobs and manifests are counted: signatures and other small blobs in `small`, so that no large one
    stands in their way.
    """

    def __init__(self, source: Source, meter: Meter, small: Meter, manifests: ManifestMeter) -> None:
        self._source = source
        self._meter = meter
        self._small = small
        self._manifests = manifests

    @property
    def place(self) -> str:
        return self._source.place

    def resolve(self, reference: Reference) -> Manifest:
        return self._source.resolve(reference)

    def manifest(self, descriptor: Descriptor) -> Manifest:
        size = max(descriptor.size, 0)
        if size > DEFAULT_LIMITS.manifest_bytes:  # refused before it is fetched
            return self._source.manifest(descriptor)
        return self._manifests.counted(self.place, descriptor.digest, size, lambda: self._source.manifest(descriptor))

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        if descriptor.size > limit:  # refused before it is fetched
            return self._source.blob(descriptor, limit)
        meter = self._small if descriptor.size <= DEFAULT_LIMITS.payload_bytes else self._meter
        meter.take(descriptor.size)
        try:
            return self._source.blob(descriptor, limit)
        except DhiverifyError:
            meter.give_back(descriptor.size)
            raise

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        return self._source.referrers(digest)

    def tagged(self, tag: str) -> Manifest | None:
        found = self._source.tagged(tag)
        if found is None:
            return None
        return self._manifests.counted(self.place, found.digest, len(found.body), lambda: found)
