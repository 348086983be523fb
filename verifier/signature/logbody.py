"""What a log recorded, compared field by field with what was verified (sigstore/rekor, sigstore/rekor-tiles).

    hashedrekord 0.0.1 and 0.0.2, rekord 0.0.1   hash of the signed message, signature, key or certificate
    dsse 0.0.1, intoto 0.0.2                     hash of the payload, all signatures, key or certificate
    intoto 0.0.1                                 hash of the whole envelope, key or certificate

A genuine entry about anything else proves nothing of this signature. Both ways: what the body has more is as wrong as
what it lacks. Kinds that are not listed do not count, and are no pass either.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from verifier import strictjson
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.signature import base64text, members

_OF_ANOTHER = "A log entry was copied from another signature; ask the publisher for the bundle that belongs here."

_PEM = re.compile(
    rb"\s*-----BEGIN (CERTIFICATE|PUBLIC KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----\s*",
)
_HEX = re.compile(r"(?:[0-9a-f]{2}){32,64}")
_V1_HASHES = ("sha256", "sha384", "sha512")
_V2_HASHES = {"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}


class Hashed(Protocol):
    """Bytes, or only a digest of them that was verified."""

    def digest(self, algorithm: str) -> bytes:
        """`algorithm` as hashlib calls it. Raises `EvidenceInvalid` if it is not to be had."""
        ...


class Signed(msgspec.Struct, frozen=True):
    """What was verified, in the terms in which a log may have recorded it.

    `verifier` is the DER of the certificate, or of the bare key's SubjectPublicKeyInfo, with which `signature` was
    verified over `message`. For a DSSE envelope, `message` is its PAE, `signatures` are all that it has, `payload` is
    what they cover; `envelope` is the whole blob as stored, where its very bytes were logged (cosign's `.att` layers).
    """

    signature: bytes
    verifier: bytes
    message: Hashed
    signatures: tuple[bytes, ...] = ()
    payload: Hashed | None = None
    payload_type: str = ""
    envelope: Hashed | None = None


class Body(msgspec.Struct, frozen=True):
    """The recorded JSON, taken apart as far as all kinds have it in common."""

    kind: str
    version: str
    spec: Any

    @property
    def name(self) -> str:
        return f"{self.kind} {self.version}"


def read(body: bytes) -> Body:
    """Raises `EvidenceInvalid`."""
    if len(body) > DEFAULT_LIMITS.log_body_bytes:
        raise EvidenceInvalid(f"the log entry's body is larger than {DEFAULT_LIMITS.log_body_bytes} bytes")
    try:
        document = strictjson.loads(body)
    except strictjson.JSONRefused as fault:
        raise EvidenceInvalid(f"the log entry's body is {fault}") from None
    found = members.exact(document, "log entry's body", ("kind", "apiVersion", "spec"))
    return Body(_text(found, "kind"), _text(found, "apiVersion"), found.get("spec"))


def counts(body: Body, signed: Signed) -> bool:
    """Whether entries of this kind say enough to prove anything of what was signed."""
    if body.name == "intoto 0.0.1":  # it has no signature, so only the hash of all bytes tells which one it was
        return signed.envelope is not None
    return body.name in _COMPARE


def compare(body: Body, signed: Signed) -> None:
    """Raises `EvidenceInvalid` that names the first field which is about something else. `counts` must hold."""
    _COMPARE[body.name](body.spec, signed)


def _hashedrekord_1(spec: Any, signed: Signed) -> None:
    found = members.exact(spec, "body's spec", ("data", "signature"))
    data = members.exact(found.get("data"), "body's data", ("hash",))
    signature = members.exact(found.get("signature"), "body's signature", ("content", "publicKey"))
    key = members.exact(signature.get("publicKey"), "body's publicKey", ("content",))
    _same_hash(data.get("hash"), signed.message, "signed message")
    _same_signatures([(_base64(signature, "content"), _der_of_pem(_base64(key, "content")))], signed)


def _rekord_1(spec: Any, signed: Signed) -> None:
    """Old cosign's: the same members, and a format beside them."""
    signature = members.exact(_member(spec, "signature"), "body's signature", ("format",))
    if signature.get("format") != "x509":
        raise EvidenceInvalid(f"the logged signature's format is {signature.get('format')!r:.60}; expected 'x509'")
    _hashedrekord_1(spec, signed)


def _hashedrekord_2(spec: Any, signed: Signed) -> None:
    record = members.exact(_member(spec, "hashedRekordV002"), "body's hashedRekordV002", ("data", "signature"))
    data = members.exact(record.get("data"), "body's data", ("algorithm", "digest"))
    signature = members.exact(record.get("signature"), "body's signature", ("content", "verifier"))
    algorithm = data.get("algorithm")
    if not isinstance(algorithm, str) or algorithm not in _V2_HASHES:
        raise EvidenceInvalid(f"the logged digest's algorithm is {algorithm!r:.60}; expected {', '.join(_V2_HASHES)}")
    _same_digest(_base64(data, "digest"), signed.message, _V2_HASHES[algorithm], "signed message")
    verifier = _verifier(signature.get("verifier"))
    _same_signatures([(_base64(signature, "content"), verifier)], signed)


def _dsse_1(spec: Any, signed: Signed) -> None:
    found = members.exact(spec, "body's spec", ("envelopeHash", "payloadHash", "signatures"))
    _same_hash(found.get("payloadHash"), _payload(signed), "payload")
    if signed.envelope is not None:
        _same_hash(found.get("envelopeHash"), signed.envelope, "envelope")
    pairs = []
    for entry in _list(found.get("signatures")):
        signature = members.exact(entry, "logged signature", ("signature", "verifier"))
        pairs.append((_base64(signature, "signature"), _der_of_pem(_base64(signature, "verifier"))))
    _same_signatures(pairs, signed)


def _intoto_2(spec: Any, signed: Signed) -> None:
    """`sig` is base64 of the base64 that stands in the envelope."""
    content = members.exact(_member(spec, "content"), "body's content", ("envelope", "hash", "payloadHash"))
    envelope = members.exact(content.get("envelope"), "body's envelope", ("payloadType", "signatures"))
    _same_hash(content.get("payloadHash"), _payload(signed), "payload")
    if signed.envelope is not None:
        _same_hash(content.get("hash"), signed.envelope, "envelope")
    if envelope.get("payloadType") != signed.payload_type:
        raise _other("payload type", envelope.get("payloadType"), signed.payload_type)
    pairs = []
    for entry in _list(envelope.get("signatures")):
        signature = members.exact(entry, "logged signature", ("sig", "publicKey"))
        inner = base64text.decode(_base64(signature, "sig"), "logged signature")
        pairs.append((inner, _der_of_pem(_base64(signature, "publicKey"))))
    _same_signatures(pairs, signed)


def _intoto_1(spec: Any, signed: Signed) -> None:
    found = members.exact(spec, "body's spec", ("content", "publicKey"))
    content = members.exact(found.get("content"), "body's content", ("hash", "payloadHash"))
    if signed.envelope is None:
        raise EvidenceInvalid("the log entry records no signature; expected one of another kind")
    _same_hash(content.get("hash"), signed.envelope, "envelope")
    if "payloadHash" in content:
        _same_hash(content["payloadHash"], _payload(signed), "payload")
    _same_verifier(_der_of_pem(_base64(found, "publicKey")), signed)


_COMPARE: dict[str, Callable[[Any, Signed], None]] = {
    "hashedrekord 0.0.1": _hashedrekord_1,
    "hashedrekord 0.0.2": _hashedrekord_2,
    "dsse 0.0.1": _dsse_1,
    "intoto 0.0.1": _intoto_1,
    "intoto 0.0.2": _intoto_2,
    "rekord 0.0.1": _rekord_1,
}


def _same_signatures(logged: list[tuple[bytes, bytes]], signed: Signed) -> None:
    """The same signatures, as often; and the one that was verified, by the verifier that did it.

    Of the others the verifier is not known here, and nothing is concluded from them.
    """
    expected = sorted(signed.signatures or (signed.signature,))
    if sorted(signature for signature, _ in logged) != expected or signed.signature not in expected:
        raise EvidenceInvalid("the log entry records other signatures than those found here", hint=_OF_ANOTHER)
    for signature, verifier in logged:
        if signature == signed.signature:
            _same_verifier(verifier, signed)


def _same_verifier(logged: bytes, signed: Signed) -> None:
    if logged != signed.verifier:
        raise EvidenceInvalid(
            "the log entry records another key or certificate than the one that verified the signature",
            hint=_OF_ANOTHER,
        )


def _same_hash(value: object, content: Hashed, what: str) -> None:
    """As Rekor v1 writes it: a name and lower-case hex."""
    found = members.exact(value, f"logged hash of the {what}", ("algorithm", "value"))
    algorithm, digits = found.get("algorithm"), found.get("value")
    if algorithm not in _V1_HASHES:
        raise EvidenceInvalid(f"the logged hash's algorithm is {algorithm!r:.60}; expected {', '.join(_V1_HASHES)}")
    if not isinstance(digits, str) or not _HEX.fullmatch(digits):
        raise EvidenceInvalid(f"the logged hash of the {what} is not hex")
    _same_digest(bytes.fromhex(digits), content, algorithm, what)


def _same_digest(logged: bytes, content: Hashed, algorithm: str, what: str) -> None:
    expected = content.digest(algorithm)
    if not hmac.compare_digest(logged, expected):
        raise _other(f"{algorithm} of the {what}", logged.hex(), expected.hex())


def _other(what: str, found: object, expected: str) -> EvidenceInvalid:
    return EvidenceInvalid(f"the log entry's {what} is {found!r:.140}; expected {expected!r:.140}", hint=_OF_ANOTHER)


def _payload(signed: Signed) -> Hashed:
    if signed.payload is None:
        raise EvidenceInvalid("the log entry records an envelope, and no envelope was signed here", hint=_OF_ANOTHER)
    return signed.payload


def _verifier(value: object) -> bytes:
    """Rekor v2's: DER, with the algorithm that must fit it."""
    found = members.exact(value, "body's verifier", ("keyDetails", "publicKey", "x509Certificate"))
    is_certificate = "x509Certificate" in found
    if is_certificate == ("publicKey" in found):
        raise EvidenceInvalid("the logged verifier is not exactly one of a key and a certificate")
    holder = members.exact(
        found["x509Certificate" if is_certificate else "publicKey"], "body's verifier", ("rawBytes",)
    )
    der = _base64(holder, "rawBytes")
    details = _text(found, "keyDetails")
    if details not in _details(der, is_certificate=is_certificate):
        raise EvidenceInvalid(f"the logged verifier is not of the kind {details!r:.60} that the log entry states")
    return der


def _details(der: bytes, *, is_certificate: bool) -> tuple[str, ...]:
    """The names of `PublicKeyDetails` that a log may give the key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    try:
        key = load_der_x509_certificate(der).public_key() if is_certificate else load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm, InvalidVersion):
        raise EvidenceInvalid("the logged verifier cannot be parsed") from None
    if isinstance(key, EllipticCurvePublicKey):
        return _DETAILS_BY_CURVE.get(key.curve.name, ())
    if isinstance(key, Ed25519PublicKey):
        return ("PKIX_ED25519", "PKIX_ED25519_PH")
    if isinstance(key, RSAPublicKey):
        return tuple(f"PKIX_RSA_{scheme}_{key.key_size}_SHA256" for scheme in ("PKCS1V15", "PSS"))
    return ()


_DETAILS_BY_CURVE = {
    "secp256r1": ("PKIX_ECDSA_P256_SHA_256",),
    "secp384r1": ("PKIX_ECDSA_P384_SHA_384", "PKIX_ECDSA_P384_SHA_256"),
    "secp521r1": ("PKIX_ECDSA_P521_SHA_512", "PKIX_ECDSA_P521_SHA_256"),
}


def _der_of_pem(pem: bytes) -> bytes:
    """Rekor v1's: one certificate or key. White space means nothing, the DER everything."""
    found = _PEM.fullmatch(pem)
    if not found:
        raise EvidenceInvalid("the logged verifier is not one PEM certificate or public key")
    return base64text.decode(b"".join(found[2].split()), "logged verifier")


def _list(value: object) -> list[Any]:
    if not isinstance(value, list) or not 0 < len(value) <= DEFAULT_LIMITS.envelope_signatures:
        raise EvidenceInvalid(f"the logged signatures are not a list of 1 to {DEFAULT_LIMITS.envelope_signatures}")
    return value


def _member(value: object, name: str) -> object:
    return members.exact(value, "body's spec", (name,)).get(name)


def _base64(holder: dict[str, Any], name: str) -> bytes:
    return base64text.decode(_text(holder, name), f"log entry's {name}")


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise EvidenceInvalid(f"the log entry's body has no text `{name}`")
    return value
