"""The pairs that wait for a person: what they cost, and what right answers to all of them would bring."""

from __future__ import annotations

import numpy as np
import polars as pl

from childindex.trial.figures import PairsBothWays, Review
from childindex.trial.intervals import per, wilson
from childindex.trial.joining import join


def joined(cluster: np.ndarray, review: pl.DataFrame) -> np.ndarray:
    """Cluster numbers after every pair of one person in review.csv was answered "the same child": the clusters of the two records become one."""
    right = review.filter(pl.col("person_a") == pl.col("person_b"))
    return join(cluster, right["row_a"].to_numpy(), right["row_b"].to_numpy())


def asked(records: pl.DataFrame, review: pl.DataFrame) -> pl.Series:
    """Which records have a question."""
    rows = pl.concat([review["row_a"], review["row_b"]]).drop_nulls().unique()
    return records["row"].is_in(rows.implode())


def load(records: pl.DataFrame, review: pl.DataFrame, *, true_pairs: int, after: PairsBothWays) -> Review:
    """The figures of review.csv. `true_pairs` are those between suppliers."""
    known = review.drop_nulls(["row_a", "row_b"])
    with_question = wilson(int(asked(records, review).sum()), len(records))
    return Review(
        pairs=len(review),
        right=int((known["person_a"] == known["person_b"]).sum()),
        unknown=len(review) - len(known),
        pairs_per_100_true=per(len(review), true_pairs, scale=100),
        records=with_question,
        records_percent=per(with_question.hits, with_question.of, scale=100),
        after=after,
    )
