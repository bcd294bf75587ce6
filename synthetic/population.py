"""The made-up children themselves: what is true of each, before any supplier writes it down."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic import births, calling, households, names, numbers, places
from synthetic.births import Births
from synthetic.calling import Called
from synthetic.households import Families
from synthetic.identities import PLAIN, Identities, plant
from synthetic.names import Ints, Names
from synthetic.places import Places
from synthetic.vocabulary import Flags, Vocabulary

SHIELDED = 0.005
UNBORN = 0.002
DECEASED = 0.0004
LEFT_ENGLAND = 0.004
#: Groups long settled in these islands; in the others more children were born abroad.
SETTLED_GROUPS = ("english", "welsh", "scottish", "irish", "traveller", "caribbean")
BORN_ABROAD_SETTLED, BORN_ABROAD_OTHERS = 0.05, 0.24
#: Groups some of whose births were registered by year only, so that papers say 1 January.
YEAR_ONLY_GROUPS = ("somali", "afghan_iranian", "african_other", "arab")
YEAR_ONLY = 0.15
LEFT_STATES = ("", "returning", "not_returning", "not_known")


@dataclass(frozen=True, slots=True)
class Facts:
    """Numbers and circumstances, one row a child; 0 where there is nothing, days counted from 1970-01-01."""

    nhs: Ints
    spare_nhs: Ints
    upn: pl.Series
    abroad: Flags
    shielded: Flags
    unborn: Flags
    deceased_on: Ints
    left_england: Ints


@dataclass(frozen=True, slots=True)
class Population:
    """Everything true of the made-up children, by row. Arrays of `born`, `called` and `facts` have one entry a child, `families` one a family."""

    today: int
    names: Names
    vocabulary: Vocabulary
    places: Places
    families: Families
    identities: Identities
    born: Births
    called: Called
    facts: Facts

    def __len__(self) -> int:
        return len(self.born.day)

    @property
    def authority(self) -> Ints:
        """Position of the authority each child lives in."""
        return self.families.authority[self.born.family]


def build(
    rng: np.random.Generator,
    *,
    children: int,
    authorities: pl.DataFrame,
    today: int,
    progress: Callable[[str, float], None],
) -> Population:
    """Makes up `children` children under eighteen on day `today` in these authorities, with their families and homes."""
    vocabulary = Vocabulary()
    known = names.load(vocabulary)
    progress("lists of names read", 0.05)
    born = births.build(rng, children=children, today=today, births=known.births)
    towns = places.build(authorities, families=born.families)
    families = households.build(
        rng, families=born.families, names=known, vocabulary=vocabulary, places=towns, today=today
    )
    progress("families made up", 0.12)
    identities = plant(rng, born, today=today)
    unborn = _unborn(rng, born, identities, today=today)
    abroad = _abroad(rng, born, families=families, names=known, unborn=unborn, today=today)
    called = calling.build(
        rng, born=born, families=families, names=known, vocabulary=vocabulary, identities=identities, today=today
    )
    facts = _facts(rng, born, towns=towns, families=families, unborn=unborn, abroad=abroad, today=today)
    progress("children named", 0.2)
    return Population(
        today=today,
        names=known,
        vocabulary=vocabulary,
        places=towns,
        families=families,
        identities=identities,
        born=born,
        called=called,
        facts=facts,
    )


def _unborn(rng: np.random.Generator, born: Births, identities: Identities, *, today: int) -> Flags:
    """Chooses expected children among only children and moves their day to the expected date."""
    children = len(born.day)
    alone = (np.bincount(born.family)[born.family] == 1) & (identities.kind(children) == PLAIN)
    chosen = np.flatnonzero(alone & (rng.random(children) < UNBORN / max(alone.mean(), 0.05)))
    born.day[chosen] = today + rng.integers(14, 200, len(chosen))
    flags = np.zeros(children, dtype=np.bool_)
    flags[chosen] = True
    return flags


def _abroad(
    rng: np.random.Generator, born: Births, *, families: Families, names: Names, unborn: Flags, today: int
) -> Flags:
    """Who was born outside England; some of them have papers that say 1 January."""
    group = families.group[born.family]
    settled = np.isin(group, [names.groups.index(name) for name in SETTLED_GROUPS])
    abroad = (rng.random(len(group)) < np.where(settled, BORN_ABROAD_SETTLED, BORN_ABROAD_OTHERS)) & ~unborn
    year_only = np.isin(group, [names.groups.index(name) for name in YEAR_ONLY_GROUPS])
    chosen = (
        abroad & year_only & (born.plural == 1) & (born.day > today - 17 * 365) & (rng.random(len(group)) < YEAR_ONLY)
    )
    born.day[chosen] = (
        born.day[chosen].astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    )
    return abroad


def _facts(
    rng: np.random.Generator,
    born: Births,
    *,
    towns: Places,
    families: Families,
    unborn: Flags,
    abroad: Flags,
    today: int,
) -> Facts:
    children = len(born.day)
    issued = numbers.nhs_numbers(rng)
    nhs = np.zeros(children, dtype=np.int64)
    holders = rng.permutation(np.flatnonzero(~unborn))[: len(issued)]
    nhs[holders] = issued[: len(holders)]
    deceased = rng.random(children) < DECEASED
    lived = born.day + ((today - born.day) * rng.uniform(0.3, 1.0, children)).astype(np.int64)
    left = np.where(rng.random(children) < LEFT_ENGLAND, rng.integers(1, len(LEFT_STATES), children), 0)
    september = ((born.day + 122).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)) + 1970
    return Facts(
        nhs=nhs,
        spare_nhs=issued[len(holders) :],
        upn=numbers.upns(families.authority[born.family], september + 4, la_numbers=towns.la_numbers),
        abroad=abroad,
        shielded=(rng.random(children) < SHIELDED) & ~unborn,
        unborn=unborn,
        deceased_on=np.where(deceased & ~unborn, np.maximum(lived, today - 700), 0).clip(max=today),
        left_england=np.where(unborn | deceased, 0, left),
    )
