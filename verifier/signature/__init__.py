"""Who signed exactly these bytes, or why that cannot be said.

One pipeline for all that is found: every signature is examined, order decides nothing, junk beside a good one is
passed over, and the outcome of none is `unsigned`, never a pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Checked, FoundSignature, Status, Transparency
from verifier.model.trust import Trust
from verifier.signature import transparency
from verifier.signature.simplesigning import PAYLOAD_CHECKS, Untrusted, open_case, signer_of

__all__ = ["check", "check_one"]

_BEST_FIRST = (Status.VERIFIED, Status.UNTRUSTED, Status.INVALID)


def check(signatures: Sequence[FoundSignature], trust: Trust) -> Checked:
    """The best outcome among `signatures`: verified, else untrusted, else invalid; `unsigned` when there is none."""
    if not signatures:
        return Checked(Status.UNSIGNED, reason="no signature was found", hint="Ask the publisher for signed evidence.")
    if len(signatures) > DEFAULT_LIMITS.signatures:
        return Checked(
            Status.INVALID,
            reason=f"{len(signatures)} signatures hang on it; at most {DEFAULT_LIMITS.signatures} are examined",
            hint="Remove the surplus signatures from the repository; the good one may drown in them.",
        )
    outcomes = [check_one(found, trust) for found in signatures]
    return min(outcomes, key=lambda outcome: _BEST_FIRST.index(outcome.status))


def check_one(found: FoundSignature, trust: Trust) -> Checked:
    """The outcome for a single signature. Raises nothing: each fault becomes a status with its reason."""
    logged, why = transparency.of_annotation(found.rekor, trust.transparency)
    try:
        case = open_case(found)
        for check_payload in PAYLOAD_CHECKS:
            check_payload(case)
        signer = signer_of(case, trust)
        _log_demand(logged, why, trust)
    except Untrusted as fault:
        return Checked(Status.UNTRUSTED, reason=str(fault), hint=fault.hint, transparency=logged)
    except EvidenceInvalid as fault:
        return Checked(Status.INVALID, reason=str(fault), hint=fault.hint, transparency=logged)
    product, _, subject = case.payload.subject.rpartition("@")
    return Checked(
        Status.VERIFIED,
        signer=signer,
        transparency=logged,
        claimed_type=case.payload.predicate_type,
        claimed_subject=subject or case.payload.subject,  # without a digest it names nothing that could be this image
        product=product,
    )


def _log_demand(logged: Transparency, why: str, trust: Trust) -> None:
    """Policy asks, the data never does: dropping an annotation cannot lower what is required."""
    if logged is Transparency.INVALID:
        raise EvidenceInvalid(why)
    if trust.transparency == "require" and logged is not Transparency.PROVED:
        raise EvidenceInvalid(
            f"the policy requires a transparency log proof, and here it is {logged}",
            hint="Use transparency: if-present for key-signed evidence, or ask the publisher for a log proof.",
        )
