"""The same material as cosign 2 stored it: annotations on the layers of `.sig` and `.att` manifests.

The Rekor annotation exists in two shapes: cosign's own, and the one that Docker's signatures carry.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Final

import msgspec
from cryptography import x509

from tests.publisher.about import JSON
from tests.publisher.documents import DSSE, SIGNATURE, SIMPLE_SIGNING
from tests.publisher.envelopes import encoded
from tests.sigstore.certificates import Leaf, pem_of
from tests.sigstore.signed import Signed, compact

CERTIFICATE: Final = "dev.sigstore.cosign/certificate"
CHAIN: Final = "dev.sigstore.cosign/chain"
REKOR: Final = "dev.sigstore.cosign/bundle"
TIMESTAMP: Final = "dev.sigstore.cosign/rfc3161timestamp"

SHAPES: Final = ("cosign", "docker", "both")


class CosignLayer(msgspec.Struct, frozen=True):
    """A layer to put into a `.sig` or `.att` manifest: blob, media type and the annotations of its descriptor."""

    blob: bytes
    media_type: str
    annotations: dict[str, str]

    def described(self, descriptor: JSON) -> JSON:
        """The descriptor with these annotations and no others: the hook that `tests.publisher.sign_tag` takes."""
        return {**descriptor, "annotations": self.annotations}


def layer(signed: Signed, entry: JSON | None, token: bytes | None, *, shape: str = "cosign") -> CosignLayer:
    """The layer of a signature over a payload, or of a DSSE envelope, with at most one entry and one token."""
    blob = blob_of(signed)
    found = {SIGNATURE: "" if signed.is_dsse else encoded(signed.signature)}
    if signed.is_dsse:
        found["predicateType"] = json.loads(signed.content)["predicateType"]
    if isinstance(signed.signer, Leaf):
        found[CERTIFICATE] = signed.signer.pem.decode()
        found[CHAIN] = chain(signed.signer.chain)
    if entry is not None:
        found[REKOR] = rekor(entry, shape)
    if token is not None:
        found[TIMESTAMP] = json.dumps({"SignedRFC3161Timestamp": encoded(token)})
    return CosignLayer(blob, DSSE if signed.is_dsse else SIMPLE_SIGNING, found)


def blob_of(signed: Signed) -> bytes:
    """What the layer holds: the payload, or the whole envelope, which is also what gets stamped."""
    return compact(signed.envelope) if signed.is_dsse else signed.content


def rekor(entry: JSON, shape: str = "cosign") -> str:
    """The Rekor annotation of a v1 entry: "cosign", "docker", or "both" in one document."""
    shapes = {"cosign": ("cosign",), "docker": ("docker",), "both": ("cosign", "docker")}[shape]
    members = {"cosign": _cosign_shape, "docker": _docker_shape}
    return json.dumps({name: value for one in shapes for name, value in members[one](entry).items()})


def chain(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(pem_of(item).decode() for item in certificates)


def _cosign_shape(entry: JSON) -> JSON:
    return {
        "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        "Payload": {
            "body": entry["canonicalizedBody"],
            "integratedTime": int(entry["integratedTime"]),
            "logIndex": int(entry["logIndex"]),
            "logID": base64.b64decode(entry["logId"]["keyId"]).hex(),
        },
    }


def _docker_shape(entry: JSON) -> JSON:
    """Whole numbers, and the log's name in hex."""
    held = {
        "logIndex": int(entry["logIndex"]),
        "logId": {"keyId": base64.b64decode(entry["logId"]["keyId"]).hex()},
        "integratedTime": int(entry["integratedTime"]),
        "inclusionPromise": entry["inclusionPromise"],
        "canonicalizedBody": entry["canonicalizedBody"],
    }
    return {"content": {"verificationMaterial": {"tlogEntries": [held]}}}
