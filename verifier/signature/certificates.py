"""Signing certificates: read within bounds, and led back to an authority of the trusted root.

    read_leaf ─► Leaf ─► issued_by(leaf, root, times) ─► Issued ─► sct.certificate_logs

Nothing of a leaf is believed before `issued_by` returned; what comes along with it are intermediates at best, never
trust. Loads X.509, so it is imported only where a certificate is. Follows RFC 5280 and Fulcio's certificate
specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import Authority, TrustedRoot
from verifier.signature import certificate_chains, certificate_extensions
from verifier.signature.certificate_extensions import Name
from verifier.signature.interface import Untrusted

if TYPE_CHECKING:
    from verifier.model.trust import PublicKey

_MADE_BY = "The certificate is damaged or was issued for something else; ask the publisher for another signature."
_NAME_THE_ROOT = "If you trust its authority, give the trusted root of its Sigstore with --trusted-root."
_PEM_BEGIN = "-----BEGIN "


class Leaf(msgspec.Struct, frozen=True):
    """The certificate of a signer, well formed and of the right kind; whether it counts is another question.

    `issuer` is who vouched for `name` (an OIDC provider), "" where the certificate does not say. `claims` are its
    Fulcio extensions by number. `intermediates` came along and are not trusted.
    """

    certificate: x509.Certificate
    public_key: PublicKey
    name: Name
    issuer: str
    claims: dict[int, str]
    intermediates: tuple[x509.Certificate, ...] = ()

    def __str__(self) -> str:
        return f"{self.name.text} ({self.issuer or 'no issuer'})"


class Issued(msgspec.Struct, frozen=True):
    """Who issued a leaf: the authority of the trusted root, and the certificates that lead there, the issuing first."""

    authority: Authority
    chain: tuple[x509.Certificate, ...]


class Rules(msgspec.Struct, frozen=True):
    """What can be demanded of a certificate under a trusted root, and so is, where the policy demands anything."""

    certificate_log: bool
    log: bool


def rules_of(root: TrustedRoot) -> Rules:
    """GitHub's own instance has no logs: its root asks for timestamps alone, whatever a bundle looks like."""
    return Rules(certificate_log=bool(root.certificate_logs), log=bool(root.logs))


def read_leaf(certificate: bytes | str, chain: Sequence[bytes] | str = ()) -> Leaf:
    """A leaf with what came along: DER as bundles have it, or PEM as cosign's annotations do.

    A bundle must bring no root. cosign's `chain` ends in one, which is passed over: none that was fetched counts.
    Raises `EvidenceInvalid`.
    """
    found = _only(certificate)
    intermediates = _intermediates(chain)
    with certificate_extensions.readable():
        name = certificate_extensions.name_of(found)
        claims = certificate_extensions.claims_of(found)
        for check in LEAF_CHECKS:
            check(found)
        public_key = _public_key(found)
    return Leaf(found, public_key, name, certificate_extensions.issuer_of(claims), claims, intermediates)


def issued_by(leaf: Leaf, root: TrustedRoot, times: Sequence[datetime]) -> Issued:
    """The authority of `root` under which `leaf` is good at every one of `times`, which must be proved ones.

    Raises `Untrusted` when none of them issued it, and `EvidenceInvalid` when one did, but not for these times.
    """
    leading = [(authority, issuers) for authority, issuers in _issuers(root) if _leads_to(issuers, leaf)]
    if not leading:
        raise Untrusted(
            f"no certificate authority of the trusted root issued the certificate of {leaf}", hint=_NAME_THE_ROOT
        )
    if not times:
        raise EvidenceInvalid(
            "signed with a certificate, and no trusted time shows when",
            hint="Ask the publisher for a signature with a log entry that has a time, or with a timestamp.",
        )
    faults: list[EvidenceInvalid] = []
    for authority, issuers in leading:
        try:
            return Issued(authority, _chain(leaf, authority, issuers, times))
        except EvidenceInvalid as fault:
            faults.append(fault)
    raise faults[0]


def _issuers(root: TrustedRoot) -> Iterator[tuple[Authority, tuple[x509.Certificate, ...]]]:
    for authority in root.authorities:
        yield authority, tuple(map(certificate_chains.trusted, authority.certificates))


def _chain(
    leaf: Leaf, authority: Authority, issuers: tuple[x509.Certificate, ...], times: Sequence[datetime]
) -> tuple[x509.Certificate, ...]:
    chain = certificate_chains.build(
        leaf.certificate,
        anchor=issuers[-1],
        intermediates=(*issuers, *leaf.intermediates),
        times=times,
        usage=ExtendedKeyUsageOID.CODE_SIGNING,
    )
    certificate_chains.in_window(authority, times)
    return chain


def _leads_to(issuers: Sequence[x509.Certificate], leaf: Leaf) -> bool:
    """By names alone: it words a refusal, and saves the work on authorities that are somebody else's."""
    names = {leaf.certificate.issuer}
    for _ in leaf.intermediates:
        names |= {brought.issuer for brought in leaf.intermediates if brought.subject in names}
    return any(issuer.subject in names for issuer in issuers)


def _only(certificate: bytes | str) -> x509.Certificate:
    if isinstance(certificate, bytes):
        return _read(certificate)
    found = _read_pem(certificate, most=1)
    if len(found) != 1:
        raise EvidenceInvalid(f"the certificate is {len(found)} PEM blocks; expected exactly one", hint=_MADE_BY)
    return found[0]


def _intermediates(chain: Sequence[bytes] | str) -> tuple[x509.Certificate, ...]:
    if isinstance(chain, str):
        found = _read_pem(chain, most=DEFAULT_LIMITS.certificates) if chain else []
        return tuple(certificate for certificate in found if not _is_root(certificate))
    if len(chain) >= DEFAULT_LIMITS.certificates:
        raise EvidenceInvalid(f"the certificate chain is longer than {DEFAULT_LIMITS.certificates}", hint=_MADE_BY)
    brought = tuple(map(_read, chain))
    if any(map(_is_root, brought)):
        raise EvidenceInvalid("the bundle brings a root certificate along; roots come from the trusted root alone")
    return brought


def _is_root(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject


def _read(der: bytes) -> x509.Certificate:
    if len(der) > DEFAULT_LIMITS.certificate_bytes:
        raise EvidenceInvalid(f"a certificate is larger than {DEFAULT_LIMITS.certificate_bytes} bytes", hint=_MADE_BY)
    with certificate_extensions.readable():
        return certificate_extensions.whole(x509.load_der_x509_certificate(der))


def _read_pem(text: str, most: int) -> list[x509.Certificate]:
    """Every block must be a certificate: a private key beside one is a sign of something gone wrong."""
    blocks = text.count(_PEM_BEGIN)
    if blocks > most or len(text) > most * DEFAULT_LIMITS.certificate_bytes * 4 // 3:
        raise EvidenceInvalid(f"the PEM text holds more than {most} certificates of bounded size", hint=_MADE_BY)
    with certificate_extensions.readable():
        found = list(map(certificate_extensions.whole, x509.load_pem_x509_certificates(text.encode())))
    if len(found) != blocks:
        raise EvidenceInvalid("the PEM text holds something beside certificates", hint=_MADE_BY)
    return found


def _public_key(certificate: x509.Certificate) -> PublicKey:
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        key = None
    if not isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey):
        raise EvidenceInvalid("the certificate's key is of no supported kind; expected ECDSA, Ed25519 or RSA")
    return key


def no_authority(certificate: x509.Certificate) -> None:
    """One that may issue certificates signs nothing else."""
    constraints = certificate_extensions.optional(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise EvidenceInvalid("the signing certificate is a certificate authority's; expected a leaf", hint=_MADE_BY)


def digital_signature(certificate: x509.Certificate) -> None:
    usage = certificate_extensions.optional(certificate, x509.KeyUsage)
    if usage is None or not usage.digital_signature:
        raise EvidenceInvalid("the certificate's key usage does not include digital signatures", hint=_MADE_BY)


def code_signing(certificate: x509.Certificate) -> None:
    usages = certificate_extensions.optional(certificate, x509.ExtendedKeyUsage)
    if usages is None or ExtendedKeyUsageOID.CODE_SIGNING not in usages:
        raise EvidenceInvalid("the certificate's extended key usage does not include code signing", hint=_MADE_BY)


LEAF_CHECKS: tuple[Callable[[x509.Certificate], None], ...] = (no_authority, digital_signature, code_signing)
