"""Families: name-origin group, parents and their names, homes and moves, telephone numbers."""

from dataclasses import dataclass

import numpy as np

from synthetic.births import YEAR
from synthetic.names import Ints, Names
from synthetic.places import Places
from synthetic.vocabulary import Codes, Flags, Vocabulary

#: Families move about once in nine years.
MOVE_EVERY = 9 * YEAR
CURRENT, PREVIOUS, EARLIER, OTHER_HOME = 0, 1, 2, 3
SLOTS = 4
MOTHERS_GROUP_SAME = 0.9
TWO_HOMES = 0.12
REPARTNERED = 0.08
SHARED_ADDRESS = 0.004
#: How a family's children are named: after the father, the mother, both joined.
FATHERS, MOTHERS, JOINED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Surnames:
    """Family names a family's children may bear, by sex: columns FATHERS, MOTHERS, JOINED for boys and for girls, and an earlier father's."""

    boys: Codes
    girls: Codes
    earlier_boys: Codes
    earlier_girls: Codes


@dataclass(frozen=True, slots=True)
class Families:
    """One row a family. Homes have a column for each slot: current, previous, earlier, the other parent's; moved: days of the last two moves."""

    group: Ints
    authority: Ints
    mother_given: Codes
    mother_family: Codes
    father_given: Codes
    father_family: Codes
    style: Ints
    surnames: Surnames
    repartnered: Flags
    apart: Flags
    father_known: Flags
    postcode: Ints
    house: Ints
    flat: Ints
    moved: Ints
    mother_phone: Ints
    father_phone: Ints


def build(
    rng: np.random.Generator, *, families: int, names: Names, vocabulary: Vocabulary, places: Places, today: int
) -> Families:
    """Parents, names and homes for `families` families."""
    group = rng.choice(len(names.groups), size=families, p=names.shares)
    mother_group = np.where(
        rng.random(families) < MOTHERS_GROUP_SAME, group, rng.choice(len(names.groups), size=families, p=names.shares)
    )
    father, mother, earlier = (names.surnames.draw(g, rng.random(families)) for g in (group, mother_group, group))
    married = rng.random(families) < 0.5
    mother = np.where(married & (names.male_forms[mother] == names.female_forms[mother]), father, mother).astype(
        np.int32
    )
    style = _style(rng, group=group, names=names, families=families)
    authority = rng.choice(len(places.codes), size=families, p=places.weights)
    postcode, house, flat = _homes(rng, places, authority)
    since = np.cumsum(rng.exponential(MOVE_EVERY, (families, 2)), axis=1).astype(np.int64)
    ones, zeros = np.ones(families, dtype=np.int64), np.zeros(families, dtype=np.int64)
    return Families(
        group=group,
        authority=authority,
        mother_given=names.adult(rng, group=mother_group, sex=ones),
        mother_family=names.female_forms[mother],
        father_given=names.adult(rng, group=group, sex=zeros),
        father_family=names.male_forms[father],
        style=style,
        surnames=_surnames(names, vocabulary, rows=(father, mother, earlier), style=style, group=group),
        repartnered=rng.random(families) < REPARTNERED,
        apart=rng.random(families) < TWO_HOMES,
        father_known=rng.random(families) < 0.82,
        postcode=postcode,
        house=house,
        flat=flat,
        moved=today - since,
        mother_phone=rng.integers(0, 1000, families),
        father_phone=rng.integers(0, 1000, families),
    )


def _style(rng: np.random.Generator, *, group: Ints, names: Names, families: int) -> Ints:
    luck = rng.random(families)
    joined = np.where(group == names.groups.index("portuguese"), 0.55, 0.055)
    style = np.where(luck < joined, JOINED, np.where(luck < joined + 0.17, MOTHERS, FATHERS))
    return np.where(np.isin(group, [names.groups.index("sikh"), names.groups.index("somali")]), FATHERS, style)


def _surnames(
    names: Names, vocabulary: Vocabulary, *, rows: tuple[Codes, Codes, Codes], style: Ints, group: Ints
) -> Surnames:
    father, mother, earlier = rows
    sides = []
    for forms in (names.male_forms, names.female_forms):
        joined = forms[father].copy()
        both = np.flatnonzero((style == JOINED) & (forms[father] != forms[mother]))
        spaced = group[both] == names.groups.index("portuguese")
        pairs = zip(
            vocabulary.words(forms[mother[both]]), vocabulary.words(forms[father[both]]), spaced.tolist(), strict=True
        )
        joined[both] = vocabulary.add([f"{one} {other}" if space else f"{one}-{other}" for one, other, space in pairs])
        sides.append(np.column_stack([forms[father], forms[mother], joined]))
    return Surnames(
        boys=sides[0], girls=sides[1], earlier_boys=names.male_forms[earlier], earlier_girls=names.female_forms[earlier]
    )


def _homes(rng: np.random.Generator, places: Places, authority: Ints) -> tuple[Ints, Ints, Ints]:
    """Postcode, house and flat number for each family and slot; one move in seven is to another of the authorities."""
    families = len(authority)
    away = rng.choice(len(places.codes), size=(families, SLOTS), p=places.weights)
    where = np.where(rng.random((families, SLOTS)) < 0.15, away, authority[:, None])
    where[:, CURRENT] = authority
    postcode = places.pick(rng, where.ravel()).reshape(families, SLOTS)
    house = rng.integers(1, 140, (families, SLOTS))
    flat = np.where(rng.random((families, SLOTS)) < 0.16, rng.integers(1, 30, (families, SLOTS)), 0)
    shared = np.flatnonzero(rng.random(families) < SHARED_ADDRESS)
    hostels = 1 + np.diff(places.first)[authority[shared]] // 60
    postcode[shared, CURRENT] = places.first[authority[shared]] + (rng.random(len(shared)) * hostels).astype(np.int64)
    house[shared, CURRENT], flat[shared, CURRENT] = 1, 0
    return postcode, house, flat
