"""What the OpenVEX documents of an image excuse, where they disagree, and which statements met no finding."""

from __future__ import annotations

from typing import Any

import msgspec

from verifier.errors import EvidenceMissing, EvidenceUntrusted, UsageError
from verifier.model.progress import Progress
from verifier.oci import parse_reference
from verifier.verification import decide
from verifier.verification.examine import Examination
from verifier.verification.facts import PlatformEvidence
from verifier.verification.hub import Options, Session, examination_of, with_bases
from verifier.verification.suppression import heard
from verifier.version import tool_name
from verifier.vex.conflicts import Outcome, Word
from verifier.vex.export import compiled, spoken
from verifier.vex.heard import Heard
from verifier.vex.matching import Unmatched
from verifier.vex.statements import Document

VEX_SCHEMA = "https://dhiverify.dev/schema/vex/v1"


class VexDocumentEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A document that speaks. `location` is a path, or where the attestation lies; `statements` is their number.

    `base` is named where it speaks for the packages of the image's base alone.
    """

    digest: str
    location: str
    signer: str
    author: str
    time: str
    statements: int
    id: str = ""
    base: str = ""


class VexRefusal(msgspec.Struct, frozen=True, rename="camel"):
    """A document that does not speak about this platform."""

    location: str
    digest: str
    reason: str


class VexWord(msgspec.Struct, frozen=True, rename="camel"):
    """What one document says: `statement` is the place of the statement in it, from 0, `id` its own name."""

    document: str
    statement: int
    status: str
    justification: str = ""
    time: str = ""
    id: str = ""


class VexFinding(msgspec.Struct, frozen=True, rename="camel"):
    """A finding of a scan about which documents speak. Suppressed when all of them excuse it."""

    vulnerability: str
    purl: str
    suppressed: bool
    words: tuple[VexWord, ...]


class VexUnmatched(msgspec.Struct, frozen=True, rename="camel"):
    """A statement that changes nothing, and why."""

    vulnerability: str
    word: VexWord
    reason: str


class VexPlatform(msgspec.Struct, frozen=True, rename="camel"):
    """One platform. `found` counts the findings of its scans; those about which nobody speaks are not listed."""

    platform: str
    digest: str
    found: int
    documents: tuple[VexDocumentEntry, ...]
    refused: tuple[VexRefusal, ...]
    findings: tuple[VexFinding, ...]
    unmatched: tuple[VexUnmatched, ...]


class VexReport(msgspec.Struct, frozen=True, rename="camel"):
    schema: str
    tool: str
    reference: str
    digest: str
    platforms: tuple[VexPlatform, ...]
    relaxations: tuple[str, ...] = ()


class VexExport(msgspec.Struct, frozen=True):
    """An OpenVEX document as plain data, and how many statements could not go into it; see `Spoken`."""

    document: dict[str, Any]
    contradicted: int
    unspeakable: int


def show_vex(reference: str, options: Options, progress: Progress | None = None) -> VexReport:
    """Everything that is known of the OpenVEX documents of an image.

    Raises `EvidenceMissing` where there is none, and `EvidenceUntrusted` where none of them may speak.
    """
    examination = _examined(reference, options, progress)
    return VexReport(
        schema=VEX_SCHEMA,
        tool=tool_name(),
        reference=str(examination.image.requested),
        digest=examination.image.digest,
        platforms=tuple(_platform(one, one.vex or Heard()) for one in examination.platforms),
        relaxations=options.relaxations,
    )


def export_vex(reference: str, options: Options, progress: Progress | None = None) -> VexExport:
    """One document for scanners with all that the documents of an image excuse.

    Raises `EvidenceMissing` where there is none or nothing is excused, and `EvidenceUntrusted` as `show_vex` does.
    """
    examination = _examined(reference, options, progress)
    said = [spoken(one.vex.voices if one.vex else ()) for one in examination.platforms]
    digests = [str(one.digest) for one in examination.platforms]
    above = () if examination.narrowed else examination.platforms  # an index stands for every platform
    indexes = sorted({str(digest) for one in above for digest in one.indexes})
    document = compiled(list(zip(digests, said, strict=True)), indexes, _names(examination), tool_name())
    if document is None:
        raise EvidenceMissing("no verified OpenVEX document excuses anything", hint="See `dhiverify vex show`.")
    return VexExport(document, max(one.contradicted for one in said), max(one.unspeakable for one in said))


def _examined(reference: str, options: Options, progress: Progress | None) -> Examination:
    with Session(options, progress) as session:
        parsed = parse_reference(reference)
        plan = session.plan(session.requested(parsed))
        if plan is None:
            raise UsageError(f"no section of the policy is about {parsed}")
        kinds = ("vex", "vulnerabilities", *(("provenance",) if plan.base else ()))
        examination = examination_of(session, parsed, decide.wanted_by((), kinds))
        examination = with_bases(session, parsed, plan, examination, thorough=True)
        examination = heard(examination, plan, session.trust(plan), thorough=True)
    _require_documents(examination)
    return examination


def _require_documents(examination: Examination) -> None:
    if any(one.vex and one.vex.documents() for one in examination.platforms):
        return
    found = [one for one in examination.judged if one.kind == "vex"]
    refused = [refusal.reason for one in examination.platforms if one.vex for refusal in one.vex.refused]
    reasons = [one.checked.reason for one in found if one.checked.reason]
    if not found and not refused:
        present = ", ".join(sorted({one.kind for one in examination.judged})) or "nothing"
        raise EvidenceMissing(f"the image has no OpenVEX document; there is: {present}")
    raise EvidenceUntrusted(f"no OpenVEX document may speak about the image: {next(iter([*refused, *reasons]), '')}")


def _names(examination: Examination) -> list[str]:
    """The last part of each name, by which scanners call an image: `nginx`, or `dhi-nginx` on a mirror."""
    requested = examination.image.requested
    names = [product for platform in examination.platforms for product in platform.products]
    if not requested.is_layout:
        names.append(requested.name)
    return sorted({name.lower().rpartition("/")[2] for name in names}) or ["image"]


def _platform(platform: PlatformEvidence, said: Heard) -> VexPlatform:
    outcomes = sorted(said.matched.outcomes, key=_order)
    return VexPlatform(
        platform=platform.image.name,
        digest=platform.digest,
        found=said.findings,
        documents=tuple(_document(one, base) for one, base in said.documents()),
        refused=tuple(VexRefusal(one.place, one.digest, one.reason) for one in said.refused),
        findings=tuple(map(_finding, outcomes)),
        unmatched=tuple(map(_unmatched, said.matched.unmatched)),
    )


def _order(one: Outcome) -> tuple[bool, str, str]:
    """What is still to be dealt with first."""
    return one.suppressed, one.finding.vulnerability, one.finding.purl


def _document(one: Document, base: str) -> VexDocumentEntry:
    count = len(one.statements)
    return VexDocumentEntry(one.digest, one.place, one.signer, one.author, one.time, count, one.id, base)


def _finding(one: Outcome) -> VexFinding:
    words = tuple(map(_word, one.words))
    return VexFinding(one.finding.vulnerability, one.finding.purl, one.suppressed, words)


def _word(word: Word) -> VexWord:
    said = word.statement
    return VexWord(word.document.digest, said.number, said.status, said.justification, said.time, said.id)


def _unmatched(one: Unmatched) -> VexUnmatched:
    return VexUnmatched(one.statement.vulnerability, _word(Word(one.document, one.statement)), one.reason)
