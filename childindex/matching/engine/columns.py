"""Levels of many pairs at once: every distinct pair of values is compared once, dates and numbers in arrays."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
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
from childindex.matching.engine.names import name_word
from childindex.matching.engine.record import Standardised

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.int8]
Bits = npt.NDArray[np.float64]

_EXACT = LEVEL_NUMBER[Level.EXACT]
_DIFFERS = LEVEL_NUMBER[Level.DIFFERS]


class Column:
    """One fact of two lists of records as small whole numbers, 0 for "not given", the same number for the same value."""

    def __init__(self, left: Sequence[Hashable], right: Sequence[Hashable], *, empty: Hashable = "") -> None:
        """Number the values of both lists alike."""
        numbers: dict[Any, int] = {empty: 0}
        self.left: Ints = np.fromiter((numbers.setdefault(value, len(numbers)) for value in left), np.int64, len(left))
        self.right: Ints = np.fromiter(
            (numbers.setdefault(value, len(numbers)) for value in right), np.int64, len(right)
        )
        self.values: list[Any] = list(numbers)

    def of(self, pairs: Ints) -> tuple[Ints, Ints]:
        """The numbers of both sides of every pair."""
        return self.left[pairs[:, 0]], self.right[pairs[:, 1]]


class Comparer:
    """Two lists of records, ready for any pairs between them to be compared."""

    def __init__(self, model: Model, left: Sequence[Standardised], right: Sequence[Standardised]) -> None:
        """Number every fact of every record once."""
        self._model = model

        def column(fact: Callable[[Standardised], Hashable], empty: Hashable = "") -> Column:
            return Column([fact(record) for record in left], [fact(record) for record in right], empty=empty)

        self._given = column(lambda r: (r.given, r.given_parts, r.middle) if r.given else "")
        self._family = column(lambda r: (r.family, r.former, r.family_parts) if r.family or r.former else "")
        self._middle = column(lambda r: r.middle, ())
        self._carers = column(lambda r: (r.carers, r.phones) if r.carers or r.phones else "")
        self._sex = column(lambda r: r.sex)
        self._nhs = column(lambda r: r.nhs_number)
        self._upn = column(lambda r: r.upn)
        self._uprn = column(lambda r: r.uprn)
        self._postcode = column(lambda r: r.postcode)
        self._sector = column(lambda r: r.sector)
        self._house = column(lambda r: r.house)
        self._street = column(lambda r: r.street)
        self._dates = tuple(
            np.array([(r.year, r.month, r.day) for r in side] or np.empty((0, 3)), dtype=np.int64)
            for side in (left, right)
        )
        self._sounds = _name_sounds(left), _name_sounds(right)

    def compare(self, pairs: Ints) -> tuple[Levels, Bits]:
        """Levels (n x fields) and the bits each adds, rarity of names included, before anything is combined."""
        levels = np.zeros((len(pairs), len(FIELDS)), dtype=np.int8)
        rarity = np.zeros((len(pairs), len(FIELDS)))
        for of, column, compare in (
            (Field.GIVEN, self._given, compare_given),
            (Field.FAMILY, self._family, compare_family),
        ):
            levels[:, FIELD_NUMBER[of]], rarity[:, FIELD_NUMBER[of]] = self._names(of, column, compare, pairs)
        levels[:, FIELD_NUMBER[Field.MIDDLE]] = _distinct(self._middle, pairs, compare_middle)
        levels[:, FIELD_NUMBER[Field.CARERS]] = _distinct(self._carers, pairs, compare_carers)
        for of, column in ((Field.SEX, self._sex), (Field.NHS_NUMBER, self._nhs), (Field.UPN, self._upn)):
            levels[:, FIELD_NUMBER[of]] = _same(*column.of(pairs))
        levels[:, FIELD_NUMBER[Field.BIRTH_DATE]] = _dates(self._dates[0][pairs[:, 0]], self._dates[1][pairs[:, 1]])
        levels[:, FIELD_NUMBER[Field.ADDRESS]] = self._addresses(pairs)
        swapped = self._swapped(levels, pairs)
        levels[swapped, FIELD_NUMBER[Field.GIVEN]] = LEVEL_NUMBER[Level.SWAPPED]
        levels[swapped, FIELD_NUMBER[Field.FAMILY]] = LEVEL_NUMBER[Level.SWAPPED]
        return levels, self._model.weights[np.arange(len(FIELDS)), levels] + rarity

    def _names(
        self, of: Field, column: Column, compare: Callable[[Any, Any], Agreement], pairs: Ints
    ) -> tuple[Levels, Bits]:
        """Levels of names, and the bits their rarity adds."""
        distinct, back = _distinct_pairs(column, pairs)
        levels = np.zeros(len(distinct), dtype=np.int8)
        rarity = np.zeros(len(distinct))
        values = column.values
        for place, (one, other) in enumerate(distinct.tolist()):
            if one and other:
                level, name = compare(values[one], values[other])
                levels[place] = LEVEL_NUMBER[level]
                rarity[place] = self._model.frequency_bits(of, level, name)
        return levels[back], rarity[back]

    def _swapped(self, levels: Levels, pairs: Ints) -> Flags:
        """Pairs whose given name sounds like the other's family name, and the other way about."""
        apart = (levels[:, FIELD_NUMBER[Field.GIVEN]] == _DIFFERS) & (levels[:, FIELD_NUMBER[Field.FAMILY]] == _DIFFERS)
        one, other = self._sounds[0][pairs[:, 0]], self._sounds[1][pairs[:, 1]]
        crossed: Flags = apart & (one[:, 0] == other[:, 1]) & (one[:, 1] == other[:, 0])
        return crossed

    def _addresses(self, pairs: Ints) -> Levels:
        """Levels of addresses: the same property, postcode, street and number, sector, or none of them."""

        def compared(column: Column) -> tuple[Flags, Flags]:
            one, other = column.of(pairs)
            given: Flags = (one > 0) & (other > 0)
            return given, given & (one == other)

        uprn_given, uprn = compared(self._uprn)
        postcode_given, postcode = compared(self._postcode)
        _, house = compared(self._house)
        street_given, street = compared(self._street)
        levels = np.zeros(len(pairs), dtype=np.int8)
        levels[uprn_given | postcode_given | street_given] = _DIFFERS
        levels[compared(self._sector)[1]] = LEVEL_NUMBER[Level.SECTOR]
        levels[street & house] = LEVEL_NUMBER[Level.STREET]
        levels[postcode] = LEVEL_NUMBER[Level.POSTCODE]
        levels[(postcode & house) | uprn] = _EXACT
        return levels


def _name_sounds(records: Sequence[Standardised]) -> Ints:
    """Numbers for the sounds of the given and family name of each record; never equal where one is missing."""
    sounds = [
        (hash(name_word(r.given[0]).sound), hash(name_word(r.family).sound))
        if r.given and r.family
        else (-1 - place, 0)
        for place, r in enumerate(records)
    ]
    return np.array(sounds or np.empty((0, 2)), dtype=np.int64)


def _distinct_pairs(column: Column, pairs: Ints) -> tuple[Ints, Ints]:
    """Distinct pairs of value numbers, and for every pair which of them it is."""
    one, other = column.of(pairs)
    size = len(column.values)
    distinct, back = np.unique(one * size + other, return_inverse=True)
    return np.stack(np.divmod(distinct, size), axis=1), back


def _distinct(column: Column, pairs: Ints, compare: Callable[[Any, Any], Level]) -> Levels:
    """Levels of a fact whose values are compared one distinct pair at a time."""
    distinct, back = _distinct_pairs(column, pairs)
    values = column.values
    levels = [
        LEVEL_NUMBER[compare(values[one], values[other])] if one and other else 0 for one, other in distinct.tolist()
    ]
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
