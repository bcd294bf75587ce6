"""Clusters that grow together, and what linking by a threshold alone would make of the records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from childindex.trial.counting import Labels
from childindex.trial.figures import Curve, Point

_STEPS = 25  # thresholds at which clusters are counted


def join(cluster: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Cluster numbers of all records after the clusters of the records `one[i]` and `other[i]` became one, for every i."""
    first, second = cluster[one], cluster[other]
    numbers, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    least = _components(len(numbers), place[: len(first)], place[len(first) :])
    renamed = np.arange(int(cluster.max(initial=-1)) + 1)
    renamed[numbers] = numbers[least]
    after: np.ndarray = renamed[cluster]
    return after


def clustered(pairs: pl.DataFrame, *, person: np.ndarray, suppliers: Labels, true: int, at: Sequence[Point]) -> Curve:
    """What clusters would be if every pair at or above a threshold were linked, and whatever hangs together were one child.

    Where a run scores only some pairs of a cluster, the others are found through these; a curve over pairs alone counts them as missed.
    `at` are thresholds by posterior and bits, from high to low; some 25 of them are counted.
    """
    ordered = pairs.sort(["posterior", "bits"], descending=True)
    one, other, posterior, bits = (ordered[name].to_numpy() for name in ("row_a", "row_b", "posterior", "bits"))
    cluster, done, points = np.arange(len(person)), 0, []
    for point in at[:: max(len(at) // _STEPS, 1)]:
        level = -1.0 if point.posterior is None else point.posterior
        until = int(((posterior > level) | ((posterior == level) & (bits >= point.bits))).sum())
        cluster, done = join(cluster, one[done:until], other[done:until]), until
        found = _cross(cluster, suppliers)
        right = _cross(cluster * (int(person.max()) + 1) + person, suppliers)
        points.append(Point(posterior=point.posterior, bits=point.bits, precision=right / found, recall=right / true))
    best = max(points, key=_f1, default=None)
    return Curve(
        score="clusters",
        best_f1=None if best is None else _f1(best),
        best_f1_at=best,
        recall_at_precision_0_999=_recall_at(points, 0.999),
        recall_at_precision_0_9999=_recall_at(points, 0.9999),
        points=tuple(points),
    )


def _f1(point: Point) -> float:
    total = point.precision + point.recall
    return 2 * point.precision * point.recall / total if total else 0.0


def _recall_at(points: Sequence[Point], least: float) -> float | None:
    return max((point.recall for point in points if point.precision >= least), default=None)


def _cross(unit: np.ndarray, suppliers: Labels) -> int:
    """Pairs of different suppliers in one unit, from one sort of units and suppliers together."""
    width = len(suppliers.values)
    ordered = np.sort(unit * width + suppliers.number)
    return _pairs(ordered // width) - _pairs(ordered)


def _pairs(ordered: np.ndarray) -> int:
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    sizes = np.diff(ends, prepend=-1)
    return int((sizes * (sizes - 1) // 2).sum())


def _components(nodes: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For each node the least node it is connected with. Labels are handed on along the edges, then followed to their ends, until nothing changes."""
    least = np.arange(nodes)
    while True:
        before = least.copy()
        low = np.minimum(least[one], least[other])
        np.minimum.at(least, least[one], low)
        np.minimum.at(least, least[other], low)
        least = least[least]
        if np.array_equal(least, before):
            return least
