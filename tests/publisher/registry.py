"""A correct registry in memory, on loopback, for the time of a `with`: distribution-spec 1.1, pull and push.

with MemoryRegistry() as registry:
    reference = registry.add(image, "dhi/python")
    …
    assert not registry.layers_fetched(image)
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import msgspec

from tests.publisher.about import JSON
from tests.publisher.documents import INDEX, encode, fallback_tag, index_of, is_cosign_tag
from tests.publisher.handler import Server
from tests.publisher.published import PublishedImage


class Asked(msgspec.Struct, frozen=True):
    """One request and how it was answered."""

    method: str
    target: str  # path with query
    status: int
    headers: dict[str, str]


class Repository:
    """One name in the registry. Content of several images is kept side by side, and read live from each store."""

    def __init__(self) -> None:
        self.images: list[PublishedImage] = []
        self.pushed = PublishedImage(spec_product="")

    @property
    def stores(self) -> list[PublishedImage]:
        return [*self.images, self.pushed]

    def manifest(self, reference: str) -> tuple[str, bytes] | None:
        """By digest or tag; lists of referrers also by their fallback tag."""
        for store in self.stores:
            if found := store.manifests.get(store.tags.get(reference, reference)):
                return found
        return None

    def fallback(self, tag: str) -> tuple[str, bytes] | None:
        subjects = {digest for store in self.stores for digest in store.listings if fallback_tag(digest) == tag}
        listed = [entry for digest in subjects for entry in self.referrers(digest)]
        return (INDEX, encode(index_of(listed))) if listed else None

    def referrers(self, digest: str) -> list[JSON]:
        return [entry for store in self.stores for entry in store.listings.get(digest, [])]

    def list_pushed(self, subject: str, digest: str) -> None:
        """Lists a pushed manifest under its subject, once."""
        listing = self.pushed.listings.setdefault(subject, [])
        if all(entry["digest"] != digest for entry in listing):
            listing.append(self.pushed.listed(digest))

    def blob(self, digest: str) -> bytes | None:
        return next((store.blobs[digest] for store in self.stores if digest in store.blobs), None)


class MemoryRegistry:
    """`referrers_api` off answers 404 there and keeps lists under fallback tags instead; `filters` tells whether
    `?artifactType=` is applied; `page_size` cuts listings into pages joined by `Link`.
    """

    def __init__(self, *, referrers_api: bool = True, filters: bool = True, page_size: int = 0) -> None:
        self.referrers_api = referrers_api
        self.filters = filters
        self.page_size = page_size
        self.repositories: dict[str, Repository] = {}
        self.log: list[Asked] = []
        self.reference = ""  # of the image that was added first
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._server = Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if self._server:
            self._server.stop()

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`."""
        if not self._server:
            raise RuntimeError("the registry runs only inside its `with`")
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def add(self, image: PublishedImage, repository: str = "") -> str:
        """Serves an image, live: later damage shows. Gives the reference by its first tag."""
        name = repository or image.spec_product
        self.repository(name).images.append(image)
        tag = next((tag for tag in image.tags if not is_cosign_tag(tag)), "")
        reference = f"{self.host}/{name}:{tag}" if tag else f"{self.host}/{name}@{image.index_digest}"
        self.reference = self.reference or reference
        return reference

    def repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name, Repository())

    def record(self, method: str, target: str, status: int, headers: dict[str, str]) -> None:
        self.log.append(Asked(method, target, status, headers))

    @property
    def fetched(self) -> list[str]:
        """Paths with query of all reads that were answered with content, in order."""
        return [asked.target for asked in self.log if asked.method == "GET" and asked.status == 200]

    @property
    def repeated(self) -> list[str]:
        """What was asked for more than once with the same method."""
        counted = Counter((asked.method, asked.target) for asked in self.log)
        return [target for (_, target), times in counted.items() if times > 1]

    def layers_fetched(self, image: PublishedImage) -> list[str]:
        """Requests for a layer of an image: digests that its manifests call layers and no attestation does."""
        layers = {
            layer["digest"]
            for platform in image.platforms.values()
            for layer in image.document(platform.digest).get("layers", [])
        }
        return [asked.target for asked in self.log if asked.target.rpartition("/")[2] in layers]


@contextmanager
def serve(
    image: PublishedImage,
    repository: str = "",
    *,
    referrers_api: bool = True,
    filters: bool = True,
    page_size: int = 0,
) -> Iterator[MemoryRegistry]:
    """A registry with one image, whose reference is `registry.reference`."""
    with MemoryRegistry(referrers_api=referrers_api, filters=filters, page_size=page_size) as registry:
        registry.add(image, repository)
        yield registry
