"""Groups of rows in arrays, held against the plain way of finding them."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from childindex.matching.bulk.groups import components, mixed, pairs_sharing, starts_of

EDGES = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40)
LINES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 50)), max_size=60)


def plainly(size: int, edges: list[tuple[int, int]]) -> list[int]:
    """The smallest member of each one's component, by walking."""
    near = defaultdict(set)
    for one, other in edges:
        near[one].add(other)
        near[other].add(one)
    label = [-1] * size
    for start in range(size):
        waiting = [start] if label[start] < 0 else []
        while waiting:
            node = waiting.pop()
            if label[node] < 0:
                label[node] = start
                waiting.extend(near[node])
    return label


@given(EDGES)
def test_components_are_those_found_by_walking(edges: list[tuple[int, int]]) -> None:
    one, other = (np.array([edge[side] for edge in edges], dtype=np.int64) for side in (0, 1))
    assert components(30, one, other).tolist() == plainly(30, edges)


def test_a_long_chain_is_one_component() -> None:
    steps = np.random.default_rng(1).permutation(5_000)
    assert set(components(5_000, steps[1:], steps[:-1]).tolist()) == {0}


def sharing(lines: list[tuple[int, int]], *, most: int, chunk: int) -> list[tuple[int, int]]:
    keys = mixed(np.array([key for key, _ in lines], dtype=np.int64))
    rows = np.array([row for _, row in lines], dtype=np.int64)
    found = pairs_sharing(keys, rows, most=most, chunk=chunk)
    return [pair for one, other in found for pair in zip(one.tolist(), other.tolist(), strict=True)]


@given(LINES, st.integers(1, 12), st.integers(1, 40))
def test_each_pair_of_a_small_enough_group_comes_once(lines: list[tuple[int, int]], most: int, chunk: int) -> None:
    groups = defaultdict(list)
    for key, row in lines:
        groups[key].append(row)
    expected = [pair for rows in groups.values() if len(rows) <= most for pair in combinations(rows, 2)]
    assert sorted(sharing(lines, most=most, chunk=chunk)) == sorted(expected)


def test_a_key_that_too_many_share_is_passed_over() -> None:
    lines = [(1, row) for row in range(5)] + [(2, 10), (2, 11)]
    assert sharing(lines, most=4, chunk=100) == [(10, 11)]
    assert len(sharing(lines, most=5, chunk=100)) == 11


def test_pairs_come_in_chunks() -> None:
    keys = mixed(np.repeat(np.arange(50), 3))
    sizes = [len(one) for one, _ in pairs_sharing(keys, np.arange(150), most=3, chunk=30)]
    assert sum(sizes) == 150
    assert max(sizes) <= 30
    assert len(sizes) == 5


def test_lines_that_differ_are_told_apart_and_lines_that_agree_are_not() -> None:
    one, other = np.meshgrid(np.arange(300), np.arange(-150, 150))
    found = mixed(7, one.ravel(), other.ravel())
    assert len(np.unique(found)) == 90_000
    assert np.array_equal(found, mixed(7, one.ravel(), other.ravel()))
    assert mixed(np.array([1]), np.array([2])) != mixed(np.array([2]), np.array([1]))


@given(st.lists(st.integers(0, 4)).map(sorted))
def test_starts_are_where_a_value_is_new(ordered: list[int]) -> None:
    expected = [place for place, value in enumerate(ordered) if place == 0 or ordered[place - 1] != value]
    assert starts_of(np.array(ordered, dtype=np.int64)).tolist() == expected
