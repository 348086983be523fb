"""Who may sign: keys that were parsed, and those that are only known by name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey


class Key(msgspec.Struct, frozen=True):
    """A public key with its SPKI fingerprint: lower-case hex SHA-256 of the DER SubjectPublicKeyInfo.

    With `valid_until` (the end of its use, or the day of a compromise) it verifies only signatures with a proved
    time before that.
    """

    name: str
    fingerprint: str
    status: str  # "active", "retired", or "file" for a key given by the user
    public_key: PublicKey
    valid_until: datetime | None = None
    is_dhi: bool = False


class Trust(msgspec.Struct, frozen=True):
    """The keys that count for one image, those that are recognised and do not, and what is asked of logs."""

    trusted: tuple[Key, ...]
    known: tuple[Key, ...] = ()  # recognised, so that a refusal can name the signer
    denied: frozenset[str] = frozenset()  # fingerprints refused whatever else says
    transparency: str = "if-present"
