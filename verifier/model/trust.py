"""Who may sign: keys that were parsed, and those that are only known by name."""

from __future__ import annotations

from collections.abc import Callable
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


class Window(msgspec.Struct, frozen=True):
    """When something may be used; both ends belong to it. `end` is None where none was announced."""

    start: datetime
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment and (self.end is None or moment <= self.end)


class Log(msgspec.Struct, frozen=True):
    """A transparency or certificate transparency log of a trusted root.

    `spki` is the DER SubjectPublicKeyInfo, `key_id` what entries and SCTs name the log by, `details` the
    `PublicKeyDetails` name of the key, such as PKIX_ECDSA_P256_SHA_256.
    """

    url: str
    key_id: bytes
    spki: bytes
    details: str
    window: Window
    operator: str = ""
    checkpoint_key_id: bytes = b""

    @property
    def host(self) -> str:
        """The name under which the log signs its checkpoints."""
        return self.url.partition("://")[2].partition("/")[0]


class Authority(msgspec.Struct, frozen=True):
    """A certificate or timestamp authority: DER certificates, the issuing one (or the signer of timestamps) first."""

    uri: str
    certificates: tuple[bytes, ...]
    window: Window
    operator: str = ""


class TrustedRoot(msgspec.Struct, frozen=True):
    """A Sigstore trusted root (`trusted_root.json`): logs and authorities, each with the time in which it counts.

    `source` says where it comes from, for reports; `digest` is the SHA-256 of the file.
    """

    logs: tuple[Log, ...] = ()
    certificate_logs: tuple[Log, ...] = ()
    authorities: tuple[Authority, ...] = ()
    timestamp_authorities: tuple[Authority, ...] = ()
    source: str = ""
    digest: str = ""


class Identity(msgspec.Struct, frozen=True):
    """Who may sign with a certificate. Of each pair exactly one is set; patterns must match the whole text.

    `claims` are what extensions of the certificate must state, by their number under 1.3.6.1.4.1.57264.1.
    """

    subject: str = ""
    subject_pattern: str = ""
    issuer: str = ""
    issuer_pattern: str = ""
    claims: tuple[tuple[int, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.subject or self.subject_pattern} ({self.issuer or self.issuer_pattern})"


class Trust(msgspec.Struct, frozen=True):
    """The keys and identities that count for one image, the keys that are recognised and do not, and what is asked
    of logs. `root` is loaded when it is first needed: nothing of it is read for a key without log proof.
    """

    trusted: tuple[Key, ...]
    known: tuple[Key, ...] = ()  # recognised, so that a refusal can name the signer
    denied: frozenset[str] = frozenset()  # fingerprints refused whatever else says
    transparency: str = "if-present"
    identities: tuple[Identity, ...] = ()
    root: Callable[[], TrustedRoot] = TrustedRoot
