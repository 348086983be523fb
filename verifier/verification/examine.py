"""Everything that can be known about an image before any rule: resolve, find, check, bind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

import msgspec
from msgspec.structs import replace

from verifier.evidence import (
    LAYOUTS,
    WAYS,
    Attached,
    Finder,
    Found,
    Subject,
    Walk,
    Wanted,
    fork,
    run,
    tagged_signatures,
)
from verifier.model import Checked, Digest, Manifest, Reference, Source, Status
from verifier.model.progress import Progress
from verifier.model.trust import Trust
from verifier.verification.binding import (
    ImageSignature,
    Judged,
    Opened,
    Own,
    bind,
    open_evidence,
    open_statement,
    signature_of_image,
    with_annotations,
)
from verifier.verification.facts import PlatformEvidence
from verifier.verification.image import Image, PlatformImage, announced_in, entries_of, platform_image, select


class Task(msgspec.Struct, frozen=True):
    """One image to examine: its name as requested, where it lies, and the repositories that may hold evidence.

    `annotations` are what a signature of the image must state. `counted` is as in `Plan`.
    """

    requested: Reference
    reference: Reference
    source: Source
    places: tuple[Source, ...]  # the image's own first
    wanted: Wanted
    platforms: tuple[str, ...]
    jobs: int
    annotations: Mapping[str, str] = {}
    counted: tuple[str, ...] = ()
    alive: Callable[[], object] = bool  # raises when the time of the run is over


class Examination(msgspec.Struct, frozen=True):
    """What was found and checked. `index` and `index_signatures` are about the index itself."""

    image: Image
    platforms: tuple[PlatformEvidence, ...]
    index: tuple[Judged, ...] = ()
    index_signatures: tuple[ImageSignature, ...] = ()
    places: tuple[str, ...] = ()  # where evidence was looked for
    narrowed: bool = False  # by --platform: other platforms may exist that were not judged

    @property
    def judged(self) -> tuple[Judged, ...]:
        return (*self.index, *(judged for platform in self.platforms for judged in platform.judged))

    @property
    def signatures(self) -> tuple[ImageSignature, ...]:
        return (*self.index_signatures, *(signed for platform in self.platforms for signed in platform.signatures))


def examine(task: Task, trust: Trust, progress: Progress) -> Examination:
    """Raises `RegistryError`, `AuthenticationError` and `UsageError`; a faulty piece of evidence becomes a status."""
    progress.now("resolving", str(task.reference))
    root = task.source.resolve(task.reference)
    (listing,) = run([entries_of(task.source, root)], task.jobs, task.alive)
    image = Image(task.requested, root, announced_in(listing.entries, task.platforms), listing.dangling)
    progress.now("fetching evidence")
    platforms, pieces = _fetch(task, image, trust)
    own, signatures = _own(image, platforms), _signatures(pieces, task.annotations)
    judged = _bound(pieces, own, signatures)
    for wanted in (_alternatives, _everything):
        if more := wanted(judged, task):
            again = _flat(run(_walks(task, image, more, trust), task.jobs, task.alive))
            judged = _replaced(judged, _bound(again, own, signatures))
    places = tuple(place.place for place in task.places)
    arranged = _arranged(image, platforms, judged, signatures)
    return replace(arranged, places=places, narrowed=bool(task.platforms))


class Piece(msgspec.Struct, frozen=True):
    """One listed thing, fetched and opened: evidence, or signatures of the manifest `subject` itself."""

    subject: Digest
    opened: tuple[Opened, ...]
    signatures: tuple[ImageSignature, ...]


def _fetch(task: Task, image: Image, trust: Trust) -> tuple[tuple[PlatformImage, ...], list[Piece]]:
    """Platform manifests, configurations and evidence, all chains of requests at once."""
    images: list[Walk[object]] = [platform_image(task.source, entry) for entry in image.entries]
    fetched = run([*images, *_walks(task, image, task.wanted, trust)], task.jobs, task.alive)
    platforms = cast("list[PlatformImage]", fetched[: len(images)])
    return select(platforms, task.platforms), _flat(cast("list[list[Piece]]", fetched[len(images) :]))


def _flat(several: Iterable[Iterable[Piece]]) -> list[Piece]:
    return [piece for pieces in several for piece in pieces]


def _walks(task: Task, image: Image, wanted: Wanted, trust: Trust) -> list[Walk[list[Piece]]]:
    return [
        _pieces(way, place, subject, wanted, trust)
        for way in WAYS
        for subject in _subjects(image)
        for place in task.places
    ]


def _subjects(image: Image) -> list[Subject]:
    """Every manifest about which something may be said. One that is listed for two platforms is looked at once."""
    attached: dict[Digest, dict[Digest, Attached]] = {}
    for entry in image.entries:
        here = attached.setdefault(entry.digest, {})
        for found in entry.attached:  # listed by several indexes, it lies below all of them
            above = here[found.digest].indexes if found.digest in here else ()
            here[found.digest] = Attached(found, tuple(dict.fromkeys((*above, *entry.indexes))))
    platforms = [Subject(digest, "platform", tuple(found.values())) for digest, found in attached.items()]
    return [*(Subject(digest, "index") for digest in image.index_digests), *platforms]


def _pieces(way: Finder, place: Source, subject: Subject, wanted: Wanted, trust: Trust) -> Walk[list[Piece]]:
    listed = yield from way(place, subject, wanted, LAYOUTS.values())
    return (yield from fork(_piece(walk, place, subject, trust) for walk in listed))


def _piece(walk: Walk[Found], place: Source, subject: Subject, trust: Trust) -> Walk[Piece]:
    """Signatures and statement are worked on here, while requests for other pieces are still under way."""
    found = yield from walk
    opened = [open_evidence(candidate, trust) for candidate in found.candidates]
    if any(map(_lacks_signer, opened)):
        opened = yield from fork(_once_more(one, place, trust) for one in opened)
    signatures = [signature_of_image(signature, trust) for signature in found.signatures]
    signatures += [one for one in opened if isinstance(one, ImageSignature)]
    return Piece(subject.digest, tuple(one for one in opened if isinstance(one, Opened)), tuple(signatures))


def _lacks_signer(opened: Opened | ImageSignature) -> bool:
    """A plain statement for which nothing found so far vouches."""
    if isinstance(opened, ImageSignature) or opened.candidate.statement is None:
        return False
    return opened.checked.status is not Status.VERIFIED


def _once_more(opened: Opened | ImageSignature, place: Source, trust: Trust) -> Walk[Opened | ImageSignature]:
    """With the signatures under cosign's tag: a request that is made only where no referrer vouches."""
    if isinstance(opened, ImageSignature) or not _lacks_signer(opened):
        return opened
    candidate = opened.candidate
    more = yield from tagged_signatures(place, candidate.manifest)
    return open_evidence(replace(candidate, signatures=(*candidate.signatures, *more)), trust) if more else opened


def _own(image: Image, platforms: Sequence[PlatformImage]) -> dict[Digest, Own]:
    """What hangs on an index may speak about any of its platforms; what hangs on a platform only about that one."""
    known = {m.digest: _other_digests(m) for m in (image.root, *(platform.manifest for platform in platforms))}
    known |= {digest: {} for digest in image.index_digests if digest not in known}
    return {
        **{digest: {digest: others} for digest, others in known.items()},
        **dict.fromkeys(image.index_digests, known),
    }


def _other_digests(manifest: Manifest) -> dict[str, str]:
    return {name: Digest.of(manifest.body, name).hex for name in ("sha256", "sha384", "sha512")}


Signatures = Mapping[Digest, tuple[ImageSignature, ...]]
"""By the manifest that they sign."""


def _signatures(pieces: Iterable[Piece], demanded: Mapping[str, str]) -> Signatures:
    found: dict[Digest, list[ImageSignature]] = {}
    for piece in pieces:
        found.setdefault(piece.subject, []).extend(with_annotations(signed, demanded) for signed in piece.signatures)
    return {subject: tuple(signed) for subject, signed in found.items()}


def _bound(pieces: Iterable[Piece], own: Mapping[Digest, Own], signatures: Signatures) -> list[Judged]:
    return [
        bind(_covered_from_above(one, signatures), own.get(piece.subject, {piece.subject: {}}))
        for piece in pieces
        for one in piece.opened
    ]


def _covered_from_above(opened: Opened, signatures: Signatures) -> Opened:
    """A statement for which nobody vouches himself is covered by a signature of an index in its chain."""
    candidate = opened.candidate
    if not _lacks_signer(opened) or candidate.statement is None:
        return opened
    above = (signed for digest in candidate.chain for signed in signatures.get(digest, ()) if signed.verified)
    signed = next(above, None)
    if signed is None:
        return opened
    checked = Checked(Status.VERIFIED, signer=signed.checked.signer, transparency=signed.checked.transparency)
    return open_statement(candidate, checked, candidate.statement)


def _alternatives(judged: Sequence[Judged], task: Task) -> Wanted | None:
    """Other forms of a kind whose preferred form is there and not verified."""
    types = set()
    for subject in {j.candidate.subject for j in judged}:
        here = [j for j in judged if j.candidate.subject == subject]
        verified = {j.predicate_type for j in here if j.verified}
        unread = {j.predicate_type for j in here if j.candidate.unread}
        for family in task.wanted.families:
            members = {uri for form in family for uri in form}
            if not verified & members:
                types |= unread & members
    return wanted_types(types) if types else None


def _everything(judged: Sequence[Judged], task: Task) -> Wanted | None:
    """Before "none of it is trusted" is said, all of it is read: all that counts."""
    counted = [j for j in judged if counts(j, task.counted)]
    unread = any(j.candidate.unread for j in counted)
    return Wanted(everything=True) if unread and not any(j.verified for j in counted) else None


def counts(judged: Judged, counted: Sequence[str]) -> bool:
    """Whether a piece counts as evidence, where only kinds and predicate types named in `counted` do; () is all.

    A piece that is too damaged to say what it is may be any of them.
    """
    return not counted or not judged.predicate_type or judged.kind in counted or judged.predicate_type in counted


def _replaced(judged: Sequence[Judged], again: Sequence[Judged]) -> list[Judged]:
    read = {_spot(j): j for j in again if not j.candidate.unread}
    read |= {_spot(j): j for j in again if j.verified}
    return [read.get(_spot(j), j) if j.candidate.unread else j for j in judged]


def _spot(judged: Judged) -> tuple[str, ...]:
    """What tells a piece from all others: one layer may be listed twice, once under a wrong name."""
    found = judged.candidate
    return found.origin.place, found.subject, found.manifest, found.digest, found.claimed_type


def _arranged(
    image: Image, platforms: Sequence[PlatformImage], judged: Sequence[Judged], signatures: Signatures
) -> Examination:
    """Each piece under the manifest that its signed subject names; what is not verified, where it was found."""
    about: dict[Digest, list[Judged]] = {}
    for one in judged:
        for digest in one.covers if one.verified else (one.candidate.subject,):
            about.setdefault(digest, []).append(one)
    above: dict[Digest, dict[Digest, None]] = {}
    for entry in image.entries:
        above.setdefault(entry.digest, {}).update(dict.fromkeys(entry.indexes))

    def signed(digests: Iterable[Digest]) -> tuple[ImageSignature, ...]:
        return tuple(one for digest in digests for one in signatures.get(digest, ()))

    evidence = tuple(
        PlatformEvidence(
            p, tuple(about.get(p.digest, ())), signed((p.digest,)), signed(above[p.digest]), tuple(above[p.digest])
        )
        for p in platforms
    )
    said = {id(one): one for digest in image.index_digests for one in about.get(digest, ())}
    return Examination(image, evidence, tuple(said.values()), signed(image.index_digests))


def wanted_types(types: Iterable[str]) -> Wanted:
    """Exactly these predicate types."""
    return Wanted(tuple(((uri,),) for uri in sorted(types)))
