"""What each child is called: given and middle names, the name they go by, family name now and before."""

from dataclasses import dataclass

import numpy as np

from synthetic.births import Births, years
from synthetic.households import FATHERS, MOTHERS, Families
from synthetic.identities import Identities
from synthetic.names import Ints, Names
from synthetic.vocabulary import NONE, Codes, Flags, Vocabulary

NO_MIDDLE, ONE_MIDDLE = 0.2, 0.82
KNOWN_AS = 0.07
CHANGED_NAME = 0.045
OWN_STYLE = 0.03
TWINS_ALIKE = 0.2
KEEPS_GIVEN_ADOPTED, KEEPS_GIVEN_PROTECTED = 0.6, 0.1
#: Groups in which a child may have one name only.
SINGLE_NAME_GROUPS = ("afghan_iranian", "tamil", "somali", "hindu")
SINGLE_NAME = 0.012
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Called:
    """Codes into the vocabulary, one row a child, `NONE` where there is no such name. changed_on: the day `former` became `family_name`."""

    given: Codes
    middle: Codes
    second_middle: Codes
    known_as: Codes
    family_name: Codes
    former: Codes
    mothers: Codes
    changed_on: Ints


def build(
    rng: np.random.Generator,
    *,
    born: Births,
    families: Families,
    names: Names,
    vocabulary: Vocabulary,
    identities: Identities,
    today: int,
) -> Called:
    """Names for every child. Brothers and sisters have different given names; an adopted child often keeps the first."""
    children = len(born.day)
    group, year = families.group[born.family], years(born.day)
    given = _given(rng, born, group=group, year=year, names=names, vocabulary=vocabulary)
    middle, second = (names.given(rng, group=group, sex=born.sex, year=year) for _ in range(2))
    luck = rng.random(children)
    middle[luck < NO_MIDDLE] = NONE
    second[luck < ONE_MIDDLE] = NONE
    kept = rng.random(len(identities.later)) < np.where(identities.adopted, KEEPS_GIVEN_ADOPTED, KEEPS_GIVEN_PROTECTED)
    given[identities.later[kept]] = given[identities.earlier[kept]]
    known_as = _known_as(rng, given=given, middle=middle, names=names, vocabulary=vocabulary)
    family_name, former = _family_names(rng, born, families)
    single = np.isin(group, [names.groups.index(name) for name in SINGLE_NAME_GROUPS]) & (
        rng.random(children) < SINGLE_NAME
    )
    changed = born.day + ((today - born.day) * rng.uniform(0.1, 0.95, children)).astype(np.int64)
    return Called(
        given=np.where(single, NONE, given).astype(np.int32),
        middle=np.where(single, NONE, middle).astype(np.int32),
        second_middle=np.where(single, NONE, second).astype(np.int32),
        known_as=np.where(single, NONE, known_as).astype(np.int32),
        family_name=np.where(single, given, family_name).astype(np.int32),
        former=np.where(single, NONE, former).astype(np.int32),
        mothers=_side(families.surnames.boys, families.surnames.girls, born, np.full(children, MOTHERS)),
        changed_on=np.where(former == NONE, 0, changed),
    )


def _given(
    rng: np.random.Generator, born: Births, *, group: Ints, year: Ints, names: Names, vocabulary: Vocabulary
) -> Codes:
    given = names.given(rng, group=group, sex=born.sex, year=year)
    twins = np.flatnonzero((born.place > 0) & (rng.random(len(given)) < TWINS_ALIKE))
    offers = np.column_stack(
        [names.given(rng, group=group[twins], sex=born.sex[twins], year=year[twins]) for _ in range(8)]
    )
    texts = vocabulary.texts
    for at, (child, row) in enumerate(zip(twins.tolist(), offers.tolist(), strict=True)):
        initial = texts[given[child - 1]][0]
        given[child] = next((code for code in row if texts[code][0] == initial), offers[at, 0])
    for _ in range(ROUNDS):
        again = _repeated(born.family, given)
        given[again] = names.given(rng, group=group[again], sex=born.sex[again], year=year[again])
    return given


def _repeated(family: Ints, given: Codes) -> Ints:
    """Children who bear a brother's or sister's given name."""
    key = family * (int(given.max(initial=0)) + 1) + given
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    found: Ints = order[1:][same]
    return found


def _known_as(rng: np.random.Generator, *, given: Codes, middle: Codes, names: Names, vocabulary: Vocabulary) -> Codes:
    known = np.full(len(given), NONE, dtype=np.int32)
    chosen = np.flatnonzero(rng.random(len(given)) < KNOWN_AS)
    luck = rng.random(len(chosen))
    texts = vocabulary.texts
    found: list[str] = []
    rows: list[int] = []
    for child, spin in zip(chosen.tolist(), luck.tolist(), strict=True):
        short = names.nicknames.get(texts[given[child]], ())
        if short and spin < 0.8:
            rows.append(child)
            found.append(short[int(spin / 0.8 * len(short))])
        elif middle[child] != NONE:
            rows.append(child)
            found.append(texts[middle[child]])
    known[np.array(rows, dtype=np.int64)] = vocabulary.add(found)
    return known


def _side(boys: Codes, girls: Codes, born: Births, column: Ints) -> Codes:
    side: Codes = np.where(born.sex == 1, girls[born.family, column], boys[born.family, column])
    return side


def _family_names(rng: np.random.Generator, born: Births, families: Families) -> tuple[Codes, Codes]:
    """Family name now and before. An eldest child of a re-partnered family may bear, or have borne, an earlier father's name."""
    children = len(born.day)
    surnames = families.surnames
    style = families.style[born.family]
    own = rng.random(children) < OWN_STYLE
    family_name = _side(surnames.boys, surnames.girls, born, np.where(own, rng.integers(0, 2, children), style))
    earlier = np.where(born.sex == 1, surnames.earlier_girls[born.family], surnames.earlier_boys[born.family])
    step = _steps(born, families)
    took = step & (rng.random(children) < 0.3)
    kept = step & ~took
    former = np.where(took, earlier, NONE)
    changed = (rng.random(children) < CHANGED_NAME) & ~step
    mothers = _side(surnames.boys, surnames.girls, born, np.full(children, MOTHERS))
    fathers = _side(surnames.boys, surnames.girls, born, np.full(children, FATHERS))
    before = np.where(mothers != family_name, mothers, np.where(fathers != family_name, fathers, earlier))
    former = np.where(changed & (before != family_name), before, former)
    family_name = np.where(kept, earlier, family_name)
    return family_name.astype(np.int32), np.where(former == family_name, NONE, former).astype(np.int32)


def _steps(born: Births, families: Families) -> Flags:
    """The eldest of families with several births whose mother has since had a new partner."""
    last = np.zeros(born.families, dtype=np.int64)
    np.maximum.at(last, born.family, born.order)
    steps: Flags = families.repartnered[born.family] & (born.order == 0) & (last[born.family] > 0)
    return steps
