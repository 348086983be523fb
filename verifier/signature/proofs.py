"""What logs and timestamp authorities of the trusted root say of a signature that was verified.

    entries ─► proved, absent, invalid, unchecked         tokens ─► times

Policy asks, the data never does: dropping an entry cannot lower what is required. The trusted root is loaded only when
there is something to hold against it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from verifier.errors import EvidenceInvalid
from verifier.model import Transparency
from verifier.model.trust import Key, Trust, TrustedRoot
from verifier.signature.interface import Claim
from verifier.times import written

_ASK = "Ask the publisher for a log proof, or use transparency: if-present where a key or a timestamp is enough."


class FalseEntry(EvidenceInvalid):
    """A log entry that is malformed, or of another signature."""


class Proofs(msgspec.Struct, frozen=True):
    """`times` are proved moments at which the signature existed, the earliest first."""

    fact: Transparency
    times: tuple[datetime, ...] = ()

    @property
    def time(self) -> str:
        """The earliest, RFC 3339 in UTC, or ""."""
        return written(self.times[0]) if self.times else ""


def of_key(claim: Claim, signature: bytes, key: Key, trust: Trust) -> Proofs:
    """The same for a bare key. Nothing is loaded where nothing came along."""
    if not claim.is_logged and not claim.is_stamped:
        return Proofs(Transparency.ABSENT)
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    spki = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return proofs_of(claim, signature, spki, trust)


def proofs_of(claim: Claim, signature: bytes, verifier: bytes, trust: Trust) -> Proofs:
    """What stands behind `signature`, which `verifier` (DER of a key or certificate) made over the claim's message.

    Raises `EvidenceInvalid` for an entry or timestamp that is false.
    """
    stamped = _stamped(claim, signature, trust.root)
    if not claim.is_logged:
        return Proofs(Transparency.ABSENT, stamped)
    if trust.transparency == "ignore":
        return Proofs(Transparency.UNCHECKED, stamped)
    fact, promised = _logged(claim, signature, verifier, trust.root(), stamped)
    return Proofs(fact, tuple(sorted({*stamped, *promised})))


def _stamped(claim: Claim, signature: bytes, root: Callable[[], TrustedRoot]) -> tuple[datetime, ...]:
    tokens = claim.tokens()
    if not tokens:
        return ()
    from verifier.signature.timestamps import verified_times

    message = signature if claim.stamped is None else claim.stamped
    return tuple(sorted(stamp.moment for stamp in verified_times(tokens, message, root())))


def _logged(
    claim: Claim, signature: bytes, verifier: bytes, root: TrustedRoot, stamped: tuple[datetime, ...]
) -> tuple[Transparency, tuple[datetime, ...]]:
    """An entry of a log that the trusted root does not know proves nothing, and harms nothing."""
    from verifier.signature.logbody import Signed
    from verifier.signature.logproof import prove

    signed = Signed(
        signature,
        verifier,
        claim.message,
        claim.signatures if claim.statement is not None else (),
        claim.payload,
        claim.payload_type,
        claim.envelope,
    )
    try:
        proof = prove(claim.entries(), signed, root, times=stamped)
    except EvidenceInvalid as fault:
        raise FalseEntry(str(fault), hint=fault.hint) from None
    if proof.problem:
        raise FalseEntry(proof.problem, hint=proof.hint or None)
    return (Transparency.PROVED if proof.records else Transparency.UNCHECKED), proof.times


def demand(fact: Transparency, trust: Trust, *, usual: bool) -> None:
    """Raises `EvidenceInvalid` unless the log proof is there that the policy requires; `usual` is its default."""
    required = trust.transparency == "require" or (not trust.transparency and usual)
    if required and fact is not Transparency.PROVED:
        raise EvidenceInvalid(f"the policy requires a transparency log proof, and here it is {fact}", hint=_ASK)
