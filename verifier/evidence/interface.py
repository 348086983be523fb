"""What a storage layout is: a way in which evidence hangs on an image in a repository."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from verifier.evidence.walk import Walk
from verifier.model import Candidate, Digest, FoundSignature, Source


class Wanted(msgspec.Struct, frozen=True):
    """Which predicate types are to be read: of each family the first that is listed, or everything.

    A family is a tuple of predicate types that mean the same kind of evidence, the preferred first. What is not
    chosen is reported as `unread`; an annotation that lies can therefore hide evidence, as leaving it out could,
    and never adds any.
    """

    families: tuple[tuple[str, ...], ...] = ()
    everything: bool = False

    def choose(self, listed: Iterable[str]) -> frozenset[str] | None:
        """The types to read among those that a listing announces; None for all."""
        if self.everything:
            return None
        listed = frozenset(listed)
        first = (next((uri for uri in family if uri in listed), None) for family in self.families)
        return frozenset(uri for uri in first if uri is not None)


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
