"""Levels of many pairs at once: every distinct pair of values is compared once, dates and numbers in arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.coded import Coded, Codes, Ints, Values, different
from childindex.matching.engine.comparisons import (
    compare_carers,
    is_one_digit_off,
)
from childindex.matching.engine.few import Few
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.vocabulary import Vocabulary

Names = Few | Vocabulary
Flags = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.int8]
Bits = npt.NDArray[np.float64]

# Names of fewer pairs than this are compared one by one.
_FEW = 256
_EXACT = LEVEL_NUMBER[Level.EXACT]
_DIFFERS = LEVEL_NUMBER[Level.DIFFERS]


def _of(column: str, one: Coded, other: Coded, pairs: Ints) -> tuple[Codes, Codes]:
    """The numbers of a fact on both sides of every pair."""
    return one.codes[column][pairs[:, 0]], other.codes[column][pairs[:, 1]]


class Comparer:
    """Two tables of records whose values are numbered alike, ready for any pairs between them to be compared."""

    def __init__(
        self,
        model: Model,
        values: Mapping[str, Values],
        left: Coded,
        right: Coded,
        *,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        """`values` are the distinct values of every fact, which both tables' numbers stand for; `vocabulary` is theirs, where it
        has been made already.
        """
        self._model, self._values = model, values
        self._left, self._right = left, right
        self._vocabulary = vocabulary

    def compare(self, pairs: Ints) -> tuple[Levels, Bits]:
        """Levels (n x fields) and the bits each adds, rarity of names included, before anything is combined."""
        levels = np.zeros((len(pairs), len(FIELDS)), dtype=np.int8)
        rarity = np.zeros((len(pairs), len(FIELDS)))
        names = self._names_for(pairs)
        for of, column in ((Field.GIVEN, "given"), (Field.FAMILY, "family")):
            levels[:, FIELD_NUMBER[of]], rarity[:, FIELD_NUMBER[of]] = self._names(names, of, column, pairs)
        levels[:, FIELD_NUMBER[Field.MIDDLE]] = self._middles(names, pairs)
        levels[:, FIELD_NUMBER[Field.CARERS]] = self._distinct("carers", pairs, compare_carers)
        levels[:, FIELD_NUMBER[Field.SEX]] = _same(*self._both("sex", pairs))
        for of in (Field.NHS_NUMBER, Field.UPN):
            levels[:, FIELD_NUMBER[of]] = self._numbers(of, pairs)
        levels[:, FIELD_NUMBER[Field.BIRTH_DATE]] = compare_dates(
            self._left.dates[pairs[:, 0]], self._right.dates[pairs[:, 1]]
        )
        levels[:, FIELD_NUMBER[Field.ADDRESS]] = self._addresses(pairs)
        self._mixed_up(names, levels, pairs)
        return levels, self._model.weights[np.arange(len(FIELDS)), levels] + rarity

    def rarity(self, pairs: Ints, levels: Levels) -> Bits:
        """The bits that rare names add (n x fields) to pairs whose levels are known already."""
        rarity = np.zeros((len(pairs), len(FIELDS)))
        names = self._names_for(pairs)
        for of, column in ((Field.GIVEN, "given"), (Field.FAMILY, "family")):
            same = np.flatnonzero(levels[:, FIELD_NUMBER[of]] == _EXACT)
            _, rarity[same, FIELD_NUMBER[of]] = self._names(names, of, column, pairs[same])
        return rarity

    def _names_for(self, pairs: Ints) -> Names:
        """What compares the names of so many pairs soonest."""
        if self._vocabulary is None:
            if len(pairs) < _FEW:
                return Few(self._values)
            self._vocabulary = Vocabulary(self._values)
        return self._vocabulary

    def _both(self, column: str, pairs: Ints) -> tuple[Codes, Codes]:
        return _of(column, self._left, self._right, pairs)

    def _names(self, names: Names, of: Field, column: str, pairs: Ints) -> tuple[Levels, Bits]:
        """Levels of given or family names, and the bits their rarity adds."""
        one, other, back = _distinct_pairs(*self._both(column, pairs), len(self._values[column].values))
        levels = np.zeros(len(one), dtype=np.int8)
        bits = np.zeros(len(one))
        there = np.flatnonzero((one > 0) & (other > 0))
        compare = names.given if of is Field.GIVEN else names.family
        rarity = partial(self._model.frequency_bits, of, Level.EXACT)
        levels[there], bits[there] = compare(one[there], other[there], rarity)
        return levels[back], bits[back]

    def _middles(self, names: Names, pairs: Ints) -> Levels:
        """Levels of middle names."""
        one, other, back = _distinct_pairs(*self._both("middle", pairs), len(self._values["middle"].values))
        levels = np.zeros(len(one), dtype=np.int8)
        there = np.flatnonzero((one > 0) & (other > 0))
        levels[there] = names.middles(one[there], other[there])
        return levels[back]

    def _distinct(self, column: str, pairs: Ints, compare: Callable[[Any, Any], Level]) -> Levels:
        """Levels of a fact whose values are compared one distinct pair at a time."""
        values = self._values[column].values
        one, other, back = _distinct_pairs(*self._both(column, pairs), len(values))
        levels = np.zeros(len(one), dtype=np.int8)
        for place in np.flatnonzero((one > 0) & (other > 0)).tolist():
            levels[place] = LEVEL_NUMBER[compare(values[one[place]], values[other[place]])]
        return levels[back]

    def _numbers(self, of: Field, pairs: Ints) -> Levels:
        """Levels of a number: the same or not where both pass their check. One slip always breaks the check, so a number that
        fails it may be one digit off from one that passes; further off it is as good as none.
        """
        good, bad = self._both(of.value, pairs), self._both(f"{of.value}_failed", pairs)
        levels = _same(*good)
        passed, failed = self._values[of.value].values, self._values[f"{of.value}_failed"].values
        for right, wrong in ((good[0], bad[1]), (good[1], bad[0])):
            at = np.flatnonzero((right > 0) & (wrong > 0))
            one, other, back = _distinct_pairs(right[at], wrong[at], max(len(failed), 1))
            off = [is_one_digit_off(passed[a], failed[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
            levels[at[np.array(off, dtype=np.bool_)[back]]] = LEVEL_NUMBER[Level.ONE_DIGIT]
        return levels

    def _mixed_up(self, names: Names, levels: Levels, pairs: Ints) -> None:
        """Set the levels of unrelated given names that stand elsewhere in the other record: as family or middle name."""
        given, family = levels[:, FIELD_NUMBER[Field.GIVEN]], levels[:, FIELD_NUMBER[Field.FAMILY]]
        unrelated = np.flatnonzero((given == _DIFFERS) | (given == LEVEL_NUMBER[Level.SIMILAR]))
        one, other = self._both("given", pairs[unrelated])
        middle, other_middle = self._both("middle", pairs[unrelated])
        among = names.in_middle(one, other_middle) | names.in_middle(other, middle)
        called = names.in_middle(one, middle) | names.in_middle(other, other_middle)
        given[unrelated[called]] = LEVEL_NUMBER[Level.CALLED]
        given[unrelated[among]] = LEVEL_NUMBER[Level.MIDDLE]
        among |= called
        left = np.flatnonzero(~among & (family[unrelated] == _DIFFERS))
        families = self._both("family", pairs[unrelated[left]])
        swapped = names.crossed((one[left], families[0]), (other[left], families[1]))
        given[unrelated[left[swapped]]] = family[unrelated[left[swapped]]] = LEVEL_NUMBER[Level.SWAPPED]

    def _addresses(self, pairs: Ints) -> Levels:
        """Levels of addresses: the same property, postcode, street and number, sector, or none of them."""

        def compared(column: str) -> tuple[Flags, Flags]:
            one, other = self._both(column, pairs)
            given: Flags = (one > 0) & (other > 0)
            return given, given & (one == other)

        uprn_given, uprn = compared("uprn")
        postcode_given, postcode = compared("postcode")
        _, house = compared("house")
        street_given, street = compared("street")
        levels = np.zeros(len(pairs), dtype=np.int8)
        levels[uprn_given | postcode_given | street_given] = _DIFFERS
        levels[compared("sector")[1]] = LEVEL_NUMBER[Level.SECTOR]
        levels[street & house] = LEVEL_NUMBER[Level.STREET]
        levels[postcode] = LEVEL_NUMBER[Level.POSTCODE]
        levels[postcode & house] = _EXACT
        levels[uprn] = LEVEL_NUMBER[Level.PROPERTY]
        return levels


def _distinct_pairs(one: Codes, other: Codes, size: int) -> tuple[Codes, Codes, Ints]:
    """Distinct pairs of value numbers, and for every pair which of them it is."""
    packed = one.astype(np.int64) * size + other
    first, back = different(packed)
    return one[first], other[first], back


def _same(one: Codes, other: Codes) -> Levels:
    """Levels of a fact that is the same or not."""
    return np.where((one > 0) & (other > 0), np.where(one == other, _EXACT, _DIFFERS), 0).astype(np.int8)


def compare_dates(one: Ints, other: Ints) -> Levels:
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
