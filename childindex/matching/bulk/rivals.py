"""Links that a rival makes doubtful: left for a person, or for a later round in which the rival is placed.

What a link gains alone says little where twins, cousins or namesakes have records too: if the two children's records were
exchanged, would the whole agree nearly as well?
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from childindex.matching.bulk.edges import Edges
from childindex.matching.bulk.groups import Flags, Hashes
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, SAME_HOME, Field, Level
from childindex.matching.engine.model import Thresholds

_SAME_DAY: Final = [LEVEL_NUMBER[level] for level in (Level.EXACT, Level.FIRST_OF_JANUARY)]
_SAME_HOME: Final = [LEVEL_NUMBER[level] for level in SAME_HOME]
_EXACT: Final = LEVEL_NUMBER[Level.EXACT]

_UNLIKE: Final = [LEVEL_NUMBER[level] for level in (Level.DIFFERS, Level.SIMILAR)]
# A rival that bears the very name counts from these odds: strangers of one name born on other days do not.
_LIKELY: Final = 5.0

# Of a cluster, the clusters it may be joined with: each with the place of that edge.
_Beside = dict[int, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _Said:
    """What is heard of every edge: the very same given name; the same day of birth and the same home or carer; and a like name as well."""

    named: Flags
    together: Flags
    alike: Flags

    @classmethod
    def of(cls, levels: Levels) -> _Said:
        """From levels (n x fields)."""
        given = levels[:, FIELD_NUMBER[Field.GIVEN]]
        home = np.isin(levels[:, FIELD_NUMBER[Field.ADDRESS]], _SAME_HOME)
        home |= levels[:, FIELD_NUMBER[Field.CARERS]] == _EXACT
        together = home & np.isin(levels[:, FIELD_NUMBER[Field.BIRTH_DATE]], _SAME_DAY)
        return cls(given == _EXACT, together, together & ~np.isin(given, _UNLIKE))


def contested(edges: Edges, levels: Levels, held: Hashes, wins: Flags, limits: Thresholds) -> Flags:
    """Which of the edges that would link (`wins`) a rival makes doubtful.

    `levels` are those of the edges, `held` the sources of every cluster. A rival is another cluster with a record of the same source
    that one of the two may be. An edge is doubtful where a rival has the same day of birth and home as one of the two, and the two
    themselves have not; where a rival has the very given name, and the two only a like one; and where exchanging it for the edges
    of its rivals would cost fewer than `clear_bits`.
    """
    doubtful = np.zeros(len(edges), dtype=np.bool_)
    if not limits.clear_bits:
        return doubtful
    said, ends = _Said.of(levels), np.stack([edges.one, edges.other], axis=1)
    live = (edges.bits > 0) | said.together
    several = np.bincount(ends[live].ravel(), minlength=len(held)) > 1
    near = np.flatnonzero(live & several[ends].any(axis=1))
    beside, worth = _neighbours(ends, edges.bits, near)
    for place in near[wins[near]].tolist():
        a, b = ends[place].tolist()
        of_a = [(node, edge) for node, edge in beside[a] if edge != place and held[node] & held[b]]
        of_b = [(node, edge) for node, edge in beside[b] if edge != place and held[node] & held[a]]
        rivals = [edge for _, edge in (*of_a, *of_b)]
        if rivals:
            clear = limits.clear_home_bits if said.alike[rivals].any() else limits.clear_bits
            others = _exchanged([node for node, _ in of_a], [node for node, _ in of_b], (a, b), worth)
            doubtful[place] = _better_placed(said, edges.bits, place, rivals) or edges.bits[place] - others < clear
    return doubtful


def _better_placed(said: _Said, bits: Bits, place: int, rivals: list[int]) -> bool:
    """Whether a rival has the home and day that the two have not, or the very name where theirs is only like it."""
    if not said.together[place] and said.together[rivals].any():
        return True
    return bool(not said.named[place] and (said.named[rivals] & (bits[rivals] > _LIKELY)).any())


def _neighbours(ends: Ints, bits: Bits, near: Ints) -> tuple[_Beside, dict[tuple[int, int], float]]:
    """Who stands beside whom, and what joining two is worth: nothing rather than less."""
    beside: _Beside = defaultdict(list)
    worth: dict[tuple[int, int], float] = {}
    for place, (a, b), gain in zip(
        near.tolist(), ends[near].tolist(), np.maximum(bits[near], 0.0).tolist(), strict=True
    ):
        beside[a].append((b, place))
        beside[b].append((a, place))
        worth[a, b] = worth[b, a] = gain
    return beside, worth


def _exchanged(of_a: list[int], of_b: list[int], pair: tuple[int, int], worth: dict[tuple[int, int], float]) -> float:
    """The most that joining each of two with a rival is worth, less what those rivals would be worth to each other."""
    a, b = pair
    alone = max([*(worth[a, node] for node in of_a), *(worth[b, node] for node in of_b)])
    # Nobody is a rival on both sides: it would share a source with one of the two.
    both = (worth[a, one] + worth[b, other] - worth.get((one, other), 0.0) for one in of_a for other in of_b)
    return max(alone, *both) if of_a and of_b else alone
