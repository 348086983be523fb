"""Certificates for bundles that hold one instead of a key's name. Nobody issued them, and nothing in them expires."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.publisher.keys import SigningKey

WORKFLOW = "https://github.com/example/app/.github/workflows/build.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"
_FULCIO_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")


def self_signed(key: SigningKey, *, workflow: str = WORKFLOW, issuer: str = ISSUER) -> bytes:
    """A code-signing certificate (DER) in the shape of Fulcio's: no subject, a URI as name, the issuer of the token.

    Raises TypeError for keys that are not ECDSA.
    """
    if not isinstance(key.private, ec.EllipticCurvePrivateKey):
        raise TypeError(f"expected an ECDSA key, found {key.name}")
    issued = x509.UnrecognizedExtension(_FULCIO_ISSUER, b"\x0c" + bytes([len(issuer)]) + issuer.encode())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "virtual publisher")]))
        .public_key(key.private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 12, 31, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(workflow)]), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(issued, critical=False)
    )
    made = builder.sign(key.private, hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(serialization.Encoding.DER)
