"""What a storage layout is: a form in which signatures and statements lie in a repository, and what is found there."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

import msgspec

from verifier.errors import ContentMismatch, LimitExceeded, MalformedContent, NotFound
from verifier.evidence.walk import Walk
from verifier.model import Candidate, Descriptor, Digest, FoundSignature, Manifest, Origin, Source

SIGNATURE_STATEMENT = "https://sigstore.dev/cosign/sign/v1"
"""The predicate type by which a statement is a signature of its subject, and not evidence about it."""

# What can be wrong with one piece without saying anything about the repository as a whole.
PIECE_FAULTS = (NotFound, ContentMismatch, LimitExceeded, MalformedContent)


class Way(StrEnum):
    """How one manifest hangs on another."""

    REFERRER = "referrer"  # it names the other as its subject
    TAG = "tag"  # its tag is made of the other's digest
    INDEX = "index"  # an index lists both, and says that one is about the other


class Attached(msgspec.Struct, frozen=True):
    """An attestation manifest that an index lists for another manifest; `indexes` are those that lead to it."""

    descriptor: Descriptor
    indexes: tuple[Digest, ...]


class Subject(msgspec.Struct, frozen=True):
    """A manifest about which evidence is looked for, and the attestation manifests that indexes list for it."""

    digest: Digest
    level: str  # "platform" or "index"
    attached: tuple[Attached, ...] = ()


class Wanted(msgspec.Struct, frozen=True):
    """Which predicate types are to be read: of each family the first form that is listed, or everything.

    A family is a kind of evidence: its forms, the preferred first, each with the predicate types (versions) that have
    that form. All types of the chosen form are read. What is not chosen is reported as `unread`; an annotation that
    lies can therefore hide evidence, as leaving it out could, and never adds any. Signatures are always read.
    """

    families: tuple[tuple[tuple[str, ...], ...], ...] = ()
    everything: bool = False

    def choose(self, listed: Iterable[str]) -> frozenset[str] | None:
        """The types to read among those that a listing announces; None for all. What announces no type is read."""
        if self.everything:
            return None
        listed = frozenset(listed)
        first = (next((form for form in family if listed.intersection(form)), ()) for family in self.families)
        return frozenset((*(uri for form in first for uri in form), "", SIGNATURE_STATEMENT))

    def skips(self, claimed: str, among: Iterable[str]) -> bool:
        """Whether `claimed` is left out when a listing announces the types `among`."""
        chosen = self.choose(among)
        return chosen is not None and claimed not in chosen


class Hung(msgspec.Struct, frozen=True):
    """A manifest that hangs on `subject`, opened.

    `referrers` lists what hangs on it in turn, None if not asked yet; `indexes` are those that lead to it.
    """

    source: Source
    subject: Subject
    manifest: Manifest
    way: Way
    referrers: tuple[Descriptor, ...] | None = None
    indexes: tuple[Digest, ...] = ()

    @property
    def misplaced(self) -> str:
        """Why it does not belong here, or "": a listing may name anything, so the manifest's own subject must agree."""
        named = self.manifest.subject.digest if self.manifest.subject else None
        if named == self.subject.digest or (named is None and self.way is not Way.REFERRER):
            return ""
        return f"the manifest's subject is {named or 'missing'}; expected {self.subject.digest}"

    def origin(self, layout: str) -> Origin:
        return Origin(layout, self.source.place, self.subject.level)


class Found(msgspec.Struct, frozen=True):
    """What one thing that hangs on a manifest is: evidence, signatures of the manifest itself, or neither."""

    candidates: tuple[Candidate, ...] = ()
    signatures: tuple[FoundSignature, ...] = ()


class Layout(Protocol):
    """One storage layout. It finds and fetches; it judges nothing and trusts nothing that it reads.

    `annotation` is where manifests of this layout announce their predicate type, "" where they do not.
    """

    name: str
    annotation: str

    def recognises(self, hung: Hung) -> bool:
        """Whether a manifest is of this layout, by the way it hangs and by what it holds."""

    def read(self, hung: Hung, wanted: Wanted) -> Walk[Found]:
        """What the manifest holds. A piece that cannot be had gets a `problem`.

        Raises `RegistryError` and `AuthenticationError` where the repository itself does not answer: nothing may be
        concluded then.
        """
