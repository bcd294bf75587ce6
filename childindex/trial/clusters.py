"""Clusters against persons: exact, mixed and split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from childindex.trial.figures import Clusters
from childindex.trial.intervals import harmonic, per, wilson


@dataclass(frozen=True)
class People:
    """`table` has one row a person, in the order of their numbers: `person`, `records`, `parts` (clusters the person is in), `mixed` and `split`."""

    table: pl.DataFrame
    clusters: int
    exact: int


def people(person: np.ndarray, cluster: np.ndarray) -> People:
    """Who is with another person, and who is in several clusters, by the numbers of each record."""
    cells = pl.DataFrame({"person": person, "cluster": cluster}).group_by("cluster", "person").len("n")
    sizes = cells.group_by("cluster").agg(persons=pl.len())
    cells = cells.join(sizes, on="cluster")
    table = cells.group_by("person").agg(records=pl.col("n").sum(), parts=pl.len(), mixed=(pl.col("persons") > 1).any())
    table = table.with_columns(split=pl.col("parts") > 1)
    table = table.sort("person")
    exact = table.select((~pl.col("mixed") & ~pl.col("split")).sum()).item()
    return People(table=table, clusters=len(sizes), exact=int(exact))


def clusters(found: People) -> Clusters:
    """The figures of one clustering."""
    table, persons = found.table, len(found.table)
    mixed = int(table["mixed"].sum())
    several = table.filter(pl.col("records") > 1)
    split = wilson(int(several["split"].sum()), len(several))
    precision, recall = wilson(found.exact, found.clusters), wilson(found.exact, persons)
    return Clusters(
        exact=found.exact,
        precision=precision,
        recall=recall,
        f1=harmonic(precision.share, recall.share),
        mixed=mixed,
        mixed_per_100_000=per(mixed, persons, scale=100_000),
        split=split,
        split_percent=per(split.hits, split.of, scale=100),
    )
