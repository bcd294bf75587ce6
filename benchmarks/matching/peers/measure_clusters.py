"""How good clusters are: python -m benchmarks.matching.peers.measure_clusters TRUTH LINKS.csv [LINKS.csv...].

For each links.csv (source, record_id, child) one JSON line, the same for Splink and for our linker. `mixed` are children of whom some record stands in
a cluster with a record of another child; `split` are children whose records stand in more than one cluster. A record that the links leave out counts as a cluster
of its own.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import polars as pl

_RECORD = ("source", "record_id")


def _pairs(counts: pl.DataFrame) -> int:
    return int(counts.select((pl.col("len") * (pl.col("len") - 1) // 2).sum()).item())


def measure(links: pl.DataFrame, truth: pl.DataFrame, forbidden: pl.DataFrame | None) -> dict[str, object]:
    """All figures of one set of links."""
    alone = pl.concat_str(*_RECORD, separator=" ")
    known = truth.join(links, on=_RECORD, how="left", validate="1:1").with_columns(
        pl.col("child").fill_null("alone " + alone)
    )
    both = known.group_by("person_id", "child").len()
    right, made, true = (
        _pairs(counts) for counts in (both, known.group_by("child").len(), known.group_by("person_id").len())
    )
    people_in = both.group_by("child").agg(pl.len().alias("people"))
    mixed = both.join(people_in.filter(pl.col("people") > 1), on="child", how="semi")["person_id"].n_unique()
    children = known["person_id"].n_unique()
    several = known.group_by("person_id").agg(pl.len().alias("records"), pl.col("child").n_unique().alias("clusters"))
    split = several.filter(pl.col("clusters") > 1).height
    precision, recall = right / made, right / true
    figures: dict[str, object] = {
        "records": known.height,
        "children": children,
        "clusters": known["child"].n_unique(),
        "pairs": {"true": true, "made": made, "wrong": made - right},
        "precision": round(precision, 6),
        "recall": round(recall, 5),
        "f1": round(2 * precision * recall / (precision + recall), 5),
        "mixed": mixed,
        "mixed_per_100000": round(1e5 * mixed / children, 1),
        "split": split,
        "split_share": round(split / children, 5),
        "split_share_of_several": round(split / several.filter(pl.col("records") > 1).height, 5),
    }
    if forbidden is not None:
        figures["forbidden_linked"] = _together(known, forbidden)
    return figures


def _together(known: pl.DataFrame, forbidden: pl.DataFrame) -> int:
    child = known.select(*_RECORD, "child")
    both = forbidden
    for side in ("a", "b"):
        named = child.rename({name: f"{name}_{side}" for name in child.columns})
        both = both.join(named, on=[f"source_{side}", f"record_id_{side}"])
    return both.filter(pl.col("child_a") == pl.col("child_b")).height


def main() -> None:
    """Print the figures of every file."""
    parse = argparse.ArgumentParser()
    parse.add_argument("truth", type=Path)
    parse.add_argument("links", type=Path, nargs="+")
    given = parse.parse_args()
    truth = pl.read_csv(given.truth, columns=[*_RECORD, "person_id"], infer_schema=False)
    listed = given.truth.with_name("forbidden_pairs.csv")
    forbidden = pl.read_csv(listed, infer_schema=False) if listed.exists() else None
    for file in given.links:
        links = pl.read_csv(file, columns=[*_RECORD, "child"], infer_schema=False)
        print(json.dumps({"links": file.name, **measure(links, truth, forbidden)}))


if __name__ == "__main__":
    main()
