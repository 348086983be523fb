"""A timestamp authority: its certificates, and tokens of RFC 3161 in CMS (RFC 5652), right or damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.publisher.keys import SigningKey
from tests.sigstore import der
from tests.sigstore.certificates import (
    TIME_STAMPING,
    Authority,
    Extension,
    authority,
    certificate,
    der_of,
    key_identifiers,
    key_usage,
    name_of,
)
from tests.sigstore.keys import key
from tests.sigstore.moments import ALWAYS, SIGNED, Window

POLICY: Final = "1.3.6.1.4.1.57264.2"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_HASH_OIDS = {
    "sha1": "1.3.14.3.2.26",
    "md5": "1.2.840.113549.2.5",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_ECDSA_OIDS = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
_RSA_OIDS = {"sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13"}


class Tsa(msgspec.Struct, frozen=True):
    """A timestamp authority: the certificate that signs first in `chain`, the root last."""

    name: str
    uri: str
    key: SigningKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]


class Stamped(msgspec.Struct, frozen=True, kw_only=True):
    """How something is stamped. Everything but `tsa`, `at`, `hash`, `embed` and `nonce` is damage.

    `message` is stamped instead of the signature; `key` signs instead of the authority's; `names` is whom the token
    says that it was signed by, `attested` whose hash stands in the signing certificate attribute, and `embedded`
    which certificates come along. `omit` leaves out attributes: "content-type", "message-digest",
    "signing-certificate", "signing-time", or "all" of them, with a signature over the content. `finished` gets the DER.
    """

    tsa: str | Tsa = "tsa"
    at: datetime = SIGNED
    hash: str = "sha256"
    embed: bool = True
    nonce: int | None = None
    accuracy: int | None = 1  # seconds
    policy: str = POLICY
    serial: int = 1

    message: bytes | None = None
    imprint: bytes | None = None
    key: SigningKey | None = None
    names: x509.Certificate | None = None
    attested: x509.Certificate | None = None
    attested_v1: bool = False
    embedded: tuple[x509.Certificate, ...] | None = None
    status: int = 0
    token: bool = True
    signers: int = 1
    omit: frozenset[str] = frozenset()
    digest: bytes | None = None  # in the message digest attribute
    content_type: str = _TST_INFO
    info: Callable[[bytes], bytes] | None = None  # gets the TSTInfo before it is signed
    info_after: Callable[[bytes], bytes] | None = None  # gets it after
    finished: Callable[[bytes], bytes] | None = None


def tsa(
    name: str,
    *,
    organization: str = "sigstore.example",
    depth: int = 3,
    curve: str = "p384",
    windows: Mapping[str, Window] = {},
    eku: tuple[x509.ObjectIdentifier, ...] | None = (TIME_STAMPING,),
    eku_critical: bool = True,
    is_ca: bool = False,
    usages: tuple[str, ...] = ("digital_signature",),
    signer: SigningKey | None = None,
) -> Tsa:
    """An authority of `depth` certificates, root and leaf included. `windows` are by "root", "intermediate", "leaf"."""
    uri = f"https://{name}.example/api/v1/timestamp"
    issuing = authority(
        name,
        uri=uri,
        organization=organization,
        depth=depth - 1,
        curve=curve,
        windows=windows,
        eku=(TIME_STAMPING,),
    )
    own = signer or key(f"{name}/leaf")
    wanted: list[Extension] = [(key_usage(*usages), True), *key_identifiers(own, issuing.key)]
    wanted += [] if eku is None else [(x509.ExtendedKeyUsage(eku), eku_critical)]
    wanted += [(x509.BasicConstraints(True, None), True)] if is_ca else []
    return Tsa(name, uri, own, (_leaf(name, organization, own, issuing, windows, wanted), *issuing.chain))


def _leaf(
    name: str,
    organization: str,
    own: SigningKey,
    issuing: Authority,
    windows: Mapping[str, Window],
    wanted: list[Extension],
) -> x509.Certificate:
    subject = name_of(organization, f"{name} signer")
    return certificate(subject, own, issuing.issuer.subject, issuing.key, windows.get("leaf", ALWAYS), wanted)


def response(authority: Tsa, message: bytes, how: Stamped) -> bytes:
    """A TimeStampResp over `message`, in DER."""
    status = der.sequence(der.integer(how.status))
    answer = der.sequence(status, *([_token(authority, message, how)] if how.token else []))
    return how.finished(answer) if how.finished else answer


def _token(authority: Tsa, message: bytes, how: Stamped) -> bytes:
    """ContentInfo with SignedData over a TSTInfo."""
    info = _info(message, how)
    info = how.info(info) if how.info else info
    signer = _signer_info(authority, info, how)
    digest = (how.key or authority.key).hash_name
    shown = how.info_after(info) if how.info_after else info
    certificates = how.embedded if how.embedded is not None else (authority.chain if how.embed else ())
    signed_data = der.sequence(
        der.integer(3),
        der.set_of(_algorithm(_HASH_OIDS[digest])),
        der.sequence(der.oid(how.content_type), der.explicit(0, der.octets(shown))),
        *([der.explicit(0, *sorted(der_of(item) for item in certificates))] if certificates else []),
        der.tagged(0x31, signer * how.signers),
    )
    return der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, signed_data))


def _info(message: bytes, how: Stamped) -> bytes:
    """TSTInfo (RFC 3161, 2.4.2)."""
    message = message if how.message is None else how.message
    imprint = hashlib.new(how.hash, message).digest() if how.imprint is None else how.imprint
    return der.sequence(
        der.integer(1),
        der.oid(how.policy),
        der.sequence(_algorithm(_HASH_OIDS[how.hash]), der.octets(imprint)),
        der.integer(how.serial),
        der.generalized_time(how.at),
        *([] if how.accuracy is None else [der.sequence(der.integer(how.accuracy))]),
        *([] if how.nonce is None else [der.integer(how.nonce)]),
    )


def _signer_info(authority: Tsa, info: bytes, how: Stamped) -> bytes:
    """SignerInfo (RFC 5652, 5.3), by issuer and serial number."""
    signing = how.key or authority.key
    digest = signing.hash_name
    named = how.names or authority.certificate
    attributes = b"" if "all" in how.omit else der.set_of(*_attributes(authority, info, digest, how))
    return der.sequence(
        der.integer(1),
        der.sequence(named.issuer.public_bytes(), der.integer(named.serial_number)),
        _algorithm(_HASH_OIDS[digest]),
        *([der.explicit(0, der.content_of(attributes))] if attributes else []),
        _signature_algorithm(signing),
        der.octets(signing.sign(attributes or info)),
    )


def _attributes(authority: Tsa, info: bytes, digest: str, how: Stamped) -> list[bytes]:
    said = hashlib.new(digest, info).digest() if how.digest is None else how.digest
    certificate_oid = _SIGNING_CERTIFICATE if how.attested_v1 else _SIGNING_CERTIFICATE_V2
    found = {
        "content-type": _attribute(_CONTENT_TYPE, der.oid(how.content_type)),
        "signing-time": _attribute(_SIGNING_TIME, der.utc_time(how.at)),
        "message-digest": _attribute(_MESSAGE_DIGEST, der.octets(said)),
        "signing-certificate": _attribute(certificate_oid, _attested(how.attested or authority.certificate, how)),
    }
    return [value for name, value in found.items() if name not in how.omit]


def _attested(certificate: x509.Certificate, how: Stamped) -> bytes:
    """SigningCertificate (RFC 2634) with SHA-1, or SigningCertificateV2 (RFC 5035) with its default, SHA-256."""
    algorithm = "sha1" if how.attested_v1 else "sha256"
    return der.sequence(der.sequence(der.sequence(der.octets(hashlib.new(algorithm, der_of(certificate)).digest()))))


def _attribute(name: str, value: bytes) -> bytes:
    return der.sequence(der.oid(name), der.set_of(value))


def _algorithm(name: str) -> bytes:
    return der.sequence(der.oid(name))


def _signature_algorithm(signing: SigningKey) -> bytes:
    public = signing.private.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return _algorithm(_ECDSA_OIDS[signing.hash_name])
    return _algorithm(_RSA_OIDS[signing.hash_name])
