"""Reads back what was published, as a verifier would that trusts one key; for the publisher's own tests."""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.publisher.about import JSON
from tests.publisher.keys import SigningKey
from tests.publisher.published import PublishedImage

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def holds(key: SigningKey, signature: bytes, message: bytes, hash_name: str = "sha256") -> None:
    """Raises InvalidSignature. RSA is PKCS#1 v1.5."""
    public = load_pem_public_key(key.public_pem)
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, message, ec.ECDSA(_HASHES[hash_name]))
    elif isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, message, padding.PKCS1v15(), _HASHES[hash_name])
    else:
        assert isinstance(public, Ed25519PublicKey)
        public.verify(signature, message)


def blob(image: PublishedImage, digest: str) -> JSON:
    """A stored blob, parsed; its digest is right."""
    assert sha256(image.blobs[digest]) == digest
    return json.loads(image.blobs[digest])


def opened(envelope: JSON, key: SigningKey, hash_name: str = "sha256") -> JSON:
    """The statement in an envelope, whose first signature is by this key over what DSSE prescribes."""
    kind, payload = envelope["payloadType"], base64.b64decode(envelope["payload"], validate=True)
    message = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind.encode(), str(len(payload)).encode(), payload])
    holds(key, base64.b64decode(envelope["signatures"][0]["sig"], validate=True), message, hash_name)
    return json.loads(payload)


def all_digests_are_right(image: PublishedImage) -> None:
    """Every stored byte has its digest, and every descriptor names something stored with its size."""
    everything = {digest: body for digest, (_, body) in image.manifests.items()} | image.blobs | image.layers
    assert [digest for digest, body in everything.items() if sha256(body) != digest] == []
    for digest in image.manifests:
        document = image.document(digest)
        named = [document[name] for name in ("config", "subject") if name in document]
        for entry in [*named, *document.get("layers", []), *document.get("manifests", [])]:
            assert entry["size"] == len(everything[entry["digest"]])
