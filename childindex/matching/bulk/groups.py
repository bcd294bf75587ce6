"""Groups of records that share a number, in arrays: the joins of bulk linking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.coded import Ints, in_order

Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def mixed(*parts: npt.NDArray[np.signedinteger] | int) -> Hashes:
    """One 64-bit number of several whole numbers a line; two different lines meet by chance once in 2^64."""
    with np.errstate(over="ignore"):
        found = np.zeros(1, dtype=np.uint64)
        for part in parts:
            found = (found ^ np.asarray(part).astype(np.int64).view(np.uint64)) * _ODD
            found = (found ^ (found >> np.uint64(29))) * _MIX
            found ^= found >> np.uint64(32)
    return found


def starts_of(ordered: npt.NDArray[np.generic]) -> Ints:
    """Where each run of equal values begins in an ordered array."""
    if not len(ordered):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


def distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The different values, in order. By sorting: for millions of whole numbers much quicker than numpy's own way, a table of hashes."""
    ordered = np.sort(values, axis=None)
    return ordered[starts_of(ordered)]


def held_by(cluster: Ints, own: Hashes) -> Hashes:
    """Which sources each cluster has a record of, by cluster: `own` is the source of each record as a bit, 0 for one not counted."""
    held = np.zeros(len(cluster), dtype=np.uint64)
    for bit in distinct(own):
        there = np.zeros(len(cluster), dtype=np.bool_)
        there[cluster[own == bit]] = True
        held[there] |= bit
    return held


def components(size: int, one: Ints, other: Ints) -> Ints:
    """The smallest member of each member's connected component, for `size` members and edges between `one` and `other`."""
    label = np.arange(size)
    while True:
        low = np.minimum(label[one], label[other])
        np.minimum.at(label, label[one], low)
        np.minimum.at(label, label[other], low)
        again = label[label]
        if np.array_equal(again, label) and np.array_equal(label[one], label[other]):
            return label
        label = again


def pairs_sharing(keys: Hashes, rows: Ints, *, most: int, chunk: int) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of rows that share a key, in chunks of about `chunk` pairs; keys that more than `most` rows share are passed over.

    `keys` and `rows` are lines of (key, row); a row may have several keys. Each pair of lines comes once, the earlier line first.
    """
    order, keys = in_order(keys)
    rows = rows[order]
    starts = starts_of(keys)
    sizes = np.diff(np.append(starts, len(keys)))
    use = (sizes > 1) & (sizes <= most)
    starts, sizes = starts[use], sizes[use]
    # Line number `n` of a group is paired with the `n` lines before it.
    made = np.cumsum(sizes * (sizes - 1) // 2)
    begin = 0
    while begin < len(starts):
        before = made[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(made, before + chunk, side="right")))
        one, other = _within(starts[begin:end], sizes[begin:end])
        yield rows[one], rows[other]
        begin = end


def _within(starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """All pairs of places within each group."""
    total = int(sizes.sum())
    group_start = np.repeat(starts, sizes)
    within = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    one_start = np.repeat(group_start, within)
    other = np.repeat(group_start + within, within)
    ends = np.cumsum(within)
    offset = np.arange(int(within.sum())) - np.repeat(ends - within, within)
    return one_start + offset, other
