"""Decodes verified evidence into a report: what it says in detail, beside what the rules came to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias, TypeVar

from msgspec.structs import replace

from verifier.errors import EvidenceInvalid
from verifier.model import AttestationEntry, Details, ImageResult, Statement
from verifier.verification.binding import Judged, entry
from verifier.verification.examine import Examination
from verifier.verification.facts import PlatformEvidence

T = TypeVar("T")
Decoder: TypeAlias = Callable[[Statement, AttestationEntry], T]


def with_details(result: ImageResult, examination: Examination, kinds: Collection[str]) -> ImageResult:
    """The result with `details` of each platform, of the kinds named; itself when none is. Changes nothing else."""
    if not kinds:
        return result
    found = {str(evidence.digest): _details(evidence, kinds) for evidence in examination.platforms}
    platforms = tuple(replace(platform, details=found.get(platform.digest)) for platform in result.platforms)
    return replace(result, platforms=platforms)


def _details(evidence: PlatformEvidence, kinds: Collection[str]) -> Details:
    """Newest first within a kind, as everywhere. What is verified and cannot be decoded is said, not left out."""
    from verifier.attestation import decode

    unreadable: list[str] = []

    def decoded(kind: str, decoder: Decoder[T]) -> tuple[T, ...]:
        if kind not in kinds:
            return ()
        found = (_decoded(judged, decoder, unreadable) for judged in evidence.verified if judged.kind == kind)
        return tuple(value for values in found for value in values)

    digest = str(evidence.digest)
    scans = decoded("stig", lambda statement, line: decode.stig_scans(statement, line, digest))
    return Details(
        stig=tuple(scan for several in scans for scan in several),
        fips=decoded("fips", decode.fips_modules),
        tests=decoded("tests", decode.reported_tests),
        packages=decoded("sbom", decode.packages),
        unreadable=tuple(unreadable),
    )


def _decoded(judged: Judged, decoder: Decoder[T], unreadable: list[str]) -> tuple[T, ...]:
    if judged.statement is None:
        return ()
    try:
        return (decoder(judged.statement, entry(judged)),)
    except EvidenceInvalid as fault:
        unreadable.append(f"the {judged.kind} attestation {judged.candidate.digest} cannot be decoded: {fault}")
        return ()
