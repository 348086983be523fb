"""Sigstore bundles, in every version and spelling of the media type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.publisher.about import JSON
from tests.publisher.envelopes import BUNDLES, encoded
from tests.sigstore.certificates import Leaf, der_of
from tests.sigstore.edits import UNCHANGED, Edits, edited
from tests.sigstore.signed import Signed, key_of

VERSIONS: Final = {**BUNDLES, "0.3.1": "application/vnd.dev.sigstore.bundle.v0.3.1+json"}
MATERIALS: Final = ("certificate", "chain", "chain-with-root", "key")


def bundle(
    signed: Signed,
    entries: Sequence[JSON],
    tokens: Sequence[bytes],
    *,
    version: str = "0.3",
    material: str = "",
    hint: str | None = None,
    edits: Edits = UNCHANGED,
) -> JSON:
    """The document. `version` is one of `VERSIONS` or a whole media type; `material` one of `MATERIALS`, or "" for
    what goes with version and signer; `hint` is that of a bare key, otherwise the base64 of its SHA-256.
    """
    chosen = material or _natural_material(signed, version)
    if chosen not in MATERIALS:
        raise ValueError(f"expected one of {MATERIALS}, found {chosen!r}")
    verification = {
        **_material(signed, chosen, hint),
        **({"tlogEntries": list(entries)} if entries else {}),
        **({"timestampVerificationData": _timestamps(tokens)} if tokens else {}),
    }
    found = {
        "mediaType": VERSIONS.get(version, version),
        "verificationMaterial": verification,
        **content(signed),
    }
    return edited(found, edits)


def content(signed: Signed) -> JSON:
    """The member that holds what was signed."""
    if signed.is_dsse:
        return {"dsseEnvelope": signed.envelope}
    digest = {"algorithm": signed.protobuf_hash, "digest": encoded(signed.digest)}
    return {"messageSignature": {"messageDigest": digest, "signature": encoded(signed.signature)}}


def _natural_material(signed: Signed, version: str) -> str:
    if not isinstance(signed.signer, Leaf):
        return "key"
    return "chain" if version in {"0.1", "0.2"} else "certificate"


def _material(signed: Signed, material: str, hint: str | None) -> JSON:
    if material == "key":
        return {"publicKey": {"hint": key_of(signed.signer).hint if hint is None else hint}}
    if not isinstance(signed.signer, Leaf):
        raise TypeError(f"expected a leaf for the material {material!r}, found a bare key")
    if material == "certificate":
        return {"certificate": {"rawBytes": encoded(signed.signer.der)}}
    issuers = signed.signer.chain if material == "chain-with-root" else signed.signer.chain[:-1]
    certificates = [signed.signer.certificate, *issuers]
    return {"x509CertificateChain": {"certificates": [{"rawBytes": encoded(der_of(item))} for item in certificates]}}


def _timestamps(tokens: Sequence[bytes]) -> JSON:
    return {"rfc3161Timestamps": [{"signedTimestamp": encoded(token)} for token in tokens]}
