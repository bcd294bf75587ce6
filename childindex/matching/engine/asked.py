"""One record against those of an index, one at a time: names and carers, each different one once.

The same answers as `columns.Comparer`, which compares many pairs at once. What is the same or not is not compared here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from childindex.matching.engine.comparisons import compare_carers, compare_family, compare_given, compare_middle
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.names import sound
from childindex.matching.engine.record import Standardised

GIVEN, FAMILY, MIDDLE_NAMES, CARERS = (
    FIELD_NUMBER[of] for of in (Field.GIVEN, Field.FAMILY, Field.MIDDLE, Field.CARERS)
)
_MISSING, _EXACT, _DIFFERS, _SIMILAR, _MIDDLE, _CALLED, _SWAPPED = (
    LEVEL_NUMBER[level]
    for level in (Level.MISSING, Level.EXACT, Level.DIFFERS, Level.SIMILAR, Level.MIDDLE, Level.CALLED, Level.SWAPPED)
)
# Names that have nothing to do with one another where they stand.
_UNRELATED: Final = (_DIFFERS, _SIMILAR)

# What a fact said: its level, and the bits that adds.
Said = tuple[int, float]
# One row of an index as a list: the numbers of what it says, in the order of `COLUMNS`.
Row = Sequence[int]
_NOTHING: Final[Said] = (_MISSING, 0.0)


class _Compared(dict[int, Said]):
    """What each value of an index said, by number: compared when first asked for."""

    def __init__(self, values: Sequence[Any], compare: Callable[[Any], Said] | None) -> None:
        """`compare` compares with one value; nothing where there is nothing to compare with."""
        self._values, self._compare = values, compare
        self[0] = _NOTHING

    def __missing__(self, number: int) -> Said:
        """Compare one."""
        found = self[number] = self._compare(self._values[number]) if self._compare else _NOTHING
        return found


class Weights:
    """The bits of every level of every fact, and the most that each can add, by a model."""

    def __init__(self, model: Model) -> None:
        """Work out the most of every fact."""
        self.model = model
        self.bits: list[list[float]] = model.weights.tolist()
        possible = [{level: bits for level, bits in enumerate(row) if bits == bits} for row in self.bits]  # noqa: PLR0124 - not nan
        self.most = [max(row.values()) for row in possible]
        self._others = [max(bits for level, bits in row.items() if level != _EXACT) for row in possible]

    def most_of_name(self, of: Field, names: Sequence[str]) -> tuple[float, float]:
        """The most bits a name can add: when it may be the same, with its rarity; and when it is another."""
        if not names:
            return 0.0, 0.0
        place = FIELD_NUMBER[of]
        rarest = max(self.model.frequency_bits(of, Level.EXACT, name) for name in names)
        return max(rarest + self.bits[place][_EXACT], self._others[place]), self._others[place]


class Asked:
    """A record that is asked with, and what has been compared with it so far."""

    def __init__(self, weights: Weights, values: Mapping[str, Sequence[Any]], query: Standardised) -> None:
        """`values` are those of the index, by number."""
        self.query, self._weights = query, weights
        self._names, self._families, self._middles = values["given"], values["family"], values["middle"]
        surname = query.family or query.former
        self._given = _Compared(self._names, self._compare_given if query.given else None)
        self._family = _Compared(self._families, self._compare_family if surname else None)
        self._middle = _Compared(self._middles, self._compare_middle if query.middle else None)
        self._carers = _Compared(values["carers"], self._compare_carers if query.carers or query.phones else None)
        self.most_of_given = weights.most_of_name(Field.GIVEN, query.given)
        self.most_of_family = weights.most_of_name(Field.FAMILY, (query.family,) if surname else ())
        self.most_of_rest = weights.most[MIDDLE_NAMES] if query.middle else 0.0
        self.most_of_rest += weights.most[CARERS] if query.carers or query.phones else 0.0

    def may_add(self, rows: Sequence[Row], bits: float) -> bool:
        """Whether the names and carers of a child's records may add so many bits. Family names are compared if given names leave that
        open, and so on.
        """
        given = -math.inf
        for row in rows:
            level, said = self._given_of(row)
            if level in _UNRELATED and self._may_be_swapped(row[0]):
                return True
            given = max(given, said)
        bits -= given
        if self.most_of_family[0] + self.most_of_rest < bits:
            return False
        bits -= max(self._family[row[1]][1] for row in rows)
        if self.most_of_rest < bits:
            return False
        bits -= max(self._middle[row[2]][1] for row in rows)
        return max(self._carers[row[3]][1] for row in rows) >= bits

    def compare(self, row: Row, levels: list[int], weights: list[float]) -> None:
        """Set the levels and bits of the names and carers of a record."""
        given, family = self._given_of(row), self._family[row[1]]
        if given[0] in _UNRELATED and family[0] == _DIFFERS and self._is_swapped(row):
            given, family = ((_SWAPPED, self._weights.bits[of][_SWAPPED]) for of in (GIVEN, FAMILY))
        levels[GIVEN], weights[GIVEN] = given
        levels[FAMILY], weights[FAMILY] = family
        levels[MIDDLE_NAMES], weights[MIDDLE_NAMES] = self._middle[row[2]]
        levels[CARERS], weights[CARERS] = self._carers[row[3]]

    def _compare_given(self, value: Any) -> Said:
        level, name = compare_given((self.query.given, self.query.given_parts), value)
        return self._said(Field.GIVEN, level, name)

    def _compare_family(self, value: Any) -> Said:
        level, name = compare_family((self.query.family, self.query.former, self.query.family_parts), value)
        return self._said(Field.FAMILY, level, name)

    def _compare_middle(self, value: Any) -> Said:
        return self._said(Field.MIDDLE, compare_middle(self.query.middle, value), "")

    def _compare_carers(self, value: Any) -> Said:
        return self._said(Field.CARERS, compare_carers((self.query.carers, self.query.phones), value), "")

    def _said(self, of: Field, level: Level, name: str) -> Said:
        """A level as a number, and its bits; those of a name that is the same depend on its rarity."""
        number = LEVEL_NUMBER[level]
        bits = self._weights.bits[FIELD_NUMBER[of]][number]
        return number, bits + self._weights.model.frequency_bits(of, level, name) if name else bits

    def _given_of(self, row: Row) -> Said:
        """What a given name said; of one that is unrelated, whether it is among the middle names."""
        said = self._given[row[0]]
        if said[0] not in _UNRELATED:
            return said
        one, other, middle = self.query.given[0], self._names[row[0]][0][0], self._middles[row[2]]
        if one in middle or other in self.query.middle:
            return _MIDDLE, self._weights.bits[GIVEN][_MIDDLE]
        if one in self.query.middle or other in middle:
            return _CALLED, self._weights.bits[GIVEN][_CALLED]
        return said

    def _may_be_swapped(self, given: int) -> bool:
        """Whether a given name sounds like the family name that is asked with."""
        return sound(self.query.family) == sound(self._names[given][0][0])

    def _is_swapped(self, row: Row) -> bool:
        """Whether each given name sounds like the other's family name."""
        return self._may_be_swapped(row[0]) and sound(self.query.given[0]) == sound(self._families[row[1]][0])
