"""What a certificate says about its owner: one subject alternative name, and Fulcio's extensions.

Extensions 1 to 6 under 1.3.6.1.4.1.57264.1 hold raw text, later ones a DER UTF8String; 7 stands inside a name.
Texts are taken as they are, without any normal form. Follows Fulcio's `oid-info.md` and RFC 5280, 4.2.1.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS

_FULCIO = "1.3.6.1.4.1.57264.1."
_USER_NAME = x509.ObjectIdentifier(_FULCIO + "7")
_RAW_TEXT = range(1, 7)
_KNOWN = (*_RAW_TEXT, *range(8, 25))
_OLD_ISSUER, _ISSUER = 1, 8

_UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    UserWarning,  # where warnings are errors: cryptography deprecates certificates that break RFC 5280
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

Extension = TypeVar("Extension", bound=x509.ExtensionType)


class Name(msgspec.Struct, frozen=True):
    """A subject alternative name with its type: `uri`, `email`, `dns`, or `username` (Fulcio's otherName)."""

    kind: str
    text: str


@contextmanager
def readable() -> Iterator[None]:
    """Everything that X.509 parsing raises becomes `EvidenceInvalid`: certificates are taken apart only when asked."""
    try:
        yield
    except _UNREADABLE as fault:
        raise EvidenceInvalid(f"the certificate cannot be read: {str(fault) or type(fault).__name__:.200}") from None


def whole(certificate: x509.Certificate) -> x509.Certificate:
    """The same, after every part was taken apart once: later nothing can fail. To be called inside `readable`.

    The bits that its signature leaves unused are signed by nobody: there must be none, so that it has one spelling.
    """
    if not certificate.public_bytes(Encoding.DER).endswith(b"\0" + certificate.signature):
        raise ValueError("its signature does not end with the certificate")
    _ = certificate.issuer, certificate.subject, certificate.extensions, certificate.serial_number
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return certificate


def optional(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    """The extension of this kind, if it is there. To be called inside `readable`."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def name_of(certificate: x509.Certificate) -> Name:
    """The one name. With several, one could be the trusted and another the true one. Raises `EvidenceInvalid`."""
    names = list(optional(certificate, x509.SubjectAlternativeName) or ())
    if len(names) != 1:
        raise EvidenceInvalid(f"the certificate has {len(names)} subject alternative names; expected exactly one")
    name = _name(names[0])
    if not 0 < len(name.text) <= DEFAULT_LIMITS.identity_text:
        raise EvidenceInvalid(
            f"the certificate's name has {len(name.text)} characters; expected 1 to {DEFAULT_LIMITS.identity_text}"
        )
    return name


def _name(name: x509.GeneralName) -> Name:
    if isinstance(name, x509.UniformResourceIdentifier):
        return Name("uri", name.value)
    if isinstance(name, x509.RFC822Name):
        return Name("email", name.value)
    if isinstance(name, x509.DNSName):
        return Name("dns", name.value)
    if isinstance(name, x509.OtherName) and name.type_id == _USER_NAME:
        return Name("username", asn1.decode_der(str, name.value))
    raise EvidenceInvalid(f"the certificate's name is a {type(name).__name__}; expected a URI, address or user name")


def claims_of(certificate: x509.Certificate) -> dict[int, str]:
    """Fulcio's extensions by number. Raises `EvidenceInvalid` for a known one that is malformed."""
    found = {}
    for extension in certificate.extensions:
        number = extension.oid.dotted_string.removeprefix(_FULCIO)
        if number in map(str, _KNOWN) and isinstance(extension.value, x509.UnrecognizedExtension):
            found[int(number)] = _text(int(number), extension.value.value)
    return found


def _text(number: int, value: bytes) -> str:
    text = value.decode() if number in _RAW_TEXT else asn1.decode_der(str, value)
    if len(text) > DEFAULT_LIMITS.identity_text:
        raise EvidenceInvalid(
            f"the certificate's claim {number} has over {DEFAULT_LIMITS.identity_text} characters",
        )
    return text


def issuer_of(claims: dict[int, str]) -> str:
    """Who vouched for the name; "" when it is not said. Raises `EvidenceInvalid` when it is said in two ways."""
    stated = {claims[number] for number in (_OLD_ISSUER, _ISSUER) if number in claims}
    if len(stated) > 1:
        raise EvidenceInvalid(
            f"the certificate names two issuers, {claims[_OLD_ISSUER]!r:.100} and {claims[_ISSUER]!r:.100}"
        )
    return stated.pop() if stated else ""
