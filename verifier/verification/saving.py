"""Everything that a verification reads of an image, kept: as an OCI layout on disk, or in another registry.

What is kept is what was read, byte for byte: every index, manifest and configuration of the image, every piece of
evidence at every level, the lists that name it, and cosign's tags; in a layout also those of the base that is demanded.
So judging the copy reads the same and comes to the same. Layers are not read, and trust material is not part of an
image: neither is kept.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from verifier.errors import ConfigurationError, EvidenceMissing, MalformedContent, UsageError
from verifier.evidence import PIECE_FAULTS, Wanted
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Descriptor, Digest, Manifest, Reference, Report, Source
from verifier.model.progress import Progress
from verifier.oci import Credentials, parse_reference
from verifier.oci.artifacts import encoded, entry_of
from verifier.oci.manifests import OCI_INDEX
from verifier.verification.bundle_files import require_free
from verifier.verification.examine import Examination
from verifier.verification.hub import Options, Session, listed_of, read_bases

if TYPE_CHECKING:
    from verifier.oci.push import Pusher

_REF_NAME = "org.opencontainers.image.ref.name"
_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_ANOTHER = "Name a directory that does not exist yet, or an empty one."


class Record(msgspec.Struct):
    """What was read. `listings` are the referrers of a manifest as listed, `tags` what lies under cosign's names.

    `sources` says where each manifest came from, `conflicts` which tags mean different manifests in different places.
    """

    manifests: dict[Digest, Manifest] = {}
    blobs: dict[Digest, bytes] = {}
    listings: dict[Digest, dict[Digest, Descriptor]] = {}
    tags: dict[str, Digest] = {}
    sources: dict[Digest, Source] = {}
    conflicts: dict[str, Digest] = {}


class Recording:
    """A `Source` that keeps what it hands out. Several places may share one record."""

    def __init__(self, source: Source, record: Record, lock: threading.Lock) -> None:
        self._source = source
        self._record = record
        self._lock = lock

    @property
    def place(self) -> str:
        return self._source.place

    def resolve(self, reference: Reference) -> Manifest:
        return self._kept(self._source.resolve(reference))

    def manifest(self, descriptor: Descriptor) -> Manifest:
        return self._kept(self._source.manifest(descriptor))

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        body = self._source.blob(descriptor, limit)
        with self._lock:
            self._record.blobs[descriptor.digest] = body
        return body

    def referrers(self, digest: Digest) -> tuple[Descriptor, ...]:
        listed = self._source.referrers(digest)
        with self._lock:
            known = self._record.listings.setdefault(digest, {})
            for descriptor in listed:
                known.setdefault(descriptor.digest, descriptor)
        return listed

    def tagged(self, tag: str) -> Manifest | None:
        manifest = self._source.tagged(tag)
        if manifest is None:
            return None
        with self._lock:
            other = self._record.tags.setdefault(tag, manifest.digest)
            if other != manifest.digest:  # a fault raised here would pass for one of this piece of evidence alone
                self._record.conflicts[tag] = manifest.digest
        return self._kept(manifest)

    def _kept(self, manifest: Manifest) -> Manifest:
        with self._lock:
            self._record.manifests[manifest.digest] = manifest
            self._record.sources.setdefault(manifest.digest, self._source)
        return manifest


class Saved(msgspec.Struct, frozen=True):
    """What was kept. `report` lists the evidence, as `inspect` does; `pinned` is what to name it by.

    `left_out` are manifests that hang on the image and could not be copied, each with the reason.
    """

    report: Report
    pinned: str
    manifests: int
    blobs: int
    bytes: int
    left_out: tuple[str, ...] = ()


def record(
    reference: str, options: Options, progress: Progress | None = None, *, bases: bool = False
) -> tuple[Record, Examination, Report]:
    """Reads an image with all of its evidence; with `bases` also what it is built on, where that is demanded.

    Raises as `inspect` does, and `DhiverifyError` for what it reports.
    """
    kept, lock = Record(), threading.Lock()
    with Session(options, progress, watch=lambda source: Recording(source, kept, lock)) as session:
        parsed = parse_reference(reference)
        examination, report = listed_of(session, parsed, Wanted(everything=True))
        if bases:
            read_bases(session, parsed, examination)
        if kept.conflicts:
            tag, digest = next(iter(kept.conflicts.items()))
            raise MalformedContent(
                f"two places hold different manifests under {tag}: {kept.tags[tag]} and {digest}",
                hint="One copy cannot hold both. Leave one of the places out.",
            )
        _add_configurations(kept)
    return kept, examination, report


def _add_configurations(kept: Record) -> None:
    """Those of evidence: nobody judges them, but no registry takes a manifest without. One that is gone stays so."""
    for digest, manifest in kept.manifests.items():
        if manifest.config and manifest.config.digest not in kept.blobs:
            with suppress(*PIECE_FAULTS):
                body = kept.sources[digest].blob(manifest.config, DEFAULT_LIMITS.payload_bytes)
                kept.blobs[manifest.config.digest] = body


def save(reference: str, directory: str, options: Options, progress: Progress | None = None) -> Saved:
    """Writes an OCI layout into `directory`, which must not exist or be empty: all of it, or nothing.

    Raises `UsageError` and `ConfigurationError` for the directory, `RegistryError` and `AuthenticationError` when the
    image cannot be read.
    """
    path = Path(directory)
    require_free(path)
    kept, examination, report = record(reference, options, progress, bases=True)
    files = dict(_files(kept, examination))
    _write(path, files)
    return _saved(f"oci:{directory}@{examination.image.digest}", kept, report)


def copy(reference: str, target: str, options: Options, progress: Progress | None = None) -> Saved:
    """Pushes all evidence of an image to the repository `target`, where the image itself has to be by other means.

    Each manifest keeps its bytes, so its digest and what is signed. Raises as `save` does, and `EvidenceMissing` when
    `target` does not have the image.
    """
    from verifier.oci.push import Pusher

    destination = parse_reference(target)
    if destination.is_layout or destination.digest:
        raise UsageError(f"{target} is no repository", hint="Name one as HOST/NAME; for a layout use `dhiverify save`.")
    kept, examination, report = record(reference, options, progress)
    own = {*examination.image.index_digests, examination.image.digest, *(p.digest for p in examination.platforms)}
    hanging = {digest: manifest for digest, manifest in kept.manifests.items() if digest not in own}
    missing = {digest: why for digest, manifest in hanging.items() if (why := _incomplete(manifest, kept))}
    evidence = {digest: manifest for digest, manifest in hanging.items() if digest not in missing}
    tags = {tag: digest for tag, digest in kept.tags.items() if digest in evidence}
    credentials = Credentials.from_environment(options.environ)
    with Pusher(destination, options.settings, credentials) as pusher:
        _require_image(pusher, examination, destination)
        for tag, digest in tags.items():
            _require_free_tag(pusher, tag, evidence[digest], destination)
        for manifest in evidence.values():
            pusher.put(manifest, kept.blobs)
        for subject, listed in kept.listings.items():
            pusher.list_referrers(subject, [_true(one, kept) for one in listed.values() if one.digest in evidence])
        for tag, digest in tags.items():
            pusher.put(evidence[digest], kept.blobs, tag)
    pushed = Record(evidence, _blobs_of(evidence.values(), kept))
    saved = _saved(f"{destination.name}@{examination.image.digest}", pushed, report)
    return replace(saved, left_out=tuple(f"{digest}: {why}" for digest, why in missing.items()))


def _incomplete(manifest: Manifest, kept: Record) -> str:
    """Why a registry would not take it, or "": what hangs on an image may be anything, and is then no evidence."""
    if manifest.is_index:
        return "it is an index, and no evidence"
    absent = [one for one in _described(manifest) if one.digest not in kept.blobs]
    return f"{len(absent)} of its blobs were not read: they are no evidence, or cannot be had" if absent else ""


def _described(manifest: Manifest) -> tuple[Descriptor, ...]:
    return *((manifest.config,) if manifest.config else ()), *manifest.layers


def _blobs_of(manifests: Iterable[Manifest], kept: Record) -> dict[Digest, bytes]:
    named = {one.digest for manifest in manifests for one in _described(manifest)}
    return {digest: body for digest, body in kept.blobs.items() if digest in named}


def _require_free_tag(pusher: Pusher, tag: str, manifest: Manifest, target: Reference) -> None:
    """Under cosign's tags lie all signatures of an image, also those that somebody made at the target."""
    there = pusher.tagged(tag)
    if there and there.digest != manifest.digest and any(one not in manifest.layers for one in there.layers):
        raise UsageError(
            f"{target.name} has other signatures or attestations under {tag}, which would be lost: {there.digest}",
            hint="Nothing was copied. Move them away first, for instance with `cosign copy`, or copy to another name.",
        )


def _require_image(pusher: Pusher, examination: Examination, target: Reference) -> None:
    """Evidence of an image that is not there would be listed under nothing."""
    for manifest in (examination.image.root, *(platform.image.manifest for platform in examination.platforms)):
        if not pusher.has(manifest):
            raise EvidenceMissing(
                f"{target.name} does not have {manifest.digest}, whose evidence this is",
                hint="Copy the image first, with its index as it is: docker buildx imagetools create, regctl or oras.",
            )


def _saved(pinned: str, kept: Record, report: Report) -> Saved:
    size = sum(len(m.body) for m in kept.manifests.values()) + sum(map(len, kept.blobs.values()))
    return Saved(report, pinned, len(kept.manifests), len(kept.blobs), size)


def _files(kept: Record, examination: Examination) -> Iterator[tuple[str, bytes]]:
    """Paths in the layout, with their bytes."""
    root = examination.image.root
    named = {_REF_NAME: examination.image.requested.tag} if examination.image.requested.tag else {}
    entries = [replace(root.descriptor, annotations=named, artifact_type="")]
    for tag, digest in sorted(kept.tags.items()):
        entries.append(replace(kept.manifests[digest].descriptor, annotations={_REF_NAME: tag}))
    for subject, listed in sorted(kept.listings.items()):
        if listed:
            body = _index([_true(one, kept) for one in listed.values()])
            digest = Digest.of(body)
            yield _path(digest), body
            name = f"{subject.algorithm[:32]}-{subject.hex[:64]}"
            entries.append(Descriptor(OCI_INDEX, digest, len(body), annotations={_REF_NAME: name}))
    for manifest in kept.manifests.values():
        yield _path(manifest.digest), manifest.body
    for digest, body in kept.blobs.items():
        yield _path(digest), body
    yield "oci-layout", _LAYOUT
    yield "index.json", _index(entries)


def _true(listed: Descriptor, kept: Record) -> Descriptor:
    """An entry of a listing with the size and type that were found: one place may lie about what another one has."""
    manifest = kept.manifests.get(listed.digest)
    return replace(listed, media_type=manifest.media_type, size=len(manifest.body)) if manifest else listed


def _index(entries: list[Descriptor]) -> bytes:
    return encoded({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry_of(entry) for entry in entries]})


def _path(digest: Digest) -> str:
    return f"blobs/{digest.algorithm}/{digest.hex}"


def _write(directory: Path, files: dict[str, bytes]) -> None:
    """Beside `directory` first, which is put in place at the end: half a copy would look like missing evidence."""
    try:
        with tempfile.TemporaryDirectory(dir=directory.absolute().parent, ignore_cleanup_errors=True) as folder:
            whole = Path(folder) / "layout"
            for path, body in files.items():
                place = whole / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(body)
            whole.replace(directory)
    except OSError as fault:
        raise ConfigurationError(f"{directory} cannot be written: {fault.strerror}", hint=_ANOTHER) from None
