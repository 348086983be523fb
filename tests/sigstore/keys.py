"""Keys of the private Sigstore, made from names; and how Sigstore names keys and algorithms."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.publisher.keys import SigningKey

PublicKey: TypeAlias = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | Ed25519PublicKey

SigningHash: TypeAlias = hashes.SHA256 | hashes.SHA384 | hashes.SHA512

_HASHES: dict[str, SigningHash] = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
CURVES: dict[str, type[ec.EllipticCurve]] = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}
_DETAILS_BY_CURVE = {
    "secp256r1": "PKIX_ECDSA_P256_SHA_256",
    "secp384r1": "PKIX_ECDSA_P384_SHA_384",
    "secp521r1": "PKIX_ECDSA_P521_SHA_512",
}


def key(name: str, kind: str = "p256") -> SigningKey:
    """The key of this name: `p256`, `p384`, `p521` or `ed25519`. The same name gives the same key, always."""
    seed = hashlib.sha256(f"private sigstore: {name}".encode()).digest()
    if kind == "ed25519":
        return SigningKey(name, Ed25519PrivateKey.from_private_bytes(seed))
    return SigningKey(name, ec.derive_private_key(int.from_bytes(seed, "big") >> 1, CURVES[kind]()))


def spki(public: PublicKey) -> bytes:
    """SubjectPublicKeyInfo in DER."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def spki_of(key: SigningKey) -> bytes:
    return spki(key.private.public_key())


def key_id(public: PublicKey) -> bytes:
    """SHA-256 of the SubjectPublicKeyInfo: how Rekor v1 and CT logs name themselves."""
    return hashlib.sha256(spki(public)).digest()


def hash_of(key: SigningKey) -> SigningHash:
    """What X.509 and CMS take to sign with this key."""
    return _HASHES[key.hash_name]


def key_details(key: SigningKey) -> str:
    """`PublicKeyDetails` of the Sigstore protobufs."""
    public = key.private.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return _DETAILS_BY_CURVE[public.curve.name]
    if isinstance(public, rsa.RSAPublicKey):
        return f"PKIX_RSA_PKCS1V15_{public.key_size}_SHA256"
    return "PKIX_ED25519_PH" if key.scheme == "ph" else "PKIX_ED25519"
