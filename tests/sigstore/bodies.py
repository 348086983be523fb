"""Bodies of log entries, as Rekor v1 and v2 canonicalise them: members sorted, no spaces."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from tests.publisher.about import JSON
from tests.publisher.envelopes import encoded
from tests.sigstore.certificates import Leaf
from tests.sigstore.signed import Signed, compact


def natural_kind(signed: Signed, version: int) -> str:
    """What a signer of today asks a log of this version to record."""
    if version == 2:
        return "hashedrekord 0.0.2"
    return "dsse 0.0.1" if signed.is_dsse else "hashedrekord 0.0.1"


def body(signed: Signed, kind: str) -> JSON:
    """The body of `kind`, such as "dsse 0.0.1". Raises KeyError for a kind that no log has."""
    name, version = kind.split(" ")
    return {"apiVersion": version, "kind": name, "spec": _SPECS[kind](signed)}


def _hashedrekord_1(signed: Signed) -> JSON:
    return {
        "data": {"hash": {"algorithm": signed.hash_name, "value": signed.digest.hex()}},
        "signature": {"content": encoded(signed.signature), "publicKey": {"content": encoded(signed.verifier_pem)}},
    }


def _hashedrekord_2(signed: Signed) -> JSON:
    return {
        "hashedRekordV002": {
            "data": {"algorithm": signed.protobuf_hash, "digest": encoded(signed.digest)},
            "signature": {"content": encoded(signed.signature), "verifier": _verifier(signed)},
        }
    }


def _dsse_1(signed: Signed) -> JSON:
    return {
        "envelopeHash": _sha256(compact(signed.envelope)),
        "payloadHash": _sha256(signed.content),
        "signatures": [{"signature": encoded(signed.signature), "verifier": encoded(signed.verifier_pem)}],
    }


def _dsse_2(signed: Signed) -> JSON:
    return {
        "dsseV002": {
            "payloadHash": {"algorithm": "SHA2_256", "digest": encoded(hashlib.sha256(signed.content).digest())},
            "signatures": [{"content": encoded(signed.signature), "verifier": _verifier(signed)}],
        }
    }


def _intoto_1(signed: Signed) -> JSON:
    hashes = {"hash": _sha256(compact(signed.envelope)), "payloadHash": _sha256(signed.content)}
    return {"content": hashes, "publicKey": encoded(signed.verifier_pem)}


def _intoto_2(signed: Signed) -> JSON:
    """`sig` is base64 of the base64 that stands in the envelope."""
    signature = {"publicKey": encoded(signed.verifier_pem), "sig": encoded(encoded(signed.signature).encode())}
    return {
        "content": {
            "envelope": {"payloadType": signed.payload_type, "signatures": [signature]},
            "hash": _sha256(compact(signed.envelope)),
            "payloadHash": _sha256(signed.content),
        }
    }


def _rekord_1(signed: Signed) -> JSON:
    return {
        "data": {"hash": _sha256(signed.content)},
        "signature": {
            "content": encoded(signed.signature),
            "format": "x509",
            "publicKey": {"content": encoded(signed.verifier_pem)},
        },
    }


def _verifier(signed: Signed) -> JSON:
    member = "x509Certificate" if isinstance(signed.signer, Leaf) else "publicKey"
    return {"keyDetails": signed.key_details, member: {"rawBytes": encoded(signed.verifier_der)}}


def _sha256(content: bytes) -> JSON:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


_SPECS: Final[dict[str, Callable[[Signed], JSON]]] = {
    "hashedrekord 0.0.1": _hashedrekord_1,
    "hashedrekord 0.0.2": _hashedrekord_2,
    "dsse 0.0.1": _dsse_1,
    "dsse 0.0.2": _dsse_2,
    "intoto 0.0.1": _intoto_1,
    "intoto 0.0.2": _intoto_2,
    "rekord 0.0.1": _rekord_1,
}
KINDS = tuple(_SPECS)
