"""The Merkle tree of RFC 6962, written down as its section 2.1 has it: by halving, not by folding bits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes; SHA-256 of nothing for the empty tree."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return node_hash(root_hash(leaves[:half]), root_hash(leaves[half:]))


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Hashes from the leaf upwards."""
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*inclusion_path(index, leaves[:half]), root_hash(leaves[half:])]
    return [*inclusion_path(index - half, leaves[half:]), root_hash(leaves[:half])]


def _half(size: int) -> int:
    """The greatest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
