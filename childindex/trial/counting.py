"""Counts pairs from the sizes of clusters, persons and their overlaps, so that a cluster of a million records costs no more than a million of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from childindex.trial.figures import Pairs, PairsBothWays
from childindex.trial.intervals import harmonic, wilson


@dataclass(frozen=True)
class Labels:
    """One column as numbers: `number` for each record, and the `values` these stand for."""

    number: np.ndarray
    values: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """Records that form pairs with one another: those of one unit. `number` of the unit for each record, from 0; `rows` of records in units of several."""

    number: np.ndarray
    sizes: np.ndarray
    rows: np.ndarray

    def pairs(self) -> int:
        """All pairs."""
        return int((self.sizes * (self.sizes - 1) // 2).sum())

    def touching(self, column: Labels) -> np.ndarray:
        """For each value of a column, the pairs of which at least one record has it.

        Of a unit of n records, k of which have the value, these are k (2n - k - 1) / 2.
        """
        width = len(column.values)
        both = np.sort(self.number[self.rows] * width + column.number[self.rows])
        ends = np.append(np.flatnonzero(both[1:] != both[:-1]), len(both) - 1) if len(both) else np.empty(0, np.int64)
        k = np.diff(ends, prepend=-1)
        n = self.sizes[both[ends] // width]
        pairs = np.zeros(width, np.int64)
        np.add.at(pairs, both[ends] % width, k * (2 * n - k - 1) // 2)
        return pairs


@dataclass(frozen=True)
class Together:
    """Units, and the same units cut by supplier: pairs of different suppliers are those of `every` without those of `same`."""

    every: Unit
    same: Unit

    def pairs(self) -> int:
        """All pairs."""
        return self.every.pairs()

    def cross(self) -> int:
        """Pairs of different suppliers."""
        return self.every.pairs() - self.same.pairs()

    def cross_by(self, column: Labels) -> dict[str, int]:
        """For each value of a column, the pairs of different suppliers of which at least one record has it."""
        pairs = self.every.touching(column) - self.same.touching(column)
        return dict(zip(column.values, pairs.tolist(), strict=True))

    def cross_by_suppliers(self, suppliers: Labels) -> dict[tuple[str, str], int]:
        """For each two suppliers, the pairs between them, in the order of the labels."""
        rows = self.every.rows
        table = pl.DataFrame({"unit": self.every.number[rows], "supplier": suppliers.number[rows]})
        sizes = table.group_by("unit", "supplier").agg(n=pl.len().cast(pl.Int64))
        between = sizes.join(sizes, on="unit", suffix="_b").filter(pl.col("supplier") < pl.col("supplier_b"))
        summed = between.group_by("supplier", "supplier_b").agg((pl.col("n") * pl.col("n_b")).sum())
        names = suppliers.values
        return {(names[one], names[other]): int(pairs) for one, other, pairs in summed.iter_rows()}


@dataclass(frozen=True)
class Overlap:
    """Persons (`true`), clusters (`found`), and what the two have in common (`right`)."""

    true: Together
    found: Together
    right: Together


def labels(column: pl.Series) -> Labels:
    """A column of texts as numbers, in alphabetical order; what is missing is the empty text."""
    known = column.cast(pl.Categorical)
    codes = known.to_physical().cast(pl.Int64).fill_null(-1).to_numpy() + 1
    texts = pl.DataFrame({"value": known.unique()}).with_columns(code=pl.col("value").to_physical().cast(pl.Int64))
    ordered = texts.select(pl.col("value").cast(pl.String).fill_null(""), pl.col("code").fill_null(-1) + 1).sort(
        "value"
    )
    values = ordered["value"].unique(maintain_order=True).to_list()
    places = np.zeros(int(codes.max(initial=0)) + 1, np.int64)
    places[ordered["code"].to_numpy()] = [values.index(value) for value in ordered["value"]]
    return Labels(number=places[codes], values=tuple(values))


def together(number: np.ndarray, suppliers: Labels) -> Together:
    """The units that `number` tells apart (from 0, gaps allowed), with and without regard to suppliers."""
    every = _unit(number)
    cut = np.full(len(number), -1)
    rows = every.rows
    cut[rows] = np.unique(number[rows] * len(suppliers.values) + suppliers.number[rows], return_inverse=True)[1]
    return Together(every=every, same=_unit(cut))


def overlap(person: np.ndarray, cluster: np.ndarray, suppliers: Labels, *, true: Together | None = None) -> Overlap:
    """The three units of one clustering; `true` spares counting persons a second time."""
    both = np.unique(cluster * (int(person.max(initial=0)) + 1) + person, return_inverse=True)[1]
    return Overlap(
        true=true or together(person, suppliers), found=together(cluster, suppliers), right=together(both, suppliers)
    )


def both_ways(found: Overlap) -> PairsBothWays:
    """Pairs of different suppliers, and all pairs."""
    return PairsBothWays(
        cross=pairs_of(true=found.true.cross(), found=found.found.cross(), right=found.right.cross()),
        all=pairs_of(true=found.true.pairs(), found=found.found.pairs(), right=found.right.pairs()),
    )


def pairs_of(*, true: int, found: int, right: int) -> Pairs:
    """Precision, recall and F1 of the counts."""
    precision, recall = wilson(right, found), wilson(right, true)
    f1 = harmonic(precision.share, recall.share)
    return Pairs(true=true, found=found, right=right, precision=precision, recall=recall, f1=f1)


def distinct(numbers: np.ndarray) -> np.ndarray:
    """The numbers that there are, in order. Sorting beats numpy's own hashing of millions many times over."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def by_value(column: Labels, weights: np.ndarray | None = None) -> Mapping[str, int]:
    """How many records, or which sum of weights, each value has."""
    counted = np.bincount(column.number, weights=weights, minlength=len(column.values))
    return {value: int(count) for value, count in zip(column.values, counted, strict=True)}


def _unit(number: np.ndarray) -> Unit:
    """Numbers below 0 belong to no unit."""
    sizes = np.bincount(number[number >= 0]) if len(number) else np.zeros(0, np.int64)
    rows = np.flatnonzero((number >= 0) & (sizes[number] > 1)) if len(sizes) else np.empty(0, np.int64)
    return Unit(number=number, sizes=sizes, rows=rows)
