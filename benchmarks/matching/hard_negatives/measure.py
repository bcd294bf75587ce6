"""Counts what linking made of the hard pairs: who was wrongly joined, why, and how many records found their own partner."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from childindex.matching.bulk.explain import Place, explain, lines
from childindex.matching.engine.model import Model

SIDES = ("one", "other")
FILES = ("alpha", "beta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Figures by kind and in all, and the pairs that were wrongly joined with both records that stand together."""

    kinds: dict[str, dict[str, float]]
    total: dict[str, float]
    misses: pl.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """As the report holds it."""
        return {"total": self.total, "kinds": self.kinds}


def measure(data: Path, run: Path) -> Result:
    """Hold links.csv and review.csv of `run` against the hard pairs of `data`. A pair is wrongly joined where any record of the one
    child stands with any record of the other.
    """
    pairs = _with_children(pl.read_csv(data / "hard_pairs.csv"), pl.read_csv(run / "links.csv", infer_schema=False))
    asked = _asked(pl.read_csv(run / "review.csv", infer_schema=False))
    wrong = pl.any_horizontal(pl.col(f"child_{a}_one") == pl.col(f"child_{b}_other") for a in FILES for b in FILES)
    counted = pairs.with_columns(
        wrong=wrong,
        right=pl.sum_horizontal(
            (pl.col(f"child_alpha_{side}") == pl.col(f"child_beta_{side}")).cast(pl.Int64) for side in SIDES
        ),
        asked_right=pl.sum_horizontal(_in(asked, f"alpha_{side}", f"beta_{side}") for side in SIDES),
        asked_wrong=pl.sum_horizontal(_in(asked, f"alpha_{a}", f"beta_{b}") for a, b in (SIDES, SIDES[::-1])),
    )
    figures = [
        pl.len().alias("pairs"),
        pl.col("wrong").sum().alias("wrongly_joined"),
        (pl.col("right").sum() / (2 * pl.len())).round(5).alias("recall"),
        (pl.col("asked_right").sum() / (2 * pl.len())).round(5).alias("own_partner_asked"),
        (pl.col("asked_wrong").sum() / (2 * pl.len())).round(5).alias("rival_asked"),
    ]
    by_kind = counted.group_by("kind", maintain_order=True).agg(figures)
    return Result(
        kinds={row.pop("kind"): row for row in by_kind.to_dicts()},
        total=counted.select(figures).to_dicts()[0],
        misses=counted.filter("wrong").drop("right", "asked_right", "asked_wrong", "wrong"),
    )


def _with_children(pairs: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    for name in FILES:
        own = links.filter(pl.col("source") == name).select("record_id", "child")
        for side in SIDES:
            pairs = pairs.join(
                own.rename({"child": f"child_{name}_{side}"}), left_on=f"{name}_{side}", right_on="record_id", how="left",
                maintain_order="left",
            )  # fmt: skip
    return pairs


def _asked(review: pl.DataFrame) -> pl.Series:
    """Pairs put to a person, alpha's record first."""
    flipped = pl.col("source_a") == "beta"
    one = pl.when(flipped).then("record_id_b").otherwise("record_id_a")
    other = pl.when(flipped).then("record_id_a").otherwise("record_id_b")
    return review.select(pl.concat_str(one, other, separator=" ")).to_series().unique()


def _in(asked: pl.Series, one: str, other: str) -> pl.Expr:
    return pl.concat_str(one, other, separator=" ").is_in(asked.implode()).cast(pl.Int64)


def explain_misses(data: Path, misses: pl.DataFrame, model: Model) -> str:
    """Every two records that wrongly stand together: the steps of the sum, and those of the partners that were passed over."""
    told: list[str] = []
    with TemporaryDirectory() as folder:
        some = Path(folder)
        for name in FILES:
            wanted = pl.concat([misses[f"{name}_{side}"] for side in SIDES])
            records = pl.scan_csv(data / f"{name}.csv", infer_schema=False)
            records.filter(pl.col("record_id").is_in(wanted.implode())).collect().write_csv(some / f"{name}.csv")
        for row in misses.to_dicts():
            told += [f"## Pair {row['pair']}: {row['kind']} ({row['evidence']})", ""]
            for one, other in (SIDES, SIDES[::-1]):
                if row[f"child_alpha_{one}"] == row[f"child_beta_{other}"]:
                    told += ["Joined:", *_sum(some, row, one, other, model)]
                    told += ["Passed over:", *_sum(some, row, one, one, model), *_sum(some, row, other, other, model)]
    return "\n".join(told)


def _sum(folder: Path, row: dict[str, Any], alpha: str, beta: str, model: Model) -> list[str]:
    """The sum of alpha's record of one child and beta's of another, as a block of text."""
    one, other = (
        Place(file=folder / "alpha.csv", record_id=row[f"alpha_{alpha}"]),
        Place(file=folder / "beta.csv", record_id=row[f"beta_{beta}"]),
    )
    return ["", *(f"    {line}" for line in lines(explain(one, other, model))), ""]
