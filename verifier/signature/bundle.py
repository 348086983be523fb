"""Sigstore bundles v0.1 to v0.3: an envelope or a signature together with what is needed to verify it.

    mediaType
    verificationMaterial   publicKey | certificate | x509CertificateChain; tlogEntries
    dsseEnvelope | messageSignature

Protobuf JSON, read strictly: exactly one of each choice, one spelling of each member. `publicKey.hint` picks nothing.
A message signature is over the manifest on which the bundle hangs. Follows sigstore/protobuf-specs,
`sigstore_bundle.proto`.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import FoundSignature
from verifier.signature import base64text, dsse, members
from verifier.signature.interface import Claim
from verifier.signature.keys import Message
from verifier.signature.witnesses import bundled_entries, bundled_tokens

_MEDIA_TYPE = re.compile(
    r"application/vnd\.dev\.sigstore\.bundle(?:\+json;version=0\.[123]|\.v0\.3(?:\.[0-9]{1,9})?\+json)"
)
_CONTENTS = ("dsseEnvelope", "messageSignature")
_MATERIALS = ("publicKey", "certificate", "x509CertificateChain")
_HASHES = {"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}

_MAKE_ANOTHER = "The bundle is damaged or was made by a tool that this version does not know; ask for another."


class Bundle(msgspec.Struct, frozen=True):
    """`content` holds the members of the one content, which `holds` names."""

    document: members.Document
    media_type: str
    holds: str
    content: dict[str, Any]
    material: object

    @property
    def is_first(self) -> bool:
        """Version 0.1, whose log entries come with a promise; later ones must come with a proof."""
        return self.media_type.endswith("=0.1")

    @property
    def is_envelope(self) -> bool:
        return self.holds == "dsseEnvelope"


def read(found: FoundSignature) -> Claim:
    """Annotations of the layer mean nothing here: all that counts is inside."""
    bundle = _open(found.payload)
    what = "bundle's verificationMaterial"
    material = members.proto(bundle.material, what, (*_MATERIALS, "tlogEntries", "timestampVerificationData"))
    certificate, *chain = _certificates(material)
    entries, tokens = material.get("tlogEntries"), material.get("timestampVerificationData")
    claim = _content(bundle, found)
    return replace(
        claim,
        certificate=certificate,
        chain=chain,
        is_logged=entries not in (None, []),
        is_stamped=tokens is not None,
        entries=partial(bundled_entries, entries, promised=bundle.is_first),
        tokens=partial(bundled_tokens, tokens),
    )


def _content(bundle: Bundle, found: FoundSignature) -> Claim:
    if not bundle.is_envelope:
        return Claim(message_of(found), (_message_signature(bundle.content, found),))
    envelope = dsse.envelope_of(bundle.content, bundle.document)
    statement = dsse.statement_of(envelope)
    signatures = dsse.signatures_of(envelope)
    if len(signatures) != 1:
        raise EvidenceInvalid(f"the bundle has {len(signatures)} signatures; expected exactly one")
    return Claim(
        dsse.pae(dsse.IN_TOTO, statement),
        signatures,
        payload=Message(statement),
        payload_type=dsse.IN_TOTO,
        statement=statement,
    )


def message_of(found: FoundSignature) -> Message:
    """What a message signature is made over: the bytes, or what only their digest tells of them."""
    if found.artifact or found.covers.matches(b""):
        return Message(found.artifact)
    return Message.known({found.covers.algorithm: bytes.fromhex(found.covers.hex), **found.digests})


def enclosed(found: FoundSignature) -> bytes | None:
    """The statement, unverified; None for a message signature. Raises `EvidenceInvalid`."""
    bundle = _open(found.payload)
    return dsse.statement_of(dsse.envelope_of(bundle.content, bundle.document)) if bundle.is_envelope else None


def _open(body: bytes) -> Bundle:
    document = members.document(body, "bundle", bundle=True)
    root = members.proto(document.root, "bundle", ("mediaType", "verificationMaterial", *_CONTENTS))
    media_type = root.get("mediaType")
    if not isinstance(media_type, str) or not _MEDIA_TYPE.fullmatch(media_type):
        raise EvidenceInvalid(
            f"the bundle's media type is {media_type!r:.100}; expected a Sigstore bundle v0.1 to v0.3",
            hint=_MAKE_ANOTHER,
        )
    holds = _only(root, "bundle", _CONTENTS)
    known = dsse.MEMBERS if holds == "dsseEnvelope" else ("messageDigest", "signature")
    content = members.proto(root[holds], f"bundle's {holds}", known)
    return Bundle(document, media_type, holds, content, root.get("verificationMaterial"))


def _only(holder: dict[str, Any], what: str, names: tuple[str, ...]) -> str:
    """Which one of `names` is there. Raises `EvidenceInvalid` unless it is exactly one."""
    there = [name for name in names if name in holder]
    if len(there) != 1:
        raise EvidenceInvalid(
            f"the {what} has {' and '.join(there) or 'none'} of {', '.join(names)}; expected exactly one",
            hint=_MAKE_ANOTHER,
        )
    return there[0]


def _certificates(material: dict[str, Any]) -> list[bytes]:
    """The certificate that is to vouch for the signature and what came along, DER; b"" where a key does.

    Raises `EvidenceInvalid` for a form that is none.
    """
    kind = _only(material, "bundle's verificationMaterial", _MATERIALS)
    if kind == "publicKey":
        members.proto(material[kind], "bundle's publicKey", ())
        return [b""]
    if kind == "certificate":
        return [_certificate(material[kind])]
    chain = members.proto(material[kind], "bundle's certificate chain", ("certificates",)).get("certificates")
    most = DEFAULT_LIMITS.certificates
    if not isinstance(chain, list) or not 0 < len(chain) <= most:
        raise EvidenceInvalid(f"the bundle's chain is not a list of 1 to {most} certificates")
    return [_certificate(certificate) for certificate in chain]


def _certificate(found: object) -> bytes:
    raw = members.proto(found, "bundle's certificate", ("rawBytes",)).get("rawBytes")
    return _bytes(raw, "bundle's certificate")


def _bytes(text: object, what: str) -> bytes:
    if not isinstance(text, str):
        raise EvidenceInvalid(f"the {what} is missing or not a string", hint=_MAKE_ANOTHER)
    return base64text.decode(text, what)


def _message_signature(content: dict[str, Any], found: FoundSignature) -> bytes:
    """The signature over the bytes that `found.covers` names, with `found.artifact` where they are at hand."""
    if found.artifact and not found.covers.matches(found.artifact):
        raise EvidenceInvalid(f"the bundle is judged with other bytes than those of {found.covers}")
    if "messageDigest" in content:
        _check_digest(content["messageDigest"], message_of(found))
    return _bytes(content.get("signature"), "bundle's signature")


def _check_digest(stated: object, message: Message) -> None:
    known = members.proto(stated, "bundle's messageDigest", ("algorithm", "digest"))
    algorithm = known.get("algorithm")
    if not isinstance(algorithm, str) or algorithm not in _HASHES:
        raise EvidenceInvalid(f"the bundle's digest algorithm is {algorithm!r:.100}; expected {', '.join(_HASHES)}")
    digest = _bytes(known.get("digest"), "bundle's digest")
    if digest != message.digest(_HASHES[algorithm]):
        raise EvidenceInvalid(
            "the bundle's messageDigest is of other bytes than those that it comes with",
            hint="The bundle belongs to something else, or that was changed; take those two that belong together.",
        )
