"""RFC 3161 timestamps: the times at which authorities of the trusted root saw a signature.

    of_bundle | of_annotation ─► DER ─► verified_times(tokens, signature, root) ─► Stamps

A token that names a signer of the trusted root must be right in every field, else the evidence is invalid. A token of
somebody else counts for nothing. Certificates inside a token are never used. Times count as they were then: a chain
that has expired since is fine. Revocation is not looked up. Follows RFC 3161, RFC 5816 and RFC 5652.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from verifier import strictjson
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import Authority, TrustedRoot
from verifier.signature import base64text, members

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from verifier.signature.timestamp_tokens import Token

_ASK = "The timestamp is damaged or of another signature; ask the publisher for the one that belongs here."
_ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
_RSA = {"sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13"}
_PLAIN_RSA = "1.2.840.113549.1.1.1"  # the hash stands apart
_ED25519 = "1.3.101.112"


class Stamp(msgspec.Struct, frozen=True):
    """A proved time, and who vouches for it."""

    moment: datetime
    authority: Authority


def of_bundle(material: object) -> tuple[bytes, ...]:
    """The DER responses in a bundle's `timestampVerificationData`; () for None. Raises `EvidenceInvalid`."""
    if material is None:
        return ()
    what = "bundle's timestampVerificationData"
    found = members.proto(material, what, ("rfc3161Timestamps",)).get("rfc3161Timestamps", [])
    if not isinstance(found, list) or len(found) > DEFAULT_LIMITS.timestamps:
        raise EvidenceInvalid(f"the {what} is no list of at most {DEFAULT_LIMITS.timestamps} timestamps")
    stamps = [members.proto(one, "bundle's timestamp", ("signedTimestamp",)) for one in found]
    return tuple(_der(stamp.get("signedTimestamp")) for stamp in stamps)


def of_annotation(text: str) -> tuple[bytes, ...]:
    """The one response in cosign's annotation `{"SignedRFC3161Timestamp": base64}`; () for "" and null.

    Raises `EvidenceInvalid`.
    """
    if not text:
        return ()
    if len(text) > 2 * DEFAULT_LIMITS.timestamp_bytes:
        raise EvidenceInvalid(f"the timestamp annotation has over {2 * DEFAULT_LIMITS.timestamp_bytes} characters")
    try:
        found = strictjson.loads(text.encode("utf-8", "surrogatepass"))
    except strictjson.JSONRefused as fault:
        raise EvidenceInvalid(f"the timestamp annotation is {fault}") from None
    if found is None:
        return ()
    return (_der(members.exact(found, "timestamp annotation", (_ANNOTATED,)).get(_ANNOTATED)),)


_ANNOTATED = "SignedRFC3161Timestamp"


def _der(text: object) -> bytes:
    if not isinstance(text, str):
        raise EvidenceInvalid("the timestamp is missing or not a string", hint=_ASK)
    if len(text) > DEFAULT_LIMITS.timestamp_bytes * 4 // 3 + 4:
        raise EvidenceInvalid(f"a timestamp is larger than {DEFAULT_LIMITS.timestamp_bytes} bytes")
    return base64text.decode(text, "timestamp")


def verified_times(tokens: Sequence[bytes], message: bytes, root: TrustedRoot) -> tuple[Stamp, ...]:
    """A proved time for each of `tokens` by a timestamp authority of `root`; those of others are left out.

    `message` is what was stamped: the raw signature, or for cosign's `.att` layers the envelope. Each time must lie
    within the validity of a signing certificate; only distinct `operators` vouch independently.
    Raises `EvidenceInvalid` for a token that cannot be read, or is of a known authority and wrong.
    """
    if not tokens:
        return ()
    from verifier.signature import timestamp_tokens

    if len(tokens) > DEFAULT_LIMITS.timestamps:
        raise EvidenceInvalid(f"there are {len(tokens)} timestamps; at most {DEFAULT_LIMITS.timestamps} are read")
    stamps = [_stamp(timestamp_tokens.read(token), message, root) for token in tokens]
    return tuple(stamp for stamp in stamps if stamp is not None)


def operators(stamps: Iterable[Stamp]) -> frozenset[str]:
    """Who vouches: two timestamps by one are worth one. Authorities that name no operator may be of one."""
    return frozenset(stamp.authority.operator for stamp in stamps)


def _stamp(token: Token, message: bytes, root: TrustedRoot) -> Stamp | None:
    """Several entries of a root may overlap, or name one certificate in two windows: any that holds is enough."""
    from verifier.signature import certificate_chains

    faults: list[EvidenceInvalid] = []
    for authority in root.timestamp_authorities:
        leaf = certificate_chains.trusted(authority.certificates[0])
        if not (_names(token, leaf) or _attests(token, leaf)):
            continue
        try:
            for check in TOKEN_CHECKS:
                check(token, leaf, message)
            _trusted_then(token.moment, leaf, authority)
        except EvidenceInvalid as fault:
            faults.append(fault)
        else:
            return Stamp(token.moment, authority)
    if faults:
        raise faults[0]
    return None


def _names(token: Token, leaf: Certificate) -> bool:
    """By issuer and serial number, or by key identifier. Not signed, so it is no proof of anything."""
    from cryptography import x509

    signer = token.signer
    if signer.issuer:
        return signer.serial == leaf.serial_number and signer.issuer == leaf.issuer.public_bytes()
    try:
        return signer.key_identifier == leaf.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return False


def _attests(token: Token, leaf: Certificate) -> bool:
    from cryptography.hazmat.primitives.serialization import Encoding

    der = leaf.public_bytes(Encoding.DER)
    return all(stated.digest == hashlib.new(stated.algorithm, der).digest() for stated in token.certificate_hashes)


def is_of_message(token: Token, leaf: Certificate, message: bytes) -> None:
    if token.imprint != hashlib.new(token.imprint_algorithm.hash, message).digest():
        raise EvidenceInvalid("the timestamp is of another signature", hint=_ASK)


def names_signer(token: Token, leaf: Certificate, message: bytes) -> None:
    """Whom the token names must be whose key is tried, inside of what is signed and outside of it."""
    if not (_names(token, leaf) and _attests(token, leaf)):
        raise EvidenceInvalid("the timestamp names two certificates as its signer's", hint=_ASK)


def holds_info(token: Token, leaf: Certificate, message: bytes) -> None:
    if token.message_digest != hashlib.new(token.digest_algorithm.hash, token.info).digest():
        raise EvidenceInvalid("the timestamp's content is not what was signed", hint=_ASK)


def is_signed(token: Token, leaf: Certificate, message: bytes) -> None:
    """By the trusted certificate's key; that key, and no other field, says how."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    key, name, oid = leaf.public_key(), token.digest_algorithm.hash, token.signature_algorithm.oid
    algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]
    try:
        if isinstance(key, EllipticCurvePublicKey) and oid == _ECDSA[name]:
            return key.verify(token.signature, token.signed, ECDSA(algorithm))
        if isinstance(key, RSAPublicKey) and oid in (_RSA[name], _PLAIN_RSA):
            return key.verify(token.signature, token.signed, PKCS1v15(), algorithm)
        if isinstance(key, Ed25519PublicKey) and oid == _ED25519:
            return key.verify(token.signature, token.signed)
    except InvalidSignature:
        raise EvidenceInvalid("the timestamp's signature is not its authority's", hint=_ASK) from None
    raise EvidenceInvalid(f"the timestamp's signature algorithm {oid} does not go with its authority's key and {name}")


def by_timestamper(token: Token, leaf: Certificate, message: bytes) -> None:
    """RFC 3161, 2.3: a certificate for nothing else."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    from verifier.signature.certificate_extensions import readable

    with readable():
        found = {extension.oid: extension for extension in leaf.extensions}
    usages = found.get(x509.ExtendedKeyUsage.oid)
    only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    constraints = found.get(x509.BasicConstraints.oid)
    if usages is None or not usages.critical or usages.value != only:
        raise EvidenceInvalid("the timestamp's certificate is not for timestamps alone, marked critical")
    if constraints is not None and constraints.value != x509.BasicConstraints(ca=False, path_length=None):
        raise EvidenceInvalid("the timestamp's certificate is a certificate authority's; expected a leaf")


TOKEN_CHECKS: tuple[Callable[[Token, Certificate, bytes], None], ...] = (
    names_signer,
    is_of_message,
    holds_info,
    is_signed,
    by_timestamper,
)


def _trusted_then(moment: datetime, leaf: Certificate, authority: Authority) -> None:
    from cryptography.x509.oid import ExtendedKeyUsageOID

    from verifier.signature import certificate_chains

    issuers = [certificate_chains.trusted(der) for der in authority.certificates[1:]]
    certificate_chains.build(
        leaf,
        anchor=issuers[-1] if issuers else leaf,
        intermediates=issuers,
        times=(moment,),
        usage=ExtendedKeyUsageOID.TIME_STAMPING,
    )
    certificate_chains.in_window(authority, (moment,))
