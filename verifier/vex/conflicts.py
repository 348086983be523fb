"""What several statements about one finding come to: the newest of each document about one image, and all together."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from verifier.vex.statements import Document, Finding, Statement


class Word(msgspec.Struct, frozen=True):
    """The statement of one document that counts for a finding.

    `base` is named where it is said of the base of an image: one document may say something else of the image itself.
    """

    document: Document
    statement: Statement
    base: str = ""

    @property
    def about(self) -> tuple[str, str]:
        """Document and image: of words about the same the newest counts."""
        return self.document.digest, self.base


class Outcome(msgspec.Struct, frozen=True):
    """A finding and what each document that speaks about it says, in the order of the documents. At least one does."""

    finding: Finding
    words: tuple[Word, ...]

    @property
    def suppressed(self) -> bool:
        """Whether every document that speaks excuses the finding: one that does not is enough to keep it."""
        return all(word.statement.suppresses for word in self.words)

    @property
    def disputed(self) -> bool:
        """Whether documents disagree."""
        return not self.suppressed and any(word.statement.suppresses for word in self.words)

    @property
    def word(self) -> Word:
        """The one to name: the newest of those on the side that counts."""
        counting = [word for word in self.words if word.statement.suppresses is self.suppressed]
        return max(counting, key=lambda word: word.statement.age)


def outcome(finding: Finding, found: Iterable[Word]) -> Outcome | None:
    """From all statements about a finding, of all documents; None when there is none."""
    newest: dict[tuple[str, str], Word] = {}
    for word in found:
        known = newest.get(word.about)
        if known is None or word.statement.age > known.statement.age:
            newest[word.about] = word
    return Outcome(finding, tuple(newest.values())) if newest else None
