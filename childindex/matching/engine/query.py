"""One record against many children held in memory: who may it be, how surely and why.

The same comparisons as of many pairs at once (`columns.Comparer`), in an order that is quick for one record. What is the same or
not is looked up for everybody who shares a key; names, which take longest, are compared where they can still matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np

from childindex.matching.engine.asked import Asked, Row, Weights
from childindex.matching.engine.coded import COLUMNS, NOTHING, Coded, Codes, Ints, Values
from childindex.matching.engine.columns import Bits, Comparer, Levels
from childindex.matching.engine.comparisons import is_one_digit_off
from childindex.matching.engine.decide import Decision, decide
from childindex.matching.engine.index import Index
from childindex.matching.engine.levels import (
    FIELD_NUMBER,
    FIELDS,
    HOUSEHOLD_FIELDS,
    LEVEL_NUMBER,
    LEVELS,
    Field,
    Level,
)
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.record import Standardised
from childindex.matching.engine.scorer import Match, combine, match_of
from childindex.matching.engine.sentences import levels_in_words

# Facts that are the same or not stand side by side in a row of the index.
_FIRST_ALIKE: Final = COLUMNS.index("sex")
_ALIKE: Final = COLUMNS[_FIRST_ALIKE:]
_SAID_ALIKE: Final = attrgetter(*_ALIKE)
_HOME: Final = ("uprn", "postcode", "sector", "house", "street")
_ONE_FACT: Final = (Field.SEX, Field.NHS_NUMBER, Field.UPN)
# Each of these is missing, other or the same: a number in base three says what all of them are.
_STATED: Final = (*_HOME, *(of.value for of in _ONE_FACT))
_PLACE: Final = [3 ** _STATED.index(column) if column in _STATED else 0 for column in _ALIKE]
_BORN, _ADDRESS = FIELD_NUMBER[Field.BIRTH_DATE], FIELD_NUMBER[Field.ADDRESS]
_STATED_FIELDS: Final = [*(FIELD_NUMBER[of] for of in _ONE_FACT), _ADDRESS]
_HOUSEHOLD: Final = tuple(FIELD_NUMBER[of] for of in HOUSEHOLD_FIELDS)
_CHECKED: Final = tuple((FIELD_NUMBER[of], of.value) for of in (Field.NHS_NUMBER, Field.UPN))
_MISSING, _EXACT, _DIFFERS, _ONE_DIGIT = (
    LEVEL_NUMBER[level] for level in (Level.MISSING, Level.EXACT, Level.DIFFERS, Level.ONE_DIGIT)
)
# A child a thousand times less likely than the best is not worth a line; and the most by which a sum of bits may be rounded.
_WORTH_BITS: Final = 10.0
_AS_GOOD_AS_BEST: Final = _WORTH_BITS + 1e-9

Weighed = tuple[Levels, Bits, Bits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who a record may be: children best first, each with what every fact said, and in words why; and what would be decided.

    `decision.ambiguous` says that several children are each likely enough by themselves: none may then be taken for the one.
    """

    matches: tuple[Match, ...]
    words: tuple[str, ...]
    decision: Decision


class _Line(NamedTuple):
    """One child weighed: the odds in bits, its place among those looked at, and of every fact its level and bits."""

    score: float
    place: int
    levels: list[int]
    weights: list[float]


class Searcher:
    """An index that is asked about one record at a time, by one model; read only, so that many may ask."""

    def __init__(self, index: Index, model: Model) -> None:
        """`model` is for the number of children that the index stands for."""
        self.index, self._model = index, model
        self._one_each = len(index.rows) == len(index)
        self._weights = Weights(model)
        self._patterns = [
            (
                pattern.bits,
                [(FIELD_NUMBER[of], {LEVEL_NUMBER[one] for one in wanted}) for of, wanted in pattern.when.items()],
            )
            for pattern in model.patterns
        ]
        self._beyond = model.prior + sum(max(pattern.bits, 0.0) for pattern in model.patterns)
        self._prior = model.prior
        self._levels = _stated()
        self._stated = model.weights[_STATED_FIELDS, self._levels[:, _STATED_FIELDS]]
        self._stated_alone = self._stated.sum(axis=1)
        self._born = model.weights[_BORN]
        given, family = index.values["given"], index.values["family"]
        self._several_given = np.array([len(forms) > 1 or bool(parts) for forms, parts in given])
        self._several_family = np.array([bool(former or parts) for _, former, parts in family])

    def ask(self, query: Standardised, *, limit: int = 10) -> Answer:
        """Who of those who share a search key with a record it may be."""
        return self.among(query, self.index.found.near(query), limit=limit)

    def among(self, query: Standardised, children: Codes | Ints, *, limit: int = 10) -> Answer:
        """Who of some children, by number, a record may be: at most `limit`, of those nearly as likely as the best, who alone are
        rivals of one another.
        """
        if not len(children):
            return Answer(matches=(), words=(), decision=decide(self._model, ()))
        lines = self._worth_showing(query, children)
        keys = [self.index.children[children[line.place]] for line in lines]
        matches = tuple(
            match_of(key, line.score, line.levels, line.weights) for key, line in zip(keys, lines, strict=True)
        )
        words = tuple([_in_words(bytes(line.levels)) for line in lines[:limit]])
        # Rivals decide together, shown or not.
        return Answer(matches=matches[:limit], words=words, decision=decide(self._model, matches))

    def weigh(self, query: Standardised, children: Codes | Ints) -> Weighed:
        """A record against every one of some children, by number: levels and bits (n x fields), and the odds in bits (n)."""
        near, asked = self._near(query, children), Asked(self._weights, self.index.values, query)
        lines = [self._weighed(asked, near, place) for place in range(len(children))]
        levels = np.array([line.levels for line in lines], dtype=np.int8).reshape(len(lines), len(FIELDS))
        weights = np.array([line.weights for line in lines], dtype=np.float64).reshape(len(lines), len(FIELDS))
        return levels, weights, np.array([line.score for line in lines], dtype=np.float64)

    def _near(self, query: Standardised, children: Codes | Ints) -> _Near:
        """The records of some children, and all that is compared but names and carers."""
        index = self.index
        first: list[int] | None = None
        if self._one_each:
            rows = index.rows.take(children, axis=0)
        else:
            starts, ends = index.first[children], index.first[children + 1]
            rows = index.rows[_ranges(starts, ends)]
            first = [0, *(ends - starts).cumsum().tolist()]
        stated = _stated_by(index, query, rows[:, _FIRST_ALIKE:-1])
        born = index.dates.compare((query.year, query.month, query.day), rows[:, -1])
        return _Near(rows, first, stated, born, _one_digit_off(index, query, rows))

    def _most(self, query: Standardised, asked: Asked, near: _Near) -> tuple[Bits, Bits]:
        """The bits that all but names and carers, and the odds before comparing, come to at most; and the most with names too."""
        numbers, given, family = self.index.numbers, near.rows[:, 0], near.rows[:, 1]
        if len(query.given) > 1 or query.given_parts:
            of_given = np.full(len(given), asked.most_of_given[0])
        else:
            alike = self._several_given[given] | (given == numbers["given"].get((query.given, ()), -1))
            of_given = np.where(alike, *asked.most_of_given)
        if query.former or query.family_parts:
            of_family = np.full(len(family), asked.most_of_family[0])
        else:
            alike = self._several_family[family] | (family == numbers["family"].get((query.family, "", ()), -1))
            of_family = np.where(alike, *asked.most_of_family)
        if near.first is None:
            facts = self._stated_alone[near.stated] + self._born[near.born]
            names = of_given + of_family
        else:
            starts = near.first[:-1]
            bits = np.column_stack((self._stated[near.stated], self._born[near.born]))
            facts = np.maximum.reduceat(bits, starts, axis=0).sum(axis=1)
            names = np.maximum.reduceat(of_given, starts) + np.maximum.reduceat(of_family, starts)
        facts += self._beyond
        if near.off:
            facts += sum(self._weights.most[of] - min(self._weights.bits[of][_DIFFERS], 0.0) for of, _ in _CHECKED)
        return facts, facts + (names + asked.most_of_rest)

    def _worth_showing(self, query: Standardised, children: Codes | Ints) -> list[_Line]:
        """Whoever comes within `_WORTH_BITS` of the best, best first. Names are compared of those who could still be one of them."""
        near, asked = self._near(query, children), Asked(self._weights, self.index.values, query)
        facts, most = self._most(query, asked, near)
        first = int(most.argmax())
        lines = [self._weighed(asked, near, first)]
        best = lines[0].score
        for place in (most >= best - _AS_GOOD_AS_BEST).nonzero()[0].tolist():
            least = best - _AS_GOOD_AS_BEST
            if place == first or most[place] < least or not asked.may_add(near.records(place), least - facts[place]):
                continue
            line = self._weighed(asked, near, place)
            lines.append(line)
            best = max(best, line.score)
        shown = [line for line in lines if line.score >= best - _WORTH_BITS]
        return sorted(shown, key=lambda line: (-line.score, line.place)) if len(shown) > 1 else shown

    def _weighed(self, asked: Asked, near: _Near, place: int) -> _Line:
        """All that is compared of one child."""
        start, end = (place, place + 1) if near.first is None else near.first[place : place + 2]
        both = [self._compared(asked, near, record) for record in range(start, end)]
        levels, weights = both[0]
        if len(both) > 1:
            every = np.array([one for one, _ in both], dtype=np.int8), np.array([one for _, one in both])
            [levels], [weights] = (one.tolist() for one in combine(*every, np.zeros(len(both), dtype=np.int64)))
        household = sum(max(weights[of], 0.0) for of in _HOUSEHOLD)
        total = sum(weights) - max(household - self._model.most_household_bits, 0.0) + self._prior
        for bits, when in self._patterns:
            if all(levels[of] in wanted for of, wanted in when):
                total += bits
        return _Line(total, place, levels, weights)

    def _compared(self, asked: Asked, near: _Near, record: int) -> tuple[list[int], list[float]]:
        """The levels and bits of one record."""
        levels: list[int] = self._levels[near.stated[record]].tolist()
        levels[_BORN] = near.born[record]
        for of in near.off.get(record, ()):
            levels[of] = _ONE_DIGIT
        weights = [bits[level] for bits, level in zip(self._weights.bits, levels, strict=True)]
        asked.compare(near.rows[record].tolist(), levels, weights)
        return levels, weights


class _Near(NamedTuple):
    """Children who share a key: the rows of their records, where those of each begin (nothing where each has one), a number for all
    that is the same or not, the level of the date of birth, and which numbers of which records are one digit off.
    """

    rows: Codes
    first: list[int] | None
    stated: Ints
    born: Levels
    off: dict[int, list[int]]

    def records(self, place: int) -> list[Row]:
        """The rows of one child."""
        if self.first is None:
            return [self.rows[place].tolist()]
        found: list[Row] = self.rows[self.first[place] : self.first[place + 1]].tolist()
        return found


@lru_cache(maxsize=10_000)
def _in_words(levels: bytes) -> str:
    """The sentence for one level of each fact; a few thousand combinations are nearly all that is met."""
    return levels_in_words([LEVELS[level] for level in levels])


def _ranges(starts: Codes | Ints, ends: Codes | Ints) -> Ints:
    """The numbers from each start to its end, one range after another."""
    return np.concatenate([np.arange(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)])


def _stated_by(index: Index, query: Standardised, rows: Codes) -> Ints:
    """For each record one number for all that is the same or not: in base three, 0 where either side lacks a fact, 1 where both
    have it, 2 where it is the same.
    """
    said = list(zip(_ALIKE, _SAID_ALIKE(query), _PLACE, strict=True))
    asked = np.array(
        [index.numbers[column].get(value, -1) if value else 0 for column, value, _ in said], dtype=np.int32
    )
    place = np.array([place if value else 0 for _, value, place in said])
    found: Ints = ((rows > 0).view(np.int8) + (rows == asked).view(np.int8)) @ place
    return found


def _one_digit_off(index: Index, query: Standardised, rows: Codes) -> dict[int, list[int]]:
    """Of each record the numbers that fail their check and are one digit off from one that passes; as `Comparer` finds them."""
    off: dict[int, list[int]] = {}
    for of, column in _CHECKED:
        failed = f"{column}_failed"
        for own, others in ((column, failed), (failed, column)):
            said, values = getattr(query, own), index.values[others]
            if not said or len(values) == 1:
                continue
            codes = rows[:, COLUMNS.index(others)]
            for record in codes.nonzero()[0].tolist():
                if is_one_digit_off(said, values[codes[record]]):
                    off.setdefault(record, []).append(of)
    return off


@lru_cache(maxsize=1)
def _stated() -> Levels:
    """The levels that every number of `_stated_by` stands for (n x fields), as the one comparer has them."""
    states = np.array(list(product(range(3), repeat=len(_STATED))))[:, ::-1]
    # This side says 1 throughout; the other nothing, something else or the same.
    nothing, other = np.zeros(len(states), dtype=np.int32), np.array([0, 2, 1], dtype=np.int32)
    here = Coded({column: nothing[:1] + (column in _STATED) for column in COLUMNS}, np.zeros((1, 3), dtype=np.int64))
    codes = dict.fromkeys(COLUMNS, nothing)
    codes.update({column: other[states[:, place]] for place, column in enumerate(_STATED)})
    there = Coded(codes, np.zeros((len(states), 3), dtype=np.int64))
    values = {column: Values([NOTHING[column]]) for column in COLUMNS}
    pairs = np.stack([nothing, np.arange(len(states))], axis=1)
    return Comparer(load_model(), values, here, there).compare(pairs)[0]
