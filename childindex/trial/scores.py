"""Whether scores are good: precision and recall over all thresholds, and whether a posterior is a probability."""

from __future__ import annotations

import numpy as np
import polars as pl

from childindex.trial.figures import Bin, Calibration, Curve, Point
from childindex.trial.intervals import wilson

_SHOWN = 200  # points kept of a curve
_BITS = np.arange(-20.0, 21.0, 2.0)  # edges of the log-odds bins; the two outermost bins are open


def curve(pairs: pl.DataFrame, *, score: str, true: int) -> Curve:
    """What linking every pair at or above a threshold would find, pairs of equal score taken together.

    `score` is `bits`, or `posterior` with bits to order pairs of equal posterior. `true` counts the true pairs between suppliers, scored or not.
    """
    by = ["posterior", "bits"] if score == "posterior" else ["bits"]
    steps = pairs.group_by(by).agg(pl.len().alias("found"), pl.col("right").sum()).sort(by, descending=True)
    found = steps["found"].cast(pl.Int64).cum_sum().to_numpy()
    right = steps["right"].cast(pl.Int64).cum_sum().to_numpy()
    if not len(found) or not true:
        return Curve(
            score=score,
            best_f1=None,
            best_f1_at=None,
            recall_at_precision_0_999=None,
            recall_at_precision_0_9999=None,
            points=(),
        )
    precision, recall = right / found, right / true
    f1 = 2 * right / (found + true)
    posterior = steps["posterior"].to_numpy() if score == "posterior" else np.full(len(steps), np.nan)
    table = np.column_stack([posterior, steps["bits"].to_numpy(), precision, recall])
    best = int(np.argmax(f1))
    return Curve(
        score=score,
        best_f1=float(f1[best]),
        best_f1_at=_point(table[best]),
        recall_at_precision_0_999=_recall_at(0.999, precision, recall),
        recall_at_precision_0_9999=_recall_at(0.9999, precision, recall),
        points=tuple(_point(row) for row in table[_kept(precision, recall)]),
    )


def calibration(pairs: pl.DataFrame) -> Calibration:
    """Posteriors in ten equal bins and in bins of log odds, each with how often a pair in it was right."""
    posterior, right = pairs["posterior"].to_numpy(), pairs["right"].to_numpy()
    tenths = np.minimum((posterior * 10).astype(np.int64), 9)
    edges = 1 / (1 + 2.0**-_BITS)
    odds = np.digitize(posterior, edges)
    equal = _bins(tenths, np.linspace(0, 1, 11), posterior, right)
    between = (posterior >= 0.01) & (posterior <= 0.99)
    return Calibration(
        pairs=len(pairs),
        expected_error=_error(equal),
        expected_error_between=_error(
            _bins(tenths[between], np.linspace(0, 1, 11), posterior[between], right[between])
        ),
        bins=equal,
        log_odds_bins=_bins(odds, np.concatenate([[0.0], edges, [1.0]]), posterior, right),
    )


def _bins(number: np.ndarray, edges: np.ndarray, posterior: np.ndarray, right: np.ndarray) -> tuple[Bin, ...]:
    count = len(edges) - 1
    pairs = np.bincount(number, minlength=count)
    said = np.bincount(number, weights=posterior, minlength=count)
    hits = np.bincount(number, weights=right, minlength=count)
    return tuple(
        Bin(
            low=float(edges[at]),
            high=float(edges[at + 1]),
            said=float(said[at] / pairs[at]),
            seen=wilson(int(hits[at]), int(pairs[at])),
        )
        for at in range(count)
        if pairs[at]
    )


def _error(bins: tuple[Bin, ...]) -> float | None:
    pairs = sum(one.seen.of for one in bins)
    if not pairs:
        return None
    return sum(one.seen.of * abs(one.said - (one.seen.share or 0.0)) for one in bins) / pairs


def _recall_at(least: float, precision: np.ndarray, recall: np.ndarray) -> float | None:
    """The most recall of any threshold with that precision or more; None where no threshold has it."""
    good = recall[precision >= least]
    return float(good[-1]) if len(good) else None


def _kept(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """Points spread evenly along the line, precision as the logarithm of what is wrong: the end near 1 is where thresholds are chosen."""
    wrong = np.log10(1 - precision + 1e-6)
    length = np.cumsum(np.abs(np.diff(recall, prepend=0.0)) + np.abs(np.diff(wrong, prepend=wrong[0])))
    wanted = np.linspace(0, length[-1], _SHOWN)
    return np.unique(np.minimum(np.searchsorted(length, wanted), len(length) - 1))


def _point(row: np.ndarray) -> Point:
    posterior, bits, precision, recall = (float(value) for value in row)
    return Point(posterior=None if np.isnan(posterior) else posterior, bits=bits, precision=precision, recall=recall)
