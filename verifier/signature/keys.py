"""Bare-key signatures. The trusted key fixes the algorithm; nothing that was fetched can choose one.

ECDSA      P-256 SHA-256 · P-384 SHA-384 · P-521 SHA-512, each with SHA-256 as older signers wrote it
Ed25519    over the bytes themselves; Ed25519ph is recognised and refused
RSA        PKCS#1 v1.5 or PSS with SHA-256
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
        self._parts: tuple[bytes, ...] | None = parts
        self._digests: dict[str, bytes] = {}

    @classmethod
    def known(cls, digests: Mapping[str, bytes]) -> Message:
        """Bytes of which only these digests are known, by algorithm: a file named by its digest, or a large one."""
        message = cls()
        message._parts = None
        message._digests.update(digests)
        return message

    def digest(self, algorithm: str) -> bytes:
        """`algorithm` as hashlib calls it. Raises `EvidenceInvalid` for one that is not to be had."""
        if algorithm not in self._digests:
            if self._parts is None:
                raise self._missing(f"its {algorithm} digest")
            state = hashlib.sha256() if algorithm == "sha256" else hashlib.new(algorithm)
            for part in self._parts:
                state.update(part)
            self._digests[algorithm] = state.digest()
        return self._digests[algorithm]

    def whole(self) -> bytes:
        """For the one scheme that takes no hash. Kept, since a second key asks again.

        Raises `EvidenceInvalid` when only a digest is known.
        """
        if self._parts is None:
            raise self._missing("the bytes themselves")
        self._parts = (b"".join(self._parts),)
        return self._parts[0]

    def _missing(self, needed: str) -> EvidenceInvalid:
        known = ", ".join(self._digests)
        return EvidenceInvalid(
            f"only the {known} digest of what was signed is known, and this needs {needed}",
            hint="Give the file itself, not its digest. Of a file over 64 MiB no more than digests are held, too.",
        )


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

    by_curve = {"secp384r1": (SHA256, SHA384), "secp521r1": (SHA256, SHA512)}
    for hash_function in by_curve.get(key.curve.name, (SHA256,)):
        algorithm = hash_function()
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
