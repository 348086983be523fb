"""Hands out what the verified evidence of an image says in detail. Nothing is judged."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.errors import EvidenceMissing, EvidenceUntrusted
from verifier.model import ImageResult
from verifier.model.progress import Progress
from verifier.oci import parse_reference
from verifier.verification.decide import listed, wanted_by
from verifier.verification.details import with_details
from verifier.verification.examine import Examination
from verifier.verification.hub import Options, Session, examination_of


def decoded(
    reference: str, kind: str, options: Options, progress: Progress | None = None, beside: Sequence[str] = ()
) -> ImageResult:
    """The image with `details` of the evidence of a kind, and of the kinds `beside` it where there is any.

    Raises `EvidenceMissing` when there is none of the kind, and `EvidenceUntrusted` when none of it is verified.
    """
    kinds = (kind, *beside)
    with Session(options, progress) as session:
        examination = examination_of(session, parse_reference(reference), wanted_by((), kinds))
    _require(examination, kind)
    return with_details(listed(examination), examination, kinds)


def _require(examination: Examination, kind: str) -> None:
    if any(one.kind == kind for platform in examination.platforms for one in platform.verified):
        return
    found = [one for one in examination.judged if one.kind == kind]
    if not found:
        others = ", ".join(sorted({one.kind for one in examination.judged})) or "nothing"
        raise EvidenceMissing(f"no evidence of the kind {kind} is there; there is: {others}")
    if any(one.verified for one in found):
        raise EvidenceMissing(f"evidence of the kind {kind} is there, and speaks about none of these platforms")
    raise EvidenceUntrusted(
        f"evidence of the kind {kind} is there and not verified: {found[0].checked.reason}",
        hint=found[0].checked.hint,
    )
