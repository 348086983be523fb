"""What is signed and what it is signed into, as documents: simple-signing payload, in-toto statement, DSSE, bundle.

Nothing here knows an image; `cosign`, `bundles` and `referrers` hang these documents on one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import TypeAlias

from tests.publisher.about import JSON
from tests.publisher.documents import IN_TOTO
from tests.publisher.keys import SigningKey

Change: TypeAlias = Callable[[JSON], JSON]
"""Called with what would be published, and returns what shall be: a document, or bytes for what is no JSON."""

BUNDLES: dict[str, str] = {
    "0.1": "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "0.2": "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "0.3-old": "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "0.3": "application/vnd.dev.sigstore.bundle.v0.3+json",
}
"""The media types of Sigstore bundles: version 0.3 has two spellings."""

COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1"
STATEMENT = "https://in-toto.io/Statement/"
_WITH_CHAINS = ("0.1", "0.2")
_DIGEST_NAMES = {"sha256": "SHA2_256", "sha384": "SHA2_384", "sha512": "SHA2_512"}


def changed(change: Change | None, document: JSON) -> JSON:
    return change(document) if change else document


def encoded(body: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(body).decode()


def simple_signing(reference: str, digest: str, optional: JSON = None) -> JSON:
    """The payload of `cosign sign`; `optional` holds its annotations."""
    critical = {
        "identity": {"docker-reference": reference},
        "image": {"docker-manifest-digest": digest},
        "type": "cosign container image signature",
    }
    return {"critical": critical, "optional": optional}


def statement(
    digest: str,
    predicate_type: str,
    predicate: JSON,
    *,
    version: str = "v0.1",
    name: str = "",
    annotations: Mapping[str, str] | None = None,
) -> JSON:
    """An in-toto statement about one manifest. Its subject has a name and annotations only where they are given."""
    subject: JSON = {"name": name} if name else {}
    subject["digest"] = dict([digest.split(":", 1)])
    if annotations:
        subject["annotations"] = dict(annotations)
    return {
        "_type": STATEMENT + version,
        "subject": [subject],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what the signatures of an envelope are made over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def envelope(
    payload: bytes,
    *keys: SigningKey,
    payload_type: str = IN_TOTO,
    keyid: str | None = None,
    signature: Change | None = None,
) -> JSON:
    """A DSSE envelope with a signature by each key. `keyid` stands at each of them; None leaves the member out."""
    named = {} if keyid is None else {"keyid": keyid}
    signatures = (changed(signature, key.sign(pae(payload_type, payload))) for key in keys)
    return {
        "payload": encoded(payload),
        "payloadType": payload_type,
        "signatures": [{"sig": encoded(body), **named} for body in signatures],
    }


def bundle(version: str, key: SigningKey | None, content: JSON, certificate: bytes | None = None) -> JSON:
    """A Sigstore bundle without log and timestamp. Its material is the key's hint, or this certificate (DER).

    `content` is `{"dsseEnvelope": …}` or `{"messageSignature": …}`.
    """
    return {"mediaType": BUNDLES[version], "verificationMaterial": _material(version, key, certificate), **content}


def _material(version: str, key: SigningKey | None, certificate: bytes | None) -> JSON:
    if certificate is None:
        return {"publicKey": {"hint": key.hint if key else ""}}
    held = {"rawBytes": encoded(certificate)}
    return {"x509CertificateChain": {"certificates": [held]}} if version in _WITH_CHAINS else {"certificate": held}


def message_signature(message: bytes, key: SigningKey, signature: Change | None = None) -> JSON:
    """The `messageSignature` of a bundle, with the digest that the key's signatures are made over."""
    digest = hashlib.new(key.hash_name, message).digest()
    return {
        "messageDigest": {"algorithm": _DIGEST_NAMES[key.hash_name], "digest": encoded(digest)},
        "signature": encoded(changed(signature, key.sign(message))),
    }
