"""OCI layouts on disk (image-spec 1.1, image-layout) as `Source`: `oci-layout`, `index.json`, `blobs/ALGORITHM/HEX`.

A layout may come from anywhere, so it is read like a registry: sizes before bytes, digests before parsing. Only
regular files are opened, along a path computed from a checked digest, and no symbolic link below the layout's own
directory is followed (N14, I34). Needs a POSIX system.

Referrers are what `index.json` leads to, directly or through nested indexes, and whose own `subject` is the digest;
and what an index under the fallback tag `sha256-HEX` lists. An entry whose blob is missing or damaged cannot be seen
to be a referrer and hangs under nothing, unless a fallback index names it: then fetching it reports the damage.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
from collections.abc import Iterator
from itertools import chain

import msgspec

from verifier.errors import (
    ContentMismatch,
    LimitExceeded,
    MalformedContent,
    NotFound,
    RegistryError,
    Unreachable,
)
from verifier.limits import Limits
from verifier.model import INDEX_TYPES, MANIFEST_TYPES, Descriptor, Digest, Manifest, Reference
from verifier.oci.deadline import Deadline
from verifier.oci.manifests import OCI_INDEX, parse_manifest
from verifier.strictjson import JSONRefused, loads

REF_NAME = "org.opencontainers.image.ref.name"
COSIGN_KIND = "kind"

_NOT_A_LAYOUT = "Name a directory with an oci-layout file in it; unpack an archive first."
_INCOMPLETE = "The layout lacks a part: copy the image again, all of it and with its referrers."
_KEPT_BYTES = 64 * 1024  # larger manifests are read again rather than kept
_MARKER_BYTES = 4096
_HEX = re.compile("[0-9a-f]{64}")
_COSIGN_IMAGES = ("dev.cosignproject.cosign/image", "dev.cosignproject.cosign/imageIndex")
_COSIGN_ATTACHMENTS = {".sig": "dev.cosignproject.cosign/sigs", ".att": "dev.cosignproject.cosign/atts"}


class _Tree(msgspec.Struct):
    """What a walk over `index.json` saw."""

    referrers: dict[Digest, dict[Digest, Descriptor]] = {}
    referring: set[Digest] = set()


class Layout:
    """`Source` of one layout directory. Raises `NotFound` when `path` is none. Safe to share between threads."""

    def __init__(self, path: str, limits: Limits, deadline: Deadline) -> None:
        self._path = path
        self._limits = limits
        self._deadline = deadline
        self._lock = threading.Lock()
        self._kept: dict[Digest, Manifest] = {}
        self._top: Manifest | None = None
        self._walked: _Tree | None = None
        try:
            self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as fault:
            raise NotFound(f"{self.place} is no directory: {fault}", hint=_NOT_A_LAYOUT) from None
        try:
            self._check_marker()
        except RegistryError:
            self.close()
            raise

    @property
    def place(self) -> str:
        return f"oci:{self._path}"

    def close(self) -> None:
        root, self._root = self._root, -1
        if root >= 0:
            os.close(root)

    def resolve(self, reference: Reference) -> Manifest:
        if reference.digest:
            listed = (d for d in self._index.manifests if d.digest == reference.digest)
            return self.manifest(next(listed, Descriptor("", reference.digest, -1)))
        chosen = self._tagged(reference.tag) if reference.tag else self._images()
        if len(chosen) == 1:
            return self.manifest(next(iter(chosen.values())))
        if chosen:
            kind = MalformedContent if reference.tag else NotFound
            raise kind(f"{self.place} has {len(chosen)} images{_called(reference.tag)}", hint=self._tags())
        raise NotFound(f"{self.place} has no image{_called(reference.tag)}", hint=self._tags())

    def manifest(self, descriptor: Descriptor) -> Manifest:
        limit = self._limits.manifest_bytes
        manifest = self._kept.get(descriptor.digest)
        if manifest is None:
            body = self._blob(descriptor.digest, limit, descriptor.size if descriptor.size > 0 else None)
            manifest = parse_manifest(body, descriptor.media_type, descriptor.digest, limits=self._limits)
            if len(body) <= _KEPT_BYTES:
                self._kept[descriptor.digest] = manifest
        found = len(manifest.body)
        if descriptor.size > 0 and descriptor.size != found:
            raise ContentMismatch(f"expected {descriptor.size} bytes of {descriptor.digest}, found {found}")
        if descriptor.media_type not in ("", manifest.media_type):
            raise ContentMismatch(
                f"expected {descriptor.digest} as {descriptor.media_type!r:.200}, found {manifest.media_type}"
            )
        return manifest

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        return self._blob(descriptor.digest, limit, descriptor.size)

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        found = dict(self._tree.referrers.get(digest, {}))
        for listing in self._tagged(f"{digest.algorithm[:32]}-{digest.hex[:64]}").values():
            if listing.media_type in INDEX_TYPES:
                for descriptor in self.manifest(listing).manifests:
                    found.setdefault(descriptor.digest, descriptor)
        if len(found) > self._limits.referrers:
            raise LimitExceeded(f"{self.place} lists more than {self._limits.referrers} referrers of {digest}")
        return tuple(found.values())

    def tagged(self, tag: str) -> Manifest | None:
        found = self._tagged(tag) | self._saved(tag)
        if len(found) > 1:
            raise MalformedContent(f"{self.place} has {len(found)} different manifests called {tag!r:.130}")
        return self.manifest(next(iter(found.values()))) if found else None

    @property
    def _index(self) -> Manifest:
        """`index.json`, read once."""
        with self._lock:
            if self._top is None:
                body = self._read(("index.json",), self._limits.manifest_bytes)
                limits = msgspec.structs.replace(self._limits, index_entries=self._limits.layout_manifests)
                self._top = parse_manifest(body, OCI_INDEX, Digest.of(body), limits=limits)
            return self._top

    def _tagged(self, tag: str) -> dict[Digest, Descriptor]:
        """Entries whose name is the tag, or a full reference that ends in it."""
        names = ((d, d.annotations.get(REF_NAME, "")) for d in self._index.manifests)
        return {d.digest: d for d, name in names if name == tag or name.endswith(f":{tag}")}

    def _saved(self, tag: str) -> dict[Digest, Descriptor]:
        """What cosign's `save` puts beside the one image that it writes: by its kind, and without the tag.

        It lists referrers as images as well, which they are not.
        """
        algorithm, _, rest = tag.partition("-")
        attached = self._of_kind(_COSIGN_ATTACHMENTS.get(rest[-4:], ""))
        images = self._of_kind(*_COSIGN_IMAGES) if attached else {}
        if f"{algorithm}:{rest[:-4]}" not in images:
            return {}
        if len(images.keys() - self._tree.referring) > 1:
            raise MalformedContent(
                f"{self.place} has several images that cosign saved, and does not say which one was signed",
                hint="Save each image into a directory of its own.",
            )
        return attached

    def _of_kind(self, *kinds: str) -> dict[Digest, Descriptor]:
        return {d.digest: d for d in self._index.manifests if d.annotations.get(COSIGN_KIND, "-") in kinds}

    def _images(self) -> dict[Digest, Descriptor]:
        """Entries that are not there for the sake of another one: those with a name, if any has one."""
        referring = self._tree.referring
        own = {d.digest: d for d in self._index.manifests if d.digest not in referring and not _is_attached(d)}
        return {digest: d for digest, d in own.items() if d.annotations.get(REF_NAME)} or own

    def _tags(self) -> str:
        names = sorted({d.annotations.get(REF_NAME, "") for d in self._index.manifests if not _is_attached(d)} - {""})
        if not names:
            return f"Name it by digest, as {self.place}@sha256:…"
        return f"Write {self.place}:TAG or @DIGEST. Its tags: {', '.join(f'{name!r:.100}' for name in names[:20])}"

    @property
    def _tree(self) -> _Tree:
        index = self._index
        with self._lock:
            if self._walked is None:
                tree, seen = _Tree({}, set()), {index.digest}
                for manifest in chain(self._walk(index, 0, seen), self._unlisted(index, seen)):
                    if manifest.subject:
                        tree.referring.add(manifest.digest)
                        listing = tree.referrers.setdefault(manifest.subject.digest, {})
                        listing.setdefault(manifest.digest, manifest.descriptor)
                self._walked = tree
            return self._walked

    def _walk(self, index: Manifest, depth: int, seen: set[Digest]) -> Iterator[Manifest]:
        """All manifests that `index` leads to, each once. What cannot be read is passed over."""
        for descriptor in index.manifests:
            if descriptor.digest in seen or descriptor.media_type not in INDEX_TYPES | MANIFEST_TYPES:
                continue
            seen.add(descriptor.digest)
            if len(seen) > self._limits.layout_manifests:
                raise LimitExceeded(f"{self.place} has more than {self._limits.layout_manifests} manifests")
            self._deadline.left()
            try:
                manifest = self.manifest(descriptor)
            except (NotFound, ContentMismatch, MalformedContent):
                continue
            yield manifest
            if manifest.manifests:
                if depth >= self._limits.index_depth:
                    raise LimitExceeded(f"{self.place} nests indexes deeper than {self._limits.index_depth}")
                yield from self._walk(manifest, depth + 1, seen)

    def _unlisted(self, index: Manifest, seen: set[Digest]) -> Iterator[Manifest]:
        """Manifests in a layout that cosign saved: version 3 writes bundles there that nothing leads to."""
        if not any(COSIGN_KIND in descriptor.annotations for descriptor in index.manifests):
            return
        for digest in self._small_blobs():
            self._deadline.left()
            if digest in seen:
                continue
            try:
                manifest = self.manifest(Descriptor("", digest, -1))
            except (NotFound, ContentMismatch, MalformedContent):
                continue
            yield manifest

    def _small_blobs(self) -> list[Digest]:
        """Those that could be manifests of evidence, by the sizes and names of their files."""
        directory = self._open(("blobs", "sha256"), f"{self.place}: blobs/sha256", os.O_DIRECTORY)
        try:
            names = os.listdir(directory)  # noqa: PTH208 - of a descriptor: a path could lead elsewhere by now
            if len(names) > self._limits.layout_manifests:
                raise LimitExceeded(f"{self.place} has more than {self._limits.layout_manifests} blobs")
            small = (name for name in names if _size_of(name, directory) <= _KEPT_BYTES)
            return sorted(Digest.parse(f"sha256:{name}") for name in small if _HEX.fullmatch(name))
        except OSError as fault:
            raise _unreadable(f"{self.place}: blobs/sha256", fault) from None
        finally:
            os.close(directory)

    def _check_marker(self) -> None:
        body = self._read(("oci-layout",), _MARKER_BYTES)
        try:
            marker = loads(body)
        except JSONRefused as fault:
            raise MalformedContent(f"{self.place}/oci-layout: {fault}") from None
        version = marker.get("imageLayoutVersion") if isinstance(marker, dict) else None
        if version != "1.0.0":
            raise MalformedContent(f"{self.place}: expected imageLayoutVersion 1.0.0, found {version!r:.40}")

    def _blob(self, digest: Digest, limit: int, size: int | None) -> bytes:
        body = self._read(("blobs", digest.algorithm, digest.hex), limit, size)
        if not digest.matches(body):
            raise ContentMismatch(f"expected {digest} in {self.place}, found {Digest.of(body, digest.algorithm)}")
        return body

    def _read(self, path: tuple[str, ...], limit: int, size: int | None = None) -> bytes:
        """The regular file at `path` below the layout: exactly `size` bytes if that is known, `limit` at most."""
        where = f"{self.place}: {'/'.join(path)}"
        if size is not None and size > limit:
            raise LimitExceeded(f"{where} should have {size} bytes; at most {limit} are read")
        descriptor = self._open(path, where)
        try:
            state = os.fstat(descriptor)
            _check_state(state, where, limit, size)
            with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
                body = file.read(state.st_size + 1)
        except OSError as fault:
            raise _unreadable(where, fault) from None
        finally:
            os.close(descriptor)
        if body is None or len(body) != state.st_size:
            raise ContentMismatch(f"{where} changed while it was read")
        return body

    def _open(self, path: tuple[str, ...], where: str, kind: int = 0) -> int:
        directory = self._root
        try:
            for name in path[:-1]:
                inner = os.open(name, _DIRECTORY, dir_fd=directory)
                if directory != self._root:
                    os.close(directory)
                directory = inner
            return os.open(path[-1], _FILE | kind, dir_fd=directory)
        except FileNotFoundError:
            raise NotFound(f"{where} is not there", hint=_NOT_A_LAYOUT if len(path) == 1 else _INCOMPLETE) from None
        except OSError as fault:
            raise _unreadable(where, fault) from None
        finally:
            if directory != self._root:
                os.close(directory)


_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # non-blocking: a fifo must not hold us up


def _size_of(name: str, directory: int) -> int:
    return os.stat(name, dir_fd=directory, follow_symlinks=False).st_size


def _unreadable(where: str, fault: OSError) -> RegistryError:
    if fault.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
        return ContentMismatch(f"{where} is not a regular file in plain directories: {fault.strerror}")
    return Unreachable(f"{where} cannot be read: {fault.strerror}", hint="Check the files of the layout.")


def _check_state(state: os.stat_result, where: str, limit: int, size: int | None) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise ContentMismatch(f"{where} is not a regular file")
    if size is not None and state.st_size != size:
        raise ContentMismatch(f"expected {size} bytes in {where}, found {state.st_size}")
    if state.st_size > limit:
        raise LimitExceeded(f"{where} has {state.st_size} bytes; at most {limit} are read")


def _is_attached(descriptor: Descriptor) -> bool:
    """Whether an entry of `index.json` says itself that it belongs to another: a fallback tag, cosign's save format."""
    tag = descriptor.annotations.get(REF_NAME, "").rpartition(":")[2]
    return (
        tag.startswith(("sha256-", "sha512-"))
        or descriptor.annotations.get(COSIGN_KIND) in _COSIGN_ATTACHMENTS.values()
    )


def _called(tag: str) -> str:
    return f" called {tag!r:.130}" if tag else ""
