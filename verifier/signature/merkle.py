"""Inclusion proofs of Merkle trees: from a leaf and the hashes beside its way to the root (RFC 6962, 2.1.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS

HASH_BYTES = 32  # SHA-256; no log uses another


def leaf_hash(body: bytes) -> bytes:
    """The hash under which a log holds `body`."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_hash(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes:
    """The root of the tree of `size` leaves in which the hash `leaf` stands at `index`, counted from 0.

    `hashes` lie beside the way, from the leaf upwards. Raises `EvidenceInvalid` unless they are as many as that way
    has steps, so that no two proofs lead from one leaf to one root.
    """
    if not 0 <= index < size:
        raise EvidenceInvalid(f"the inclusion proof is for entry {index} of a tree of {size}; expected one inside it")
    inner = (index ^ (size - 1)).bit_length()
    steps = inner + (index >> inner).bit_count()
    if len(hashes) != steps or steps > DEFAULT_LIMITS.log_proof_hashes:
        raise EvidenceInvalid(
            f"the inclusion proof has {len(hashes)} hashes; entry {index} of a tree of {size} needs {steps}"
        )
    for level, beside in enumerate(hashes):
        left = level >= inner or index >> level & 1
        leaf = node_hash(beside, leaf) if left else node_hash(leaf, beside)
    return leaf
