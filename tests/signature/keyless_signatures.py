"""Signatures of the private Sigstore in every form in which they are stored, as found beside one manifest."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.publisher.documents import SIGNATURE
from tests.publisher.envelopes import simple_signing
from tests.publisher.keys import SigningKey
from tests.signature.signed_documents import ARTIFACT, MANIFEST, OTHER
from tests.sigstore import ISSUER, WORKFLOW, CosignLayer, Edits, Logged, PrivateSigstore, Stamped, edited, statement
from tests.sigstore.cosign import CERTIFICATE, CHAIN, REKOR, TIMESTAMP
from tests.sigstore.signed import compact
from verifier.model import Checked, FoundSignature
from verifier.model.trust import Identity, Key, Trust, TrustedRoot
from verifier.signature import check_one
from verifier.trust.trusted_root import read_trusted_root

SIGSTORE = PrivateSigstore()
FOREIGN = PrivateSigstore("foreign")
SIMPLE = compact(simple_signing("registry.example/app", MANIFEST, None))
STATEMENT = statement(ARTIFACT)
ANYBODY = (Identity(subject=WORKFLOW, issuer=ISSUER),)
ENTRY = "verificationMaterial.tlogEntries.0"
TOKEN = "verificationMaterial.timestampVerificationData.rfc3161Timestamps.0.signedTimestamp"


def root_of(document: Any) -> TrustedRoot:
    return read_trusted_root(json.dumps(document).encode(), "test")


def root(**options: Any) -> TrustedRoot:
    """Of the private Sigstore, but for these options of its `trusted_root`."""
    return root_of(SIGSTORE.trusted_root(**options))


ROOT = root()


def trusting(*identities: Identity, under: TrustedRoot = ROOT, **more: Any) -> Trust:
    """Trust in these identities, or in the one whose signatures are made here."""
    return Trust((), transparency=more.pop("transparency", ""), identities=identities or ANYBODY, root=lambda: under)


def key_of(signer: SigningKey, **more: Any) -> Key:
    return Key(signer.name, signer.fingerprint, "file", signer.private.public_key(), **more)


def layer_found(layer: CosignLayer) -> FoundSignature:
    """What cosign 2 stored."""
    notes = layer.annotations
    return FoundSignature(
        "dsse" if "predicateType" in notes else "simplesigning",
        MANIFEST,
        OTHER,
        layer.blob,
        notes[SIGNATURE],
        notes.get(CERTIFICATE, ""),
        notes.get(CHAIN, ""),
        notes.get(REKOR),
        notes.get(TIMESTAMP),
    )


def bundle_found(document: Any) -> FoundSignature:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return FoundSignature("bundle", MANIFEST, OTHER, body, artifact=ARTIFACT)


def layer(*, log: str | Logged | None = "v1", stamp: str | Stamped | None = None, **more: Any) -> FoundSignature:
    return layer_found(SIGSTORE.cosign_layer(log=log, timestamp=stamp, **more))


def bundle(
    *,
    log: str | Logged | None = "v1",
    stamp: str | Stamped | None = None,
    edits: Edits | None = None,
    **more: Any,
) -> FoundSignature:
    """A message bundle over the manifest, or with a `statement` an envelope."""
    content = more if "statement" in more else {"file": ARTIFACT, **more}
    logs = () if log is None else (log,)
    made = SIGSTORE.bundle(logs=logs, timestamps=() if stamp is None else (stamp,), **content)
    return bundle_found(edited(made, edits or {}))


FORMS: dict[str, Callable[..., FoundSignature]] = {
    "simple signing": lambda **how: layer(file=SIMPLE, **how),
    "envelope": lambda **how: layer(statement=STATEMENT, **how),
    "message": bundle,
    "bundled envelope": lambda **how: bundle(statement=STATEMENT, **how),
}
"""Each takes `log`, `stamp` and `signer`; bundles also `edits`, `version` and the rest of `PrivateSigstore.bundle`."""

BUNDLES = ("message", "bundled envelope")


def judged(found: FoundSignature, *identities: Identity, **more: Any) -> Checked:
    return check_one(found, trusting(*identities, **more))


def said(checked: Checked) -> str:
    """The status with its reason: what a refusal must be, and why."""
    return f"{checked.status}: {checked.reason}"
