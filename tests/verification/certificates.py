"""Code-signing certificates for the stranger's key, each wrong, or strange, in one way. None is trusted by anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from tests.publisher import keys

ROOT = ec.derive_private_key(0xCAFE, ec.SECP256R1())
INTERMEDIATE = ec.derive_private_key(0xBEEF, ec.SECP256R1())
BEFORE, AFTER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)
PAST = datetime(2020, 1, 2, tzinfo=UTC)
SIGNER = x509.UniformResourceIdentifier("https://github.com/docker/builder/.github/workflows/b.yml@refs/tags/v1")

# Claims of Fulcio: 1.3.6.1.4.1.57264.1.N
FULCIO = "1.3.6.1.4.1.57264.1"
Extension = tuple[x509.ExtensionType, bool]


class Issued(msgspec.Struct, frozen=True):
    """PEM texts as cosign writes them into annotations."""

    leaf: str
    chain: str
    log_entry: str = ""


def claim(number: int, text: str, *, critical: bool = False) -> Extension:
    return x509.UnrecognizedExtension(ObjectIdentifier(f"{FULCIO}.{number}"), text.encode()), critical


def issued(
    *extensions: Extension,
    names: Sequence[x509.GeneralName] = (SIGNER,),
    ends: datetime = AFTER,
    intermediate_ends: datetime = AFTER,
    is_ca: bool = False,
    subject: x509.Name | None = None,
    organisation: str = "sigstore.dev",
    log_entry: str = "",
) -> Issued:
    authority = _name("intermediate", organisation)
    chain = _certificate(authority, _name("root", organisation), INTERMEDIATE, ROOT, intermediate_ends, [_ca()])
    added = (
        [_ca(), *extensions] if is_ca else [_code_signing(), (x509.SubjectAlternativeName(names), True), *extensions]
    )
    leaf = _certificate(subject or x509.Name([]), authority, keys.stranger.private, INTERMEDIATE, ends, added)
    return Issued(leaf, chain, log_entry)


def _ca() -> Extension:
    return x509.BasicConstraints(ca=True, path_length=None), True


def _code_signing() -> Extension:
    return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False


def _name(common: str, organisation: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: keys.PrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    ends: datetime,
    extensions: Sequence[Extension],
) -> str:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(BEFORE)
        .not_valid_after(ends)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


_ODD_NAME = x509.Name(
    [
        x509.RelativeDistinguishedName(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, "#0500,CN=docker"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Docker, Inc.+CN=x"),
            ]
        )
    ]
)
_BACKDATED = '{"SignedEntryTimestamp": "", "Payload": {"integratedTime": 1577923200, "logIndex": 1}}'

CERTIFICATES: dict[str, Callable[[], Issued]] = {
    "foreign root in the chain": issued,
    "no SCT": lambda: issued(claim(8, "https://accounts.example")),
    "two issuers": lambda: issued(claim(1, "https://accounts.example"), claim(8, "https://other.example")),
    "two names": lambda: issued(names=(SIGNER, x509.RFC822Name("someone@example.com"))),
    "name of another type": lambda: issued(names=(x509.DNSName("github.com"),)),
    "leaf is a CA": lambda: issued(is_ca=True),
    "unknown critical extension": lambda: issued(claim(99, "x", critical=True)),
    "expired": lambda: issued(ends=PAST),
    "expired intermediate": lambda: issued(intermediate_ends=PAST),
    "expired, with a time that nobody vouches for": lambda: issued(ends=PAST, log_entry=_BACKDATED),
    "source of somebody else": lambda: issued(claim(12, "https://github.com/evil/repo"), claim(16, "https://evil")),
    "self-hosted runner": lambda: issued(claim(11, "self-hosted")),
    "pull request": lambda: issued(claim(14, "refs/pull/1/merge"), claim(20, "pull_request")),
    "repository renamed": lambda: issued(claim(15, "1"), claim(17, "2")),
    "subject that reads like several": lambda: issued(subject=_ODD_NAME),
    "issued by GitHub's own root": lambda: issued(organisation="GitHub, Inc."),
    "ten thousand names": lambda: issued(names=[x509.DNSName(f"n{n}.example") for n in range(10_000)]),
    "three megabytes": lambda: issued(claim(98, "x" * 3_000_000)),
    "no certificate at all": lambda: Issued("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ""),
    "empty": lambda: Issued("", ""),
}
