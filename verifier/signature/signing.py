"""Makes signatures of manifests in cosign's simple-signing form, with a private key from a PEM file.

The scheme goes by the key, and is one that both this program and cosign verify: ECDSA (P-256, P-384) and RSA
(PKCS#1 v1.5) over SHA-256, Ed25519 over the bytes themselves. Nothing goes to a transparency log. Signatures are
deterministic (RFC 6979 for ECDSA): signing the same manifest twice gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from verifier.errors import ConfigurationError
from verifier.model import Digest
from verifier.signature.simplesigning import PAYLOAD_TYPE

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from verifier.model.trust import PublicKey

    PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey

PASSWORD_VARIABLE = "DHIVERIFY_SIGNING_KEY_PASSWORD"  # noqa: S105 - a name, not a secret

_CURVES = ("secp256r1", "secp384r1")
_RSA_BITS = 2048  # as for keys that verify
_COSIGN_KEY = re.compile(rb"-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----")
_FORM = "Give a PEM file with one ECDSA (P-256, P-384), Ed25519 or RSA private key."
_SIGN_WITH_COSIGN = "Publish without --signing-key, then sign the printed reference: cosign sign --key FILE REFERENCE."
_NAME_THE_PASSWORD = f"Set {PASSWORD_VARIABLE} to the password of that file."


class SigningKey(msgspec.Struct, frozen=True):
    """A private key that may sign. It is never printed; `path` names its file in messages."""

    path: str
    private: PrivateKey

    @property
    def public(self) -> PublicKey:
        return self.private.public_key()

    @property
    def fingerprint(self) -> str:
        """Lower-case hex SHA-256 of the DER SubjectPublicKeyInfo."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        der = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()

    def sign(self, payload: bytes) -> bytes:
        """The raw signature of `payload`."""
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(payload)
        if isinstance(self.private, EllipticCurvePrivateKey):
            return _ecdsa(self.private, payload)
        return self.private.sign(payload, PKCS1v15(), SHA256())


def read_signing_key(body: bytes, path: str, password: str) -> SigningKey:
    """The key in the PEM text `body` of the file `path`; `password` is "" when there is none.

    Raises `ConfigurationError`, and repeats neither the content nor the password.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if _COSIGN_KEY.search(body):
        raise _unusable(path, "is encrypted in cosign's own form, which is not read", _SIGN_WITH_COSIGN)
    encrypted = b"ENCRYPTED" in body
    if encrypted and not password:
        raise _unusable(path, "is encrypted, and no password is given", _NAME_THE_PASSWORD)
    try:
        key = load_pem_private_key(body, password.encode() if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        why = "cannot be read with the given password" if encrypted else "is not a private key in PEM form"
        raise _unusable(path, why, _NAME_THE_PASSWORD if encrypted else _FORM) from None
    return SigningKey(path, _acceptable(key, path))


def payload_of(name: str, digest: Digest) -> bytes:
    """What is signed to vouch for the manifest `digest` in the repository `name` (cosign's signature specification)."""
    critical = {
        "identity": {"docker-reference": name},
        "image": {"docker-manifest-digest": str(digest)},
        "type": PAYLOAD_TYPE,
    }
    return msgspec.json.encode({"critical": critical, "optional": None})


def as_annotation(signature: bytes) -> str:
    """The text of a raw signature in a layer's annotation."""
    return base64.b64encode(signature).decode()


def _ecdsa(key: EllipticCurvePrivateKey, payload: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        return key.sign(payload, ECDSA(SHA256(), deterministic_signing=True))
    except UnsupportedAlgorithm:  # OpenSSL before 3.2
        return key.sign(payload, ECDSA(SHA256()))


def _acceptable(key: object, path: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(key, EllipticCurvePrivateKey):
        if key.curve.name in _CURVES:
            return key
        raise _unusable(path, f"is on the curve {key.curve.name}; expected one of {', '.join(_CURVES)}")
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, RSAPrivateKey):
        if key.key_size >= _RSA_BITS:
            return key
        raise _unusable(path, f"is an RSA key of {key.key_size} bits; expected at least {_RSA_BITS}")
    raise _unusable(path, f"is a {type(key).__name__}; expected ECDSA, Ed25519 or RSA")


def _unusable(path: str, why: str, hint: str = _FORM) -> ConfigurationError:
    return ConfigurationError(f"signing key {path} {why}", hint=hint)
