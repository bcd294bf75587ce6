"""The made-up children are as many, as old, as often twins and named as England's are."""

from __future__ import annotations

import csv
from collections import Counter

import numpy as np
import pytest

from synthetic import names, places
from synthetic.births import ages
from synthetic.population import Population
from synthetic.vocabulary import NONE, Vocabulary
from tests.unit.synthetic.conftest import CHILDREN, TODAY


def texts(people: Population, codes: np.ndarray[tuple[int], np.dtype[np.int32]]) -> list[str]:
    return [people.vocabulary.texts[code] if code != NONE else "" for code in codes.tolist()]


def test_there_are_as_many_children_as_asked_for_and_none_is_eighteen(people: Population) -> None:
    assert len(people) == CHILDREN
    found = ages(people.born.day[~people.facts.unborn], TODAY)
    assert set(found.tolist()) == set(range(18))
    by_age = np.bincount(found)
    assert by_age.min() > 0.75 * by_age.mean()


def test_twins_are_about_one_maternity_in_sixty_six(people: Population) -> None:
    born = people.born
    maternities = int((born.place == 0).sum())
    assert 0.012 < int(((born.place == 0) & (born.plural > 1)).sum()) / maternities < 0.018


def test_twins_share_birthday_and_home_and_have_names_of_their_own(people: Population) -> None:
    born = people.born
    second = np.flatnonzero(born.place == 1)
    assert len(second) > 200
    assert (born.day[second] == born.day[second - 1]).all()
    assert (born.family[second] == born.family[second - 1]).all()
    assert (people.called.given[second] != people.called.given[second - 1]).mean() > 0.99


def test_brothers_and_sisters_are_born_at_least_nine_months_apart(people: Population) -> None:
    born = people.born
    order = np.lexsort((born.day, born.family))
    same = born.family[order][1:] == born.family[order][:-1]
    gaps = np.diff(born.day[order])[same]
    assert (gaps[gaps > 0] > 250).mean() > 0.999


def test_given_names_are_as_frequent_as_the_years_births_say(people: Population) -> None:
    real: Counter[str] = Counter()
    with (names.DATA / "ons_first_names.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if 2009 <= int(row["birth_year"]) <= 2024 and row["sex"] == "M":
                real[row["name"]] += int(row["births"])
    made = Counter(texts(people, people.called.given[people.born.sex == 0]))
    everyone, boys = sum(real.values()), sum(made.values())
    for name, births in real.most_common(12):
        assert made[name] / boys == pytest.approx(births / everyone, rel=0.3), name


def test_family_names_are_long_tailed_and_of_many_origins(people: Population) -> None:
    counts = Counter(texts(people, people.called.family_name))
    assert len(counts) > 4_000
    assert 0.003 < counts.most_common(1)[0][1] / len(people) < 0.03
    origins = np.bincount(people.families.group[people.born.family], minlength=len(people.names.groups)) / len(people)
    assert (origins > 0.001).all()
    assert 0.5 < origins[people.names.groups.index("english")] < 0.75


def test_some_families_join_their_names_and_some_names_are_given_by_sex(people: Population) -> None:
    family_names = texts(people, people.called.family_name)
    assert 0.02 < sum("-" in name for name in family_names) / len(people) < 0.1
    sexes = people.born.sex.tolist()
    assert {sex for name, sex in zip(family_names, sexes, strict=True) if name == "Kaur"} == {1}
    assert {sex for name, sex in zip(family_names, sexes, strict=True) if name == "Kowalska"} <= {1}


def test_what_few_children_have_is_there_and_rare(people: Population) -> None:
    called, facts = people.called, people.facts
    assert 0.03 < (called.known_as != NONE).mean() < 0.12
    assert 0.02 < (called.former != NONE).mean() < 0.12
    assert 0.003 < facts.shielded.mean() < 0.008
    assert 0 < facts.unborn.mean() < 0.005
    assert (called.given == NONE).any()
    assert (facts.deceased_on > 0).any()
    assert (facts.left_england > 0).any()


def test_the_first_of_january_is_the_commonest_birthday(people: Population) -> None:
    dates = people.born.day.astype("datetime64[D]").astype(str)
    birthdays = Counter(date[5:] for date in dates.tolist())
    assert birthdays.most_common(1)[0][0] == "01-01"


def test_a_new_identity_has_another_number_home_and_family_but_the_same_birthday(people: Population) -> None:
    old, new = people.identities.earlier, people.identities.later
    assert len(old) == round(CHILDREN * 0.0015)
    assert set(old.tolist()).isdisjoint(new.tolist())
    assert (people.born.family[old] != people.born.family[new]).all()
    assert (people.facts.nhs[old] != people.facts.nhs[new]).all()
    settled = ~people.facts.abroad[old] & ~people.facts.abroad[new]
    assert (people.born.day[old] == people.born.day[new])[settled].all()


def test_postcodes_are_each_in_one_authority_and_in_no_real_district(people: Population) -> None:
    written = people.places.postcodes
    assert written.n_unique() == len(written)
    assert written.str.contains(r"^(LS|WF)8[2-9] \d[A-Z]{2}$").all()


def test_postcodes_do_not_repeat_where_authorities_share_an_area() -> None:
    rng = np.random.default_rng(1)
    towns = places.build(places.chosen(("Barnet", "Haringey", "Islington"), rng), families=900_000)
    assert towns.postcodes.n_unique() == len(towns.postcodes)


def test_neighbouring_authorities_are_chosen_by_number() -> None:
    chosen = places.chosen(3, np.random.default_rng(5))
    assert len(chosen) == 3
    assert chosen["region"].n_unique() <= 2


@pytest.mark.parametrize("wanted", [0, 154, ("Atlantis",), ()])
def test_no_such_authority(wanted: int | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="authorit"):
        places.chosen(wanted, np.random.default_rng(1))


def test_a_text_is_kept_once() -> None:
    vocabulary = Vocabulary()
    assert vocabulary.add(["Ann", "Bob", "Ann"]).tolist() == [0, 1, 0]
    assert vocabulary.series(np.array([1, NONE], dtype=np.int32)).to_list() == ["Bob", None]
