"""One supplier's records: what it wrote down about each child it holds, with its own mistakes."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from synthetic import misnaming, slips
from synthetic.births import YEAR
from synthetic.households import CURRENT, EARLIER, OTHER_HOME, PREVIOUS
from synthetic.levels import LEVELS, Level
from synthetic.misnaming import Written
from synthetic.names import Ints
from synthetic.population import Population
from synthetic.suppliers import Supplier
from synthetic.vocabulary import NONE, Flags, gather

FULL, MONTH, YEAR_ALONE = 0, 1, 2
UNKNOWN = 2
SEXES = pl.Series(["male", "female", "unknown"])
PSEUDO = ("ZZ99 3VZ", "ZZ99 3WZ", "ZZ99 3CZ")
#: Suppliers that know a pupil number for some children only.
UPN_KNOWN = {"school_census": 0.985, "social_care": 0.6, "youth_justice": 0.3}
OLDEST = 18 * YEAR
MOTHER_FIRST = 0.88
CARER_KNOWN = 0.95


@dataclass(frozen=True, slots=True)
class Records:
    """One row a record. who: row of the population. Days count from 1970-01-01; as_of: when the supplier last looked."""

    who: Ints
    names: Written
    day: Ints
    precision: Ints
    sex: Ints
    nhs: Ints
    upn: pl.Series
    slot: Ints
    postcode: pl.Series
    homeless: Flags
    as_of: Ints
    updated_on: Ints
    carer_known: Flags
    father_first: Flags


def write_down(rng: np.random.Generator, *, population: Population, supplier: Supplier, who: Ints) -> Records:
    """The supplier's records of these children, each kind of slip drawn on its own at the rate of the supplier's level."""
    level = LEVELS[supplier.level]
    as_of = _as_of(rng, population, supplier, who, level=level)
    names = misnaming.write(rng, population=population, supplier=supplier, who=who, as_of=as_of)
    unborn = population.facts.unborn[who]
    day, precision = _dates(rng, population.born.day[who], unborn, level=level, today=population.today)
    slot = _slots(rng, population, who, as_of, level=level)
    postcode, homeless = _postcodes(rng, population, who, slot, level=level)
    updated = np.minimum(as_of + rng.integers(0, 60, len(who)), population.today)
    return Records(
        who=who,
        names=names,
        day=day,
        precision=precision,
        sex=_sexes(rng, population.born.sex[who], unborn, level=level),
        nhs=_nhs_numbers(rng, population, who, supplier, level=level),
        upn=_upns(rng, population, who, supplier),
        slot=slot,
        postcode=postcode,
        homeless=homeless,
        as_of=as_of,
        updated_on=updated,
        carer_known=rng.random(len(who)) < CARER_KNOWN,
        father_first=(rng.random(len(who)) >= MOTHER_FIRST)
        & population.families.father_known[population.born.family[who]],
    )


def _as_of(rng: np.random.Generator, population: Population, supplier: Supplier, who: Ints, *, level: Level) -> Ints:
    """The day to which each record is true: birth for a registrar, else some time ago. An old identity stays as it was."""
    day = np.minimum(population.born.day[who], population.today)
    looked = population.today - rng.exponential(level.lag * YEAR, len(who)).astype(np.int64)
    found = day + rng.integers(2, 42, len(who)) if supplier.at_birth else looked
    frozen = np.full(len(population), population.today)
    frozen[population.identities.earlier] = population.identities.since
    as_of: Ints = np.minimum(np.maximum(found, day), frozen[who])
    return as_of


def _dates(rng: np.random.Generator, day: Ints, unborn: Flags, *, level: Level, today: int) -> tuple[Ints, Ints]:
    written = day.copy()
    count = len(day)
    for rate, change in (
        (level.date_digit, lambda days: slips.one_digit(days, rng.random(len(days)))),
        (level.date_swapped, slips.swapped_day_and_month),
        (level.date_january, slips.first_of_january),
    ):
        rows = np.flatnonzero((rng.random(count) < rate) & ~unborn)
        made = change(written[rows])
        fits = (made <= today) & (made > today - OLDEST)
        written[rows[fits]] = made[fits]
    partial = (rng.random(count) < level.date_partial) & ~unborn
    precision = np.where(partial, rng.integers(MONTH, YEAR_ALONE + 1, count), FULL)
    return written, precision


def _sexes(rng: np.random.Generator, sex: Ints, unborn: Flags, *, level: Level) -> Ints:
    written = np.where(rng.random(len(sex)) < level.sex_wrong, 1 - sex, sex)
    unknown = unborn | (rng.random(len(sex)) < level.sex_unknown)
    return np.where(unknown, UNKNOWN, written)


def _slots(rng: np.random.Generator, population: Population, who: Ints, as_of: Ints, *, level: Level) -> Ints:
    """Which of the family's homes the supplier has: where they lived on that day, or the other parent's."""
    family = population.born.family[who]
    moved = population.families.moved[family]
    slot = np.where(as_of >= moved[:, 0], CURRENT, np.where(as_of >= moved[:, 1], PREVIOUS, EARLIER))
    elsewhere = population.families.apart[family] & (rng.random(len(who)) < level.other_home)
    return np.where(elsewhere, OTHER_HOME, slot)


def _postcodes(
    rng: np.random.Generator, population: Population, who: Ints, slot: Ints, *, level: Level
) -> tuple[pl.Series, Flags]:
    """Postcodes as written, and who has none because there is no fixed home."""
    known = population.places.postcodes
    codes = population.families.postcode[population.born.family[who], slot].copy()
    wrong = np.flatnonzero(rng.random(len(who)) < level.postcode_typo)
    spins = rng.random(len(wrong)).tolist()
    extra = [
        slips.postcode_slip(text, spin)
        for text, spin in zip(known.gather(pl.Series(codes[wrong])).to_list(), spins, strict=True)
    ]
    codes[wrong] = len(known) + len(PSEUDO) + np.arange(len(wrong))
    luck = rng.random(len(who))
    codes[luck < level.postcode_missing] = NONE
    homeless = luck > 1 - level.postcode_pseudo
    codes[homeless] = len(known) + rng.integers(0, len(PSEUDO), int(homeless.sum()))
    return gather(pl.concat([known, pl.Series([*PSEUDO, *extra], dtype=pl.String)]), codes), homeless


def _nhs_numbers(
    rng: np.random.Generator, population: Population, who: Ints, supplier: Supplier, *, level: Level
) -> Ints:
    """Numbers as written, 0 where missing. A wrong one is a brother's or sister's, or one nobody holds; its check digit is right."""
    facts, family = population.facts, population.born.family
    written = facts.nhs[who].copy()
    kept = supplier.name == "gp_list"
    written[rng.random(len(who)) < level.number_missing * (0.1 if kept else 1.0)] = 0
    wrong = np.flatnonzero((rng.random(len(who)) < level.number_wrong * 2) & (written > 0))
    beside = np.minimum(who[wrong] + 1, len(family) - 1)
    same = (family[beside] == family[who[wrong]]) & (beside != who[wrong]) & (facts.nhs[beside] > 0)
    spare = facts.spare_nhs
    others = spare[rng.integers(0, len(spare), len(wrong))] if len(spare) else written[wrong]
    written[wrong] = np.where(same, facts.nhs[beside], others)
    return written


def _upns(rng: np.random.Generator, population: Population, who: Ints, supplier: Supplier) -> pl.Series:
    if "upn" not in supplier.columns:
        return pl.repeat(None, len(who), dtype=pl.String, eager=True)
    pupils = population.born.day[who] < population.today - 5 * YEAR
    held = pupils & (rng.random(len(who)) < UPN_KNOWN.get(supplier.name, 0.0))
    return gather(population.facts.upn, np.where(held, who, NONE))


def homes(population: Population, records: Records) -> tuple[pl.Series, pl.Series]:
    """Address lines and property numbers for the records, null where there is no fixed home."""
    families, family = population.families, population.born.family[records.who]
    frame = pl.DataFrame(
        {
            "flat": families.flat[family, records.slot],
            "house": families.house[family, records.slot],
            "line": population.places.lines().gather(pl.Series(families.postcode[family, records.slot])),
            "uprn": 99_000_000_000 + family * 10 + records.slot,
            "homeless": records.homeless,
        }
    )
    flat = pl.when(pl.col("flat") > 0).then(pl.format("Flat {}, ", "flat")).otherwise(pl.lit(""))
    line = pl.concat_str(flat, pl.format("{} ", "house"), "line")
    made = frame.select(
        address=pl.when(~pl.col("homeless")).then(line),
        uprn=pl.when(~pl.col("homeless")).then(pl.col("uprn").cast(pl.String)),
    )
    return made["address"], made["uprn"]
