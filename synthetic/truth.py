"""The truth beside the files: which record is which child, and which records must never be joined."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from synthetic.births import YEAR, ages
from synthetic.identities import EARLIER, LATER
from synthetic.names import Ints
from synthetic.population import Population
from synthetic.suppliers import Supplier
from synthetic.vocabulary import NONE

IDENTITIES = ("one", "earlier", "later")
AGE_BANDS = ("0-1", "2-4", "5-10", "11-15", "16-17")
AGE_STARTS = np.array([2, 5, 11, 16])


def record_ids(supplier: Supplier, count: int) -> pl.Series:
    """The ids of a supplier's records, in the order of its file."""
    return supplier.prefix + pl.Series(np.arange(1, count + 1)).cast(pl.String).str.zfill(7)


def write(out: Path, *, population: Population, suppliers: Sequence[Supplier], held: Sequence[Ints]) -> None:
    """Writes truth.csv: source, record_id, person_id, and columns to measure groups by."""
    groups = _groups(population)
    groups = groups.cast({name: pl.Enum(groups[name].unique(maintain_order=True)) for name in groups.columns})
    with (out / "truth.csv").open("wb") as file:
        for at, (supplier, who) in enumerate(zip(suppliers, held, strict=True)):
            frame = pl.DataFrame(
                {
                    "source": pl.repeat(supplier.name, len(who), eager=True),
                    "record_id": record_ids(supplier, len(who)),
                    "person_id": "P" + pl.Series(who + 1).cast(pl.String).str.zfill(8),
                }
            )
            level = pl.repeat(supplier.level, len(who), eager=True).alias("group_errors")
            frame.hstack(groups[pl.Series(who)]).hstack([level]).write_csv(file, include_header=at == 0)


def _groups(population: Population) -> pl.DataFrame:
    """What is true of each child that figures are broken down by."""
    born, called, families = population.born, population.called, population.families
    family = born.family
    siblings = np.bincount(family)[family] > born.plural
    texts = pl.DataFrame({"name": population.vocabulary.series(called.family_name)})
    return pl.DataFrame(
        {
            "group_origin": pl.Series(population.names.groups).gather(pl.Series(families.group[family])),
            "group_age": pl.Series(AGE_BANDS).gather(
                pl.Series(np.searchsorted(AGE_STARTS, ages(born.day, population.today), side="right"))
            ),
            "group_twin": _flag(born.plural > 1),
            "group_sibling": _flag(siblings),
            "group_mover": _flag(families.moved[family, 0] > population.today - 3 * YEAR),
            "group_two_homes": _flag(families.apart[family]),
            "group_known_as": _flag(called.known_as != NONE),
            "group_name_changed": _flag(called.former != NONE),
            "group_joined_name": texts.select(
                pl.when(pl.col("name").str.contains("[ -]")).then(pl.lit("true")).otherwise(pl.lit("false"))
            ).to_series(),
            "group_shielded": _flag(population.facts.shielded),
            "group_identity": pl.Series(IDENTITIES).gather(pl.Series(population.identities.kind(len(population)))),
        }
    )


def _flag(values: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pl.Series:
    return pl.Series(["false", "true"]).gather(pl.Series(values.astype(np.int64)))


def write_forbidden(out: Path, *, population: Population, suppliers: Sequence[Supplier], held: Sequence[Ints]) -> int:
    """Writes forbidden_pairs.csv: every record of an old identity with every record of the new one. Returns how many pairs."""
    identities = population.identities
    pair = np.full(len(population), NONE, dtype=np.int64)
    pair[identities.earlier] = pair[identities.later] = np.arange(len(identities.earlier))
    kind = identities.kind(len(population))
    frames = []
    for supplier, who in zip(suppliers, held, strict=True):
        ids = record_ids(supplier, len(who))
        mine = np.flatnonzero(pair[who] != NONE)
        frames.append(
            pl.DataFrame(
                {
                    "source": pl.repeat(supplier.name, len(mine), eager=True),
                    "record_id": ids.gather(pl.Series(mine)),
                    "pair": pair[who[mine]],
                    "kind": kind[who[mine]],
                }
            )
        )
    all_records = pl.concat(frames)
    old, new = (all_records.filter(pl.col("kind") == wanted).drop("kind") for wanted in (EARLIER, LATER))
    pairs = old.join(new, on="pair", suffix="_b").sort("pair", "source", "record_id", "source_b", "record_id_b")
    pairs = pairs.select(source_a="source", record_id_a="record_id", source_b="source_b", record_id_b="record_id_b")
    pairs.write_csv(out / "forbidden_pairs.csv")
    return len(pairs)
