"""Signed certificate timestamps inside a certificate: promises of certificate logs to publish it (RFC 6962, 3.2).

Signed is the precertificate: what the issuer signed, without the timestamps, and the hash of the issuer's key.
Timestamps of logs that the trusted root does not know count for nothing; a bad one of a known log is a forgery.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509 import Certificate, PrecertificateSignedCertificateTimestamps
from cryptography.x509.certificate_transparency import SignatureAlgorithm, SignedCertificateTimestamp

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import Log, TrustedRoot
from verifier.signature.certificate_extensions import optional, readable
from verifier.signature.certificates import Issued, Leaf, rules_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PRECERTIFICATE = 1
_ASK = "Ask the publisher for a signature by a certificate of the Sigstore that your trusted root describes."


def certificate_logs(leaf: Leaf, issued: Issued, root: TrustedRoot) -> tuple[Log, ...]:
    """The distinct certificate logs of `root` that have promised to publish `leaf`; () under a root without any.

    Raises `EvidenceInvalid` when a promise is false, or `root` has logs and none of them gave one.
    """
    if not rules_of(root).certificate_log:
        return ()
    known: dict[bytes, Log] = {}
    for promise in _promises(leaf.certificate):
        log = _log_of(promise, root)
        if log is not None:
            _check(promise, log, leaf.certificate, issued.chain[0])
            known[log.key_id] = log
    if not known:
        raise EvidenceInvalid(
            "no certificate log of the trusted root has promised to publish the certificate", hint=_ASK
        )
    return tuple(known.values())


def _promises(certificate: Certificate) -> list[SignedCertificateTimestamp]:
    with readable():
        found = list(optional(certificate, PrecertificateSignedCertificateTimestamps) or ())
    if len(found) > DEFAULT_LIMITS.log_entries:
        raise EvidenceInvalid(f"the certificate has over {DEFAULT_LIMITS.log_entries} signed certificate timestamps")
    return found


def _log_of(promise: SignedCertificateTimestamp, root: TrustedRoot) -> Log | None:
    """By the hash of its key, which the trusted root states: of several windows for one key, the one that holds."""
    logs = [log for log in root.certificate_logs if log.key_id == promise.log_id]
    moment = _moment(promise)
    return next((log for log in logs if log.window.holds(moment)), logs[0] if logs else None)


def _check(promise: SignedCertificateTimestamp, log: Log, certificate: Certificate, issuer: Certificate) -> None:
    moment = _moment(promise)
    if not log.window.holds(moment):
        raise EvidenceInvalid(f"the certificate log {log.url} does not count at {moment.isoformat()}", hint=_ASK)
    with readable():
        signed = _signed(promise, certificate, issuer)
        signature, algorithm = promise.signature, promise.signature_hash_algorithm
        kind = promise.signature_algorithm
    if not isinstance(algorithm, hashes.SHA256):
        raise EvidenceInvalid(f"the promise of {log.url} is over {algorithm.name}; expected sha256")
    if not _verifies(log, kind, signature, signed):
        raise EvidenceInvalid(f"the certificate log {log.url} did not promise to publish this certificate", hint=_ASK)


def _verifies(log: Log, kind: SignatureAlgorithm, signature: bytes, signed: bytes) -> bool:
    key = load_der_public_key(log.spki)
    try:
        if isinstance(key, EllipticCurvePublicKey) and kind is SignatureAlgorithm.ECDSA:
            key.verify(signature, signed, ECDSA(hashes.SHA256()))
            return True
        if isinstance(key, RSAPublicKey) and kind is SignatureAlgorithm.RSA:
            key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
            return True
    except InvalidSignature:
        pass
    return False


def _signed(promise: SignedCertificateTimestamp, certificate: Certificate, issuer: Certificate) -> bytes:
    spki = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    precertificate = certificate.tbs_precertificate_bytes
    return b"".join(
        (
            struct.pack("!BBQH", 0, 0, _milliseconds(promise), _PRECERTIFICATE),
            hashlib.sha256(spki).digest(),
            len(precertificate).to_bytes(3, "big"),
            precertificate,
            struct.pack("!H", len(promise.extension_bytes)),
            promise.extension_bytes,
        )
    )


def _moment(promise: SignedCertificateTimestamp) -> datetime:
    with readable():
        return promise.timestamp.replace(tzinfo=UTC)


def _milliseconds(promise: SignedCertificateTimestamp) -> int:
    """Exactly: a float would be off by one now and then."""
    return (_moment(promise) - _EPOCH) // timedelta(milliseconds=1)
