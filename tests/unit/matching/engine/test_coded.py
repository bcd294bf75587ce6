"""Whole numbers put in order: as numpy's stable order, however large and however crowded they are."""

from __future__ import annotations

import numpy as np
import pytest

from childindex.matching.engine.coded import different, in_order, ordering

CHANCE = np.random.default_rng(5)


@pytest.mark.parametrize(
    "values",
    [
        np.empty(0, dtype=np.int64),
        np.array([7]),
        np.array([3, 1, 3, 2, 1]),
        CHANCE.integers(0, 50, 5_000),
        CHANCE.integers(0, 1 << 63, 5_000).astype(np.uint64) * np.uint64(2) + np.uint64(1),
        np.uint64((1 << 64) - 1) - CHANCE.integers(0, 40, 5_000).astype(np.uint64),
        np.repeat(CHANCE.integers(0, 1 << 62, 20).astype(np.uint64), 4)
        + np.tile(np.arange(4, dtype=np.uint64), 20)[::-1],
        (CHANCE.integers(0, 1 << 40, 3_000).astype(np.uint64) << np.uint64(22))
        + CHANCE.integers(0, 3, 3_000).astype(np.uint64),
    ],
)
def test_whole_numbers_stand_in_order_and_equal_ones_as_they_stood(
    values: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> None:
    assert ordering(values).tolist() == np.argsort(values, kind="stable").tolist()
    assert in_order(values)[1].tolist() == np.sort(values).tolist()
    first, kinds = different(values)
    assert values[first].tolist() == np.unique(values).tolist()
    assert (values[first][kinds] == values).all()
