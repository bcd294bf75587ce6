"""How many letters two texts share in their order: levels where so much is written wrong that nothing else is left of a name or an address."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from childindex.matching.engine.levels import LEVEL_NUMBER, Level

Levels = npt.NDArray[np.int8]
Texts = npt.NDArray[np.object_]

_DIFFERS: Final = LEVEL_NUMBER[Level.DIFFERS]
_MISSING: Final = LEVEL_NUMBER[Level.MISSING]
# The share of letters from which a level holds.
_LEAST: Final = (
    (0.5, Level.ALIKE_50), (0.6, Level.ALIKE_60), (0.7, Level.ALIKE_70), (0.8, Level.ALIKE_80), (0.9, Level.ALIKE_90), (1.0, Level.EXACT),
)  # fmt: skip
_LEAST_OF_NAMES: Final = ((0.6, Level.ALIKE_60), (0.7, Level.ALIKE_70))
_LEAST_CROSSED: Final = 0.7


def alike(one: Texts, other: Texts) -> npt.NDArray[np.float64]:
    """Of n pairs of texts, the share of all their letters that stand in both in the same order: 1 for the same text."""
    found: npt.NDArray[np.float64] = cpdist(
        one.tolist(), other.tolist(), scorer=Indel.normalized_similarity, dtype=np.float64
    )
    return found


def alike_levels(one: Texts, other: Texts) -> Levels:
    """Levels of n pairs of texts: `exact`, then by tenths, down to `differs`; missing where one is empty."""
    levels = np.full(len(one), _DIFFERS, dtype=np.int8)
    share = alike(one, other)
    for least, level in _LEAST:
        levels[share >= least] = LEVEL_NUMBER[level]
    levels[(one == "") | (other == "")] = _MISSING
    return levels


def raise_names(levels: Levels, left: tuple[Texts, Texts], right: tuple[Texts, Texts]) -> None:
    """Raise levels of given and family names (n x 2) that differ: alike in six or seven letters of ten, or crossed and alike.

    `left` and `right` are given and family names, empty where not given. One crossed name is enough where the other is missing.
    """
    for column in (0, 1):
        apart = levels[:, column] == _DIFFERS
        share = alike(left[column], right[column])
        for least, level in _LEAST_OF_NAMES:
            levels[apart & (share >= least), column] = LEVEL_NUMBER[level]
    crossed = np.isin(levels, [_DIFFERS, _MISSING]).all(axis=1) & _crossed(left, right)
    levels[crossed[:, None] & (levels != _MISSING)] = LEVEL_NUMBER[Level.SWAPPED_ALIKE]


def _crossed(left: tuple[Texts, Texts], right: tuple[Texts, Texts]) -> npt.NDArray[np.bool_]:
    """Whether the given name of each is alike to the family name of the other, as far as they are given, and one of them is."""
    agree = np.zeros(len(left[0]), dtype=np.bool_)
    apart = np.zeros(len(left[0]), dtype=np.bool_)
    for one, other in ((left[0], right[1]), (left[1], right[0])):
        there = (one != "") & (other != "")
        near = alike(one, other) >= _LEAST_CROSSED
        agree |= there & near
        apart |= there & ~near
    return agree & ~apart
