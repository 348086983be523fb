"""RFC 3161 timestamps taken apart: TimeStampResp, CMS SignedData with one signer, TSTInfo.

The shapes are declared and `cryptography` decodes them as strict DER; nothing is believed yet. Certificates and lists
of revocation inside a token are passed over: only those of the trusted root count. Loads X.509, so it is imported
only where a timestamp is. Follows RFC 3161, RFC 5652 and RFC 5816.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS

SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_GRANTED = (0, 1)  # 1: with modifications

Value = TypeVar("Value")


class Algorithm(msgspec.Struct, frozen=True):
    """A hash or signature algorithm by its dotted OID. Parameters choose nothing here."""

    oid: str

    @property
    def hash(self) -> str:
        """The name that hashlib has for it. Raises `EvidenceInvalid` for SHA-1 and what else is not accepted."""
        if self.oid not in HASHES:
            raise EvidenceInvalid(f"the timestamp uses the hash algorithm {self.oid}; expected SHA-256, 384 or 512")
        return HASHES[self.oid]


class SignerId(msgspec.Struct, frozen=True):
    """Who signed, as the token says: issuer (DER) and serial number of a certificate, or its key identifier."""

    issuer: bytes = b""
    serial: int = 0
    key_identifier: bytes = b""


class CertificateHash(msgspec.Struct, frozen=True):
    """The hash of the signer's certificate, among what is signed."""

    algorithm: str
    digest: bytes


class Token(msgspec.Struct, frozen=True):
    """A timestamp as it stands. `signed` is what its signature covers: the attributes, DER of a SET OF.

    The attributes hold `message_digest`, the hash of `info`, which is the TSTInfo from which `imprint` and `moment`
    were read.
    """

    imprint_algorithm: Algorithm
    imprint: bytes
    moment: datetime
    info: bytes
    signer: SignerId
    digest_algorithm: Algorithm
    signature_algorithm: Algorithm
    signature: bytes
    signed: bytes
    message_digest: bytes
    certificate_hashes: tuple[CertificateHash, ...]


@asn1.sequence
class _Attribute:
    kind: x509.ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _IssuerAndSerial:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _SignerInfo:
    version: int
    signer: asn1.TLV
    digest_algorithm: list[asn1.TLV]
    attributes: Annotated[list[_Attribute] | None, asn1.Implicit(0)]
    signature_algorithm: list[asn1.TLV]
    signature: bytes
    unsigned: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class _Content:
    kind: x509.ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class _SignedData:
    version: int
    digest_algorithms: asn1.SetOf[asn1.TLV]
    content: _Content
    certificates: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]  # real ones are not always in DER's order
    revocations: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
    signers: asn1.SetOf[_SignerInfo]


@asn1.sequence
class _ContentInfo:
    kind: x509.ObjectIdentifier
    content: Annotated[_SignedData, asn1.Explicit(0)]


@asn1.sequence
class _Response:
    status: list[asn1.TLV]
    token: _ContentInfo | None


@asn1.sequence
class _Imprint:
    algorithm: list[asn1.TLV]
    digest: bytes


@asn1.sequence
class _Extension:
    kind: x509.ObjectIdentifier
    critical: Annotated[bool, asn1.Default(False)]
    value: bytes


@asn1.sequence
class _Info:
    version: int
    policy: x509.ObjectIdentifier
    imprint: _Imprint
    serial: int
    moment: asn1.GeneralizedTime
    accuracy: list[asn1.TLV] | None
    ordering: Annotated[bool, asn1.Default(False)]
    nonce: int | None
    authority: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    extensions: Annotated[list[_Extension] | None, asn1.Implicit(1)]


@asn1.sequence
class _SigningCertificate:
    certificates: list[list[asn1.TLV]]
    policies: list[asn1.TLV] | None


def read(der: bytes) -> Token:
    """Takes a TimeStampResp apart. Raises `EvidenceInvalid`."""
    if len(der) > DEFAULT_LIMITS.timestamp_bytes:
        raise EvidenceInvalid(f"a timestamp is larger than {DEFAULT_LIMITS.timestamp_bytes} bytes")
    try:
        return _token(_granted(asn1.decode_der(_Response, der)))
    except (ValueError, TypeError, IndexError, OverflowError, UnsupportedAlgorithm) as fault:
        raise EvidenceInvalid(f"the timestamp is no RFC 3161 response: {fault!s:.200}") from None


def _granted(response: _Response) -> _SignedData:
    status = response.status[0].parse(int) if response.status else None
    if status not in _GRANTED:
        raise EvidenceInvalid(f"the timestamp authority answered with status {status}; expected 0 or 1, granted")
    if response.token is None or response.token.kind.dotted_string != SIGNED_DATA:
        raise EvidenceInvalid("the timestamp authority's answer holds no signed timestamp")
    return response.token.content


def _token(signed: _SignedData) -> Token:
    signers = signed.signers.as_list()
    if len(signers) != 1:
        raise EvidenceInvalid(f"the timestamp has {len(signers)} signers; expected exactly one")
    signer = signers[0]
    attributes = _attributes(signer)
    if {signed.content.kind.dotted_string, _one(attributes, CONTENT_TYPE, x509.ObjectIdentifier).dotted_string} != {
        TST_INFO
    }:
        raise EvidenceInvalid("what the timestamp signs is no TSTInfo")
    info = _info(signed.content.content)
    return Token(
        imprint_algorithm=_algorithm(info.imprint.algorithm),
        imprint=info.imprint.digest,
        moment=info.moment.as_datetime(),
        info=signed.content.content,
        signer=_signer_id(signer.signer),
        digest_algorithm=_algorithm(signer.digest_algorithm),
        signature_algorithm=_algorithm(signer.signature_algorithm),
        signature=signer.signature,
        signed=asn1.encode_der(asn1.SetOf(signer.attributes or [])),
        message_digest=_one(attributes, MESSAGE_DIGEST, bytes),
        certificate_hashes=tuple(_certificate_hashes(attributes)),
    )


def _info(der: bytes) -> _Info:
    info = asn1.decode_der(_Info, der)
    if info.version != 1:
        raise EvidenceInvalid(f"the timestamp's TSTInfo has version {info.version}; expected 1")
    for extension in info.extensions or ():
        if extension.critical:
            raise EvidenceInvalid(f"the timestamp has an unknown critical extension, {extension.kind.dotted_string}")
    return info


def _attributes(signer: _SignerInfo) -> dict[str, asn1.TLV]:
    """By OID, each with its one value: of two, the one that is looked at could be the wrong one."""
    found: dict[str, asn1.TLV] = {}
    for attribute in signer.attributes or ():
        kind, values = attribute.kind.dotted_string, attribute.values.as_list()
        if kind in found or len(values) != 1:
            raise EvidenceInvalid(f"the timestamp's signed attribute {kind} has not exactly one value")
        found[kind] = values[0]
    return found


def _one(attributes: dict[str, asn1.TLV], kind: str, shape: type[Value]) -> Value:
    if kind not in attributes:
        raise EvidenceInvalid(f"the timestamp lacks the signed attribute {kind}")
    value: Value = attributes[kind].parse(shape)
    return value


def _certificate_hashes(attributes: dict[str, asn1.TLV]) -> list[CertificateHash]:
    """ESSCertID has SHA-1, and only names a certificate that is trusted anyway; ESSCertIDv2 says which, or SHA-256."""
    found = []
    for kind, usual in ((SIGNING_CERTIFICATE, "sha1"), (SIGNING_CERTIFICATE_V2, "sha256")):
        if kind in attributes:
            first, *rest = _one(attributes, kind, _SigningCertificate).certificates[0]
            algorithm = usual
            if kind == SIGNING_CERTIFICATE_V2 and first.tag_bytes == b"\x30":
                algorithm, first = _hash_of(first), rest[0]
            found.append(CertificateHash(algorithm, first.parse(bytes)))
    if not found:
        raise EvidenceInvalid("the timestamp does not say among its signed attributes which certificate signed it")
    return found


@asn1.sequence
class _AlgorithmIdentifier:
    oid: x509.ObjectIdentifier
    parameters: asn1.Null | None


def _hash_of(identifier: asn1.TLV) -> str:
    return Algorithm(identifier.parse(_AlgorithmIdentifier).oid.dotted_string).hash


def _algorithm(identifier: list[asn1.TLV]) -> Algorithm:
    oid: x509.ObjectIdentifier = identifier[0].parse(x509.ObjectIdentifier)
    return Algorithm(oid.dotted_string)


def _signer_id(signer: asn1.TLV) -> SignerId:
    if signer.tag_bytes != b"\x30":
        return SignerId(key_identifier=bytes(signer.data))
    named: _IssuerAndSerial = signer.parse(_IssuerAndSerial)
    return SignerId(asn1.encode_der(named.issuer), named.serial)
