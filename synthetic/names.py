"""Where names come from: counts of given names by birth year and sex, and family names by name-origin group."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic.vocabulary import Codes, Vocabulary

DATA = Path(__file__).parent / "data"
FIRST_YEAR, LAST_YEAR = 2005, 2024
YEARS = LAST_YEAR - FIRST_YEAR + 1
#: A name below the statistics office's disclosure limit of three is counted as this many births a year.
UNDISCLOSED = 1.5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pools:
    """Weighted draws from many pools at once: pool p holds items[start[p]:start[p + 1]]."""

    items: Codes
    cumulative: Floats
    base: Floats
    total: Floats

    @classmethod
    def build(cls, *, pools: int, pool: Ints, items: Codes, weights: Floats) -> "Pools":
        """Pools from rows of (pool, item, weight)."""
        order = np.argsort(pool, kind="stable")
        cumulative = np.cumsum(weights[order])
        total: Floats = np.bincount(pool, weights=weights, minlength=pools).astype(np.float64)
        base = (np.cumsum(total) - total).astype(np.float64)
        return cls(items=items[order], cumulative=cumulative, base=base, total=total)

    def draw(self, pool: Ints, uniform: Floats) -> Codes:
        """One item for each row, from its pool, by its uniform number in [0, 1)."""
        target = self.base[pool] + uniform * self.total[pool]
        found = np.searchsorted(self.cumulative, target, side="right")
        return self.items[np.minimum(found, len(self.items) - 1)]


@dataclass(frozen=True, slots=True)
class Names:
    """Everything needed to name a population.

    groups: name-origin groups; shares: how common each is. births: births a year, from FIRST_YEAR. General and special given-name pools
    are by (sex, year) and (group, sex, year); adults by sex. surname pools are by group over rows of (male form, female form).
    """

    groups: tuple[str, ...]
    shares: Floats
    births: Floats
    general: Pools
    special: Pools
    special_share: Floats
    adults: Pools
    surnames: Pools
    male_forms: Codes
    female_forms: Codes
    variants: Mapping[str, tuple[str, ...]]
    nicknames: Mapping[str, tuple[str, ...]]

    def given(self, rng: np.random.Generator, *, group: Ints, sex: Ints, year: Ints) -> Codes:
        """Given names for children of these groups, sexes (0 male, 1 female) and birth years."""
        at = np.clip(year - FIRST_YEAR, 0, YEARS - 1)
        shared = sex * YEARS + at
        own = group * (2 * YEARS) + shared
        special = rng.random(len(group)) < self.special_share[own]
        return np.where(
            special, self.special.draw(own, rng.random(len(group))), self.general.draw(shared, rng.random(len(group)))
        )

    def adult(self, rng: np.random.Generator, *, group: Ints, sex: Ints) -> Codes:
        """Given names for grown-ups: names of their group, else the names common before 2005."""
        own = group * (2 * YEARS) + sex * YEARS
        special = rng.random(len(group)) < self.special_share[own]
        return np.where(
            special, self.special.draw(own, rng.random(len(group))), self.adults.draw(sex, rng.random(len(group)))
        )


def load(vocabulary: Vocabulary) -> Names:
    """Reads the shipped lists of names and counts into pools; texts go into the vocabulary."""
    spec = tomllib.loads((DATA / "given_names.toml").read_text(encoding="utf-8"))
    surnames = tomllib.loads((DATA / "surnames.toml").read_text(encoding="utf-8"))
    groups = tuple(surnames)
    counts = pl.read_csv(DATA / "ons_first_names.csv", columns=["birth_year", "sex", "name", "births"])
    years = counts["birth_year"].to_numpy() - FIRST_YEAR
    sexes = (counts["sex"] == "F").to_numpy().astype(np.int64)
    births = counts["births"].to_numpy().astype(np.float64)
    codes = _codes(counts["name"], vocabulary)
    rest = births.copy()
    special = _special(spec, groups, vocabulary, rows=(codes, sexes, years, rest))
    general_shares = np.array([spec["general"].get(group, 0.0) for group in groups])
    general_shares /= general_shares.sum()
    general = Pools.build(pools=2 * YEARS, pool=sexes * YEARS + years, items=codes, weights=rest)
    from_general = np.outer(general_shares, general.total)
    from_special = special.total.reshape(len(groups), 2 * YEARS)
    surname_pools, male, female = _surnames(surnames, vocabulary)
    return Names(
        groups=groups,
        shares=(from_general + from_special).sum(axis=1) / (from_general + from_special).sum(),
        births=np.bincount(years, weights=births, minlength=YEARS).astype(np.float64),
        general=general,
        special=special,
        special_share=(from_special / (from_general + from_special)).ravel(),
        adults=_adults(spec["adults"], vocabulary),
        surnames=surname_pools,
        male_forms=male,
        female_forms=female,
        variants=classes("spellings.txt"),
        nicknames={line[0]: tuple(line[1:]) for line in _lines("nicknames.txt")},
    )


@cache
def classes(file: str) -> Mapping[str, tuple[str, ...]]:
    """Each name of a file of classes, with the other names of its line."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines(file):
        for name in line:
            found.setdefault(name, tuple(other for other in line if other != name))
    return found


def _lines(file: str) -> list[list[str]]:
    text = (DATA / file).read_text(encoding="utf-8")
    return [
        [part.strip() for part in line.split(",")] for line in text.splitlines() if line and not line.startswith("#")
    ]


def _codes(names: pl.Series, vocabulary: Vocabulary) -> Codes:
    distinct = names.unique(maintain_order=True)
    kept = vocabulary.add(distinct.to_list())
    positions = names.cast(pl.Enum(distinct)).to_physical().to_numpy()
    found: Codes = kept[positions]
    return found


def listed(text: str) -> list[str]:
    """The names of a comma-separated list, each once, in order."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _special(spec: dict[str, Any], groups: Sequence[str], vocabulary: Vocabulary, *, rows: tuple[Any, ...]) -> Pools:
    """Pools of names that point to a group. Takes what it allots out of `rest`, so that every name keeps its real number of births."""
    codes, sexes, years, rest = rows
    sections = [(name, section) for name, section in spec.items() if name not in {"general", "adults"}]
    wanted = vocabulary.add([n for _, s in sections for key in ("male", "female") for n in listed(s[key])])
    row_of = np.full((len(vocabulary.texts), 2, YEARS), -1, dtype=np.int64)
    mine = np.flatnonzero(np.isin(codes, wanted))
    row_of[codes[mine], sexes[mine], years[mine]] = mine
    pool, items, weights = [], [], []
    for _, section in sections:
        for sex, key in enumerate(("male", "female")):
            names = vocabulary.add(listed(section[key]))
            rows_here = row_of[names, sex, :]
            there = rows_here >= 0
            take = np.where(there, np.minimum(rest[rows_here], section["cap"]), UNDISCLOSED)
            rest[rows_here[there]] -= take[there]
            for group, share in section["groups"].items():
                at = groups.index(group) * 2 * YEARS + sex * YEARS + np.arange(YEARS)
                pool.append(np.broadcast_to(at, take.shape).ravel())
                items.append(np.repeat(names, YEARS))
                weights.append((take * share).ravel())
    return Pools.build(
        pools=len(groups) * 2 * YEARS,
        pool=np.concatenate(pool),
        items=np.concatenate(items),
        weights=np.concatenate(weights),
    )


def _adults(spec: dict[str, str], vocabulary: Vocabulary) -> Pools:
    pool, items, weights = [], [], []
    for sex, key in enumerate(("male", "female")):
        codes = vocabulary.add(listed(spec[key]))
        pool.append(np.full(len(codes), sex, dtype=np.int64))
        items.append(codes)
        weights.append(1 / (np.arange(len(codes)) + 8.0))
    return Pools.build(pools=2, pool=np.concatenate(pool), items=np.concatenate(items), weights=np.concatenate(weights))


def _surnames(spec: dict[str, Any], vocabulary: Vocabulary) -> tuple[Pools, Codes, Codes]:
    pool, weights = [], []
    male: list[str] = []
    female: list[str] = []
    for group, section in enumerate(spec.values()):
        forms, shares = _surname_rows(section)
        male += [form[0] for form in forms]
        female += [form[1] for form in forms]
        weights.append(shares)
        pool.append(np.full(len(forms), group, dtype=np.int64))
    rows = np.arange(len(male), dtype=np.int32)
    pools = Pools.build(pools=len(spec), pool=np.concatenate(pool), items=rows, weights=np.concatenate(weights))
    return pools, vocabulary.add(male), vocabulary.add(female)


def _surname_rows(section: dict[str, Any]) -> tuple[list[tuple[str, str]], Floats]:
    """Rows of (male form, female form) and their shares, which add up to one."""
    names = listed(section["names"])
    shares = (np.arange(len(names)) + 1 + section["shift"]) ** -float(section["zipf"])
    shares *= (1 - section["tail"]) / shares.sum()
    if section["tail"]:
        tail = _tail(section, set(names))
        spread = (np.arange(len(tail)) + 30.0) ** -0.6
        names, shares = names + tail, np.r_[shares, spread * section["tail"] / spread.sum()]
    forms = [(name, _feminine(name, section.get("feminine", ()))) for name in names]
    return _by_sex(forms, shares, section)


def _tail(section: dict[str, Any], known: set[str]) -> list[str]:
    """The composed names of a group, in a fixed shuffled order."""
    pairs = [first + second for first in listed(section["first"]) for second in listed(section["second"])]
    distinct = [name for name in dict.fromkeys(pairs) if name not in known]
    return [distinct[at] for at in np.random.default_rng(len(distinct)).permutation(len(distinct))]


def _feminine(name: str, endings: Sequence[str]) -> str:
    for ending in endings:
        masculine, feminine = ending.split(">")
        if name.endswith(masculine):
            return name[: -len(masculine)] + feminine
    return name


def _by_sex(
    forms: list[tuple[str, str]], shares: Floats, section: dict[str, Any]
) -> tuple[list[tuple[str, str]], Floats]:
    """Adds the families where girls, or both, carry a name given by sex (Begum; Singh and Kaur) instead of the family's."""
    share = section.get("feminine_share", 0.0)
    if not share:
        return forms, shares
    girls = listed(section["feminine_names"])
    if "masculine_names" in section:
        return [*forms, (section["masculine_names"], girls[0])], np.r_[shares * (1 - share), share]
    extra = [(forms[at][0], girls[at % len(girls)]) for at in range(len(forms))]
    return forms + extra, np.r_[shares * (1 - share), shares * share]
