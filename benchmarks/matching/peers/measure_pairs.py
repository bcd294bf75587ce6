"""How good scored pairs are: python -m benchmarks.matching.peers.measure_pairs TRUTH PAIRS.parquet [PAIRS.parquet...].

TRUTH is the truth.csv of a pair of suppliers; PAIRS holds record_id_a, record_id_b and match_weight. For each file one JSON line: best F1; recall
at precision 0.999, 0.9998 and 0.9999; at the last two, false pairs where both children are twins; and how many pairs a person would see between the
automatic threshold (precision 0.9999) and the weight where recall gains nothing more worth seeing. The same for Splink and for our linker.

A threshold is a weight: all pairs of equal weight stand or fall together, so ties never flatter.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import polars as pl

_TARGETS = (0.999, 0.9998, 0.9999)
# A person sees pairs down to where this share of all true pairs has been found or passed on to them.
_REVIEWED = (0.97, 0.98, 0.99, 0.992)


def read_truth(file: Path) -> tuple[pl.DataFrame, int]:
    """Person and twin of each record (`record_id` alone: two suppliers' ids never meet), and how many true pairs there are."""
    truth = pl.read_csv(file, columns=["source", "record_id", "person_id", "group_twin"], infer_schema=False)
    first, second = truth["source"].unique().sort().to_list()
    left, right = (truth.filter(pl.col("source") == name).group_by("person_id").len() for name in (first, second))
    true = left.join(right, on="person_id").select((pl.col("len") * pl.col("len_right")).sum()).item()
    return truth.select("record_id", "person_id", twin=pl.col("group_twin") == "true"), int(true)


def judged(pairs: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Each pair with `right` (one child) and `twins` (both are twins); every record has to be in the truth."""
    known = pairs
    for side in ("a", "b"):
        named = truth.rename({name: f"{name}_{side}" for name in truth.columns})
        known = known.join(named, on=f"record_id_{side}", how="left", validate="m:1")
    assert known["person_id_a"].null_count() + known["person_id_b"].null_count() == 0, (
        "a record that is not in the truth"
    )
    return known.select(
        "match_weight", right=pl.col("person_id_a") == pl.col("person_id_b"), twins=pl.col("twin_a") & pl.col("twin_b")
    )


def curve(pairs: pl.DataFrame, true: int) -> pl.DataFrame:
    """For each weight, best first: pairs, right pairs and false twin pairs at or above it; precision and recall."""
    steps = pairs.group_by("match_weight").agg(
        pl.len().alias("pairs"), pl.col("right").sum(), (~pl.col("right") & pl.col("twins")).sum().alias("false_twins")
    )
    return (
        steps.sort("match_weight", descending=True)
        .with_columns(pl.col("pairs", "right", "false_twins").cum_sum())
        .with_columns(precision=pl.col("right") / pl.col("pairs"), recall=pl.col("right") / true)
        .with_columns(f1=2 * pl.col("precision") * pl.col("recall") / (pl.col("precision") + pl.col("recall")))
    )


def _rounded(row: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in row.items()}


def _best(steps: pl.DataFrame, column: str) -> dict[str, float]:
    found = steps.sort(column, descending=True).head(1).to_dicts()
    return _rounded(found[0]) if found else {}


def measure(file: Path, truth: pl.DataFrame, true: int) -> dict[str, object]:
    """All figures of one file of pairs."""
    steps = curve(judged(pl.read_parquet(file), truth), true)
    automatic = {target: _best(steps.filter(pl.col("precision") >= target), "recall") for target in _TARGETS}
    above = automatic[0.9999].get("pairs", 0)
    review = {}
    for share in _REVIEWED:
        down_to = steps.filter(pl.col("recall") >= share).head(1)
        review[share] = round(100 * (down_to["pairs"].item() - above) / true, 2) if down_to.height else None
    return {
        "pairs": file.name,
        "scored": steps["pairs"].max(),
        "true_pairs": true,
        "most_recall": round(float(steps["recall"].max() or 0), 5),  # type: ignore[arg-type]
        "best_f1": _best(steps, "f1"),
        "at_precision": automatic,
        "review_per_100_true_for_recall": review,
    }


def main() -> None:
    """Print the figures of every file."""
    parse = argparse.ArgumentParser()
    parse.add_argument("truth", type=Path)
    parse.add_argument("pairs", type=Path, nargs="+")
    given = parse.parse_args()
    truth, true = read_truth(given.truth)
    for file in given.pairs:
        print(json.dumps(measure(file, truth, true)))


if __name__ == "__main__":
    main()
