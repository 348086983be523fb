"""Chains of certificates, from a leaf to an anchor of the trusted root, good at every proved time.

Paths, signatures, critical extensions, path lengths and name constraints are the work of `cryptography`'s X.509
verification (RFC 5280, 6.1); a kind of name constraint that it does not know refuses the chain. Ours are the times:
each certificate, anchor included, must be valid at each of them, both ends included.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy

from verifier.errors import ConfigurationError, EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import Authority
from verifier.signature.certificate_extensions import readable, whole

Certificates = tuple[x509.Certificate, ...]


def trusted(der: bytes) -> x509.Certificate:
    """A certificate of a trusted root. Raises `ConfigurationError`: the file is the user's or ours."""
    try:
        with readable():
            return whole(x509.load_der_x509_certificate(der))
    except EvidenceInvalid as fault:
        raise ConfigurationError(f"in the trusted root, {fault}") from None


def build(
    leaf: x509.Certificate,
    *,
    anchor: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    times: Sequence[datetime],
    usage: x509.ObjectIdentifier,
) -> Certificates:
    """The issuers of `leaf` up to `anchor`, all good at all of `times`. Raises `EvidenceInvalid`.

    There is at least one time. Each intermediate that limits what its leaves may be used for must allow `usage`.
    """
    ends = sorted({min(times), max(times)})  # what is valid at both is valid between, and 32 times cost no more
    _valid((leaf,), ends)
    faults: list[EvidenceInvalid] = []
    for moment in ends:
        try:
            chain = _path(leaf, anchor, intermediates, moment, usage)
            _valid(chain, ends)
        except EvidenceInvalid as fault:
            faults.append(fault)
        else:
            return chain
    raise faults[0]


def in_window(authority: Authority, times: Sequence[datetime]) -> None:
    """The trusted root says when an authority counts. Raises `EvidenceInvalid`."""
    for moment in times:
        if not authority.window.holds(moment):
            raise EvidenceInvalid(
                f"{authority.uri or 'the authority'} counts {_between(authority.window.start, authority.window.end)}, "
                f"and this is of {moment.isoformat()}"
            )


def _path(
    leaf: x509.Certificate,
    anchor: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    moment: datetime,
    usage: x509.ObjectIdentifier,
) -> Certificates:
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store([anchor]))
        .time(moment)
        .max_chain_depth(DEFAULT_LIMITS.certificates)
        .extension_policies(ca_policy=_authorities(usage), ee_policy=ExtensionPolicy.permit_all())
        .build_client_verifier()
    )
    with readable():
        try:
            return tuple(verifier.verify(leaf, list(intermediates)).chain[1:])
        except verification.VerificationError as fault:
            why = str(fault).partition(" (encountered")[0]
            raise EvidenceInvalid(f"no chain of certificates leads to the trusted root: {why:.200}") from None


def _authorities(usage: x509.ObjectIdentifier) -> ExtensionPolicy:
    """The rules of the web for who may issue, without its demand of a key identifier, and for another usage."""

    def allowed(_: object, __: object, limit: x509.ExtendedKeyUsage | None) -> None:
        if limit is not None and usage not in limit and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in limit:
            raise ValueError("an intermediate may not issue certificates for this usage")

    return (
        ExtensionPolicy.webpki_defaults_ca()
        .may_be_present(x509.SubjectKeyIdentifier, Criticality.AGNOSTIC, None)
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, allowed)
    )


def _valid(chain: Certificates, times: Sequence[datetime]) -> None:
    for certificate in chain:
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        for moment in times:
            if not start <= moment <= end:
                whose = certificate.subject.rfc4514_string() or "the signer"
                raise EvidenceInvalid(
                    f"the certificate of {whose:.200} is valid {_between(start, end)}, and this is of "
                    f"{moment.isoformat()}"
                )


def _between(start: datetime, end: datetime | None) -> str:
    return f"from {start.isoformat()} to {end.isoformat()}" if end else f"from {start.isoformat()} on"
