"""Levels of many pairs at once: every distinct pair of values is compared once, dates and numbers in arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.comparisons import (
    Agreement,
    compare_carers,
    compare_family,
    compare_given,
    compare_middle,
)
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.names import sound
from childindex.matching.engine.record import Standardised

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.int8]
Bits = npt.NDArray[np.float64]

_EXACT = LEVEL_NUMBER[Level.EXACT]
_DIFFERS = LEVEL_NUMBER[Level.DIFFERS]
_NOTHING = Standardised()
_COMPARED_ALONE = ("middle", "sex", "nhs_number", "upn", "uprn", "postcode", "sector", "house", "street")


class Column:
    """One fact of two lists of records as small whole numbers, 0 for "not given", the same number for the same value."""

    def __init__(self, left: Sequence[Standardised], right: Sequence[Standardised], *facts: str) -> None:
        """Number the values of the named facts of both lists alike."""
        value = attrgetter(*facts)
        numbers: defaultdict[Any, int] = defaultdict(count().__next__)
        numbers[value(_NOTHING)]  # looking the empty value up first makes it number 0
        self.left: Ints = np.fromiter(map(numbers.__getitem__, map(value, left)), np.int64, len(left))
        self.right: Ints = np.fromiter(map(numbers.__getitem__, map(value, right)), np.int64, len(right))
        self.values: list[Any] = list(numbers)

    def of(self, pairs: Ints) -> tuple[Ints, Ints]:
        """The numbers of both sides of every pair."""
        return self.left[pairs[:, 0]], self.right[pairs[:, 1]]


class Comparer:
    """Two lists of records, ready for any pairs between them to be compared."""

    def __init__(self, model: Model, left: Sequence[Standardised], right: Sequence[Standardised]) -> None:
        """Number every fact of every record once."""
        self._model = model
        self._left, self._right = left, right
        self._given = Column(left, right, "given", "given_parts")
        self._family = Column(left, right, "family", "former", "family_parts")
        self._carers = Column(left, right, "carers", "phones")
        self._alone = {fact: Column(left, right, fact) for fact in _COMPARED_ALONE}
        self._dates = _written_dates(left), _written_dates(right)

    def compare(self, pairs: Ints) -> tuple[Levels, Bits]:
        """Levels (n x fields) and the bits each adds, rarity of names included, before anything is combined."""
        levels = np.zeros((len(pairs), len(FIELDS)), dtype=np.int8)
        rarity = np.zeros((len(pairs), len(FIELDS)))
        for of, column, compare in (
            (Field.GIVEN, self._given, compare_given),
            (Field.FAMILY, self._family, compare_family),
        ):
            levels[:, FIELD_NUMBER[of]], rarity[:, FIELD_NUMBER[of]] = self._names(of, column, compare, pairs)
        levels[:, FIELD_NUMBER[Field.MIDDLE]] = _distinct(self._alone["middle"], pairs, compare_middle)
        levels[:, FIELD_NUMBER[Field.CARERS]] = _distinct(self._carers, pairs, compare_carers)
        for of in (Field.SEX, Field.NHS_NUMBER, Field.UPN):
            levels[:, FIELD_NUMBER[of]] = _same(*self._alone[of.value].of(pairs))
        levels[:, FIELD_NUMBER[Field.BIRTH_DATE]] = _dates(self._dates[0][pairs[:, 0]], self._dates[1][pairs[:, 1]])
        levels[:, FIELD_NUMBER[Field.ADDRESS]] = self._addresses(pairs)
        self._mixed_up(levels, pairs)
        return levels, self._model.weights[np.arange(len(FIELDS)), levels] + rarity

    def _names(
        self, of: Field, column: Column, compare: Callable[[Any, Any], Agreement], pairs: Ints
    ) -> tuple[Levels, Bits]:
        """Levels of names, and the bits their rarity adds."""
        distinct, back = _distinct_pairs(column, pairs)
        levels = np.zeros(len(distinct), dtype=np.int8)
        rarity = np.zeros(len(distinct))
        values = column.values
        for place, (one, other) in enumerate(distinct):
            if one and other:
                level, name = compare(values[one], values[other])
                levels[place] = LEVEL_NUMBER[level]
                if name:
                    rarity[place] = self._model.frequency_bits(of, level, name)
        return levels[back], rarity[back]

    def _mixed_up(self, levels: Levels, pairs: Ints) -> None:
        """Set the levels of unrelated given names that stand elsewhere in the other record: as family or middle name."""
        given, family = levels[:, FIELD_NUMBER[Field.GIVEN]], levels[:, FIELD_NUMBER[Field.FAMILY]]
        unrelated = np.flatnonzero((given == _DIFFERS) | (given == LEVEL_NUMBER[Level.SIMILAR]))
        for place, (one, other) in zip(unrelated.tolist(), pairs[unrelated].tolist(), strict=True):
            a, b = self._left[one], self._right[other]
            if a.given[0] in b.middle or b.given[0] in a.middle:
                given[place] = LEVEL_NUMBER[Level.MIDDLE]
            elif family[place] == _DIFFERS and _crossed(a, b):
                given[place] = family[place] = LEVEL_NUMBER[Level.SWAPPED]

    def _addresses(self, pairs: Ints) -> Levels:
        """Levels of addresses: the same property, postcode, street and number, sector, or none of them."""

        def compared(column: Column) -> tuple[Flags, Flags]:
            one, other = column.of(pairs)
            given: Flags = (one > 0) & (other > 0)
            return given, given & (one == other)

        uprn_given, uprn = compared(self._alone["uprn"])
        postcode_given, postcode = compared(self._alone["postcode"])
        _, house = compared(self._alone["house"])
        street_given, street = compared(self._alone["street"])
        levels = np.zeros(len(pairs), dtype=np.int8)
        levels[uprn_given | postcode_given | street_given] = _DIFFERS
        levels[compared(self._alone["sector"])[1]] = LEVEL_NUMBER[Level.SECTOR]
        levels[street & house] = LEVEL_NUMBER[Level.STREET]
        levels[postcode] = LEVEL_NUMBER[Level.POSTCODE]
        levels[(postcode & house) | uprn] = _EXACT
        return levels


def _crossed(a: Standardised, b: Standardised) -> bool:
    """Whether the given name of each sounds like the family name of the other."""
    return sound(a.given[0]) == sound(b.family) and sound(a.family) == sound(b.given[0])


def _written_dates(records: Sequence[Standardised]) -> Ints:
    """Year, month and day of each record (n x 3), 0 for a part that is not known."""
    parts = [np.fromiter(map(attrgetter(part), records), np.int64, len(records)) for part in ("year", "month", "day")]
    return np.stack(parts, axis=1)


def _distinct_pairs(column: Column, pairs: Ints) -> tuple[list[tuple[int, int]], Ints]:
    """Distinct pairs of value numbers, and for every pair which of them it is."""
    one, other = column.of(pairs)
    size = len(column.values)
    distinct, back = np.unique(one * size + other, return_inverse=True)
    return list(zip((distinct // size).tolist(), (distinct % size).tolist(), strict=True)), back


def _distinct(column: Column, pairs: Ints, compare: Callable[[Any, Any], Level]) -> Levels:
    """Levels of a fact whose values are compared one distinct pair at a time."""
    distinct, back = _distinct_pairs(column, pairs)
    values = column.values
    levels = [LEVEL_NUMBER[compare(values[one], values[other])] if one and other else 0 for one, other in distinct]
    return np.array(levels, dtype=np.int8)[back]


def _same(one: Ints, other: Ints) -> Levels:
    """Levels of a fact that is the same or not."""
    return np.where((one > 0) & (other > 0), np.where(one == other, _EXACT, _DIFFERS), 0).astype(np.int8)


def _dates(one: Ints, other: Ints) -> Levels:
    """Levels of two lists of dates (n x year, month, day; 0 for a part that is not known)."""
    same = one == other
    year, month, day = same[:, 0], same[:, 1], same[:, 2]
    known = (one > 0) & (other > 0)
    full, monthly, yearly = known[:, 2], known[:, 1], known[:, 0]
    digits_apart = _digits_apart(one, other)
    swapped = year & (one[:, 1] == other[:, 2]) & (one[:, 2] == other[:, 1])
    levels = np.full(len(one), _DIFFERS, dtype=np.int8)
    levels[full & (same.sum(axis=1) == 2)] = LEVEL_NUMBER[Level.TWO_PARTS_AGREE]
    levels[full & (digits_apart == 1)] = LEVEL_NUMBER[Level.ONE_DIGIT]
    levels[full & swapped] = LEVEL_NUMBER[Level.DAY_MONTH_SWAPPED]
    exact = full & year & month & day
    levels[exact] = _EXACT
    levels[exact & (one[:, 1] == 1) & (one[:, 2] == 1)] = LEVEL_NUMBER[Level.FIRST_OF_JANUARY]
    levels[monthly & ~full & year & month] = LEVEL_NUMBER[Level.MONTH_AGREES]
    levels[yearly & ~monthly & year] = LEVEL_NUMBER[Level.YEAR_ONLY_AGREES]
    levels[~yearly] = 0
    return levels


def _digits_apart(one: Ints, other: Ints) -> Ints:
    """How many of the eight digits of two dates differ."""
    places = np.array([10_000, 100, 1])
    a, b = one @ places, other @ places
    apart = np.zeros(len(a), dtype=np.int64)
    for _ in range(8):
        apart += (a % 10) != (b % 10)
        a, b = a // 10, b // 10
    return apart
