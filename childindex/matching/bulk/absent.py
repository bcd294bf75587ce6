"""Links that are refused only because another child of the home is feared, who would have records of its own, and has none.

A child whose name was written down quite wrong looks like a twin, a brother or a sister, so such a pair is for a person (`ask_first`). Where
several suppliers hold the child, the files themselves say more: they would hold the other child, too.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from childindex.matching.bulk.edges import Edges
from childindex.matching.bulk.groups import Flags, Hashes
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, SAME_HOME, Field, Level
from childindex.matching.engine.model import Thresholds

# At least so surely would another child have been seen: 3 bits are seven times in eight.
_SEEN: Final = 3.0
# Suppliers that have been seen with fewer children than this say little of one another.
_FEW: Final = 20

_MISSING, _DIFFERS, _EXACT = (LEVEL_NUMBER[level] for level in (Level.MISSING, Level.DIFFERS, Level.EXACT))
_SAME_HOME: Final = [LEVEL_NUMBER[level] for level in SAME_HOME]


def nobody_else(edges: Edges, levels: Levels, held: Hashes, best: tuple[Hashes, Hashes], limits: Thresholds) -> Bits:
    """What each edge is worth where another child of the home would be missed from the files, in bits; minus infinity where it may not link so.

    `levels` are those of the edges, `held` the suppliers of every cluster as bits, `best` those of the best pair's two records. The two must
    be of one home (or have one carer) and one family name, no number may contradict, and nobody else may be near either of them. What a second child would be
    missed from are the suppliers beyond those of the best pair, whose own score knows of theirs. All together must reach `clear_bits`.
    """
    worth = np.full(len(edges), -np.inf)
    ends = np.concatenate([edges.one, edges.other])
    near = np.bincount(ends, minlength=len(held))
    use = np.flatnonzero(~edges.may_link & (near[edges.one] == 1) & (near[edges.other] == 1) & _one_home(levels))
    if not len(use):
        return worth
    share = _shares(held)
    one, other = held[edges.one[use]], held[edges.other[use]]
    unseen = _unseen(one & ~best[0][use], other, share) + _unseen(other & ~best[1][use], one, share)
    total = edges.bits[use] + unseen
    enough = (unseen >= _SEEN) & (total >= limits.clear_bits)
    worth[use[enough]] = total[enough]
    return worth


def _one_home(levels: Levels) -> Flags:
    """Whether two have a home or carer and the family name in common, and no number that contradicts."""
    home = np.isin(levels[:, FIELD_NUMBER[Field.ADDRESS]], _SAME_HOME)
    home |= levels[:, FIELD_NUMBER[Field.CARERS]] == _EXACT
    home &= ~np.isin(levels[:, FIELD_NUMBER[Field.FAMILY]], [_MISSING, _DIFFERS])
    for of in (Field.NHS_NUMBER, Field.UPN):
        home &= levels[:, FIELD_NUMBER[of]] != _DIFFERS
    return home


def _flags(suppliers: Hashes) -> Flags:
    """Suppliers as bits, as n x 64 flags."""
    there: Flags = (suppliers[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1) == 1
    return there


def _shares(held: Hashes) -> Bits:
    """Of the children that each supplier holds (a line), the share that each other one holds, too; a little less where few were seen."""
    patterns, times = np.unique(held[held > 0], return_counts=True)
    there = _flags(patterns).astype(np.float64)
    both = there.T @ (there * times[:, None])
    share: Bits = both / (np.diag(both)[:, None] + _FEW)
    np.fill_diagonal(share, 0.0)
    return share


def _unseen(further: Hashes, suppliers: Hashes, share: Bits) -> Bits:
    """How unlikely it is, in bits, that another child whom `suppliers` hold is in none of the `further` ones."""
    expected = np.where(_flags(suppliers)[:, :, None], share[None], 0.0).max(axis=1)
    bits: Bits = np.where(_flags(further), -np.log2(1.0 - expected), 0.0).sum(axis=1)
    return bits
