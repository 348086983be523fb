"""Inclusion proofs, against the tree of RFC 6962 as its own words have it."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sigstore import merkle as reference
from verifier.errors import EvidenceInvalid
from verifier.signature import merkle

LEAVES = [hashlib.sha256(b"leaf %d" % number).digest() for number in range(40)]


def test_hashes_of_leaves_and_nodes_are_the_published_ones() -> None:
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    node = merkle.node_hash(b"N123", b"N456")
    assert node.hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


@pytest.mark.parametrize("size", range(1, 41))
def test_P15_every_leaf_of_every_small_tree_leads_to_its_root(size: int) -> None:
    leaves = LEAVES[:size]

    for index, leaf in enumerate(leaves):
        path = reference.inclusion_path(index, leaves)

        assert merkle.root_hash(leaf, index, size, path) == reference.root_hash(leaves)


def test_D06_no_leaf_stands_at_two_places() -> None:
    """The same path, said to begin elsewhere or in another tree, fits nowhere."""
    path = reference.inclusion_path(3, LEAVES[:7])
    root = reference.root_hash(LEAVES[:7])

    found = [place for place in range(7) if _leads(LEAVES[3], place, 7, path, root)]

    assert found == [3]


@pytest.mark.parametrize(("index", "size"), [(7, 7), (8, 7), (-1, 7), (0, 0), (0, -1), (2**63, 2**62)])
def test_D06_index_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(EvidenceInvalid, match="expected one inside it"):
        merkle.root_hash(LEAVES[0], index, size, [])


@pytest.mark.parametrize("change", [-1, 1])
def test_D06_more_or_fewer_hashes_than_steps(change: int) -> None:
    path = [*reference.inclusion_path(3, LEAVES[:7]), LEAVES[0]][: 3 + change]

    with pytest.raises(EvidenceInvalid, match="needs 3"):
        merkle.root_hash(LEAVES[3], 3, 7, path)


def test_D06_a_tree_higher_than_any_log_is_refused() -> None:
    size = 2**70
    path = [LEAVES[0]] * 70

    with pytest.raises(EvidenceInvalid, match="70 hashes"):
        merkle.root_hash(LEAVES[1], size - 1, size, path)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40), st.integers(), st.integers(), st.lists(st.binary(max_size=33), max_size=70))
def test_D06_anything_gives_a_hash_or_our_error(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> None:
    with contextlib.suppress(EvidenceInvalid):
        assert len(merkle.root_hash(leaf, index, size, hashes)) == 32 or (index, size) == (0, 1)


def _leads(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    try:
        return merkle.root_hash(leaf, index, size, path) == root
    except EvidenceInvalid:
        return False
