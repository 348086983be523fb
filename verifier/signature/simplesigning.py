"""cosign simple signing with bare keys: a small JSON payload that names a manifest digest, signed as it stands.

Follows cosign's signature specification and, for the signed `optional` members, what Docker Hardened Images carry.
The payload must pass `PAYLOAD_CHECKS`, in order, each of which returns None or raises `EvidenceInvalid`; then
`signer_of` finds the trusted key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from verifier import strictjson
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import FoundSignature, Signer
from verifier.model.trust import Key, Trust
from verifier.signature import base64text
from verifier.signature.keys import verifies

PAYLOAD_TYPE = "cosign container image signature"


class Untrusted(EvidenceInvalid):
    """Nothing is wrong with the form; no trusted key made this signature."""


class Payload(msgspec.Struct, frozen=True):
    """The signed members. Those under `optional` are "" when the payload does not state them."""

    type: object
    digest: object
    predicate_type: str = ""
    subject: str = ""


class Case(msgspec.Struct, frozen=True):
    """One signature under examination."""

    found: FoundSignature
    payload: Payload
    signature: bytes


def read_payload(body: bytes) -> Payload:
    """Takes the signed bytes apart. Raises `EvidenceInvalid`."""
    if len(body) > DEFAULT_LIMITS.payload_bytes:
        raise EvidenceInvalid(f"the signed payload is larger than {DEFAULT_LIMITS.payload_bytes} bytes")
    try:
        document = strictjson.loads(body)
    except strictjson.JSONRefused as fault:
        raise EvidenceInvalid(f"the signed payload is {fault}") from None
    critical = _object(document, "critical")
    optional = document.get("optional")
    if optional is None:
        optional = {}
    if not isinstance(optional, dict):
        raise EvidenceInvalid("the signed payload's `optional` is neither an object nor null")
    return Payload(
        type=critical.get("type"),
        digest=_object(critical, "image").get("docker-manifest-digest"),
        predicate_type=_text(optional, "predicateType"),
        subject=_text(optional, "subject"),
    )


def _object(holder: Any, member: str) -> dict[str, Any]:
    value = holder.get(member) if isinstance(holder, dict) else None
    if not isinstance(value, dict):
        raise EvidenceInvalid(f"the signed payload has no object `{member}`")
    return value


def _text(holder: dict[str, Any], member: str) -> str:
    value = holder.get(member, "")
    if not isinstance(value, str):
        raise EvidenceInvalid(f"the signed payload's `{member}` is not a string")
    return value


def payload_type(case: Case) -> None:
    if case.payload.type != PAYLOAD_TYPE:
        raise EvidenceInvalid(f"the payload's type is {case.payload.type!r:.100}; expected {PAYLOAD_TYPE!r}")


def payload_digest(case: Case) -> None:
    if case.payload.digest != case.found.covers:
        raise EvidenceInvalid(
            f"the signature is for {case.payload.digest!r:.100}, not for {case.found.covers} on which it hangs",
            hint="A signature was copied from another manifest; fetch the one that belongs here.",
        )


PAYLOAD_CHECKS: tuple[Callable[[Case], None], ...] = (payload_type, payload_digest)


def signer_of(case: Case, trust: Trust) -> Signer:
    """The trusted key that made the signature. Raises `Untrusted` and names a recognised key that does not count."""
    for key in trust.trusted:
        if verifies(key.public_key, case.signature, case.found.payload):
            _still_valid(key)
            return Signer(key.name, key.fingerprint, key.is_dhi)
    for key in trust.known:
        if verifies(key.public_key, case.signature, case.found.payload):
            raise Untrusted(_why_not(key, trust), hint=_NAME_THE_KEY)
    raise Untrusted(f"no trusted key made this signature; tried {_names(trust)}", hint=_NAME_THE_KEY)


_NAME_THE_KEY = "If you trust the publisher, give its public key with --key or name it in the policy."


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


def open_case(found: FoundSignature) -> Case:
    """The parts of a signature, decoded. Raises `EvidenceInvalid`."""
    if found.problem:
        raise EvidenceInvalid(found.problem)
    if found.has_certificate:
        raise Untrusted("signed with a certificate, and only keys are trusted here", hint=_NAME_THE_KEY)
    if not found.signature:
        raise EvidenceInvalid("the signature is missing: its annotation is absent or empty")
    return Case(found, read_payload(found.payload), base64text.decode(found.signature, "signature"))
