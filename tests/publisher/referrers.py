"""Hangs on an image what other tools than cosign keep there: plain DSSE envelopes, and Notary Project signatures."""

from __future__ import annotations

from tests.publisher import envelopes
from tests.publisher.about import JSON
from tests.publisher.attached import Attached, artifact, blob_layer, hang, statement_bytes
from tests.publisher.documents import DSSE, IN_TOTO, PREDICATE_TYPE, encode
from tests.publisher.envelopes import Change, changed
from tests.publisher.keys import SigningKey
from tests.publisher.published import PublishedImage

NOTARY = "application/vnd.cncf.notary.signature"
THUMBPRINTS = "io.cncf.notary.x509chain.thumbprint#S256"


def attest_dsse(
    image: PublishedImage,
    subject: str,
    predicate_type: str,
    predicate: JSON,
    *keys: SigningKey,
    name: str = "",
    statement_version: str = "v1",
    about: str = "",
    keyid: str | None = None,
    payload_type: str = IN_TOTO,
    statement: Change | None = None,
    signature: Change | None = None,
    envelope: Change | None = None,
    manifest: Change | None = None,
) -> Attached:
    """One DSSE envelope, signed by all keys, as a referrer of type application/vnd.in-toto+json.

    `name` (provenance, spdx, verification_summary) gives docker/attest's types, `application/vnd.in-toto.<name>+dsse`.
    """
    body = statement_bytes(image, about or subject, predicate_type, predicate, statement_version, statement)
    made = envelopes.envelope(body, *keys, payload_type=payload_type, keyid=keyid, signature=signature)
    kind, layer_type = (dsse_type(name),) * 2 if name else (IN_TOTO, DSSE)
    annotations = {PREDICATE_TYPE: predicate_type}
    layers = [blob_layer(image, layer_type, encode(changed(envelope, made)), annotations=annotations)]
    return hang(image, subject, artifact(image, subject, kind, layers, annotations), manifest)


def dsse_type(name: str) -> str:
    return f"application/vnd.in-toto.{name}+dsse"


def notary_signature(
    image: PublishedImage,
    subject: str,
    content: bytes = b"{}",
    *,
    media_type: str = "application/jose+json",
    manifest: Change | None = None,
) -> Attached:
    """A referrer of Notary Project shape around any bytes; `application/cose` is the other media type of theirs."""
    layers = [blob_layer(image, media_type, content)]
    annotations = {THUMBPRINTS: f'["{"0" * 64}"]'}
    return hang(image, subject, artifact(image, subject, NOTARY, layers, annotations), manifest)
