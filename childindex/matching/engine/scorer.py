"""How likely two records, or a record and a child, are the same: the sum of what each fact says, in bits."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.coded import Ints, code
from childindex.matching.engine.columns import Bits, Comparer, Flags, Levels
from childindex.matching.engine.levels import (
    CONTEXT_FIELDS,
    FIELD_NUMBER,
    FIELDS,
    HOUSEHOLD_FIELDS,
    LEVELS,
    PERSON_FIELDS,
    WEAK_LEVELS,
    Field,
    Level,
)
from childindex.matching.engine.model import Model
from childindex.matching.engine.record import Standardised

_WEAK = np.array([level in WEAK_LEVELS for level in LEVELS])
_PERSON = [FIELD_NUMBER[of] for of in PERSON_FIELDS]
_CONTEXT = [FIELD_NUMBER[of] for of in CONTEXT_FIELDS]
_HOUSEHOLD = np.array([FIELD_NUMBER[of] for of in HOUSEHOLD_FIELDS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A child that a record might belong to: its key, and every record (past values too) that is held of it."""

    key: Hashable
    records: tuple[Standardised, ...]


class FieldResult(NamedTuple):
    """What one fact said: how far it agrees, and the bits that adds."""

    field: Field
    level: Level
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A candidate weighed: the odds in bits (log2) that it is the same child, and what each fact said."""

    key: Hashable
    score: float
    fields: tuple[FieldResult, ...]

    def level(self, of: Field) -> Level:
        """How far a fact agrees."""
        return self.fields[FIELD_NUMBER[of]].level


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPairs:
    """Scores of n pairs: level numbers and bits (n x fields, in the order of `FIELDS`), and the odds in bits (n)."""

    levels: Levels
    weights: Bits
    scores: Bits


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredChildren:
    """Scores of g combinations of a row and a child, ordered by row: row number, child number, and what was found."""

    rows: Ints
    children: Ints
    levels: Levels
    weights: Bits
    scores: Bits

    def match(self, place: int, key: Hashable) -> Match:
        """One combination as a value to show or keep."""
        return match_of(key, float(self.scores[place]), self.levels[place].tolist(), self.weights[place].tolist())


def match_of(key: Hashable, score: float, levels: Sequence[int], weights: Sequence[float]) -> Match:
    """One line of levels, by number, and bits as a value."""
    return Match(
        key=key, score=score, fields=tuple(map(FieldResult, FIELDS, [LEVELS[level] for level in levels], weights))
    )


def totals(model: Model, levels: Levels, weights: Bits) -> Bits:
    """The sum of all facts: what a household shares is capped, family patterns are added, and the odds before comparing."""
    household = np.maximum(weights[:, _HOUSEHOLD], 0.0).sum(axis=1)
    totals: Bits = weights.sum(axis=1) - np.maximum(household - model.most_household_bits, 0.0) + model.prior
    for pattern in model.patterns:
        found: Flags | np.bool_ = np.True_
        for of, wanted in pattern.when.items():
            found = found & _among(wanted)[levels[:, FIELD_NUMBER[of]]]
        totals += pattern.bits * found
    return totals


def probability(bits: npt.ArrayLike) -> Bits:
    """The probability, rivals aside, that odds given in bits stand for; of one number or of many."""
    found: Bits = 1.0 / (1.0 + np.exp2(-np.clip(np.asarray(bits, dtype=np.float64), -200.0, 200.0)))
    return found


def holding(levels: Levels, condition: Mapping[Field, frozenset[Level]]) -> Flags:
    """Which lines have one of the named levels, for each field of a condition (fields x n)."""
    found = np.empty((len(condition), len(levels)), dtype=np.bool_)
    for row, (of, wanted) in enumerate(condition.items()):
        found[row] = _among(wanted)[levels[:, FIELD_NUMBER[of]]]
    return found


@lru_cache(maxsize=256)
def _among(wanted: frozenset[Level]) -> Flags:
    """For every level, whether it is one of those named: looked up far faster than looked for."""
    return np.array([level in wanted for level in LEVELS])


def score_pairs(model: Model, left: Sequence[Standardised], right: Sequence[Standardised], pairs: Ints) -> ScoredPairs:
    """Score pairs of records. `pairs` is n x 2: a place in `left`, a place in `right`."""
    values, (one, other) = code(left, right)
    levels, weights = Comparer(model, values, one, other).compare(pairs)
    return ScoredPairs(levels=levels, weights=weights, scores=totals(model, levels, weights))


def score_children(
    model: Model, rows: Sequence[Standardised], records: Sequence[Standardised], child_of: Ints, pairs: Ints
) -> ScoredChildren:
    """Score rows against children that hold several records.

    `child_of` gives the child's number of each of `records`; `pairs` is n x 2: a place in `rows`, a place in `records`. Name,
    birth date and sex are taken from the one record of the child that agrees best, so that no chimera of two records matches;
    a value that record lacks is heard from the others. Numbers, address and carers may agree with any record.
    """
    values, (one, other) = code(rows, records)
    levels, weights = Comparer(model, values, one, other).compare(pairs)
    children = child_of[pairs[:, 1]]
    order = np.lexsort((children, pairs[:, 0]))
    levels, weights, row_of, children = levels[order], weights[order], pairs[order, 0], children[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (row_of[1:] != row_of[:-1]) | (children[1:] != children[:-1])
    group = np.cumsum(fresh) - 1
    if not fresh.all():
        levels, weights = combine(levels, weights, group)
    scores = totals(model, levels, weights)
    return ScoredChildren(rows=row_of[fresh], children=children[fresh], levels=levels, weights=weights, scores=scores)


def _best_in_group(worth: Bits, group: Ints) -> Ints:
    """The place of the best of each group; groups are whole numbers from 0, in order. The first wins a tie."""
    order = np.lexsort((-np.arange(len(worth)), worth, group))
    last = np.ones(len(order), dtype=bool)
    last[:-1] = group[1:] != group[:-1]
    return order[last]


def combine(levels: Levels, weights: Bits, group: Ints) -> tuple[Levels, Bits]:
    """One line for each group of records: the person from the best record, what surrounds it from any."""
    person = _best_in_group(weights[:, _PERSON].sum(axis=1), group)
    out_levels, out_weights = levels[person].copy(), weights[person].copy()
    for column in (*_PERSON, *_CONTEXT):
        weak: Flags = _WEAK[levels[:, column]]
        best = _best_in_group(np.where(weak, -np.inf, weights[:, column]), group)
        use = ~weak[best]
        if column in _PERSON:
            use &= _WEAK[out_levels[:, column]]
        out_levels[use, column] = levels[best[use], column]
        out_weights[use, column] = weights[best[use], column]
    return out_levels, out_weights


def score(model: Model, query: Standardised, candidates: Sequence[Candidate]) -> list[Match]:
    """Score one record or search against candidates; the answer is in their order."""
    records = [record for candidate in candidates for record in candidate.records]
    if not records:
        return []
    child_of = np.repeat(np.arange(len(candidates)), [len(candidate.records) for candidate in candidates])
    pairs = np.stack([np.zeros(len(records), dtype=np.int64), np.arange(len(records))], axis=1)
    scored = score_children(model, [query], records, child_of, pairs)
    return [scored.match(place, candidates[child].key) for place, child in enumerate(scored.children.tolist())]
