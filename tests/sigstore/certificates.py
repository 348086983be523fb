"""Certificates: authorities with their chains, and the short-lived leaves of the signing one (RFC 5280, Fulcio)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.publisher.keys import SigningKey
from tests.sigstore import claims, der
from tests.sigstore.claims import ISSUER, WORKFLOW, Claims, Identity
from tests.sigstore.ctlog import Sct, sct_list
from tests.sigstore.keys import PublicKey, hash_of, key, spki, spki_of
from tests.sigstore.moments import ALWAYS, ISSUED, LIFETIME, Window

Extension: TypeAlias = tuple[x509.ExtensionType, bool]
"""With whether it is critical."""

CODE_SIGNING: Final = ExtendedKeyUsageOID.CODE_SIGNING
TIME_STAMPING: Final = ExtendedKeyUsageOID.TIME_STAMPING
EMBEDDED_SCTS: Final = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class Authority(msgspec.Struct, frozen=True):
    """Somebody who issues certificates: the issuing one first in `chain`, the root last. `key` is the issuing one's."""

    name: str
    uri: str
    key: SigningKey
    chain: tuple[x509.Certificate, ...]

    @property
    def issuer(self) -> x509.Certificate:
        return self.chain[0]


class Leaf(msgspec.Struct, frozen=True):
    """A signer with a certificate; `chain` are its issuers, the root last."""

    key: SigningKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def der(self) -> bytes:
        return der_of(self.certificate)

    @property
    def pem(self) -> bytes:
        return pem_of(self.certificate)


class LeafOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a leaf says. The defaults are right; everything else is a claim of another signer, or damage.

    `names` replaces the one subject alternative name by several or none; `usages` are of `USAGES`; `eku` of None
    leaves the extension out; `sct_list` gets the TLS list before it is embedded; `extensions` come on top.
    """

    identity: Identity = WORKFLOW
    issuer: str = ISSUER
    claims: Claims = {}
    at: datetime = ISSUED
    lifetime: timedelta = LIFETIME
    names: tuple[Identity, ...] | None = None
    names_critical: bool = True
    subject: str = ""
    scts: tuple[Sct, ...] = ()
    sct_list: Callable[[bytes], bytes] | None = None
    is_ca: bool = False
    usages: tuple[str, ...] = ("digital_signature",)
    eku: tuple[x509.ObjectIdentifier, ...] | None = (CODE_SIGNING,)
    eku_critical: bool = False
    extensions: tuple[Extension, ...] = ()


def der_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def pem_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def name_of(organization: str, common_name: str) -> x509.Name:
    attributes = ((NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes if text])


def key_usage(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in wanted for usage in USAGES})


def authority(
    name: str,
    *,
    uri: str,
    organization: str = "sigstore.example",
    depth: int = 2,
    curve: str = "p384",
    windows: Mapping[str, Window] = {},
    eku: tuple[x509.ObjectIdentifier, ...] | None = (CODE_SIGNING,),
    extensions: Sequence[Extension] = (),
) -> Authority:
    """An authority of `depth` certificates: a root, and intermediates under it.

    `windows` are by "root" and "intermediate" (or "intermediate-2", …); what is not named lives always. `eku` and
    `extensions` go into the intermediates.
    """
    key_of_root = key(f"{name}/root", curve)
    root_name = name_of(organization, f"{name} root")
    root_extensions = _for_authority(key_of_root, None, depth - 1)
    root = certificate(root_name, key_of_root, root_name, key_of_root, windows.get("root", ALWAYS), root_extensions)
    chain: tuple[x509.Certificate, ...] = (root,)
    issuing = key_of_root
    for level in range(1, depth):
        label = "intermediate" if level == 1 else f"intermediate-{level}"
        own = key(f"{name}/{label}", curve)
        wanted = [*_for_authority(own, issuing, depth - 1 - level), *_eku(eku, critical=False), *extensions]
        subject = name_of(organization, f"{name} {label}")
        issued = certificate(subject, own, chain[0].subject, issuing, windows.get(label, ALWAYS), wanted)
        chain, issuing = (issued, *chain), own
    return Authority(name, uri, issuing, chain)


def certificate(
    subject: x509.Name,
    subject_key: SigningKey,
    issuer: x509.Name,
    issuer_key: SigningKey,
    window: Window,
    extensions: Sequence[Extension],
    serial: int = 0,
) -> x509.Certificate:
    """One certificate. Without a serial number it gets one from what it says: nothing here is left to chance."""
    public = subject_key.private.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(serial or _serial(subject, public, window, extensions))
        .not_valid_before(window[0])
        .not_valid_after(window[1])
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    deterministic = True if isinstance(issuer_key.private, ec.EllipticCurvePrivateKey) else None
    return builder.sign(issuer_key.private, hash_of(issuer_key), ecdsa_deterministic=deterministic)


def leaf(issuing: Authority, signer: SigningKey, options: LeafOptions) -> Leaf:
    """A signing certificate: precertificate, the logs' timestamps over it, and the certificate that holds them."""
    subject = name_of("", options.subject)
    window = (options.at, options.at + options.lifetime)
    wanted = _of_leaf(signer, issuing, options)
    precertificate = certificate(subject, signer, issuing.issuer.subject, issuing.key, window, wanted)
    if not options.scts:
        return Leaf(signer, precertificate, issuing.chain)
    wanted.append((_embedded_scts(precertificate, issuing, options), False))
    serial = precertificate.serial_number
    final = certificate(subject, signer, issuing.issuer.subject, issuing.key, window, wanted, serial)
    return Leaf(signer, final, issuing.chain)


def _embedded_scts(
    precertificate: x509.Certificate, issuing: Authority, options: LeafOptions
) -> x509.UnrecognizedExtension:
    issuer_spki = spki_of(issuing.key)
    tbs = precertificate.tbs_certificate_bytes
    embedded = sct_list([sct.serialized(tbs, issuer_spki) for sct in options.scts])
    embedded = options.sct_list(embedded) if options.sct_list else embedded
    return x509.UnrecognizedExtension(EMBEDDED_SCTS, der.octets(embedded))


def key_identifiers(own: SigningKey, issuing: SigningKey | None) -> list[Extension]:
    identifiers: list[Extension] = [(x509.SubjectKeyIdentifier.from_public_key(own.private.public_key()), False)]
    if issuing is not None:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.private.public_key())
        identifiers.append((identifier, False))
    return identifiers


def _of_leaf(signer: SigningKey, issuing: Authority, options: LeafOptions) -> list[Extension]:
    said = options.names if options.names is not None else (options.identity,)
    names = [claims.general_name(name) for name in said]
    stated = claims.claims_of(options.identity, options.issuer, options.claims)
    constraints: list[Extension] = [(x509.BasicConstraints(True, None), True)] if options.is_ca else []
    return [
        (key_usage(*options.usages), True),
        *_eku(options.eku, critical=options.eku_critical),
        *constraints,
        *key_identifiers(signer, issuing.key),
        *([(x509.SubjectAlternativeName(names), options.names_critical)] if names else []),
        *((extension, False) for extension in claims.extensions(stated)),
        *options.extensions,
    ]


def _for_authority(own: SigningKey, issuing: SigningKey | None, below: int) -> list[Extension]:
    return [
        (key_usage("key_cert_sign", "crl_sign"), True),
        (x509.BasicConstraints(True, below), True),
        *key_identifiers(own, issuing),
    ]


def _eku(usages: tuple[x509.ObjectIdentifier, ...] | None, *, critical: bool) -> list[Extension]:
    return [] if usages is None else [(x509.ExtendedKeyUsage(usages), critical)]


def _serial(subject: x509.Name, public: PublicKey, window: Window, extensions: Sequence[Extension]) -> int:
    said = repr((subject.rfc4514_string(), spki(public), window, [repr(item) for item in extensions]))
    return 1 + int.from_bytes(hashlib.sha256(said.encode()).digest()[:15], "big")
