"""Where to look: what names a manifest as its subject, what lies under a tag made of its digest, what the index lists.

Every way is gone for every manifest in every place, and every layout may recognise what is found, so nobody has to say
which tool signed an image.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from msgspec.structs import replace

from verifier.errors import RegistryError
from verifier.evidence.bundle import BUNDLE
from verifier.evidence.cosign import SIGNATURE_ARTIFACT
from verifier.evidence.interface import PIECE_FAULTS, Found, Hung, Layout, Subject, Wanted, Way
from verifier.evidence.signers import tag_of
from verifier.evidence.walk import Walk, ask, together
from verifier.model import Candidate, Descriptor, Digest, FoundSignature, Origin, Source


class Finder(Protocol):
    """One way. Lists first, and gives one walk for each thing listed, so that each can be worked on once it is there.

    Raises `RegistryError` and `AuthenticationError` where the repository does not answer.
    """

    def __call__(
        self, source: Source, subject: Subject, wanted: Wanted, layouts: Collection[Layout]
    ) -> Walk[tuple[Walk[Found], ...]]: ...


def by_referrer(
    source: Source, subject: Subject, wanted: Wanted, layouts: Collection[Layout]
) -> Walk[tuple[Walk[Found], ...]]:
    listing = yield from ask(lambda: source.referrers(subject.digest))
    in_index = {entry.descriptor.digest for entry in subject.attached}
    listing = tuple(entry for entry in listing if entry.digest not in in_index)
    announced = [_announced(entry, layouts) for entry in listing]
    types = {uri for _, uri in announced}
    return tuple(
        _pass_over(subject, entry, Origin(name, source.place, subject.level), uri)
        if wanted.skips(uri, types)
        else _open(source, subject, entry, Way.REFERRER, wanted, layouts)
        for entry, (name, uri) in zip(listing, announced, strict=True)
    )


def by_tag(
    source: Source, subject: Subject, wanted: Wanted, layouts: Collection[Layout]
) -> Walk[tuple[Walk[Found], ...]]:
    yield ()
    return tuple(_tagged(source, subject, suffix, wanted, layouts) for suffix in (".sig", ".att"))


def in_index(
    source: Source, subject: Subject, wanted: Wanted, layouts: Collection[Layout]
) -> Walk[tuple[Walk[Found], ...]]:
    yield ()
    return tuple(
        _open(source, subject, entry.descriptor, Way.INDEX, wanted, layouts, entry.indexes)
        for entry in subject.attached
    )


def _announced(described: Descriptor, layouts: Collection[Layout]) -> tuple[str, str]:
    """The layout and the predicate type that a listing's annotations speak of, "" where they do not."""
    for layout in layouts:
        if uri := described.annotations.get(layout.annotation, ""):
            return layout.name, uri
    return "", ""


def _pass_over(subject: Subject, listed: Descriptor, origin: Origin, claimed: str) -> Walk[Found]:
    yield ()
    bare = Candidate(subject.digest, listed.digest, (listed.digest,), origin, claimed)
    return Found((replace(bare, unread=True),))


def _open(
    source: Source,
    subject: Subject,
    listed: Descriptor,
    way: Way,
    wanted: Wanted,
    layouts: Collection[Layout],
    indexes: tuple[Digest, ...] = (),
) -> Walk[Found]:
    """Opens one manifest and lets the layout that recognises it read it."""
    referrers = None
    try:
        if _may_be_signed(listed):
            manifest, referrers = yield from together(
                lambda: source.manifest(listed), lambda: source.referrers(listed.digest)
            )
        else:
            manifest = yield from ask(lambda: source.manifest(listed))
    except PIECE_FAULTS as fault:
        name, claimed = _announced(listed, layouts)
        origin = Origin(name, source.place, subject.level)
        bare = Candidate(subject.digest, listed.digest, (listed.digest,), origin, claimed)
        return Found((replace(bare, problem=str(fault), hint=fault.hint),))
    return (yield from _read(Hung(source, subject, manifest, way, referrers, indexes), wanted, layouts))


def _may_be_signed(listed: Descriptor) -> bool:
    """Whether to ask in the same breath what hangs on it: not for what is known to bring its own signature."""
    return not listed.artifact_type.startswith((BUNDLE, SIGNATURE_ARTIFACT))


def _tagged(source: Source, subject: Subject, suffix: str, wanted: Wanted, layouts: Collection[Layout]) -> Walk[Found]:
    try:
        manifest = yield from ask(lambda: source.tagged(tag_of(subject.digest, suffix)))
    except PIECE_FAULTS as fault:
        return _broken(subject.digest, Origin("cosign-tag", source.place, subject.level), suffix, fault)
    if manifest is None:
        return Found()
    return (yield from _read(Hung(source, subject, manifest, Way.TAG), wanted, layouts))


def _broken(digest: Digest, origin: Origin, suffix: str, fault: RegistryError) -> Found:
    if suffix == ".sig":
        return Found((), (FoundSignature("unknown", digest, digest, origin=origin, problem=str(fault)),))
    bare = Candidate(digest, digest, (digest,), origin)
    return Found((replace(bare, problem=str(fault), hint=fault.hint),))


def _read(hung: Hung, wanted: Wanted, layouts: Collection[Layout]) -> Walk[Found]:
    layout = next((layout for layout in layouts if layout.recognises(hung)), None)
    return Found() if layout is None else (yield from layout.read(hung, wanted))


WAYS: tuple[Finder, ...] = (by_referrer, by_tag, in_index)
