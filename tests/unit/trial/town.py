"""A town of eight children small enough to count on one's fingers, and what a made-up run of `link` did to it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

# source, record, person, origin, twin, shielded, child (as linked; empty: not in links.csv)
RECORDS = """
a a1 ann   north false false 1
b b1 ann   north false false 1
c c1 ann   north false false 2
a a2 bea   north true  false 3
b b2 bea   north true  false 3
a a3 bet   north true  false 4
b b3 bet   north true  false 3
a a4 cal   south false false 5
a a5 cal   south false false 5
b b5 cal   south false false 5
a a6 dan   south false false 6
b b6 dan   south false false 7
c c6 dan   south false false 7
a a7 eve   south false true  -
b b7 eve   south false true  8
a a8 fay   south false false -
b b8 fay   south false false 9
c c9 gus   south false false 10
"""
# Asked: ann's third record (right), dan's first (right), bet against bea (wrong), and one with a record nobody knows.
REVIEW = "a a1 c c1; a a6 b b6; a a3 a a2; a a1 c c404"
FORBIDDEN = "a a2 b b3; a a4 c c9; a a1 c c404"
# source and record of both, bits, posterior
PAIRS = """
a a1 b b1 9 0.99
a a2 b b2 8 0.95
a a4 b b5 8 0.95
a a2 b b3 7 0.90
b b6 c c6 6 0.85
a a1 c c1 2 0.40
a a6 b b6 2 0.40
a a3 b b2 -9 0.00
a a4 a a5 9 0.99
"""


def write(folder: Path, *, pairs: bool = True) -> Path:
    """The files of the trial, with truth.csv and forbidden_pairs.csv, and supply files a.csv and b.csv with birth dates."""
    rows = [line.split() for line in RECORDS.strip().splitlines()]
    names = ["source", "record_id", "person_id", "group_origin", "group_twin", "group_shielded", "child"]
    table = pl.DataFrame(rows, schema=names, orient="row")
    table.drop("child").write_csv(folder / "truth.csv")
    linked = table.filter(pl.col("child") != "-").select("source", "record_id", "child")
    stranger = pl.DataFrame({"source": ["c"], "record_id": ["c77"], "child": ["1"]})
    pl.concat([linked, stranger]).with_columns(score=pl.lit(0.99), explanation=pl.lit("")).write_csv(
        folder / "links.csv"
    )
    _pairs(REVIEW).with_columns(score=pl.lit(0.5), explanation=pl.lit("")).write_csv(folder / "review.csv")
    _pairs(FORBIDDEN).write_csv(folder / "forbidden_pairs.csv")
    (folder / "report.json").write_text('{"seconds": 1.5}')
    for source in "ab":
        mine = table.filter(pl.col("source") == source)
        # bet's record in b was written with another day; a's is right, and on a tie the earlier day counts
        born = pl.when(pl.col("record_id") == "b3").then(pl.lit("2015-05-09")).otherwise(pl.lit("2015-05-05"))
        mine.select("record_id", family_name=pl.lit("X"), birth_date=born).write_csv(folder / f"{source}.csv")
    if pairs:
        scored = [line.split() for line in PAIRS.strip().splitlines()]
        table = pl.DataFrame(
            scored, schema=["source_a", "record_id_a", "source_b", "record_id_b", "bits", "posterior"], orient="row"
        )
        table.with_columns(pl.col("bits", "posterior").cast(pl.Float64), decision=pl.lit("link")).write_parquet(
            folder / "pairs.parquet"
        )
    return folder


def _pairs(text: str) -> pl.DataFrame:
    return pl.DataFrame(
        [pair.split() for pair in text.split(";")],
        schema=["source_a", "record_id_a", "source_b", "record_id_b"],
        orient="row",
    )
