"""Keys of the virtual publisher. Made from numbers in the open: they protect nothing, and never change.

ECDSA signatures are deterministic (RFC 6979), RSA PKCS#1 v1.5 and Ed25519 are so by nature; RSA-PSS is not.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TypeAlias

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.publisher import ed25519ph

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | Ed25519PrivateKey

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_HASH_BY_CURVE = {"secp256r1": "sha256", "secp384r1": "sha384", "secp521r1": "sha512"}

# Two primes of 1024 bits.
_P = int(
    "d3f1d89189e8019aac67191ea63a93d172a7d502a2b0fe90c0f6b07417b175c350787d2ebe1f399aac7d334a5e098c9e"
    "6638e3bcdcaea3683f2980ffec4b33d9605deed85e24a743e684e0b6e0693e277b06a9feaf1ff86f02dc7167c2b2d37a"
    "c230a863d46d40c67e62ba2d7e2f170d2ad811be4a1a2f88144505e77592f657",
    16,
)
_Q = int(
    "ceda188ef579a8e4c25a05bc7fa46304a54dd0754ee5088785e1c96b661a731d355f39e54d4225bf48e4b4f9f7284756"
    "d443d6ba1612a51ce4e216acd10fa47a6a1625d0a0fc0b7cfc38a42e1d90f9299574075357e42ce304a84c523aab5dba"
    "d626f90b59c4c113a4ba7498a29c6ec64c449f2bad63bcdd3e214f5d3a8f159d",
    16,
)


class SigningKey(msgspec.Struct, frozen=True):
    """A private key with a name for messages and the scheme that it signs with.

    `scheme` is a hash name for ECDSA ("" chooses by curve), `pkcs1v15` or `pss` with an optional `-sha512` and so on
    for RSA, and "" or `ph` (over the SHA-512 of the message, RFC 8032) for Ed25519.
    """

    name: str
    private: PrivateKey
    scheme: str = ""

    @property
    def public_pem(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, form)

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the key's SubjectPublicKeyInfo in DER."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self.private.public_key().public_bytes(serialization.Encoding.DER, form)).hexdigest()

    @property
    def hint(self) -> str:
        """The fingerprint in base64, as Sigstore bundles name a key."""
        return base64.b64encode(bytes.fromhex(self.fingerprint)).decode()

    @property
    def hash_name(self) -> str:
        """The hash that its signatures are made over; sha256 for plain Ed25519, which has none of its own."""
        if isinstance(self.private, Ed25519PrivateKey):
            return "sha512" if self.scheme == "ph" else "sha256"
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.scheme.partition("-")[2] or "sha256"
        return self.scheme or _HASH_BY_CURVE[self.private.curve.name]

    def using(self, scheme: str) -> SigningKey:
        """The same key with another default scheme."""
        return SigningKey(self.name, self.private, scheme)

    def sign(self, payload: bytes, scheme: str | None = None) -> bytes:
        scheme = self.scheme if scheme is None else scheme
        if isinstance(self.private, Ed25519PrivateKey):
            return _ed25519_signature(self.private, payload, scheme)
        if isinstance(self.private, rsa.RSAPrivateKey):
            return _rsa_signature(self.private, payload, scheme)
        algorithm = HASHES[scheme or _HASH_BY_CURVE[self.private.curve.name]]()
        return self.private.sign(payload, ec.ECDSA(algorithm, deterministic_signing=True))


def _ed25519_signature(key: Ed25519PrivateKey, payload: bytes, scheme: str) -> bytes:
    return ed25519ph.sign(key.private_bytes_raw(), payload) if scheme == "ph" else key.sign(payload)


def _rsa_signature(key: rsa.RSAPrivateKey, payload: bytes, scheme: str) -> bytes:
    form, _, hash_name = scheme.partition("-")
    algorithm = HASHES[hash_name or "sha256"]()
    if form == "pss":
        pss = padding.PSS(padding.MGF1(algorithm), salt_length=algorithm.digest_size)
        return key.sign(payload, pss, algorithm)
    return key.sign(payload, padding.PKCS1v15(), algorithm)


def _rsa_key() -> rsa.RSAPrivateKey:
    exponent = 65537
    d = pow(exponent, -1, (_P - 1) * (_Q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=_P,
        q=_Q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, _P),
        dmq1=rsa.rsa_crt_dmq1(d, _Q),
        iqmp=rsa.rsa_crt_iqmp(_P, _Q),
        public_numbers=rsa.RSAPublicNumbers(exponent, _P * _Q),
    )
    return numbers.private_key()


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") >> 1


publisher = SigningKey("publisher", ec.derive_private_key(_number("publisher"), ec.SECP256R1()))
stranger = SigningKey("stranger", ec.derive_private_key(_number("stranger"), ec.SECP256R1()))
p384 = SigningKey("p384", ec.derive_private_key(_number("p384"), ec.SECP384R1()))
p521 = SigningKey("p521", ec.derive_private_key(_number("p521"), ec.SECP521R1()))
ed25519 = SigningKey("ed25519", Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"ed25519").digest()))
rsa2048 = SigningKey("rsa2048", _rsa_key(), "pkcs1v15")

ALL = (publisher, stranger, p384, p521, ed25519, rsa2048)
