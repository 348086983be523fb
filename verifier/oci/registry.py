"""Repositories on a registry, read through the OCI distribution-spec 1.1 (`GET /v2/…`) as `Source`.

Identity is computed, never believed: what a tag leads to is the SHA-256 of the bytes that came, and what a digest
leads to must hash to it. A listing of referrers comes from the referrers API, or from the fallback tag where the
registry does not have that API; that it refuses, is broken or too slow is an error, never "there are none".
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable

from verifier.errors import ContentMismatch, LimitExceeded, MalformedContent, NotFound, RegistryError
from verifier.limits import Limits
from verifier.model import INDEX_TYPES, MANIFEST_TYPES, Descriptor, Digest, Manifest, Reference
from verifier.oci.exchange import Answer, unavailable
from verifier.oci.locations import Location
from verifier.oci.manifests import (
    ACCEPT,
    OCI_INDEX,
    WEB_PAGE_HINT,
    essence,
    looks_like_web_page,
    parse_manifest,
    parse_referrers,
)
from verifier.oci.session import Session

NO_REFERRERS_API = frozenset({400, 404, 405, 406, 501})
_LINK = re.compile(r'<([^<>]*)>((?:[^,"<]|"[^"]*")*)')
_NEXT = re.compile(r';\s*rel\s*=\s*(?:"next"|next)\s*(?:;|$)', re.IGNORECASE)


class Registry:
    """One registry, and whether it has a referrers API: asked once, whichever repository needs it first."""

    def __init__(self, host: str, session: Session, limits: Limits) -> None:
        self.host = host
        self.session = session
        self.limits = limits
        self.has_referrers_api: bool | None = None
        self.probe = threading.Lock()

    def repository(self, name: str) -> Repository:
        return Repository(self, name)


class Repository:
    """`Source` of one repository. Safe to share between threads."""

    def __init__(self, registry: Registry, name: str) -> None:
        self._registry = registry
        self._session = registry.session
        self._limits = registry.limits
        self._name = name

    @property
    def place(self) -> str:
        return f"{self._registry.host}/{self._name}"

    def resolve(self, reference: Reference) -> Manifest:
        wanted = reference.digest or reference.tag
        answer = self._found(self._get(f"manifests/{wanted}", ACCEPT, self._limits.manifest_bytes), wanted)
        if reference.digest:
            self._check_digest(answer, reference.digest)
            return self._parse(answer, answer.content_type, reference.digest)
        return self._named_by_its_bytes(answer)

    def tagged(self, tag: str) -> Manifest | None:
        answer = self._get(f"manifests/{tag}", ACCEPT, self._limits.manifest_bytes)
        if answer.status == 404 and not _is_web_page(answer):
            return None
        return self._named_by_its_bytes(self._found(answer, tag))

    def manifest(self, descriptor: Descriptor) -> Manifest:
        limit, size = self._limits.manifest_bytes, descriptor.size if descriptor.size > 0 else None
        if size and size > limit:
            raise LimitExceeded(f"the manifest {descriptor.digest} has {size} bytes; at most {limit} are read")
        answer = self._get(f"manifests/{descriptor.digest}", ACCEPT, limit, size)
        answer = self._found(answer, descriptor.digest)
        self._check_digest(answer, descriptor.digest)
        stated, sent = descriptor.media_type, essence(answer.content_type)
        if stated and sent != stated and sent in INDEX_TYPES | MANIFEST_TYPES:
            raise ContentMismatch(f"expected {descriptor.digest} as {stated!r:.200}, the registry sent it as {sent}")
        return self._parse(answer, stated or sent, descriptor.digest)

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        if descriptor.size > limit:
            raise LimitExceeded(f"{descriptor.digest} has {descriptor.size} bytes; at most {limit} are read")
        answer = self._get(f"blobs/{descriptor.digest}", "*/*", limit, descriptor.size)
        answer = self._found(answer, descriptor.digest)
        self._check_digest(answer, descriptor.digest)
        return answer.body

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        listed = self._listed(digest)
        return self._by_fallback_tag(digest) if listed is None else listed

    def _listed(self, digest: Digest) -> tuple[Descriptor, ...] | None:
        """From the API; None when the registry has none."""
        registry = self._registry
        if registry.has_referrers_api is None:
            # Who comes second waits: a question that tells whether to ask at all is asked once.
            with registry.probe:
                if registry.has_referrers_api is None:
                    return self._pages(digest)
        return self._pages(digest) if registry.has_referrers_api else None

    def _pages(self, digest: Digest) -> tuple[Descriptor, ...] | None:
        location: Location | None = self._location(f"referrers/{digest}")
        found: dict[Digest, Descriptor] = {}
        seen: set[Location] = set()
        while location:
            if location in seen or len(seen) >= self._limits.referrer_pages:
                pages = self._limits.referrer_pages
                raise LimitExceeded(f"the referrers of {digest} at {self.place} do not end within {pages} pages")
            answer = self._session.get(location, self._name, OCI_INDEX, self._limits.manifest_bytes)
            page = self._page(answer, first=not seen)
            if page is None:
                return None
            seen.add(location)
            self._add(found, page, digest)
            location = self._next(answer)
        return tuple(found.values())

    def _page(self, answer: Answer, *, first: bool) -> tuple[Descriptor, ...] | None:
        """One page; None when the answer, to a first question, is how registries without the API answer."""
        page = None
        if answer.status == 200:
            page = self._index(answer)
        elif answer.status not in NO_REFERRERS_API:
            raise unavailable(answer)
        if page is not None:
            self._registry.has_referrers_api = True
            return page
        if not first:
            raise MalformedContent(f"{answer} in the middle of a listing")
        # An unknown repository says nothing about the registry.
        if self._registry.has_referrers_api is None and answer.code not in ("NAME_UNKNOWN", "NAME_INVALID"):
            self._registry.has_referrers_api = False
        return None

    def _index(self, answer: Answer) -> tuple[Descriptor, ...] | None:
        try:
            return parse_referrers(answer.body, limits=self._limits)
        except MalformedContent as fault:
            if essence(answer.content_type) == OCI_INDEX:
                raise _at(answer, fault) from None
            return None

    def _next(self, answer: Answer) -> Location | None:
        """The next page as the `Link` header says (RFC 8288), which must be of this registry (I08)."""
        for url, parameters in _LINK.findall(answer.headers.get("Link", "")):
            if _NEXT.search(parameters):
                location = answer.location.resolve(url)
                if location.endpoint != self._session.endpoint:
                    raise ContentMismatch(f"{answer.location} continues its listing at {location.endpoint}")
                return location
        return None

    def _by_fallback_tag(self, digest: Digest) -> tuple[Descriptor, ...]:
        """From the fallback tag of distribution-spec 1.1, which anyone who can push may write."""
        listing = self.tagged(fallback_tag(digest))
        found: dict[Digest, Descriptor] = {}
        self._add(found, listing.manifests if listing else (), digest)
        return tuple(found.values())

    def _add(self, found: dict[Digest, Descriptor], listed: Iterable[Descriptor], digest: Digest) -> None:
        for descriptor in listed:
            found.setdefault(descriptor.digest, descriptor)
        if len(found) > self._limits.referrers:
            raise LimitExceeded(
                f"{self.place} lists more than {self._limits.referrers} referrers of {digest}",
                hint="Somebody may have flooded the listing. Remove what does not belong there.",
            )

    def _get(self, path: str, accept: str, limit: int, size: int | None = None) -> Answer:
        return self._session.get(self._location(path), self._name, accept, limit, size)

    def _location(self, path: str) -> Location:
        return Location(self._session.endpoint, f"/v2/{self._name}/{path}")

    def _found(self, answer: Answer, wanted: str) -> Answer:
        if answer.status == 404:
            raise NotFound(f"{self.place} has no {wanted}", hint=WEB_PAGE_HINT if _is_web_page(answer) else None)
        if answer.status != 200:
            raise unavailable(answer)
        return answer

    def _named_by_its_bytes(self, answer: Answer) -> Manifest:
        """What a tag leads to: its digest is computed, and a registry that states another one is not believed."""
        digest = Digest.of(answer.body)
        claimed = answer.headers.get("Docker-Content-Digest", "")
        if claimed.startswith("sha256:") and claimed != digest:
            raise ContentMismatch(f"{answer.location} sent {digest} and called it {claimed!r:.100}")
        return self._parse(answer, answer.content_type, digest)

    def _check_digest(self, answer: Answer, digest: Digest) -> None:
        if not digest.matches(answer.body):
            found = Digest.of(answer.body, digest.algorithm)
            hint = WEB_PAGE_HINT if _is_web_page(answer) else None
            raise ContentMismatch(f"expected {digest} from {answer.location}, found {found}", hint=hint)

    def _parse(self, answer: Answer, media_type: str, digest: Digest) -> Manifest:
        try:
            return parse_manifest(answer.body, media_type, digest, limits=self._limits)
        except RegistryError as fault:
            raise _at(answer, fault) from None


def fallback_tag(digest: Digest) -> str:
    """Where what hangs on `digest` is listed on a registry without a referrers API (distribution-spec 1.1)."""
    return f"{digest.algorithm[:32]}-{digest.hex[:64]}"


def _at(answer: Answer, fault: RegistryError) -> RegistryError:
    return type(fault)(f"{answer.location}: {fault}", hint=fault.hint)


def _is_web_page(answer: Answer) -> bool:
    return looks_like_web_page(answer.body, answer.content_type)
