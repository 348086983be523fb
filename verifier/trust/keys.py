"""Public keys from files and constants: one PEM block of a known type and a sufficient size, or a clear refusal."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import Key

if TYPE_CHECKING:
    from verifier.model.trust import PublicKey

_HINT = "Give a PEM file with one ECDSA, Ed25519 or RSA public key."
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----")
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_RSA_BITS = 2048  # NIST SP 800-131A
_RSA_EXPONENT = 65537  # FIPS 186-5: greater than 2^16


def load_key_file(path: str) -> Key:
    """Reads one PEM public key. Raises `ConfigurationError` for anything else, and never repeats the file's content."""
    body = read_regular(path, f"key {path}", DEFAULT_LIMITS.key_bytes, hint=_HINT)
    blocks = _BLOCK.findall(body)
    if any(b"PRIVATE" in block for block in blocks):
        raise _unusable(path, "holds a private key", "Give the public key, and keep the private one out of pipelines.")
    if blocks != [b"PUBLIC KEY"]:
        found = ", ".join(block.decode() for block in blocks) or "no PEM block"
        raise _unusable(path, f"must hold exactly one block 'PUBLIC KEY'; found: {found}")
    key, fingerprint = _parse(body, path)
    return Key(path, fingerprint, "file", key)


def parse_spki(encoded: str) -> tuple[PublicKey, str]:
    """A base64 DER SubjectPublicKeyInfo and its fingerprint."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    der = base64.b64decode(encoded, validate=True)
    return _acceptable(load_der_public_key(der), "shipped key"), hashlib.sha256(der).hexdigest()


def _parse(body: bytes, path: str) -> tuple[PublicKey, str]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    try:
        key = _acceptable(load_pem_public_key(body), path)
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable(path, "is not a public key in SubjectPublicKeyInfo form") from None
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key, hashlib.sha256(der).hexdigest()


def _acceptable(key: object, path: str) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if isinstance(key, EllipticCurvePublicKey):
        if key.curve.name in _CURVES:
            return key
        raise _unusable(path, f"is on the curve {key.curve.name}; expected one of {', '.join(_CURVES)}")
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, RSAPublicKey):
        if key.key_size < _RSA_BITS:
            raise _unusable(path, f"is an RSA key of {key.key_size} bits; expected at least {_RSA_BITS}")
        if key.public_numbers().e < _RSA_EXPONENT:
            raise _unusable(path, f"is an RSA key with exponent {key.public_numbers().e}; expected {_RSA_EXPONENT}")
        return key
    raise _unusable(path, f"is a {type(key).__name__}; expected ECDSA, Ed25519 or RSA")


def _unusable(path: str, why: str, hint: str = _HINT) -> ConfigurationError:
    return ConfigurationError(f"key {path} {why}", hint=hint)
