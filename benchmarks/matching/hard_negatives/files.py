"""Writes hard pairs as two supply files with the truth and the list of pairs beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.matching.hard_negatives.alike import Alike
from benchmarks.matching.hard_negatives.family import Pairs
from benchmarks.matching.hard_negatives.kinds import KINDS
from synthetic import involvements, places, population, records, rows
from synthetic.generate import REFERENCE, quiet
from synthetic.identities import Identities
from synthetic.names import Ints
from synthetic.population import Population
from synthetic.suppliers import CARERS, PLAIN_COLUMNS, Supplier, named
from synthetic.truth import record_ids
from synthetic.vocabulary import NONE

LEVELS = {"alpha": "light", "beta": "medium"}
# Some children are unborn, and no half of a pair.
SPARE = 1.02
AUTHORITIES = 3
SECOND_CARER = 0.3


def write(out: Path, *, count: int, seed: int, numbers: bool) -> None:
    """At least `count` pairs, as many of each kind: alpha.csv (light errors), beta.csv (medium), truth.csv and hard_pairs.csv.

    Both children of every pair have a record in both files. `numbers`: with NHS, pupil and property numbers, which are off for the
    hard case. The same arguments write the same bytes.
    """
    rng = np.random.default_rng(seed)
    each = -(-count // len(KINDS))
    size = each * len(KINDS)
    made = population.build(
        rng, children=int(2 * size * SPARE) + 25, authorities=places.chosen(AUTHORITIES, rng), today=_days(REFERENCE), progress=quiet
    )  # fmt: skip
    nobody = np.empty(0, dtype=np.int64)
    made = replace(made, identities=Identities(earlier=nobody, later=nobody, since=nobody, adopted=nobody > 0))
    both = rng.permutation(np.flatnonzero(~made.facts.unborn))[: 2 * size].reshape(len(KINDS), each, 2)
    made.born.plural[both], made.born.place[both] = 1, 0  # twins are made below
    alike = Alike.load(made.names)
    for kind, ours in zip(KINDS, both, strict=True):
        pairs = Pairs(rng, made, alike, ours[:, 0], ours[:, 1])
        kind.make(pairs)
        made = pairs.made
    out.mkdir(parents=True, exist_ok=True)
    unnamed = np.concatenate([ours.ravel() for kind, ours in zip(KINDS, both, strict=True) if kind.unnamed])
    placed = {}
    for at, (name, level) in enumerate(LEVELS.items()):
        stream = np.random.default_rng([seed, at])
        supplier = replace(
            named(name, level=level), columns=(*PLAIN_COLUMNS, "known_as", *CARERS), second_carer=SECOND_CARER
        )
        placed[name] = stream.permutation(both.ravel())
        nameless = unnamed if name == "beta" else nobody
        _file(out / f"{name}.csv", stream, made, supplier, placed[name], nameless=nameless, numbers=numbers)
    _truth(out, placed)
    _hard_pairs(out, both, placed)


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _file(
    file: Path, rng: np.random.Generator, made: Population, supplier: Supplier, who: Ints, *, nameless: Ints, numbers: bool
) -> None:  # fmt: skip
    kept = records.write_down(rng, population=made, supplier=supplier, who=who)
    twins = np.flatnonzero(np.isin(who, nameless))
    words = made.vocabulary.add(["Twin 1", "Twin 2"])
    kept.names.given[twins] = words[made.born.place[who[twins]]]
    for column in (kept.names.middle, kept.names.second_middle, kept.names.known_as):
        column[twins] = NONE
    known = kept.carer_known & made.families.father_known[made.born.family[who]]
    plan = involvements.rows(rng, records=kept, involvements=None, second_carers=known, share=supplier.second_carer)
    frame = rows.frame(
        population=made, supplier=supplier, written=kept, involvements=None, posts=pl.DataFrame(), rows=plan, first_id=1, numbers=numbers
    )  # fmt: skip
    frame.write_csv(file)


def _ids(name: str, who: Ints) -> pl.DataFrame:
    return pl.DataFrame({"person": who, f"{name}_id": record_ids(named(name), len(who))})


def _truth(out: Path, placed: dict[str, Ints]) -> None:
    frames = [
        pl.DataFrame(
            {
                "source": pl.repeat(name, len(who), eager=True),
                "record_id": record_ids(named(name), len(who)),
                "person_id": "P" + pl.Series(who).cast(pl.String).str.zfill(8),
            }
        )
        for name, who in placed.items()
    ]
    pl.concat(frames).write_csv(out / "truth.csv")


def _hard_pairs(out: Path, both: Ints, placed: dict[str, Ints]) -> None:
    """hard_pairs.csv: pair, kind, what tells the two apart, and the records of both in both files."""
    count = both.shape[1]
    frame = pl.DataFrame(
        {
            "pair": np.arange(1, both.shape[0] * count + 1),
            "kind": [kind.name for kind in KINDS for _ in range(count)],
            "evidence": [f"{kind.evidence}; each has a record in both files" for kind in KINDS for _ in range(count)],
            "one": both[:, :, 0].ravel(),
            "other": both[:, :, 1].ravel(),
        }
    )
    for side in ("one", "other"):
        for name, who in placed.items():
            frame = frame.join(_ids(name, who), left_on=side, right_on="person", how="left", maintain_order="left")
            frame = frame.rename({f"{name}_id": f"{name}_{side}"})
    frame.drop("one", "other").write_csv(out / "hard_pairs.csv")
