"""cosign simple signing: a small JSON payload that names a manifest digest, signed as it stands.

Follows cosign's signature specification and, for the signed `optional` members, what Docker Hardened Images carry.
The payload must pass `PAYLOAD_CHECKS`, in order, each of which returns None or raises `EvidenceInvalid`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from verifier import strictjson
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import FoundSignature
from verifier.signature import base64text
from verifier.signature.interface import Claim
from verifier.signature.keys import Message
from verifier.signature.witnesses import annotated_entries, annotated_tokens

PAYLOAD_TYPE = "cosign container image signature"


class Payload(msgspec.Struct, frozen=True):
    """The signed members. `predicate_type` and `subject` are "" when `optional` does not state them."""

    type: object
    digest: object
    predicate_type: str = ""
    subject: str = ""
    annotations: dict[str, str] = {}


def read(found: FoundSignature) -> Claim:
    """Raises `EvidenceInvalid` for a payload that is none, or is about another manifest than `found.covers`."""
    if not found.signature:
        raise EvidenceInvalid("the signature is missing: its annotation is absent or empty")
    payload = read_payload(found.payload)
    for check in PAYLOAD_CHECKS:
        check(payload, found)
    product, _, subject = payload.subject.rpartition("@")
    return Claim(
        message=Message(found.payload),
        signatures=(base64text.decode(found.signature, "signature"),),
        certificate=found.certificate,
        chain=found.chain,
        is_logged=found.rekor is not None,
        is_stamped=bool(found.timestamp),
        entries=partial(annotated_entries, found),
        tokens=partial(annotated_tokens, found),
        claimed_type=payload.predicate_type,
        claimed_subject=subject or payload.subject,  # without a digest it names nothing that could be this image
        product=product,
        annotations=payload.annotations,
    )


def enclosed(found: FoundSignature) -> None:
    """Nothing: the statement lies beside its signature."""


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
        annotations=_annotations(optional),
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


def _annotations(optional: dict[str, Any]) -> dict[str, str]:
    """Numbers and booleans as JSON writes them; what has no plain text is left out."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in optional.items()
        if isinstance(value, str | int | float)
    }


def payload_type(payload: Payload, found: FoundSignature) -> None:
    if payload.type != PAYLOAD_TYPE:
        raise EvidenceInvalid(f"the payload's type is {payload.type!r:.100}; expected {PAYLOAD_TYPE!r}")


def payload_digest(payload: Payload, found: FoundSignature) -> None:
    if payload.digest != found.covers:
        raise EvidenceInvalid(
            f"the signature is for {payload.digest!r:.100}, not for {found.covers} on which it hangs",
            hint="A signature was copied from another manifest; fetch the one that belongs here.",
        )


PAYLOAD_CHECKS: tuple[Callable[[Payload, FoundSignature], None], ...] = (payload_type, payload_digest)
