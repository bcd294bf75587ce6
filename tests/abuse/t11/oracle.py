"""Which open entries are likely to be a protected child, by comparing every one with every one: no search key is looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import numpy as np

from childindex.kernel.identity import Identity
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import Standardised, standardise
from childindex.matching.engine.scorer import score_children

Identities = frozenset[Identity]
Pair = tuple[UUID, UUID]

# An index as small as this one counts as part of a town.
_MODEL = load_model().for_population(1)
# Probability 0.01, in bits (threats.md T11).
LIKELY = math.log2(0.01 / 0.99)

_standardised = lru_cache(maxsize=20_000)(standardise)
_known: dict[tuple[Identities, Identities], bool] = {}


def likely(protected: Mapping[UUID, Identities], entries: Mapping[UUID, Identities]) -> set[Pair]:
    """Every (protected child, entry) of which the probability that they are one child reaches 0.01, whichever is compared with which."""
    unknown = [
        (child, entry)
        for child, those in protected.items()
        for entry, records in entries.items()
        if (those, records) not in _known
    ]
    if unknown:
        _compare(protected, entries, unknown)
    return {
        (child, entry)
        for child, those in protected.items()
        for entry, records in entries.items()
        if _known[those, records]
    }


def _compare(protected: Mapping[UUID, Identities], entries: Mapping[UUID, Identities], pairs: Sequence[Pair]) -> None:
    """Score the pairs both ways: each record of the entry against the child, each identity of the child against the entry."""
    there = _best([(entries[entry], protected[child]) for child, entry in pairs])
    back = _best([(protected[child], entries[entry]) for child, entry in pairs])
    for (child, entry), one, other in zip(pairs, there, back, strict=True):
        _known[protected[child], entries[entry]] = max(one, other) >= LIKELY


def _best(pairs: Sequence[tuple[Identities, Identities]]) -> list[float]:
    """For each pair the best score, in bits, of one of the first as a record of the child that the second are."""
    rows: list[Standardised] = []
    records: list[Standardised] = []
    child_of: list[int] = []
    pair_of: list[int] = []
    compared: list[tuple[int, int]] = []
    for number, (asked, held) in enumerate(pairs):
        first = len(records)
        records += map(_standardised, held)
        child_of += [number] * len(held)
        for identity in asked:
            compared += [(len(rows), place) for place in range(first, len(records))]
            rows.append(_standardised(identity))
            pair_of.append(number)
    scored = score_children(_MODEL, rows, records, np.array(child_of), np.array(compared, dtype=np.int64))
    best = [-math.inf] * len(pairs)
    for row, bits in zip(scored.rows.tolist(), scored.scores.tolist(), strict=True):
        best[pair_of[row]] = max(best[pair_of[row]], bits)
    return best
