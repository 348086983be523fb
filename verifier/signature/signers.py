"""The search for the trusted key, the same for all formats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from verifier.errors import EvidenceInvalid
from verifier.model.trust import Key, Trust
from verifier.signature.interface import NAME_THE_KEY, Untrusted
from verifier.signature.keys import Message, verifies


class _Unrecognised(Untrusted):
    """By no key that has a name here."""


def signer_of(signatures: Sequence[bytes], message: Message, trust: Trust) -> tuple[Key, bytes]:
    """The trusted key that made one of `signatures`, in whatever order they stand, and that signature.

    Keys without an end come first. Raises `Untrusted`, which names a recognised key that does not count, and
    `EvidenceInvalid` for a good signature in a form that is not accepted.
    """
    faults: list[EvidenceInvalid] = []
    found: list[tuple[Key, bytes]] = []
    for signature in signatures:
        try:
            found.append((_signer(signature, message, trust), signature))
        except EvidenceInvalid as fault:
            faults.append(fault)
    if found:
        return min(found, key=lambda one: one[0].valid_until is not None)
    raise min(faults, key=lambda fault: (not isinstance(fault, Untrusted), isinstance(fault, _Unrecognised)))


def _signer(signature: bytes, message: Message, trust: Trust) -> Key:
    """A key that cannot be tried, such as Ed25519 on a digest, does not keep the others from being tried."""
    faults: list[EvidenceInvalid] = []
    for key in (*trust.trusted, *trust.known):
        try:
            if not verifies(key.public_key, signature, message):
                continue
        except EvidenceInvalid as fault:
            faults.append(fault)
            continue
        if key in trust.trusted:
            return key
        raise Untrusted(_why_not(key, trust), hint=NAME_THE_KEY)
    if faults:
        raise faults[0]
    raise _Unrecognised(f"no trusted key made this signature; tried {_names(trust)}", hint=NAME_THE_KEY)


def still_valid(key: Key, times: Sequence[datetime]) -> None:
    """Without a proved time nothing shows that the signature is older than the end of the key.

    Raises `Untrusted`. The end itself is still inside.
    """
    if key.valid_until is not None and not any(moment <= key.valid_until for moment in times):
        ended = key.valid_until.isoformat()
        found = f"proved only for {times[0].isoformat()}" if times else "without a proved signing time"
        raise Untrusted(
            f"signed by {key.name}, whose validity ended at {ended}, {found}",
            hint="Ask the publisher for a signature by a current key, or for one with a transparency log proof.",
        )


def _why_not(key: Key, trust: Trust) -> str:
    if key.fingerprint in trust.denied:
        return f"signed by {key.name}, which the policy denies"
    return f"signed by {key.name} ({key.status}), which is not trusted here; expected {_names(trust)}"


def _names(trust: Trust) -> str:
    return ", ".join(key.name for key in trust.trusted) or "none"
