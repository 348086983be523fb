"""Keys, and signed envelopes and bundles made with them, for the tests of this directory."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.model import Digest, FoundSignature
from verifier.model.trust import Key, Trust

ARTIFACT = b'{"schemaVersion":2}'
MANIFEST = Digest.of(ARTIFACT)
OTHER = Digest.of(b"another manifest")
PUBLISHER = ec.derive_private_key(0x1234567, ec.SECP256R1())
STRANGER = ec.derive_private_key(0x7654321, ec.SECP256R1())

IN_TOTO = "application/vnd.in-toto+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x","predicate":{}}'


def trust(*keys: Any, **more: Any) -> Trust:
    return Trust(tuple(Key(f"key-{n}", f"{n}" * 64, "file", key) for n, key in enumerate(keys)), **more)


TRUST = trust(PUBLISHER.public_key())


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def sign(message: bytes, key: ec.EllipticCurvePrivateKey = PUBLISHER) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def encoded_for_signing(body: bytes, payload_type: str = IN_TOTO) -> bytes:
    """DSSE's PAE, written here a second time."""
    kind = payload_type.encode()
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(body)).encode(), body])


def signature(body: bytes = STATEMENT, key: ec.EllipticCurvePrivateKey = PUBLISHER) -> dict[str, Any]:
    return {"sig": b64(sign(encoded_for_signing(body), key))}


def envelope(body: bytes = STATEMENT, **changes: Any) -> dict[str, Any]:
    """A good one, but for `changes`."""
    return {"payload": b64(body), "payloadType": IN_TOTO, "signatures": [signature(body)]} | changes


def dsse(document: Any = None, **more: Any) -> FoundSignature:
    return _found("dsse", envelope() if document is None else document, **more)


def message_signature(artifact: bytes = ARTIFACT, **changes: Any) -> dict[str, Any]:
    digest = b64(hashlib.sha256(artifact).digest())
    return {
        "messageDigest": {"algorithm": "SHA2_256", "digest": digest},
        "signature": b64(sign(artifact)),
    } | changes


def bundle_document(content: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A good bundle around a DSSE envelope, or around `content`; `changes` to None leave a member out."""
    good = {"mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": "any"}}}
    inside = {"dsseEnvelope": envelope()} if content is None else content
    return {name: value for name, value in (good | inside | changes).items() if value is not None}


def bundle(document: Any = None, **more: Any) -> FoundSignature:
    return _found("bundle", bundle_document() if document is None else document, **{"artifact": ARTIFACT} | more)


def _found(form: str, document: Any, **more: Any) -> FoundSignature:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return FoundSignature(form, MANIFEST, OTHER, body, **more)
