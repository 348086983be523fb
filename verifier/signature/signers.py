"""The search for the trusted key, the same for all formats."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.errors import EvidenceInvalid
from verifier.model import Signer
from verifier.model.trust import Key, Trust
from verifier.signature.interface import NAME_THE_KEY, Untrusted
from verifier.signature.keys import Message, verifies


class _Unrecognised(Untrusted):
    """By no key that has a name here."""


def signer_of(signatures: Sequence[bytes], message: Message, trust: Trust) -> Signer:
    """The trusted key that made one of `signatures`, in whatever order they stand.

    Raises `Untrusted`, which names a recognised key that does not count, and `EvidenceInvalid` for a good signature
    in a form that is not accepted.
    """
    faults: list[EvidenceInvalid] = []
    for signature in signatures:
        try:
            return _signer(signature, message, trust)
        except EvidenceInvalid as fault:
            faults.append(fault)
    raise min(faults, key=lambda fault: (not isinstance(fault, Untrusted), isinstance(fault, _Unrecognised)))


def _signer(signature: bytes, message: Message, trust: Trust) -> Signer:
    for key in trust.trusted:
        if verifies(key.public_key, signature, message):
            _still_valid(key)
            return Signer(key.name, key.fingerprint, key.is_dhi)
    for key in trust.known:
        if verifies(key.public_key, signature, message):
            raise Untrusted(_why_not(key, trust), hint=NAME_THE_KEY)
    raise _Unrecognised(f"no trusted key made this signature; tried {_names(trust)}", hint=NAME_THE_KEY)


def _still_valid(key: Key) -> None:
    """Without a proved time nothing shows that the signature is older than the end of the key."""
    if key.valid_until is not None:
        ended = key.valid_until.isoformat()
        raise Untrusted(
            f"signed by {key.name}, whose validity ended at {ended}, without a proved signing time",
            hint="Ask the publisher for a signature by a current key, or for one with a transparency log proof.",
        )


def _why_not(key: Key, trust: Trust) -> str:
    if key.fingerprint in trust.denied:
        return f"signed by {key.name}, which the policy denies"
    return f"signed by {key.name} ({key.status}), which is not trusted here; expected {_names(trust)}"


def _names(trust: Trust) -> str:
    return ", ".join(key.name for key in trust.trusted) or "none: every key is denied"
