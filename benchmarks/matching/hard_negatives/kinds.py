"""The kinds of hard pairs: what makes the two alike, and what tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.matching.hard_negatives.alike import PET, SIMILAR, VARIANT
from benchmarks.matching.hard_negatives.family import Pairs
from synthetic.births import YEAR
from synthetic.names import Ints
from synthetic.slips import first_of_january

# Suppliers write dates from 1990; a young parent may still be in a file of children and care leavers.
EARLIEST = 7_306
YOUNGEST_FATHER, OLDEST_FATHER = 17, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of pair. `evidence`: what tells the two apart beside the record that each has in the other file.

    `unnamed`: the second file calls both by no name but "Twin 1" and "Twin 2".
    """

    name: str
    evidence: str
    make: Callable[[Pairs], None]
    unnamed: bool = False


def _twins(pairs: Pairs) -> None:
    pairs.at_one_home()
    pairs.born_together()
    pairs.of_one_family_name()


def _twins_of_other_names(pairs: Pairs) -> None:
    _twins(pairs)
    pairs.of_another_given_name()


def _twins_of_one_initial(pairs: Pairs) -> None:
    _twins(pairs)
    pairs.of_one_sex()
    pairs.of_another_given_name(same_initial=True)


def _twins_alike(how: str) -> Callable[[Pairs], None]:
    def make(pairs: Pairs) -> None:
        _twins(pairs)
        pairs.of_one_sex()
        pairs.of_names_alike(how)

    return make


def _same_name_and_date(pairs: Pairs) -> None:
    pairs.of_one_sex()
    pairs.of_one_family_name()
    pairs.of_one_given_name()
    pairs.born_on_one_day()


def _cousins_transliterated(pairs: Pairs) -> None:
    pairs.some(0.5).at_one_home()
    pairs.of_one_sex()
    pairs.of_one_family_name()
    pairs.slipped()
    pairs.of_names_alike(VARIANT)


def _cousins_of_one_name(pairs: Pairs) -> None:
    pairs.at_one_home()
    pairs.of_one_sex()
    pairs.of_one_family_name()
    pairs.of_one_given_name()
    pairs.slipped()


def _father_and_child(pairs: Pairs) -> None:
    """The second is the father: born on another day of the year, or on the same."""
    born, rng = pairs.made.born, pairs.rng
    born.sex[pairs.one] = 0
    pairs.at_one_home()
    pairs.of_one_sex()
    pairs.of_one_family_name()
    pairs.of_one_given_name()
    younger = born.day[pairs.one] < EARLIEST + (YOUNGEST_FATHER + 1) * YEAR
    born.day[pairs.one[younger]] += int(2 * YEAR)
    same_day = rng.random(len(pairs.one)) < 0.3

    def change(day: Ints) -> Ints:
        most = np.minimum(((day - EARLIEST) / YEAR).astype(np.int64), OLDEST_FATHER)
        gap = rng.integers(YOUNGEST_FATHER, most + 1)
        months = (day.astype("datetime64[D]").astype("datetime64[M]") - gap * 12).astype("datetime64[D]")
        within = day - day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        then = months.astype(np.int64) + within
        return np.where(same_day, then, np.maximum(then + rng.integers(-180, 180, len(day)), EARLIEST))

    pairs.born(change)


def _first_of_january(pairs: Pairs) -> None:
    born = pairs.made.born
    born.day[pairs.one] = first_of_january(born.day[pairs.one])
    _same_name_and_date(pairs)
    pairs.some(0.5).of_names_alike(VARIANT)


def _siblings(pairs: Pairs) -> None:
    """Born a year apart to the day, or one digit apart."""
    pairs.at_one_home()
    pairs.of_one_sex()
    pairs.of_one_family_name()
    pairs.of_another_given_name(same_initial=True)
    pairs.some(0.5).of_names_alike(SIMILAR)

    def change(day: Ints) -> Ints:
        months = day.astype("datetime64[D]").astype("datetime64[M]")
        within = day - months.astype("datetime64[D]").astype(np.int64)
        return (months - 12).astype("datetime64[D]").astype(np.int64) + within

    pairs.born(change)


def _half_siblings(pairs: Pairs) -> None:
    pairs.at_one_home()
    pairs.of_one_sex()
    pairs.of_joined_family_names()
    pairs.of_another_given_name(same_initial=True)
    pairs.some(0.5).of_names_alike(SIMILAR)
    pairs.born(lambda day: day - pairs.rng.integers(280, 1100, len(day)))


def _new_identity(pairs: Pairs) -> None:
    pairs.of_one_sex()
    pairs.born_on_one_day()
    pairs.some(0.7).of_one_given_name()
    pairs.with_old_and_new_identity()


KINDS: tuple[Kind, ...] = (
    Kind(name="twins", evidence="other given name", make=_twins_of_other_names),
    Kind(name="twins_one_initial", evidence="other given name, same initial", make=_twins_of_one_initial),
    Kind(name="twins_similar", evidence="given names a letter or two apart", make=_twins_alike(SIMILAR)),
    Kind(name="twins_variant", evidence="given names spelt as two ways of one", make=_twins_alike(VARIANT)),
    Kind(name="twins_pet", evidence="given name and a short form of it as a name", make=_twins_alike(PET)),
    Kind(
        name="twins_unnamed", evidence="other given name, one file has none", make=_twins_of_other_names, unnamed=True
    ),
    Kind(name="same_name_and_date", evidence="other home, carers and middle names", make=_same_name_and_date),
    Kind(
        name="cousins_transliterated",
        evidence="other spelling, day of birth, half of them home",
        make=_cousins_transliterated,
    ),
    Kind(name="cousins_of_one_name", evidence="other day of birth, same home", make=_cousins_of_one_name),
    Kind(name="father_and_child", evidence="born half a life apart", make=_father_and_child),
    Kind(
        name="first_of_january", evidence="other home; 1 January stands for a day nobody knows", make=_first_of_january
    ),
    Kind(name="siblings_one_year", evidence="other given name, born a year apart to the day", make=_siblings),
    Kind(name="half_siblings", evidence="other given name, date, and half of the family name", make=_half_siblings),
    Kind(name="new_identity", evidence="other family name and home: adopted or protected", make=_new_identity),
)
