"""Hangs Sigstore bundles on an image: a referrer each, as cosign 3 and GitHub's artifact attestations push them.

    sign_bundle(image, image.index_digest, keys.publisher, version="0.2")
    attest_bundle(image, subject, kinds.SLSA_V1, {…}, key, certificate=self_signed(key), statement_version="v1")

Bundles carry no log entry and no timestamp. With a key their material is its hint, else the certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, Unpack

from tests.publisher import envelopes
from tests.publisher.about import EPOCH, JSON, rfc3339
from tests.publisher.attached import Attached, artifact, blob_layer, hang, statement_bytes
from tests.publisher.documents import IN_TOTO, encode
from tests.publisher.envelopes import BUNDLES, COSIGN_SIGN, Change, changed
from tests.publisher.keys import SigningKey
from tests.publisher.published import PublishedImage

CONTENT = "dev.sigstore.bundle.content"
BUNDLE_PREDICATE_TYPE = "dev.sigstore.bundle.predicateType"


class Bundling(TypedDict, total=False):
    """What can be said of a bundle around an envelope; `version` is a word of `envelopes.BUNDLES`."""

    version: str
    certificate: bytes | None  # DER; instead of the key's hint
    keyid: str | None
    payload_type: str
    signature: Change | None  # gets and returns bytes
    document: Change | None  # the bundle
    manifest: Change | None


def sign_bundle(
    image: PublishedImage,
    subject: str,
    *keys: SigningKey,
    annotations: Mapping[str, str] | None = None,
    about: str = "",
    statement: Change | None = None,
    **options: Unpack[Bundling],
) -> Attached:
    """An image signature: its statement, about `about` or the subject, says only that the image was signed."""
    said = envelopes.statement(about or subject, COSIGN_SIGN, {}, version="v1", annotations=annotations)
    return _dsse(image, subject, COSIGN_SIGN, encode(changed(statement, said)), keys, **options)


def attest_bundle(
    image: PublishedImage,
    subject: str,
    predicate_type: str,
    predicate: JSON,
    *keys: SigningKey,
    statement_version: str = "v0.1",
    about: str = "",
    statement: Change | None = None,
    **options: Unpack[Bundling],
) -> Attached:
    """An attestation. A bundle has exactly one signature: no key, or several, make a wrong one."""
    body = statement_bytes(image, about or subject, predicate_type, predicate, statement_version, statement)
    return _dsse(image, subject, predicate_type, body, keys, **options)


def message_bundle(
    image: PublishedImage,
    subject: str,
    key: SigningKey,
    *,
    message: bytes | None = None,
    version: str = "0.3",
    certificate: bytes | None = None,
    signature: Change | None = None,
    document: Change | None = None,
    manifest: Change | None = None,
) -> Attached:
    """A signature over the very bytes of the subject's manifest, or over `message`, without any statement."""
    signed = image.manifests[subject][1] if message is None else message
    content = {"messageSignature": envelopes.message_signature(signed, key, signature)}
    made = envelopes.bundle(version, key, content, certificate)
    return hang_bundle(image, subject, changed(document, made), version, manifest=manifest)


def _dsse(
    image: PublishedImage,
    subject: str,
    predicate_type: str,
    body: bytes,
    keys: tuple[SigningKey, ...],
    *,
    version: str = "0.3",
    certificate: bytes | None = None,
    keyid: str | None = None,
    payload_type: str = IN_TOTO,
    signature: Change | None = None,
    document: Change | None = None,
    manifest: Change | None = None,
) -> Attached:
    made = envelopes.envelope(body, *keys, payload_type=payload_type, keyid=keyid, signature=signature)
    whole = envelopes.bundle(version, keys[0] if keys else None, {"dsseEnvelope": made}, certificate)
    return hang_bundle(image, subject, changed(document, whole), version, predicate_type, manifest=manifest)


def hang_bundle(
    image: PublishedImage,
    subject: str,
    document: JSON,
    version: str = "0.3",
    predicate_type: str = "",
    *,
    manifest: Change | None = None,
) -> Attached:
    """Hangs any document as a bundle: one made elsewhere, or none at all. Without a type it is called a message."""
    kind = BUNDLES[version]
    dsse = {CONTENT: "dsse-envelope", BUNDLE_PREDICATE_TYPE: predicate_type}
    annotations = dsse if predicate_type else {CONTENT: "message-signature"}
    annotations["org.opencontainers.image.created"] = rfc3339(EPOCH)
    layers = [blob_layer(image, kind, encode(document))]
    # The stray artifactType inside the config's descriptor is cosign's.
    referrer = artifact(image, subject, kind, layers, annotations, artifactType=kind)
    return hang(image, subject, referrer, manifest)
