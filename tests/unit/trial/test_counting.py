"""Counting from sizes gives what counting every pair gives."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from childindex.trial import counting

RECORD = st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from("abc"), st.sampled_from(["x", "y", ""]))


def pairs_of(
    records: list[tuple[int, int, str, str]],
) -> list[tuple[tuple[int, int, str, str], tuple[int, int, str, str]]]:
    return list(combinations(records, 2))


@given(st.lists(RECORD, max_size=25))
def test_pairs_from_sizes_are_the_pairs_one_by_one(records: list[tuple[int, int, str, str]]) -> None:
    person = np.array([one[0] for one in records], dtype=np.int64)
    cluster = np.array([one[1] for one in records], dtype=np.int64)
    suppliers = counting.labels(pl.Series([one[2] for one in records], dtype=pl.String))
    group = counting.labels(pl.Series([one[3] or None for one in records], dtype=pl.String))
    found = counting.overlap(person, cluster, suppliers)
    every = pairs_of(records)
    chosen = {
        "true": [pair for pair in every if pair[0][0] == pair[1][0]],
        "found": [pair for pair in every if pair[0][1] == pair[1][1]],
        "right": [pair for pair in every if pair[0][:2] == pair[1][:2]],
    }
    for name, pairs in chosen.items():
        unit = getattr(found, name)
        cross = [(one, other) for one, other in pairs if one[2] != other[2]]
        assert unit.pairs() == len(pairs)
        assert unit.cross() == len(cross)
        assert unit.cross_by(group) == {
            value: sum(value in {one[3], other[3]} for one, other in cross) for value in group.values
        }
        between = [tuple(sorted((one[2], other[2]))) for one, other in cross]
        assert unit.cross_by_suppliers(suppliers) == {pair: between.count(pair) for pair in set(between)}


@given(st.lists(st.integers(0, 9)))
def test_distinct_numbers(numbers: list[int]) -> None:
    assert counting.distinct(np.array(numbers, dtype=np.int64)).tolist() == sorted(set(numbers))


def test_a_cluster_of_a_million_records_is_counted_at_once() -> None:
    """Half a million million pairs: counted, not listed."""
    million = 1_000_000
    suppliers = counting.labels(pl.Series(["a", "b"] * (million // 2)))
    found = counting.overlap(np.arange(million), np.zeros(million, dtype=np.int64), suppliers)
    assert found.found.pairs() == million * (million - 1) // 2
    assert found.found.cross() == (million // 2) ** 2
    assert found.right.pairs() == 0
