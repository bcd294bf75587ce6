"""One record against many children held in memory: who may it be, how surely and why.

The same comparisons as of many pairs at once (`columns.Comparer`), in an order that is quick for one record. What is the same or
not is looked up for everybody who shares a key; names, which take longest, are compared where they can still matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from operator import attrgetter
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.coded import COLUMNS, NOTHING, Coded, Codes, Ints, Values
from childindex.matching.engine.columns import Bits, Comparer, Levels
from childindex.matching.engine.comparisons import (
    compare_carers,
    compare_family,
    compare_given,
    compare_middle,
    is_one_digit_off,
)
from childindex.matching.engine.decide import Decision, decide
from childindex.matching.engine.index import Index
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, LEVELS, Field, Level
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.names import sound
from childindex.matching.engine.record import Standardised
from childindex.matching.engine.scorer import Match, combine, match_of, totals
from childindex.matching.engine.sentences import levels_in_words

# Facts that are the same or not stand side by side in a row of the index, those of the address last.
_FIRST_ALIKE: Final = COLUMNS.index("sex")
_ALIKE: Final = COLUMNS[_FIRST_ALIKE:]
_SAID_ALIKE: Final = attrgetter(*_ALIKE)
_HOME: Final = ("uprn", "postcode", "sector", "house", "street")
_PLACE: Final = np.array([1, 3, 9, 27, 81], dtype=np.uint8)
_GIVEN, _FAMILY, _MIDDLE_NAMES, _BORN, _ADDRESS, _CARERS = (
    FIELD_NUMBER[of] for of in (Field.GIVEN, Field.FAMILY, Field.MIDDLE, Field.BIRTH_DATE, Field.ADDRESS, Field.CARERS)
)
_CHECKED: Final = tuple((FIELD_NUMBER[of], of.value) for of in (Field.NHS_NUMBER, Field.UPN))
_SAME_OR_NOT: Final = np.array([FIELD_NUMBER[of] for of in (Field.SEX, Field.NHS_NUMBER, Field.UPN)])
_SAME_OR_NOT_AT: Final = np.array([_ALIKE.index(of.value) for of in (Field.SEX, Field.NHS_NUMBER, Field.UPN)])
_MISSING, _EXACT, _DIFFERS, _SIMILAR, _MIDDLE, _CALLED, _SWAPPED, _ONE_DIGIT = (
    LEVEL_NUMBER[level]
    for level in (
        Level.MISSING, Level.EXACT, Level.DIFFERS, Level.SIMILAR, Level.MIDDLE, Level.CALLED, Level.SWAPPED, Level.ONE_DIGIT,
    )
)  # fmt: skip
# What a fact says that either side lacks, that both have, and that is the same.
_SAME: Final = np.array([_MISSING, _DIFFERS, _EXACT], dtype=np.int8)
_EVERY_FIELD: Final = np.arange(len(FIELDS))
# Whose names are compared whatever the rest says.
_AT_ONCE: Final = 8
# A child a thousand times less likely than the best is not worth a line.
_WORTH_BITS: Final = 10.0

Weighed = tuple[Levels, Bits, Bits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who a record may be: children best first, each with what every fact said, and in words why; and what would be decided.

    `decision.ambiguous` says that several children are each likely enough by themselves: none may then be taken for the one.
    """

    matches: tuple[Match, ...]
    words: tuple[str, ...]
    decision: Decision


class Searcher:
    """An index that is asked about one record at a time, by one model; read only, so that many may ask."""

    def __init__(self, index: Index, model: Model) -> None:
        """`model` is for the number of children that the index stands for."""
        self.index, self._model = index, model
        self._one_each = len(index.rows) == len(index)
        others = model.weights.copy()
        others[:, _EXACT] = np.nan
        self._most: list[float] = np.nanmax(model.weights, axis=1).tolist()
        self._most_of_others: list[float] = np.nanmax(others, axis=1).tolist()
        self._beyond = model.prior + sum(max(pattern.bits, 0.0) for pattern in model.patterns)

    def ask(self, query: Standardised, *, limit: int = 10) -> Answer:
        """Who of those who share a search key with a record it may be."""
        return self.among(query, self.index.found.near(query), limit=limit)

    def among(self, query: Standardised, children: Codes | Ints, *, limit: int = 10) -> Answer:
        """Who of some children, by number, a record may be: at most `limit`, of those nearly as likely as the best, who alone are
        rivals of one another.
        """
        if not len(children):
            return Answer(matches=(), words=(), decision=decide(self._model, ()))
        near = self._near(query, children)
        which, levels, weights, scores = self._worth_naming(query, near)
        best = (-scores).argsort(kind="stable")
        order: list[int] = best[scores[best] >= scores[best[0]] - _WORTH_BITS].tolist()
        keys = [self.index.children[children[which[place]]] for place in order]
        matches = tuple(
            match_of(key, scores[place], levels[place], weights[place]) for key, place in zip(keys, order, strict=True)
        )
        words = tuple(_in_words(levels[place].tobytes()) for place in order[:limit])
        # Rivals decide together, shown or not.
        return Answer(matches=matches[:limit], words=words, decision=decide(self._model, matches))

    def weigh(self, query: Standardised, children: Codes | Ints) -> Weighed:
        """A record against every one of some children, by number: levels and bits (n x fields), and the odds in bits (n)."""
        return self._named(query, self._near(query, children), np.arange(len(children)))

    def _near(self, query: Standardised, children: Codes | Ints) -> _Near:
        """The records of some children, and the levels of everything but names."""
        index = self.index
        if self._one_each:
            rows, first = index.rows[children], np.arange(len(children) + 1)
        else:
            first = np.append(0, (index.first[children + 1] - index.first[children]).cumsum())
            rows = index.rows[_ranges(index.first[children], index.first[children + 1])]
        alike = _alike(index, query, rows[:, _FIRST_ALIKE:-1])
        levels = np.zeros((len(rows), len(FIELDS)), dtype=np.int8)
        levels[:, _SAME_OR_NOT] = _SAME[alike[:, _SAME_OR_NOT_AT]]
        levels[:, _BORN] = index.dates.compare((query.year, query.month, query.day), rows[:, -1])
        levels[:, _ADDRESS] = _addresses()[alike[:, -len(_HOME) :] @ _PLACE]
        _one_digit_off(index, query, rows, levels)
        return _Near(rows, first, levels)

    def _worth_naming(self, query: Standardised, near: _Near) -> tuple[Ints, Levels, Bits, Bits]:
        """Places of those whose names were compared, and what was found: all who can come within `_WORTH_BITS` of the best."""
        every = np.arange(len(near.first) - 1)
        if len(every) <= _AT_ONCE:
            return every, *self._named(query, near, every)
        bits = self._model.weights[_EVERY_FIELD, near.levels]
        if not self._one_each:
            bits = np.maximum.reduceat(bits, near.first[:-1], axis=0)
        most = bits.sum(axis=1) + self._most_by_name(query)
        order = (-most).argsort(kind="stable")
        at_once = order[:_AT_ONCE]
        found = self._named(query, near, at_once)
        rest = order[_AT_ONCE:]
        rest = rest[most[rest] >= found[2].max() - _WORTH_BITS]
        if not len(rest):
            return at_once, *found
        both = zip((at_once, *found), (rest, *self._named(query, near, rest)), strict=True)
        which, levels, weights, scores = (np.concatenate(parts) for parts in both)
        return which, levels, weights, scores

    def _most_by_name(self, query: Standardised) -> float:
        """The most bits that names and carers, family patterns and the odds before comparing can add."""
        most = self._beyond + self._most_of_name(Field.GIVEN, query.given)
        most += self._most_of_name(Field.FAMILY, (query.family,) if query.family or query.former else ())
        most += self._most[_MIDDLE_NAMES] if query.middle else 0.0
        return most + (self._most[_CARERS] if query.carers or query.phones else 0.0)

    def _most_of_name(self, of: Field, names: tuple[str, ...]) -> float:
        """The most bits that a name can add: the same where it is rare, else the best of what is nearly the same."""
        if not names:
            return 0.0
        place, bits = FIELD_NUMBER[of], self._model.frequency_bits
        same = max(bits(of, Level.EXACT, name) for name in names) + float(self._model.weights[place, _EXACT])
        return max(same, self._most_of_others[place])

    def _named(self, query: Standardised, near: _Near, which: Ints) -> Weighed:
        """Everything of some of the children near: levels and bits, and the odds in bits."""
        places = which if self._one_each else _ranges(near.first[which], near.first[which + 1])
        rows, levels = near.rows[places], near.levels[places]
        bits = self._names(query, rows, levels)
        weights = self._model.weights[_EVERY_FIELD, levels]
        weights[:, _GIVEN] += bits[0]
        weights[:, _FAMILY] += bits[1]
        if not self._one_each:
            group = np.repeat(np.arange(len(which)), near.first[which + 1] - near.first[which])
            levels, weights = combine(levels, weights, group)
        return levels, weights, totals(self._model, levels, weights)

    def _names(self, query: Standardised, rows: Codes, levels: Levels) -> tuple[list[float], list[float]]:
        """Sets the levels of names and carers; the bits that the rarity of given and family names adds."""
        model, values = self._model, self.index.values
        given, family, middle, carers = rows[:, :_FIRST_ALIKE].T.tolist()
        said = (query.given, query.given_parts) if query.given else None
        given_levels, given_bits = _name(model, Field.GIVEN, said, given, values["given"])
        surname = (query.family, query.former, query.family_parts) if query.family or query.former else None
        family_levels, family_bits = _name(model, Field.FAMILY, surname, family, values["family"])
        _mixed_up(self.index, query, (given, family, middle), (given_levels, family_levels))
        levels[:, _GIVEN], levels[:, _FAMILY] = given_levels, family_levels
        if query.middle:
            levels[:, _MIDDLE_NAMES] = _list(compare_middle, query.middle, middle, values["middle"])
        if query.carers or query.phones:
            levels[:, _CARERS] = _list(compare_carers, (query.carers, query.phones), carers, values["carers"])
        return given_bits, family_bits


class _Near(NamedTuple):
    """Children who share a key: the rows of their records, where those of each begin, and levels of all but names."""

    rows: Codes
    first: Ints
    levels: Levels


@lru_cache(maxsize=10_000)
def _in_words(levels: bytes) -> str:
    """The sentence for one level of each fact; a few thousand combinations are nearly all that is met."""
    return levels_in_words([LEVELS[level] for level in levels])


def _ranges(starts: Codes | Ints, ends: Codes | Ints) -> Ints:
    """The numbers from each start to its end, one range after another."""
    return np.concatenate([np.arange(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)])


def _name(model: Model, of: Field, said: Any, numbers: list[int], values: list[Any]) -> tuple[list[int], list[float]]:
    """Levels of a name against those of some records, by number, and the bits that its rarity adds."""
    compare: Callable[[Any, Any], tuple[Level, str]] = compare_given if of is Field.GIVEN else compare_family
    found = {0: (_MISSING, 0.0)}
    for number in set(numbers):
        if said is None or not number:
            found[number] = found[0]
        else:
            level, name = compare(said, values[number])
            found[number] = LEVEL_NUMBER[level], model.frequency_bits(of, level, name) if name else 0.0
    both = [found[number] for number in numbers]
    return [level for level, _ in both], [bits for _, bits in both]


def _list(compare: Callable[[Any, Any], Level], said: Any, numbers: list[int], values: list[Any]) -> list[int]:
    """Levels of middle names or carers against those of some records, by number."""
    found = {number: LEVEL_NUMBER[compare(said, values[number])] if number else _MISSING for number in set(numbers)}
    return [found[number] for number in numbers]


def _mixed_up(index: Index, query: Standardised, codes: tuple[list[int], ...], levels: tuple[list[int], ...]) -> None:
    """Set the levels of unrelated given names that stand elsewhere in the other record; as `Comparer` does."""
    (given, family, middle), (given_levels, family_levels) = codes, levels
    names, families, middles = (index.values[column] for column in ("given", "family", "middle"))
    for place, level in enumerate(given_levels):
        if level not in (_DIFFERS, _SIMILAR):
            continue
        one, other = query.given[0], names[given[place]][0][0]
        if one in middles[middle[place]] or other in query.middle:
            given_levels[place] = _MIDDLE
        elif one in query.middle or other in middles[middle[place]]:
            given_levels[place] = _CALLED
        elif family_levels[place] == _DIFFERS:
            surname = families[family[place]][0]
            if sound(one) == sound(surname) and sound(query.family) == sound(other):
                given_levels[place] = family_levels[place] = _SWAPPED


def _alike(index: Index, query: Standardised, rows: Codes) -> npt.NDArray[np.uint8]:
    """For each fact that is the same or not: 0 where either side lacks it, 1 where both have it, 2 where it is the same."""
    said = zip(_ALIKE, _SAID_ALIKE(query), strict=True)
    asked = np.array([index.numbers[column].get(value, -1) if value else 0 for column, value in said])
    both = (rows > 0) & (asked != 0)
    found: npt.NDArray[np.uint8] = both.view(np.uint8) + (both & (rows == asked)).view(np.uint8)
    return found


def _one_digit_off(index: Index, query: Standardised, rows: Codes, levels: Levels) -> None:
    """Set the levels of numbers that fail their check and are one digit off from one that passes; as `Comparer` does."""
    for of, column in _CHECKED:
        failed = f"{column}_failed"
        for own, others in ((column, failed), (failed, column)):
            said = getattr(query, own)
            if not said:
                continue
            codes, values = rows[:, COLUMNS.index(others)], index.values[others]
            for place in np.flatnonzero(codes).tolist():
                if is_one_digit_off(said, values[codes[place]]):
                    levels[place, of] = _ONE_DIGIT


@lru_cache(maxsize=1)
def _addresses() -> Levels:
    """The level of an address for every number that `_PLACE` makes of its five facts, as the one comparer has it."""
    states = np.array(list(product(range(3), repeat=len(_PLACE))))[:, ::-1]
    # This side says 1 throughout; the other nothing, something else or the same.
    nothing, other = np.zeros(len(states), dtype=np.int32), np.array([0, 2, 1], dtype=np.int32)
    here = Coded({column: nothing[:1] + (column in _HOME) for column in COLUMNS}, np.zeros((1, 3), dtype=np.int64))
    codes = dict.fromkeys(COLUMNS, nothing)
    codes.update({column: other[states[:, place]] for place, column in enumerate(_HOME)})
    there = Coded(codes, np.zeros((len(states), 3), dtype=np.int64))
    values = {column: Values([NOTHING[column]]) for column in COLUMNS}
    pairs = np.stack([nothing, np.arange(len(states))], axis=1)
    return Comparer(load_model(), values, here, there).compare(pairs)[0][:, _ADDRESS]
