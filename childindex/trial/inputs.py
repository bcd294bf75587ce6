"""Reads what `link` wrote and the truth beside it into numbered tables. Refuses what could not be counted rightly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

_KEY = ["source", "record_id"]
_PAIR = ["source_a", "record_id_a", "source_b", "record_id_b"]
_GROUP = "group_"
_SHIELDED = "group_shielded"


class TrialUnreadable(Exception):
    """A file is missing or is not what the contract says; the text says which and why."""


@dataclass(frozen=True)
class Material:
    """What a trial counts.

    `records`: one row a record in the trial, with `row`, `source` and the `group_*` columns (categories), `record_id`, `person` and `cluster` (numbers).
    `review`, `forbidden`: `row_a`, `row_b`, null where the record is not in the trial. `pairs` also has `bits`, `posterior` and `right`.
    """

    records: pl.DataFrame
    review: pl.DataFrame
    forbidden: pl.DataFrame
    pairs: pl.DataFrame | None
    held: int
    missing: int
    unknown: int
    report: dict[str, object] | None


def read(folder: Path, *, truth: Path) -> Material:
    """The folder `link` wrote into and a truth.csv, `forbidden_pairs.csv` beside it if there.

    Refused: a missing file or column, and a record that is in the truth or in links.csv twice.
    """
    people, links = _truth(truth), _links(folder / "links.csv")
    joined = people.join(links, on=_KEY, how="left", maintain_order="left")
    absent = joined["child"].is_null()
    shielded = joined[_SHIELDED] == "true" if _SHIELDED in joined.columns else absent
    held = absent & shielded
    known = len(joined) - int(absent.sum())
    records = _numbered(joined.filter(~held))
    rows = records.select(*_KEY, "row", "person")
    beside = truth.parent / "forbidden_pairs.csv"
    forbidden = _pair_file(beside) if beside.exists() else pl.DataFrame(schema=dict.fromkeys(_PAIR, pl.String))
    return Material(
        records=records,
        review=_placed(_pair_file(folder / "review.csv").unique(maintain_order=True), rows),
        forbidden=_placed(forbidden, rows),
        pairs=_scored(folder / "pairs.parquet", rows),
        held=int(held.sum()),
        missing=int((absent & ~shielded).sum()),
        unknown=len(links) - known,
        report=_report(folder / "report.json"),
    )


def birth_dates(files: Mapping[str, Path]) -> pl.DataFrame:
    """`source`, `record_id`, `birth_date` of supply files by source: CSV (packed or not) or JSON lines with the contract's own columns."""
    columns = ["record_id", "birth_date"]
    tables = []
    for source, path in files.items():
        try:
            lines = path.suffix in {".jsonl", ".ndjson"}
            table = pl.read_ndjson(path) if lines else pl.read_csv(path, columns=columns, infer_schema=False)
            tables.append(
                table.select(pl.lit(source).alias("source"), *(pl.col(name).cast(pl.String) for name in columns))
            )
        except (OSError, pl.exceptions.PolarsError) as error:
            raise TrialUnreadable(f"{path} cannot be read: {_first_line(error)}") from error
    dates = pl.concat(tables).unique(_KEY, keep="first", maintain_order=True)
    return dates.with_columns(pl.col("source").cast(pl.Categorical))


def _truth(path: Path) -> pl.DataFrame:
    head = _csv(path, n_rows=0).columns
    groups = [name for name in head if name.startswith(_GROUP)]
    _need(path, head, [*_KEY, "person_id"])
    categories = dict.fromkeys(["source", *groups], pl.Categorical)
    table = _csv(path, columns=[*_KEY, "person_id", *groups], schema_overrides=categories)
    _once(path, table)
    return table


def _links(path: Path) -> pl.DataFrame:
    _need(path, _csv(path, n_rows=0).columns, [*_KEY, "child"])
    table = _csv(path, columns=[*_KEY, "child"], schema_overrides={"source": pl.Categorical})
    _once(path, table)
    if table["child"].null_count():
        raise TrialUnreadable(f"{path} has a record without a child.")
    return table


def _pair_file(path: Path) -> pl.DataFrame:
    _need(path, _csv(path, n_rows=0).columns, _PAIR)
    return _csv(path, columns=_PAIR)


def _scored(path: Path, rows: pl.DataFrame) -> pl.DataFrame | None:
    """The scored pairs of different suppliers with both records in the trial; None where they were not written."""
    if not path.exists():
        return None
    try:
        table = pl.scan_parquet(path).select(*_PAIR, "bits", "posterior").collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise TrialUnreadable(f"{path} cannot be read: {_first_line(error)}") from error
    table = table.filter(pl.col("source_a").cast(pl.String) != pl.col("source_b").cast(pl.String))
    placed = _placed(table, rows).drop_nulls(["row_a", "row_b"])
    return placed.with_columns(right=pl.col("person_a") == pl.col("person_b")).drop("person_a", "person_b")


def _placed(pairs: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the rows of their records and these records' persons."""
    for side in "ab":
        names = {f"source_{side}": "source", f"record_id_{side}": "record_id"}
        found = rows.rename(
            {**{ours: theirs for theirs, ours in names.items()}, "row": f"row_{side}", "person": f"person_{side}"}
        )
        pairs = pairs.with_columns(pl.col(f"source_{side}").cast(pl.String).cast(pl.Categorical))
        pairs = pairs.join(found, on=list(names), how="left", maintain_order="left").drop(list(names))
    return pairs


def _numbered(joined: pl.DataFrame) -> pl.DataFrame:
    """Persons and clusters as numbers from 0. A record that no cluster has stands alone."""
    clusters = _numbers(joined["child"])
    taken = clusters.n_unique()  # at least as many as there are numbers in use
    return (
        joined.with_columns(person=_numbers(joined["person_id"]), cluster=clusters)
        .with_columns(cluster=pl.coalesce("cluster", pl.int_range(pl.len()) + taken))
        .drop("person_id", "child")
        .with_row_index("row")
    )


def _numbers(texts: pl.Series) -> pl.Series:
    """Equal texts get equal numbers, without gaps; null stays null. Hashing texts once is quicker than sorting them."""
    codes = texts.cast(pl.Categorical).to_physical().cast(pl.Int64)
    known = codes.drop_nulls().to_numpy()
    numbers = np.cumsum(np.bincount(known) > 0) - 1
    return pl.Series(numbers).gather(codes) if len(known) else codes


def _csv(path: Path, **options: Any) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema=False, **options)
    except FileNotFoundError as error:
        raise TrialUnreadable(f"{path} is not there.") from error
    except pl.exceptions.PolarsError as error:
        raise TrialUnreadable(f"{path} cannot be read: {_first_line(error)}") from error


def _report(path: Path) -> dict[str, object] | None:
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrialUnreadable(f"{path} is not JSON.") from error
    if not isinstance(found, dict):
        raise TrialUnreadable(f"{path} is not one JSON object.")
    return found


def _need(path: Path, head: list[str], wanted: list[str]) -> None:
    lacking = [name for name in wanted if name not in head]
    if lacking:
        raise TrialUnreadable(f"{path} lacks the columns {', '.join(lacking)}.")


def _once(path: Path, table: pl.DataFrame) -> None:
    twice = len(table) - table.select(pl.struct(_KEY).n_unique()).item()
    if twice:
        raise TrialUnreadable(f"{path} has {twice:,} records more than once.")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
