"""Something signed: the content, the signature, and the key or certificate that it verifies with."""

from __future__ import annotations

import hashlib
import json
from typing import Final, TypeAlias

import msgspec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.publisher.about import JSON
from tests.publisher.envelopes import encoded, pae
from tests.publisher.keys import SigningKey
from tests.sigstore.certificates import Leaf
from tests.sigstore.keys import key_details, spki_of

Signer: TypeAlias = Leaf | SigningKey
"""A certificate with its key, or a bare key."""

_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PROTOBUF_HASHES = {"sha256": "SHA2_256", "sha384": "SHA2_384", "sha512": "SHA2_512"}


class Signed(msgspec.Struct, frozen=True):
    """A file with its signature; or, where there is a `payload_type`, the payload of a DSSE envelope."""

    content: bytes
    payload_type: str
    signature: bytes
    signer: Signer
    keyid: str | None = None

    @property
    def is_dsse(self) -> bool:
        return bool(self.payload_type)

    @property
    def message(self) -> bytes:
        """What the signature is over."""
        return pae(self.payload_type, self.content) if self.is_dsse else self.content

    @property
    def envelope(self) -> JSON:
        """The DSSE envelope."""
        keyid = {} if self.keyid is None else {"keyid": self.keyid}
        signatures = [{"sig": encoded(self.signature), **keyid}]
        return {"payload": encoded(self.content), "payloadType": self.payload_type, "signatures": signatures}

    @property
    def verifier_der(self) -> bytes:
        """The certificate, or the bare key's SubjectPublicKeyInfo."""
        return self.signer.der if isinstance(self.signer, Leaf) else spki_of(self.signer)

    @property
    def verifier_pem(self) -> bytes:
        return self.signer.pem if isinstance(self.signer, Leaf) else self.signer.public_pem

    @property
    def key_details(self) -> str:
        return key_details(key_of(self.signer))

    @property
    def hash_name(self) -> str:
        """`sha256`, `sha384` or `sha512`, as the key wants it."""
        return key_of(self.signer).hash_name

    @property
    def protobuf_hash(self) -> str:
        return _PROTOBUF_HASHES[self.hash_name]

    @property
    def digest(self) -> bytes:
        """Of the message, with the hash of the key."""
        return hashlib.new(self.hash_name, self.message).digest()


def key_of(signer: Signer) -> SigningKey:
    return signer.key if isinstance(signer, Leaf) else signer


def signed(
    content: bytes,
    signer: Signer,
    *,
    payload_type: str = "",
    signature: bytes | None = None,
    keyid: str | None = None,
) -> Signed:
    """Signs a file, or with a `payload_type` a DSSE payload. A given `signature` stands as it is."""
    message = pae(payload_type, content) if payload_type else content
    made = key_of(signer).sign(message) if signature is None else signature
    return Signed(content, payload_type, made, signer, keyid)


def mirrored(signature: bytes) -> bytes:
    """Another signature that holds as well: with (r, s) of ECDSA on P-256, (r, n - s) does too."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, _P256_ORDER - s)


def compact(document: JSON) -> bytes:
    """JSON as RFC 8785 has it, for what is written here: ASCII, whole numbers."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def statement(
    artifact: bytes, predicate_type: str = "https://example.com/predicate/v1", predicate: JSON = None
) -> JSON:
    """An in-toto statement v1 about a file."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "artifact", "digest": {"sha256": hashlib.sha256(artifact).hexdigest()}}],
        "predicateType": predicate_type,
        "predicate": {} if predicate is None else predicate,
    }
