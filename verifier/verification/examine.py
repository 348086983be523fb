"""Everything that can be known about an image before any rule: resolve, find, check, bind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import msgspec
from msgspec.structs import replace

from verifier import signature
from verifier.evidence import LAYOUTS, Found, Layout, Walk, Wanted, fork, run
from verifier.model import Checked, Digest, FoundSignature, Manifest, Reference, Source, Status
from verifier.model.progress import Progress
from verifier.model.trust import Trust
from verifier.verification.binding import Judged, Opened, Own, bind, open_evidence
from verifier.verification.facts import PlatformEvidence
from verifier.verification.image import Image, PlatformImage, announced_in, entries_of, platform_image, select


class Task(msgspec.Struct, frozen=True):
    """One image to examine: its name as requested, where it lies, and the repositories that may hold evidence."""

    requested: Reference
    reference: Reference
    source: Source
    places: tuple[Source, ...]  # the image's own first
    wanted: Wanted
    platforms: tuple[str, ...]
    jobs: int


class Examination(msgspec.Struct, frozen=True):
    """What was found and checked. `index` and `index_signatures` are about the index itself."""

    image: Image
    platforms: tuple[PlatformEvidence, ...]
    index: tuple[Judged, ...] = ()
    index_signatures: tuple[Checked, ...] = ()
    places: tuple[str, ...] = ()  # where evidence was looked for
    narrowed: bool = False  # by --platform: other platforms may exist that were not judged

    @property
    def judged(self) -> tuple[Judged, ...]:
        return (*self.index, *(judged for platform in self.platforms for judged in platform.judged))

    @property
    def signatures(self) -> tuple[Checked, ...]:
        return (*self.index_signatures, *(checked for platform in self.platforms for checked in platform.signatures))


def examine(task: Task, trust: Trust, progress: Progress) -> Examination:
    """Raises `RegistryError`, `AuthenticationError` and `UsageError`; a faulty piece of evidence becomes a status."""
    progress.now("resolving", str(task.reference))
    root = task.source.resolve(task.reference)
    (entries,) = run([entries_of(task.source, root)], task.jobs)
    image = Image(task.requested, root, announced_in(entries, task.platforms))
    progress.now("fetching evidence")
    platforms, pieces = _fetch(task, image, trust)
    own = _own(image, platforms)
    judged = _bound(pieces, own)
    for wanted in (_alternatives, _everything):
        if more := wanted(judged, task.wanted):
            judged = _replaced(judged, _bound(_flat(run(_walks(task, image, more, trust), task.jobs)), own))
    places = tuple(place.place for place in task.places)
    arranged = _arranged(image, platforms, judged, _checked_signatures(pieces, trust))
    return replace(arranged, places=places, narrowed=bool(task.platforms))


class Piece(msgspec.Struct, frozen=True):
    """One listed thing, fetched and opened: evidence, or signatures of the manifest `subject` itself."""

    subject: Digest
    opened: tuple[Opened, ...]
    signatures: tuple[FoundSignature, ...]


def _fetch(task: Task, image: Image, trust: Trust) -> tuple[tuple[PlatformImage, ...], list[Piece]]:
    """Platform manifests, configurations and evidence, all chains of requests at once."""
    images: list[Walk[object]] = [platform_image(task.source, entry) for entry in image.entries]
    fetched = run([*images, *_walks(task, image, task.wanted, trust)], task.jobs)
    platforms = cast("list[PlatformImage]", fetched[: len(images)])
    return select(platforms, task.platforms), _flat(cast("list[list[Piece]]", fetched[len(images) :]))


def _flat(several: Iterable[Iterable[Piece]]) -> list[Piece]:
    return [piece for pieces in several for piece in pieces]


def _walks(task: Task, image: Image, wanted: Wanted, trust: Trust) -> list[Walk[list[Piece]]]:
    subjects = dict.fromkeys((image.digest, *(entry.digest for entry in image.entries)))
    return [
        _pieces(layout, place, subject, "index" if subject in image.index_digests else "platform", wanted, trust)
        for subject in subjects
        for place in task.places
        for layout in LAYOUTS.values()
    ]


def _pieces(
    layout: Layout, place: Source, subject: Digest, level: str, wanted: Wanted, trust: Trust
) -> Walk[list[Piece]]:
    listed = yield from layout.find(place, subject, level, wanted)
    return (yield from fork(_piece(walk, trust) for walk in listed))


def _piece(walk: Walk[Found], trust: Trust) -> Walk[Piece]:
    """Signatures and statement are worked on here, while requests for other pieces are still under way."""
    found = yield from walk
    return Piece(found.subject, tuple(open_evidence(one, trust) for one in found.candidates), found.signatures)


def _own(image: Image, platforms: Sequence[PlatformImage]) -> dict[Digest, Own]:
    """What hangs on the index may speak about any of its platforms; what hangs on a platform only about that one."""
    known = {m.digest: _other_digests(m) for m in (image.root, *(platform.manifest for platform in platforms))}
    return {digest: known if digest == image.digest else {digest: others} for digest, others in known.items()}


def _other_digests(manifest: Manifest) -> dict[str, str]:
    return {name: Digest.of(manifest.body, name).hex for name in ("sha256", "sha384", "sha512")}


def _bound(pieces: Iterable[Piece], own: Mapping[Digest, Own]) -> list[Judged]:
    return [bind(one, own.get(piece.subject, {piece.subject: {}})) for piece in pieces for one in piece.opened]


def _alternatives(judged: Sequence[Judged], wanted: Wanted) -> Wanted | None:
    """Other forms of a kind whose preferred form is there and not verified."""
    types = set()
    for subject in {j.candidate.subject for j in judged}:
        here = [j for j in judged if j.candidate.subject == subject]
        verified = {j.predicate_type for j in here if j.verified}
        unread = {j.predicate_type for j in here if j.candidate.unread}
        for family in wanted.families:
            members = {uri for form in family for uri in form}
            if not verified & members:
                types |= unread & members
    return wanted_types(types) if types else None


def _everything(judged: Sequence[Judged], wanted: Wanted) -> Wanted | None:
    """Before "none of it is trusted" is said, all of it is read."""
    unread = any(j.candidate.unread for j in judged)
    return Wanted(everything=True) if unread and not any(j.verified for j in judged) else None


def _replaced(judged: Sequence[Judged], again: Sequence[Judged]) -> list[Judged]:
    read = {j.reference: j for j in again if not j.candidate.unread}
    return [read.get(j.reference, j) if j.candidate.unread else j for j in judged]


def _checked_signatures(pieces: Iterable[Piece], trust: Trust) -> dict[Digest, tuple[Checked, ...]]:
    by_subject: dict[Digest, list[FoundSignature]] = {}
    for piece in pieces:
        by_subject.setdefault(piece.subject, []).extend(piece.signatures)
    return {subject: tuple(signature.check_one(s, trust) for s in all_) for subject, all_ in by_subject.items()}


def _arranged(
    image: Image,
    platforms: Sequence[PlatformImage],
    judged: Sequence[Judged],
    signatures: dict[Digest, tuple[Checked, ...]],
) -> Examination:
    """Each piece under the manifest that its signed subject names; what is not verified, where it was found."""

    def about(digest: Digest) -> tuple[Judged, ...]:
        return tuple(j for j in judged if digest in (j.covers if j.verified else (j.candidate.subject,)))

    evidence = tuple(PlatformEvidence(p, about(p.digest), signatures.get(p.digest, ())) for p in platforms)
    if not image.root.is_index:
        return Examination(image, evidence)
    return Examination(image, evidence, about(image.digest), signatures.get(image.digest, ()))


def wanted_types(types: Iterable[str]) -> Wanted:
    """Exactly these predicate types."""
    return Wanted(tuple(((uri,),) for uri in sorted(types)))


def verified_signature(signatures: Iterable[Checked]) -> bool:
    return any(checked.status is Status.VERIFIED for checked in signatures)
