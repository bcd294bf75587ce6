"""What two records of one child still have in common."""

from __future__ import annotations

from typing import Any

import pytest

from childindex.matching.engine.keys import VISIBLE_KINDS, KeyKind, key_values, search_keys
from tests.unit.matching.engine.made import AMY, bare, record

SAME_CHILD: list[dict[str, Any]] = [
    {"given_name": "Amyy"},
    {"given_name": "Aimee"},
    {"given_name": "Annabel"},
    {"given_name": ""},
    {"given_name": "Baby"},
    {"given_name": "Hargreave", "family_name": "Amy"},
    {"family_name": "Hargraev"},
    {"family_name": "Hargreve"},
    {"family_name": "Okafor", "former_family_name": "Hargreave"},
    {"family_name": "Hargreave-Okafor"},
    {"family_name": "Okafor"},
    {"birth_date": "2014-09-03"},
    {"birth_date": "2014-03-19"},
    {"birth_date": "2015-03-09"},
    {"birth_date": "2014-04-09"},
    {"birth_date": "2014-03"},
    {"birth_date": "2014"},
    {"family_name": "Hargraev", "birth_date": "2014-03-19"},
]


@pytest.mark.parametrize("change", SAME_CHILD, ids=str)
def test_a_child_is_found_though_one_fact_is_wrong_and_nothing_hidden_is_known(change: dict[str, Any]) -> None:
    hidden = {"postcode": "", "nhs_number": "", "address": "", "carers": ()}
    assert search_keys(record(**hidden)) & search_keys(record(**hidden, **change))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"given_name": "Mohammed", "family_name": "Ali"}, {"given_name": "Muhammad", "family_name": "Aly"}),
        ({"given_name": "Bill", "family_name": "Ray"}, {"given_name": "William", "family_name": "Ray"}),
    ],
)
def test_transliterations_and_pet_names_share_every_name_key(one: dict[str, str], other: dict[str, str]) -> None:
    left, right = (search_keys(bare(birth_date="2014-03-09", **names)) for names in (one, other))
    for kind in (KeyKind.NAMES_YEAR, KeyKind.NAME_BIRTH_DATE):
        assert {key for key in left if key.kind == kind} & {key for key in right if key.kind == kind}


@pytest.mark.parametrize("fact", ["nhs_number", "upn", "postcode"])
def test_a_number_or_postcode_finds_a_child_whose_name_changed(fact: str) -> None:
    known = {"nhs_number": "9990000018", "upn": "H801200001001", "postcode": "ZB1 2CD"}[fact]
    one = bare(given_name="Amy", family_name="Cox", birth_date="2014-03-09", **{fact: known})
    other = bare(given_name="Bea", family_name="Orr", birth_date="2014-03-09", **{fact: known})
    assert {key.kind for key in search_keys(one) & search_keys(other)} - {KeyKind.INITIALS_BIRTH_DATE}


def test_a_visible_key_is_made_from_name_birth_date_and_sex_alone() -> None:
    shown = bare(
        given_name=AMY.given_name, family_name=AMY.family_name, middle_names=AMY.middle_names, birth_date=AMY.birth_date
    )
    full = record(upn="H801200001001", uprn="10001")
    assert {key for key in search_keys(full) if key.kind in VISIBLE_KINDS} == search_keys(shown)
    hidden = {key.kind for key in search_keys(full)} - VISIBLE_KINDS
    assert hidden == set(KeyKind) - VISIBLE_KINDS - {KeyKind.NAMES_SECTOR}


def test_kinds_of_hidden_facts_are_numbered_from_fifty_where_the_database_refuses_them() -> None:
    assert all((kind in VISIBLE_KINDS) == (kind < 50) for kind in KeyKind)


def test_every_key_is_a_signed_number_of_64_bits_and_there_are_about_a_dozen() -> None:
    keys = search_keys(record())
    assert 8 <= len(keys) <= 18
    assert all(-(2**63) <= key.value < 2**63 for key in keys)


def test_many_names_make_a_bounded_number_of_keys() -> None:
    many = record(
        given_name="Ann-Marie-Jo-Beth",
        known_as="Lex",
        family_name="Da Costa-Silva-Reis-Lobo",
        former_family_name="Cruz-Melo",
    )
    assert len(search_keys(many)) <= 60


@pytest.mark.parametrize(
    "facts",
    [{"given_name": "Amy"}, {"family_name": "Hargreave"}, {"birth_date": "2014-03-09"}, {"postcode": "ZB1 2CD"}],
)
def test_one_fact_alone_makes_no_key(facts: dict[str, str]) -> None:
    assert search_keys(bare(**facts)) == frozenset()


def test_names_without_a_date_are_a_key_only_where_few_children_share_them() -> None:
    def kinds(given: str, family: str) -> set[KeyKind]:
        return {key.kind for key in search_keys(bare(given_name=given, family_name=family))}

    assert kinds("Zephyrine", "Hargreave") == {KeyKind.NAMES}
    assert kinds("Muhammad", "Khan") == set()
    assert kinds("Jack", "Smith") == set()


def test_common_names_are_divided_by_a_little_of_the_other_name() -> None:
    one, other = (
        search_keys(bare(given_name=name, family_name="Smith", birth_date="2014")) for name in ("Jack", "Oliver")
    )
    assert not one & other
    rare = [
        search_keys(bare(given_name=name, family_name="Hargreave", birth_date="2014")) for name in ("Jack", "Oliver")
    ]
    assert {key.kind for key in rare[0] & rare[1]} == {KeyKind.FAMILY_YEAR}


def test_numbers_to_look_up_are_those_of_the_keys() -> None:
    for one in (record(), bare(), record(given_name="Anna-Amy", former_family_name="Orr")):
        assert set(key_values(one).tolist()) == {key.value for key in search_keys(one)}
