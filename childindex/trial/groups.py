"""Every figure again for each value of each group: a trial that is good on the whole may be bad for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from childindex.trial.clusters import People
from childindex.trial.counting import Labels, Overlap, by_value, distinct, labels, pairs_of
from childindex.trial.figures import Gap, Group, Groups
from childindex.trial.intervals import per, wilson

SMALL = 100  # true pairs
_PREFIX = "group_"
_ORDER = ("origin", "age", "twin", "sibling", "mover", "supplier", "supplier_pair", "errors")


@dataclass(frozen=True)
class Seen:
    """What the groups are counted from. `records` has `asked`; `review` its `row_a` and `row_b`."""

    records: pl.DataFrame
    review: pl.DataFrame
    before: Overlap
    after: Overlap
    people: People


def groups(seen: Seen) -> Groups:
    """Every group column of the truth, the supplier and the pair of suppliers; the issue's own groups first."""
    whole = wilson(seen.before.right.cross(), seen.before.true.cross()).share
    found = {
        name.removeprefix(_PREFIX): _by_column(seen, labels(seen.records[name]), whole)
        for name in seen.records.columns
        if name.startswith(_PREFIX)
    }
    suppliers = labels(seen.records["source"])
    found["supplier"] = _by_column(seen, suppliers, whole)
    found["supplier_pair"] = _by_suppliers(seen, suppliers, whole)
    order = [*[name for name in _ORDER if name in found], *[name for name in found if name not in _ORDER]]
    columns = {name: found[name] for name in order}
    return Groups(columns=columns, largest_gap=_largest_gap(columns))


@dataclass(frozen=True)
class _Tally:
    """Counts by value of one column."""

    true: Mapping[str, int]
    found: Mapping[str, int]
    right: Mapping[str, int]
    right_after: Mapping[str, int]
    review: Mapping[str, int]
    records: Mapping[str, int]
    asked: Mapping[str, int]
    people: Mapping[str, tuple[int, int, int, int]]  # persons, mixed, of several records, of these split

    def group(self, value: str, *, whole: float | None) -> Group:
        """The figures of one value."""
        pairs = pairs_of(true=self.true.get(value, 0), found=self.found.get(value, 0), right=self.right.get(value, 0))
        persons, mixed, several, split = self.people.get(value, (0, 0, 0, 0))
        review = self.review.get(value, 0)
        recall = pairs.recall.share
        return Group(
            value=value,
            records=self.records[value],
            true=pairs.true,
            found=pairs.found,
            right=pairs.right,
            precision=pairs.precision,
            recall=pairs.recall,
            f1=pairs.f1,
            recall_after_review=wilson(self.right_after.get(value, 0), pairs.true),
            review_pairs=review,
            review_pairs_per_100_true=per(review, pairs.true, scale=100),
            records_in_review=wilson(self.asked.get(value, 0), self.records[value]),
            persons=persons,
            mixed_per_100_000=per(mixed, persons, scale=100_000),
            split_percent=per(split, several, scale=100),
            below_whole=None if recall is None or whole is None else 100 * (whole - recall),
            small=pairs.true < SMALL,
        )


def _by_column(seen: Seen, column: Labels, whole: float | None) -> dict[str, Group]:
    tally = _Tally(
        true=seen.before.true.cross_by(column),
        found=seen.before.found.cross_by(column),
        right=seen.before.right.cross_by(column),
        right_after=seen.after.right.cross_by(column),
        review=_review_by(seen, column),
        records=by_value(column),
        asked=by_value(column, seen.records["asked"].to_numpy()),
        people=_people_by(seen, column),
    )
    return {value: tally.group(value, whole=whole) for value in sorted(column.values, key=_natural)}


def _sides(seen: Seen, column: Labels) -> tuple[np.ndarray, np.ndarray]:
    """For each pair in review.csv the column's number of its two records, -1 where the trial does not have the record."""
    known = np.append(column.number, -1)
    return known[seen.review["row_a"].fill_null(-1).to_numpy()], known[seen.review["row_b"].fill_null(-1).to_numpy()]


def _review_by(seen: Seen, column: Labels) -> dict[str, int]:
    """Pairs in review.csv of which at least one record has the value."""
    one, other = _sides(seen, column)
    having = np.concatenate([one, other[other != one]])
    counted = np.bincount(having[having >= 0], minlength=len(column.values))
    return dict(zip(column.values, counted.tolist(), strict=True))


def _people_by(seen: Seen, column: Labels) -> dict[str, tuple[int, int, int, int]]:
    """Persons with a record of the value: all, mixed, of several records, and split."""
    table, width = seen.people.table, len(column.values)
    members = distinct(seen.records["person"].to_numpy() * width + column.number)
    person, value = members // width, members % width
    flags = [
        np.ones(len(table)),
        table["mixed"].to_numpy(),
        (table["records"] > 1).to_numpy(),
        table["split"].to_numpy(),
    ]
    counted = [np.bincount(value, weights=flag[person], minlength=width).astype(int).tolist() for flag in flags]
    return dict(zip(column.values, zip(*counted, strict=True), strict=True))


def _by_suppliers(seen: Seen, suppliers: Labels, whole: float | None) -> dict[str, Group]:
    """Between two suppliers; records, questions and persons are those of the supplier's own row and stay empty here."""
    before, after = seen.before, seen.after
    true, found, right, right_after = (
        _named(one.cross_by_suppliers(suppliers)) for one in (before.true, before.found, before.right, after.right)
    )
    names = sorted({*true, *found})
    tally = _Tally(
        true=true,
        found=found,
        right=right,
        right_after=right_after,
        review=_review_between(seen, suppliers),
        records=dict.fromkeys(names, 0),
        asked={},
        people={},
    )
    return {name: tally.group(name, whole=whole) for name in names}


def _review_between(seen: Seen, suppliers: Labels) -> dict[str, int]:
    one, other = _sides(seen, suppliers)
    known, names = (one >= 0) & (other >= 0), suppliers.values
    between = np.minimum(one, other)[known] * len(names) + np.maximum(one, other)[known]
    pairs, counted = np.unique(between, return_counts=True)
    return _named(
        {(names[pair // len(names)], names[pair % len(names)]): int(n) for pair, n in zip(pairs, counted, strict=True)}
    )


def _named(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {f"{one} and {other}": pairs for (one, other), pairs in counts.items()}


def _largest_gap(columns: Mapping[str, Mapping[str, Group]]) -> Gap:
    """Small groups are left out: their figures move by chance."""
    worst = Gap(column="", value="", points=0.0)
    for column, values in columns.items():
        for value, group in values.items():
            if not group.small and group.below_whole is not None and group.below_whole > worst.points:
                worst = Gap(column=column, value=value, points=group.below_whole)
    return worst


def _natural(value: str) -> tuple[int, str]:
    """Ages in the order of life: 2-4 before 11-15."""
    digits = value.split("-", 1)[0]
    return (int(digits) if digits.isdecimal() else -1, value)
