"""Hands out single statements of an image: verified ones, or, when that is said aloud, others marked as such."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from verifier import attestation, signature
from verifier.errors import EvidenceInvalid, EvidenceMissing, EvidenceUntrusted, UsageError
from verifier.model import AttestationEntry, Candidate, Statement
from verifier.model.progress import Progress
from verifier.oci import parse_reference
from verifier.verification.binding import Judged, entry
from verifier.verification.examine import Examination, wanted_types
from verifier.verification.hub import Options, Session, examination_of


class Extract(msgspec.Struct, frozen=True):
    """One statement. `doubt` says why it is not verified, "" when it is; `platform` is "index" for index evidence.

    `entry` is its line in a report: layout, location, signer, time.
    """

    platform: str
    digest: str
    predicate_type: str
    statement: Statement
    entry: AttestationEntry
    doubt: str = ""


def extract(
    reference: str,
    types: Sequence[str],
    options: Options,
    *,
    unverified: bool = False,
    progress: Progress | None = None,
) -> list[Extract]:
    """Statements of `types`, newest first within a platform.

    Raises `EvidenceMissing` when there is none, and `EvidenceUntrusted` when none is verified and `unverified` is
    not said.
    """
    with Session(options, progress) as session:
        examination = examination_of(session, parse_reference(reference), wanted_types(types))
    found = [
        (platform, judged)
        for platform, several in _by_platform(examination)
        for judged in several
        if judged.predicate_type in types
    ]
    verified = [_extract(platform, judged) for platform, judged in found if judged.verified]
    if verified and not unverified:
        return verified
    if not found:
        raise EvidenceMissing(f"no evidence of type {', '.join(types)}; there is: {_present(examination)}")
    if not unverified:
        checked = found[0][1].checked
        raise EvidenceUntrusted(f"evidence of this type is there and not verified: {checked.reason}", hint=checked.hint)
    return verified + [_extract(platform, judged) for platform, judged in found if not judged.verified]


def _by_platform(examination: Examination) -> list[tuple[str, Sequence[Judged]]]:
    """Verified evidence newest first, then the rest."""
    platforms: list[tuple[str, Sequence[Judged]]] = [
        (p.image.name, (*p.verified, *(j for j in p.judged if not j.verified))) for p in examination.platforms
    ]
    return [*platforms, ("index", examination.index)]


def _present(examination: Examination) -> str:
    return ", ".join(sorted({j.predicate_type or "an unnamed type" for j in examination.judged})) or "nothing"


def _extract(platform: str, judged: Judged) -> Extract:
    statement = judged.statement
    if statement is None:
        statement = _unverified_statement(judged)
    if not statement.predicate:
        raise EvidenceMissing(f"the statement {judged.candidate.digest} has no predicate")
    doubt = "" if judged.verified else f"{judged.checked.status}: {judged.checked.reason}"
    return Extract(platform, judged.candidate.digest, judged.predicate_type, statement, entry(judged), doubt)


def _unverified_statement(judged: Judged) -> Statement:
    try:
        body = _body(judged.candidate)
        if body is None:
            why = judged.checked.reason
            raise EvidenceUntrusted(f"the statement cannot be had: {why}", hint="Fetch it another way.")
        return attestation.read_statement(body)
    except EvidenceInvalid as fault:
        raise EvidenceUntrusted(f"the statement cannot be read: {fault}", hint=fault.hint) from None


def _body(candidate: Candidate) -> bytes | None:
    if candidate.statement is not None or not candidate.signatures:
        return candidate.statement
    return signature.enclosed(candidate.signatures[0])


def only_one(extracts: Sequence[Extract]) -> Extract:
    """The one that a caller means who asked for one. Raises `UsageError` where that is not clear."""
    platforms = dict.fromkeys(extract.platform for extract in extracts)
    if len(platforms) > 1:
        raise UsageError(
            f"several platforms have it: {', '.join(platforms)}", hint="Name one with --platform, or say --all."
        )
    types = dict.fromkeys(extract.predicate_type for extract in extracts)
    if len(types) > 1:
        raise UsageError(f"several types fit: {', '.join(types)}", hint="Name one with --predicate-type, or say --all.")
    return extracts[0]
