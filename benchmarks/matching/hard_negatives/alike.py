"""First names that are alike: two spellings of one, a name and its pet form, or two names that a letter or two tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA

from synthetic.names import DATA, Ints, Names

# Names with fewer births in all the years of the lists are left out: twins are seldom called so.
FEWEST_BIRTHS = 400
SIMILAR, VARIANT, PET = "similar", "variant", "pet"
_LONG = 5

_Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Alike:
    """Pairs of names by how they are alike, for boys (0) and girls (1)."""

    pairs: dict[tuple[str, int], _Pairs]

    @classmethod
    def load(cls, names: Names) -> Alike:
        """From the lists that children are named by."""
        counts = pl.read_csv(DATA / "ons_first_names.csv", columns=["sex", "name", "births"])
        totals = counts.group_by("sex", "name").agg(pl.col("births").sum()).filter(pl.col("births") >= FEWEST_BIRTHS)
        found: dict[tuple[str, int], _Pairs] = {}
        for sex, letter in enumerate("MF"):
            borne = sorted(totals.filter(pl.col("sex") == letter)["name"])
            known = set(borne)
            variants = _of(borne, names.variants, known)
            pets = _of(borne, names.nicknames, known)
            said = {*variants, *pets, *((other, one) for one, other in (*variants, *pets))}
            found[VARIANT, sex], found[PET, sex] = variants, pets
            found[SIMILAR, sex] = [pair for pair in _near(borne) if pair not in said]
        return cls(found)

    def draw(self, rng: np.random.Generator, how: str, sex: Ints) -> tuple[list[str], list[str]]:
        """A pair of names for each sex, one list of firsts and one of seconds; which is which is by chance."""
        drawn = []
        for spin, turn, of in zip(
            rng.random(len(sex)).tolist(), rng.random(len(sex)).tolist(), sex.tolist(), strict=True
        ):
            offered = self.pairs[how, of]
            one, other = offered[int(spin * len(offered))]
            drawn.append((one, other) if turn < 0.5 else (other, one))
        return [one for one, _ in drawn], [other for _, other in drawn]


def _of(borne: list[str], classes: Mapping[str, tuple[str, ...]], known: set[str]) -> _Pairs:
    """Names with the others of their class that are borne by children, too."""
    return [(name, other) for name in borne for other in classes.get(name, ()) if other in known and other != name]


def _near(borne: list[str]) -> _Pairs:
    """Two names that begin alike and differ by a letter, or by two where both are long."""
    by_initial: dict[str, list[str]] = {}
    for name in borne:
        by_initial.setdefault(name[0], []).append(name)
    return [
        (one, other)
        for names in by_initial.values()
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if OSA.distance(one, other, score_cutoff=2) <= (2 if min(len(one), len(other)) > _LONG else 1)
    ]
