"""DSSE envelopes around in-toto statements: `{"payload": base64, "payloadType": …, "signatures": [{"sig": base64}]}`.

Signed is the payload with its type, `PAE`. Any signature by any trusted key is enough; key ids are hints and not read.
The payload's own form is left to whoever reads statements: not a byte of it is parsed here.

Follows the DSSE specification 1.0.2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import FoundSignature
from verifier.signature import base64text, members
from verifier.signature.interface import Claim
from verifier.signature.keys import Message
from verifier.signature.witnesses import annotated_entries, annotated_tokens

IN_TOTO = "application/vnd.in-toto+json"
MEMBERS = ("payload", "payloadType", "signatures")

_SIGNED_BY = "The envelope is damaged or was made by a tool that does not follow DSSE; ask the publisher for another."


class Envelope(msgspec.Struct, frozen=True):
    """The members as they stand. `payload` is base64."""

    payload: bytes | str
    payload_type: object
    signatures: object


def read(found: FoundSignature) -> Claim:
    """The texts of the layer's `signature` annotation mean nothing here: the envelope decides.

    cosign logs and stamps the whole envelope as it is stored.
    """
    envelope = _envelope(found)
    statement = statement_of(envelope)
    return Claim(
        message=pae(IN_TOTO, statement),
        signatures=signatures_of(envelope),
        certificate=found.certificate,
        chain=found.chain,
        is_logged=found.rekor is not None,
        is_stamped=bool(found.timestamp),
        entries=partial(annotated_entries, found),
        tokens=partial(annotated_tokens, found),
        stamped=found.payload,
        envelope=Message(found.payload),
        payload=Message(statement),
        payload_type=IN_TOTO,
        statement=statement,
    )


def enclosed(found: FoundSignature) -> bytes:
    """The statement, unverified. Raises `EvidenceInvalid`."""
    return statement_of(_envelope(found))


def _envelope(found: FoundSignature) -> Envelope:
    document = members.document(found.payload, "envelope")
    return envelope_of(members.exact(document.root, "envelope", MEMBERS), document)


def envelope_of(known: dict[str, Any], document: members.Document) -> Envelope:
    """The envelope with these members of `document`, from which its payload may have been cut out."""
    payload = known.get("payload")
    if payload == "":
        payload = document.payload
    if not isinstance(payload, str | bytes) or not payload:
        raise EvidenceInvalid("the envelope has no payload", hint=_SIGNED_BY)
    return Envelope(payload, known.get("payloadType"), known.get("signatures"))


def statement_of(envelope: Envelope) -> bytes:
    """The payload, decoded. Its type is checked before anything else of it."""
    if envelope.payload_type != IN_TOTO:
        raise EvidenceInvalid(f"the envelope's payload type is {envelope.payload_type!r:.100}; expected {IN_TOTO!r}")
    limit = DEFAULT_LIMITS.attestation_bytes
    if len(envelope.payload) > -(-limit // 3) * 4:
        raise EvidenceInvalid(f"the envelope's payload is larger than {limit} bytes")
    return base64text.decode(envelope.payload, "envelope's payload")


def signatures_of(envelope: Envelope) -> tuple[bytes, ...]:
    """The signatures, decoded: at least one, and a bounded number, since each is tried with each key."""
    found = envelope.signatures
    if not isinstance(found, list) or not found:
        raise EvidenceInvalid("the envelope has no list of signatures, or an empty one", hint=_SIGNED_BY)
    if len(found) > DEFAULT_LIMITS.envelope_signatures:
        most = DEFAULT_LIMITS.envelope_signatures
        raise EvidenceInvalid(f"the envelope has {len(found)} signatures; at most {most} are examined")
    return tuple(map(_signature, found))


def _signature(entry: object) -> bytes:
    text = members.exact(entry, "signature in the envelope", ("sig",)).get("sig")
    if not isinstance(text, str) or not text:
        raise EvidenceInvalid("a signature in the envelope has no `sig`, or an empty one", hint=_SIGNED_BY)
    return base64text.decode(text, "envelope's signature")


def pae(payload_type: str, payload: bytes) -> Message:
    """DSSE's pre-authentication encoding: what is signed. Lengths are in bytes."""
    encoded = payload_type.encode()
    return Message(b"DSSEv1 %d %b %d " % (len(encoded), encoded, len(payload)), payload)
