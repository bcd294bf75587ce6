"""What must not happen at all: twins taken for each other, and two identities of one child joined."""

from __future__ import annotations

import polars as pl

from childindex.trial.counting import labels, together
from childindex.trial.figures import Forbidden, Twins

_TWIN = "group_twin"


def twins(records: pl.DataFrame, dates: pl.DataFrame | None) -> Twins | None:
    """Wrong pairs of which both are twins, with the same birth date where supply files tell it; None where the truth does not say who is a twin."""
    if _TWIN not in records.columns:
        return None
    some = records.filter(pl.col(_TWIN) == "true")
    born = pl.lit("") if dates is None else pl.col("birth_date")
    if dates is not None:
        some = some.join(_born(some, dates), on="person", how="left")
    some = some.with_columns(born=born.fill_null(""))
    suppliers = labels(some["source"])
    near = some.select(pl.struct("cluster", "born").rank("dense")).to_series().to_numpy().astype("int64")
    same = some.select(pl.struct("cluster", "born", "person").rank("dense")).to_series().to_numpy().astype("int64")
    found, right = together(near, suppliers), together(same, suppliers)
    return Twins(
        cross=found.cross() - right.cross(),
        all=found.pairs() - right.pairs(),
        by_birth_date=dates is not None,
    )


def _born(records: pl.DataFrame, dates: pl.DataFrame) -> pl.DataFrame:
    """The birth date that most of a person's records give, the earliest of equals: suppliers make slips in dates, too."""
    told = records.select("source", "record_id", "person").join(dates, on=["source", "record_id"])
    told = (
        told.filter(pl.col("birth_date").str.len_chars() == len("2010-01-31")).group_by("person", "birth_date").len("n")
    )
    first = told.sort("person", "n", "birth_date", descending=[False, True, False]).unique("person", keep="first")
    return first.select("person", "birth_date")


def forbidden(records: pl.DataFrame, pairs: pl.DataFrame, review: pl.DataFrame) -> Forbidden:
    """How many of the pairs in forbidden_pairs.csv are in one cluster, and how many are put to a person."""
    inside = pairs.drop_nulls(["row_a", "row_b"])
    clusters = records["cluster"]
    linked = clusters.gather(inside["row_a"]) == clusters.gather(inside["row_b"])
    shown = _ordered(inside).join(_ordered(review.drop_nulls(["row_a", "row_b"])), on=["low", "high"])
    return Forbidden(pairs=len(inside), linked=int(linked.sum()), in_review=len(shown))


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(low=pl.min_horizontal("row_a", "row_b"), high=pl.max_horizontal("row_a", "row_b")).unique()
