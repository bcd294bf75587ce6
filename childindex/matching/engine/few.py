"""A few names against one another, one pair at a time: what `vocabulary` answers for many, quicker than making a vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from childindex.matching.engine.comparisons import Agreement, compare_family, compare_given, compare_middle
from childindex.matching.engine.levels import LEVEL_NUMBER
from childindex.matching.engine.names import sound
from childindex.matching.engine.vocabulary import Bits, Rarity
from childindex.matching.engine.words import Codes, Flags, Levels

if TYPE_CHECKING:
    from childindex.matching.engine.coded import Values


class Few:
    """The given, middle and family names of some records, by number."""

    def __init__(self, values: Mapping[str, Values]) -> None:
        """`values` are the distinct values of "given", "middle" and "family"."""
        self._given, self._family, self._middle = (values[column].values for column in ("given", "family", "middle"))

    def given(self, one: Codes, other: Codes, rarity: Rarity) -> tuple[Levels, Bits]:
        """As `Vocabulary.given`."""
        return _compared(compare_given, self._given, (one, other), rarity)

    def family(self, one: Codes, other: Codes, rarity: Rarity) -> tuple[Levels, Bits]:
        """As `Vocabulary.family`."""
        return _compared(compare_family, self._family, (one, other), rarity)

    def middles(self, one: Codes, other: Codes) -> Levels:
        """As `Vocabulary.middles`."""
        pairs = zip(one.tolist(), other.tolist(), strict=True)
        found = (LEVEL_NUMBER[compare_middle(self._middle[a], self._middle[b])] for a, b in pairs)
        return np.fromiter(found, np.int8, len(one))

    def in_middle(self, given: Codes, middle: Codes) -> Flags:
        """As `Vocabulary.in_middle`."""
        pairs = zip(given.tolist(), middle.tolist(), strict=True)
        return np.fromiter((self._given[a][0][0] in self._middle[b] for a, b in pairs), np.bool_, len(given))

    def crossed(self, one: tuple[Codes, Codes], other: tuple[Codes, Codes]) -> Flags:
        """As `Vocabulary.crossed`."""
        pairs = zip(*(column.tolist() for column in (*one, *other)), strict=True)
        return np.fromiter(
            (
                sound(self._given[a][0][0]) == sound(self._family[d][0])
                and sound(self._family[b][0]) == sound(self._given[c][0][0])
                for a, b, c, d in pairs
            ),
            np.bool_,
            len(one[0]),
        )


def _compared(
    compare: Callable[[Any, Any], Agreement], values: list[Any], both: tuple[Codes, Codes], rarity: Rarity
) -> tuple[Levels, Bits]:
    """Levels of pairs of values, and the bits that the rarity of a shared name adds."""
    found = [compare(values[a], values[b]) for a, b in zip(both[0].tolist(), both[1].tolist(), strict=True)]
    levels = np.array([LEVEL_NUMBER[level] for level, _ in found], dtype=np.int8)
    return levels, np.array([rarity(name) if name else 0.0 for _, name in found], dtype=np.float64)
