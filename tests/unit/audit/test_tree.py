"""The tree against published vectors, against a naive reading of the RFC, and against damaged proofs."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from childindex.audit import tree

# The leaves, roots and proofs that implementations of RFC 6962 are tested with (transparency-dev/merkle, proof/verify_test.go).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): """96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""",
    (5, 8): """bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b
        ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    (2, 3): "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    (1, 5): """6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
}
CONSISTENCY = {
    (1, 1): "",
    (1, 8): INCLUSION[0, 8],
    (6, 8): """0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a
        ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    (2, 5): """5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
    (6, 7): """0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a
        b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
}


def hashes(text: str) -> list[bytes]:
    return [bytes.fromhex(word) for word in text.split()]


def node_of(leaves: Sequence[bytes]) -> tree.Node:
    """Perfect subtrees of hashed leaves, the slow way."""
    return lambda level, index: naive(leaves[index << level : (index + 1) << level])


def naive(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word, over leaves that are already hashed."""
    if len(leaves) == 1:
        return leaves[0]
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return sha256(b"\x01" + naive(leaves[:cut]) + naive(leaves[cut:])).digest()


HASHED = [tree.leaf_hash(leaf) for leaf in LEAVES]
numbered = st.integers(1, 300).map(lambda count: [tree.leaf_hash(bytes([n % 256, n // 256])) for n in range(count)])


def test_of_nothing_the_root_is_the_hash_of_nothing() -> None:
    assert tree.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root(0, node_of([])) == tree.EMPTY_ROOT == tree.fold(b"")


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size: int) -> None:
    assert tree.root_of(HASHED[:size]).hex() == ROOTS[size - 1]
    assert tree.root(size, node_of(HASHED[:size])).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("place", "proof"), INCLUSION.items())
def test_published_inclusion_proofs(place: tuple[int, int], proof: str) -> None:
    position, size = place
    assert tree.inclusion(position, size, node_of(HASHED[:size])) == hashes(proof)
    assert tree.is_included(position, size, HASHED[position], hashes(proof), bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("sizes", "proof"), CONSISTENCY.items())
def test_published_consistency_proofs(sizes: tuple[int, int], proof: str) -> None:
    old, new = sizes
    assert tree.consistency(old, new, node_of(HASHED[:new])) == hashes(proof)
    before, after = (bytes.fromhex(ROOTS[size - 1]) for size in sizes)
    assert tree.is_consistent(old, new, before, after, hashes(proof))


@given(numbered, st.data())
def test_proofs_hold_and_damaged_ones_do_not(leaves: list[bytes], data: st.DataObject) -> None:
    """Any size, any position, any earlier size; every bit, length, position and size counts."""
    size = len(leaves)
    position = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    node, root = node_of(leaves), naive(leaves)
    assert tree.root_of(leaves) == root == tree.root(size, node) == tree.fold(b"".join(leaves))

    proof = tree.inclusion(position, size, node)
    assert tree.is_included(position, size, leaves[position], proof, root)
    assert not tree.is_included(position, size, tree.leaf_hash(b"another"), proof, root)
    assert not tree.is_included(position, size, leaves[position], [*proof, root], root)
    for wrong in damaged(proof, data):
        assert not tree.is_included(position, size, leaves[position], wrong, root)

    older = naive(leaves[:old]) if old else tree.EMPTY_ROOT
    proof = tree.consistency(old, size, node)
    assert tree.is_consistent(old, size, older, root, proof)
    assert not tree.is_consistent(old, size, older, tree.leaf_hash(b"another"), proof) or old == 0
    assert not tree.is_consistent(old, size, tree.leaf_hash(b"another"), root, proof)
    assert not tree.is_consistent(old, size, older, root, [*proof, root])
    for wrong in damaged(proof, data):
        assert not tree.is_consistent(old, size, older, root, wrong)


def damaged(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """One bit turned, one hash left out, one cut short."""
    if not proof:
        return []
    at = data.draw(st.integers(0, len(proof) - 1))
    turned = bytes([proof[at][0] ^ 16]) + proof[at][1:]
    return [
        [*proof[:at], turned, *proof[at + 1 :]],
        [*proof[:at], *proof[at + 1 :]],
        [*proof[:at], proof[at][:31], *proof[at + 1 :]],
    ]


def test_a_proof_is_for_one_place_in_one_size() -> None:
    proof, root = hashes(INCLUSION[5, 8]), bytes.fromhex(ROOTS[7])
    for position, size in [(4, 8), (6, 8), (7, 8), (5, 4), (5, 16), (5, 9), (-1, 8), (8, 8)]:
        assert not tree.is_included(position, size, HASHED[5], proof, root), (position, size)


def test_nothing_goes_back_in_time() -> None:
    """A smaller tree does not follow from a larger one, whatever is put forward."""
    roots = [bytes.fromhex(root) for root in ROOTS]
    assert not tree.is_consistent(8, 6, roots[7], roots[5], hashes(CONSISTENCY[6, 8]))
    assert not tree.is_consistent(1, 2, roots[0], roots[1], [])
    assert not tree.is_consistent(3, 3, roots[2], roots[3], [])


@pytest.mark.parametrize(("position", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_no_proof_of_what_is_not_there(position: int, size: int) -> None:
    with pytest.raises(ValueError, match="no position"):
        tree.inclusion(position, size, node_of(HASHED))


def test_no_proof_backwards() -> None:
    with pytest.raises(ValueError, match="cannot go on"):
        tree.consistency(4, 3, node_of(HASHED))
