"""What came of the OpenVEX documents for one platform: those that spoke, those that may not, and what they said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from verifier.limits import DEFAULT_LIMITS
from verifier.vex.conflicts import Outcome
from verifier.vex.matching import Matched
from verifier.vex.statements import Document
from verifier.vex.voices import Voice

_NAMED = 500  # characters of a finding in a line for a report


class Refused(msgspec.Struct, frozen=True):
    """A document that does not speak about this platform. `place` is a path, or where the attestation lies."""

    place: str
    reason: str
    digest: str = ""


class Heard(msgspec.Struct, frozen=True):
    """`findings` counts those of all scans of the platform."""

    voices: tuple[Voice, ...] = ()
    refused: tuple[Refused, ...] = ()
    matched: Matched = Matched()
    findings: int = 0

    def documents(self) -> list[tuple[Document, str]]:
        """All that are heard, each once, with the base for whose packages alone it speaks; "" for all packages."""
        found: dict[str, tuple[Document, str]] = {}
        for voice in self.voices:
            for document in voice.documents:
                found.setdefault(document.digest, (document, voice.base))
        return list(found.values())

    def facts(self) -> list[dict[str, Any]]:
        """What rules get to see: each finding about which a document speaks, once, and whether it is suppressed.

        Scans may list a finding several times, with other aliases; it is suppressed when it is each time.
        """
        outcomes: dict[tuple[str, str], Outcome] = {}
        for one in self.matched.outcomes:
            known = outcomes.get((one.finding.purl, one.finding.vulnerability))
            if known is None or known.suppressed:
                outcomes[one.finding.purl, one.finding.vulnerability] = one
        return [_fact(one) for one in outcomes.values()]

    def notes(self) -> Iterator[str]:
        """Lines for a report: documents that do not speak, and findings on which documents disagree."""
        most = DEFAULT_LIMITS.report_text
        for document, base in self.documents():
            if base:
                named = f"{document.place}@{document.digest}"
                yield f"the OpenVEX document {named} is heard about packages of the base {base} alone"[:most]
        for refused in self.refused:
            named = f"{refused.place}{'@' if refused.place and refused.digest else ''}{refused.digest}"
            yield f"the OpenVEX document {named} is not applied: {refused.reason}"[:most] if named else refused.reason
        disputed, shown = self.matched.disputed, DEFAULT_LIMITS.vex_shown
        for one in disputed[:shown]:
            words = ", ".join(f"{word.statement.status} says {word.document.digest}" for word in one.words)
            found = f"{one.finding.vulnerability} in {one.finding.purl}"
            yield f"OpenVEX documents disagree about {found[:_NAMED]}, so it is not suppressed: {words}"[:most]
        if len(disputed) > shown:
            yield f"OpenVEX documents disagree about {len(disputed) - shown} more findings, which are not suppressed"


def _fact(one: Outcome) -> dict[str, Any]:
    said = one.word.statement
    return {
        "purl": one.finding.purl,
        "vulnerability": one.finding.vulnerability,
        "suppressed": one.suppressed,
        "status": said.status,
        "justification": said.justification,
        "digest": one.word.document.digest,
        "statement": said.number,
        "time": said.time,
        "words": [
            {"digest": word.document.digest, "statement": word.statement.number, "status": word.statement.status}
            for word in one.words
        ],
    }
