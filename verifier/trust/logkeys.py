"""Keys of logs, each of the kind that the trusted root says it is (`PublicKeyDetails` of sigstore/protobuf-specs)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

# Left out: PSS, HMAC and post-quantum kinds, which no log uses, and LMS.
DETAILS = {
    "PKCS1_RSA_PKCS1V5": 1,  # deprecated, and still the kind of one retired log of Sigstore's staging instance
    "PKIX_RSA_PKCS1V5": 3,  # deprecated
    "PKIX_ECDSA_P256_SHA_256": 5,
    "PKIX_ED25519": 7,
    "PKIX_RSA_PKCS1V15_2048_SHA256": 9,
    "PKIX_RSA_PKCS1V15_3072_SHA256": 10,
    "PKIX_RSA_PKCS1V15_4096_SHA256": 11,
    "PKIX_ECDSA_P384_SHA_384": 12,
    "PKIX_ECDSA_P521_SHA_512": 13,
}
_CURVES = {"P256": "secp256r1", "P384": "secp384r1", "P521": "secp521r1"}
_BITS = re.compile(r"_(2048|3072|4096)_")


def spki_of(raw: bytes, details: str) -> bytes:
    """The DER SubjectPublicKeyInfo. Raises `ValueError` that says what is wrong with the key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    try:
        key = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("cannot be parsed") from None
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if spki != raw and not details.startswith("PKCS1_"):
        raise ValueError("is not a SubjectPublicKeyInfo in DER")
    _require_kind(key, details)
    return spki


def _require_kind(key: PublicKeyTypes, details: str) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if isinstance(key, EllipticCurvePublicKey):
        fits = any(f"ECDSA_{name}_" in details and key.curve.name == curve for name, curve in _CURVES.items())
    elif isinstance(key, Ed25519PublicKey):
        fits = details == "PKIX_ED25519"
    elif isinstance(key, RSAPublicKey):
        bits = _BITS.search(details)
        fits = "_RSA_" in details and (key.key_size == int(bits[1]) if bits else key.key_size >= 2048)
    else:
        fits = False
    if not fits:
        raise ValueError(f"is not of the kind {details}")
