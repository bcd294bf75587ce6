"""RFC 6962's Merkle tree, as its section 2.1 defines it: roots, inclusion proofs, consistency proofs. Plain values in and out.

Hashes are 32 bytes of SHA-256. `Node` gives the hash of the perfect subtree of 2**level leaves that begins at leaf
`index * 2**level`; whoever calls has them from tiles or from memory. Positions count from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()
Node = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """A leaf is hashed with a zero byte in front, so that it can never pass for an inner node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """An inner node, with a one in front."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class CompactRange:
    """The roots of the perfect subtrees that `size` leaves fall into, largest first: all one needs to go on from there."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, hashed: bytes) -> None:
        """One more leaf, already hashed."""
        size = self.size
        while size & 1:
            hashed = node_hash(self.peaks.pop(), hashed)
            size >>= 1
        self.peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """The root of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = node_hash(peak, root)
        return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root of leaves that are already hashed."""
    held = CompactRange()
    for hashed in hashes:
        held.append(hashed)
    return held.root()


def fold(nodes: bytes) -> bytes:
    """The root of hashes that stand one behind the other; as `root_of`, several times as fast for many."""
    while len(nodes) > HASH_BYTES:
        pairs = len(nodes) // (2 * HASH_BYTES) * (2 * HASH_BYTES)
        above = [sha256(b"\x01" + nodes[at : at + 2 * HASH_BYTES]).digest() for at in range(0, pairs, 2 * HASH_BYTES)]
        # One left over goes up unchanged: so the RFC's cuts at powers of two come out.
        nodes = b"".join(above) + nodes[pairs:]
    return nodes or EMPTY_ROOT


def root(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return _span(0, size, node) if size else EMPTY_ROOT


def inclusion(position: int, size: int, node: Node) -> list[bytes]:
    """The proof that the leaf at a position is among the first `size`: PATH of the RFC, the leaf's sibling first."""
    if not 0 <= position < size:
        raise ValueError(f"there is no position {position} among {size}")
    proof: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if position < middle:
            proof.append(_span(middle, end, node))
            end = middle
        else:
            proof.append(_span(first, middle, node))
            first = middle
    return proof[::-1]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the first `old` leaves are the beginning of the first `new`: PROOF of the RFC; empty from nothing."""
    if not 0 <= old <= new:
        raise ValueError(f"{new} entries cannot go on from {old}")
    if old in {0, new}:
        return []
    proof: list[bytes] = []
    first, end, whole = 0, new, True
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            proof.append(_span(middle, end, node))
            end = middle
        else:
            proof.append(_span(first, middle, node))
            first, whole = middle, False
    # The old tree's own root is known to whoever checks; any other subtree is not.
    return (proof if whole else [*proof, _span(first, end, node)])[::-1]


def is_included(position: int, size: int, hashed: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows this hashed leaf at this position under this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size or not _hashes([hashed, root, *proof]):
        return False
    place, last = position, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            hashed = node_hash(sibling, hashed)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and hashed == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of `old` leaves is the beginning of the tree of `new` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new or not _hashes([old_root, new_root, *proof]):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return bool(proof) and _roots(old, new, path) == (old_root, new_root)


def _roots(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that a consistency proof leads to; nothing if it has the wrong length."""
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return (before, after) if last == 0 else None


def _hashes(given: Iterable[bytes]) -> bool:
    return all(len(hashed) == HASH_BYTES for hashed in given)


def _split(width: int) -> int:
    """The largest power of two smaller than `width`: where the RFC cuts."""
    return 1 << (width - 1).bit_length() - 1


def _span(first: int, end: int, node: Node) -> bytes:
    """The root of leaves `first` to `end`, which begin where a cut of the RFC does."""
    width = end - first
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, first >> level)
    middle = first + _split(width)
    return node_hash(_span(first, middle, node), _span(middle, end, node))
