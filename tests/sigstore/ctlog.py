"""A certificate transparency log: signed certificate timestamps over precertificates (RFC 6962, 3.2 and 3.3)."""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta

import msgspec

from tests.publisher.keys import SigningKey
from tests.sigstore.keys import key_id
from tests.sigstore.moments import ISSUED

_SHA256, _ECDSA = 4, 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CtLog(msgspec.Struct, frozen=True):
    """A log with its key, and the host under which a trusted root lists it."""

    host: str
    key: SigningKey

    @property
    def log_id(self) -> bytes:
        return key_id(self.key.private.public_key())


class Sct(msgspec.Struct, frozen=True, kw_only=True):
    """One SCT to embed. `key` signs instead of the log's; `precertificate` is another TBS than the leaf's."""

    log: CtLog
    at: datetime = ISSUED
    extensions: bytes = b""
    key: SigningKey | None = None
    log_id: bytes | None = None
    version: int = 0
    algorithms: tuple[int, int] = (_SHA256, _ECDSA)
    precertificate: bytes | None = None

    def serialized(self, precertificate: bytes, issuer_spki: bytes) -> bytes:
        """The SignedCertificateTimestamp as TLS writes it, over the TBS of a precertificate."""
        milliseconds = (self.at - _EPOCH) // timedelta(milliseconds=1)
        extensions = struct.pack("!H", len(self.extensions)) + self.extensions
        signed = b"".join(
            (
                struct.pack("!BBQH", 0, 0, milliseconds, 1),
                hashlib.sha256(issuer_spki).digest(),
                _opaque24(precertificate if self.precertificate is None else self.precertificate),
                extensions,
            )
        )
        signature = (self.key or self.log.key).sign(signed)
        log_id = self.log.log_id if self.log_id is None else self.log_id
        head = struct.pack("!B32sQ", self.version, log_id, milliseconds) + extensions
        return head + bytes(self.algorithms) + struct.pack("!H", len(signature)) + signature


def sct_list(scts: list[bytes]) -> bytes:
    """SignedCertificateTimestampList."""
    items = b"".join(struct.pack("!H", len(sct)) + sct for sct in scts)
    return struct.pack("!H", len(items)) + items


def _opaque24(content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + content
