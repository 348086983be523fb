"""Who signed exactly these bytes, or why that cannot be said.

    FoundSignature ─► its format: message and signatures ─► signer_of ─► what the policy asks of logs ─► Checked

One pipeline for all formats: every signature is examined, order decides nothing, junk beside a good one is passed
over, and the outcome of none is `unsigned`, never a pass. A new format is a module and a line in `_FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Checked, FoundSignature, Status, Transparency
from verifier.model.trust import Trust
from verifier.signature import bundle, dsse, notary, simplesigning
from verifier.signature.interface import NAME_THE_KEY, Claim, Format, Logged, Untrusted
from verifier.signature.signers import signer_of

__all__ = ["check_all", "check_one", "enclosed"]

_FORMATS: dict[str, Format] = {
    "simplesigning": simplesigning,
    "dsse": dsse,
    "bundle": bundle,
    "notary": notary,
}
_BEST_FIRST = (Status.VERIFIED, Status.UNTRUSTED, Status.INVALID)


def check_all(signatures: Sequence[FoundSignature], check: Callable[[FoundSignature], Checked]) -> Checked:
    """The best outcome of `check` on each: verified, else untrusted, else invalid; `unsigned` when there is none."""
    if not signatures:
        return Checked(Status.UNSIGNED, reason="no signature was found", hint="Ask the publisher for signed evidence.")
    if len(signatures) > DEFAULT_LIMITS.signatures:
        return Checked(
            Status.INVALID,
            reason=f"{len(signatures)} signatures hang on it; at most {DEFAULT_LIMITS.signatures} are examined",
            hint="Remove the surplus signatures from the repository; the good one may drown in them.",
        )
    return min(map(check, signatures), key=lambda outcome: _BEST_FIRST.index(outcome.status))


def check_one(found: FoundSignature, trust: Trust) -> Checked:
    """The outcome for a single signature. Raises nothing: each fault becomes a status with its reason."""
    logged = Logged(Transparency.ABSENT)
    try:
        claim = _format(found).read(found, trust.transparency)
        logged = claim.logged
        _no_certificate(claim)
        signer = signer_of(claim.signatures, claim.message, trust)
        _log_demand(logged, trust)
    except Untrusted as fault:
        return Checked(Status.UNTRUSTED, reason=str(fault), hint=fault.hint, transparency=logged.fact)
    except EvidenceInvalid as fault:
        return Checked(Status.INVALID, reason=str(fault), hint=fault.hint, transparency=logged.fact)
    return Checked(
        Status.VERIFIED,
        signer=signer,
        transparency=logged.fact,
        claimed_type=claim.claimed_type,
        claimed_subject=claim.claimed_subject,
        product=claim.product,
        annotations=claim.annotations,
        statement=claim.statement,
    )


def enclosed(found: FoundSignature) -> bytes | None:
    """The statement inside an envelope or bundle, for display only: nothing of it is verified.

    None for a signature that stands alone. Raises `EvidenceInvalid` when the statement cannot be taken out.
    """
    return _format(found).enclosed(found)


def _format(found: FoundSignature) -> Format:
    if found.problem:
        raise EvidenceInvalid(found.problem)
    if found.format not in _FORMATS:
        raise EvidenceInvalid(f"signatures in the format {found.format!r:.100} are not read")
    return _FORMATS[found.format]


def _no_certificate(claim: Claim) -> None:
    """A certificate out of the data vouches for nothing, whoever issued it."""
    if claim.certificate:
        raise Untrusted("signed with a certificate, and only keys are trusted here", hint=NAME_THE_KEY)


def _log_demand(logged: Logged, trust: Trust) -> None:
    """Policy asks, the data never does: dropping an entry cannot lower what is required."""
    if logged.fact is Transparency.INVALID:
        raise EvidenceInvalid(logged.why)
    if trust.transparency == "require" and logged.fact is not Transparency.PROVED:
        raise EvidenceInvalid(
            f"the policy requires a transparency log proof, and here it is {logged.fact}",
            hint="Use transparency: if-present for key-signed evidence, or ask the publisher for a log proof.",
        )
