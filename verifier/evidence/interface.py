"""What a storage layout is: a way in which evidence hangs on an image in a repository."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from verifier.evidence.walk import Walk
from verifier.model import Candidate, Digest, FoundSignature, Source


class Wanted(msgspec.Struct, frozen=True):
    """Which predicate types are to be read: of each family the first form that is listed, or everything.

    A family is a kind of evidence: its forms, the preferred first, each with the predicate types (versions) that have
    that form. All types of the chosen form are read. What is not chosen is reported as `unread`; an annotation that
    lies can therefore hide evidence, as leaving it out could, and never adds any.
    """

    families: tuple[tuple[tuple[str, ...], ...], ...] = ()
    everything: bool = False

    def choose(self, listed: Iterable[str]) -> frozenset[str] | None:
        """The types to read among those that a listing announces; None for all."""
        if self.everything:
            return None
        listed = frozenset(listed)
        first = (next((form for form in family if listed.intersection(form)), ()) for family in self.families)
        return frozenset(uri for form in first for uri in form)


class Found(msgspec.Struct, frozen=True):
    """What one listed thing is: evidence about the image, signatures of the subject itself, or neither."""

    subject: Digest
    candidates: tuple[Candidate, ...] = ()
    signatures: tuple[FoundSignature, ...] = ()


class Layout(Protocol):
    """One storage layout. It finds and fetches; it judges nothing and trusts nothing that it reads."""

    name: str

    def find(self, source: Source, subject: Digest, level: str, wanted: Wanted) -> Walk[tuple[Walk[Found], ...]]:
        """Everything of this layout that hangs on the manifest `subject` in the repository of `source`.

        Lists first, and gives one walk for each thing listed, so that each can be worked on once it is there. A piece
        that cannot be had becomes a candidate with a `problem`. Raises `RegistryError` and `AuthenticationError` where
        the repository itself does not answer: nothing may be concluded then.
        """
