"""Bare-key signatures. The trusted key fixes the algorithm; nothing that was fetched can choose one.

ECDSA      P-256 SHA-256 · P-384 SHA-384 · P-521 SHA-512, each with SHA-256 as older signers wrote it
Ed25519    over the bytes themselves; Ed25519ph is recognised and refused
RSA        PKCS#1 v1.5 or PSS with SHA-256
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from verifier.errors import EvidenceInvalid
from verifier.signature.ed25519ph import is_prehashed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from verifier.model.trust import PublicKey


class Message:
    """The signed bytes, hashed once per algorithm however many keys are tried.

    Given in parts, so that a header before 60 MiB does not copy them.
    """

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts
        self._digests: dict[str, bytes] = {}

    def digest(self, algorithm: str) -> bytes:
        """`algorithm` as hashlib calls it."""
        if algorithm not in self._digests:
            state = hashlib.new(algorithm)
            for part in self._parts:
                state.update(part)
            self._digests[algorithm] = state.digest()
        return self._digests[algorithm]

    def whole(self) -> bytes:
        """For the one scheme that takes no hash. Kept, since a second key asks again."""
        self._parts = (b"".join(self._parts),)
        return self._parts[0]


def verifies(key: PublicKey, signature: bytes, message: Message) -> bool:
    """Whether `key` made `signature` over exactly `message`.

    Raises `EvidenceInvalid` when it did so in a form that is not accepted (Ed25519ph).
    """
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if isinstance(key, EllipticCurvePublicKey):
        return _ecdsa(key, signature, message)
    if isinstance(key, Ed25519PublicKey):
        return _ed25519(key, signature, message)
    return _rsa(key, signature, message)


def _ecdsa(key: EllipticCurvePublicKey, signature: bytes, message: Message) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

    by_curve = {"secp384r1": (SHA384(), SHA256()), "secp521r1": (SHA512(), SHA256())}
    for algorithm in by_curve.get(key.curve.name, (SHA256(),)):
        try:
            key.verify(signature, message.digest(algorithm.name), ECDSA(Prehashed(algorithm)))
        except InvalidSignature:
            continue
        return True
    return False


def _ed25519(key: Ed25519PublicKey, signature: bytes, message: Message) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, message.whole())
    except InvalidSignature:
        if is_prehashed(key.public_bytes_raw(), signature, message.digest("sha512")):
            raise EvidenceInvalid(
                "signed with Ed25519ph, which is not supported; expected Ed25519",
                hint="Sign with a tool that writes plain Ed25519, or with an ECDSA key.",
            ) from None
        return False
    return True


def _rsa(key: RSAPublicKey, signature: bytes, message: Message) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256

    paddings: tuple[AsymmetricPadding, ...] = (PKCS1v15(), PSS(MGF1(SHA256()), PSS.AUTO))
    for padding in paddings:
        try:
            key.verify(signature, message.digest("sha256"), padding, Prehashed(SHA256()))
        except InvalidSignature:
            continue
        return True
    return False
