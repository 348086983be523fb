"""Trusted roots made for tests, as JSON that a test may damage before it is read."""

from __future__ import annotations

import base64
import functools
import json
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"


def base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def spki(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def p256(number: int) -> ec.EllipticCurvePublicKey:
    return ec.derive_private_key(number, ec.SECP256R1()).public_key()


def ed(number: int) -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key()


@functools.cache
def certificate(number: int) -> bytes:
    """A self-signed certificate of a key that `number` stands for."""
    key = ec.derive_private_key(number, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority {number}")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), number)
    builder = builder.not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
    return (
        builder.not_valid_after(datetime(2100, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    )


def log(number: int = 5, *, url: str = "https://log.example", start: str = "2024-01-01T00:00:00Z") -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": base64_text(spki(p256(number))),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": {"start": start},
        },
        "logId": {"keyId": base64_text(bytes([number]) * 32)},
    }


def authority(number: int = 7, *, uri: str = "https://ca.example") -> dict[str, Any]:
    return {
        "subject": {"organization": "example", "commonName": "authority"},
        "uri": uri,
        "certChain": {"certificates": [{"rawBytes": base64_text(certificate(number))}]},
        "validFor": {"start": "2024-01-01T00:00:00Z"},
    }


def root_document(**members: Any) -> dict[str, Any]:
    """A sound root with one of each kind, and what `members` change."""
    sound = {
        "mediaType": MEDIA_TYPE,
        "tlogs": [log()],
        "certificateAuthorities": [authority()],
        "ctlogs": [log(6, url="https://ct.example")],
        "timestampAuthorities": [authority(8, uri="https://tsa.example")],
    }
    return sound | members


def root_bytes(**members: Any) -> bytes:
    return json.dumps(root_document(**members)).encode()
