"""Who signed exactly these bytes, or why that cannot be said.

    FoundSignature ─► its format: Claim ─► key or certificate ─► logs, timestamps ─► what the policy asks ─► Checked

One pipeline for all formats: every signature is examined, order decides nothing, junk beside a good one is passed
over, and the outcome of none is `unsigned`, never a pass. A new format is a module and a line in `_FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Checked, FoundSignature, Signer, Status, Transparency
from verifier.model.trust import Trust
from verifier.signature import bundle, dsse, notary, proofs, simplesigning
from verifier.signature.interface import NAME_THE_IDENTITY, Claim, Format, Untrusted
from verifier.signature.proofs import FalseEntry, Proofs
from verifier.signature.signers import signer_of, still_valid

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
    """The outcome for a single signature. Raises nothing but `ConfigurationError`: a fault becomes a status."""
    fact = Transparency.ABSENT
    try:
        claim = _format(found).read(found)
        fact = Transparency.UNCHECKED if claim.is_logged else Transparency.ABSENT
        signer, proved = _by_certificate(claim, trust) if claim.certificate else _by_key(claim, trust)
    except Untrusted as fault:
        return Checked(Status.UNTRUSTED, reason=str(fault), hint=fault.hint, transparency=fact)
    except EvidenceInvalid as fault:
        fact = Transparency.INVALID if isinstance(fault, FalseEntry) else fact
        return Checked(Status.INVALID, reason=str(fault), hint=fault.hint, transparency=fact)
    return Checked(
        Status.VERIFIED,
        signer=signer,
        transparency=proved.fact,
        time=proved.time,
        claimed_type=claim.claimed_type,
        claimed_subject=claim.claimed_subject,
        product=claim.product,
        annotations=claim.annotations,
        statement=claim.statement,
    )


def _by_key(claim: Claim, trust: Trust) -> tuple[Signer, Proofs]:
    """A key needs no log and no time, unless the policy asks for one or the key has an end."""
    key, signature = signer_of(claim.signatures, claim.message, trust)
    proved = proofs.of_key(claim, signature, key, trust)
    proofs.demand(proved.fact, trust, usual=False)
    still_valid(key, proved.times)
    return Signer(key.name, key.fingerprint, key.is_dhi), proved


def _by_certificate(claim: Claim, trust: Trust) -> tuple[Signer, Proofs]:
    """A certificate out of the data vouches for nothing, unless the trusted root and the policy say so."""
    if not trust.identities:
        raise Untrusted("signed with a certificate, and only keys are trusted here", hint=NAME_THE_IDENTITY)
    from verifier.signature import keyless

    return keyless.signer_of(claim, trust, trust.root())


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
