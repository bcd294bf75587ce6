"""What each fact says, what they say together, and that one record and many give the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from childindex.kernel.identity import Carer, Sex
from childindex.matching.engine.levels import FIELDS, Field, Level
from childindex.matching.engine.model import load_model
from childindex.matching.engine.scorer import score, score_children, score_pairs
from tests.unit.matching.engine.made import bare, child, level, match, record

DATES = [
    ("2014-03-09", "2014-03-09", Level.EXACT),
    ("2014-01-01", "2014-01-01", Level.FIRST_OF_JANUARY),
    ("2014-03-09", "2014-09-03", Level.DAY_MONTH_SWAPPED),
    ("2014-03-09", "2014-03-19", Level.ONE_DIGIT),
    ("2014-03-09", "2015-03-09", Level.ONE_DIGIT),
    ("2014-03-09", "2014-03-28", Level.TWO_PARTS_AGREE),
    ("2009-12-31", "2010-12-31", Level.TWO_PARTS_AGREE),
    ("2014-03-09", "2014-03", Level.MONTH_AGREES),
    ("2014-03", "2014-03", Level.MONTH_AGREES),
    ("2014-03-09", "2014-04", Level.DIFFERS),
    ("2014-03-09", "2014", Level.YEAR_ONLY_AGREES),
    ("2014", "2014", Level.YEAR_ONLY_AGREES),
    ("2014-03-09", "2013", Level.DIFFERS),
    ("2014-03-09", "2011-07-22", Level.DIFFERS),
    ("2014-03-09", None, Level.MISSING),
]


@pytest.mark.parametrize(("one", "other", "expected"), DATES)
def test_how_far_two_dates_agree(one: str, other: str | None, expected: Level) -> None:
    assert level(Field.BIRTH_DATE, bare(birth_date=one), bare(birth_date=other)) is expected
    assert level(Field.BIRTH_DATE, bare(birth_date=other), bare(birth_date=one)) is expected


NUMBERS = [
    ("nhs_number", "9990000018", "999 000 0018", Level.EXACT),
    ("nhs_number", "9990000018", "9990000026", Level.DIFFERS),
    ("nhs_number", "9990000018", "9990000013", Level.ONE_DIGIT),
    ("nhs_number", "9990000018", "9990000108", Level.ONE_DIGIT),
    ("nhs_number", "9990000018", "9990010108", Level.MISSING),
    ("nhs_number", "9990000018", "9990001008", Level.MISSING),
    ("nhs_number", "9990000013", "9990000013", Level.MISSING),
    ("nhs_number", "9999999999", "9999999999", Level.MISSING),
    ("nhs_number", "9990000018", "999000001", Level.MISSING),
    ("nhs_number", "9990000018", "", Level.MISSING),
    ("upn", "H801200001001", "h801200001001", Level.EXACT),
    ("upn", "H801200001001", "H931200025086", Level.DIFFERS),
    ("upn", "H801200001001", "H801200001002", Level.ONE_DIGIT),
    ("upn", "H801200001001", "H801200001010", Level.ONE_DIGIT),
    ("upn", "H801200001001", "H801200001023", Level.MISSING),
    ("upn", "H801200001001", "H80120000100", Level.MISSING),
]


@pytest.mark.parametrize(("fact", "one", "other", "expected"), NUMBERS)
def test_a_number_that_fails_its_check_is_at_most_one_digit_off(
    fact: str, one: str, other: str, expected: Level
) -> None:
    assert level(Field(fact), bare(**{fact: one}), bare(**{fact: other})) is expected
    assert level(Field(fact), bare(**{fact: other}), bare(**{fact: one})) is expected


def test_the_same_property_is_the_same_home_however_it_is_written() -> None:
    home = {"address": "The Old Mill, Saltwick", "postcode": "ZB1 2CD"}
    other = {"address": "2 Mill Road, Saltwick", "postcode": "ZB1 2CE"}
    assert level(Field.ADDRESS, bare(uprn="100", **home), bare(uprn="0100", **other)) is Level.PROPERTY
    assert level(Field.ADDRESS, bare(uprn="100", **home), bare(uprn="101", **other)) is Level.SECTOR


NAMES: list[tuple[Field, dict[str, str], dict[str, str], Level]] = [
    (Field.GIVEN, {"given_name": "Amy"}, {"given_name": "AMY"}, Level.EXACT),
    (Field.GIVEN, {"given_name": "Amy"}, {"given_name": "Josephine", "known_as": "Amy"}, Level.EXACT),
    (Field.GIVEN, {"given_name": "Lily Mae"}, {"given_name": "Lilymae"}, Level.EXACT),
    (Field.GIVEN, {"given_name": "Lily-Mae"}, {"given_name": "Lily"}, Level.PART),
    (Field.GIVEN, {"given_name": "Tom"}, {"given_name": "Thomas"}, Level.NICKNAME),
    (Field.GIVEN, {"given_name": "A"}, {"given_name": "Amy"}, Level.INITIAL),
    (Field.GIVEN, {"given_name": "Rose"}, {"given_name": "Bella", "middle_names": "Rose"}, Level.MIDDLE),
    (Field.GIVEN, {"given_name": "Rose", "middle_names": "May Rose"}, {"given_name": "Bella"}, Level.CALLED),
    (Field.GIVEN, {"given_name": "Emily"}, {"given_name": "Emilia"}, Level.SIMILAR),
    (Field.GIVEN, {"given_name": "Twin 1"}, {"given_name": "Amy"}, Level.UNNAMED_TWIN),
    (Field.GIVEN, {"given_name": "Amy"}, {"given_name": "Zara"}, Level.DIFFERS),
    (Field.FAMILY, {"family_name": "Cox"}, {"family_name": "COX"}, Level.EXACT),
    (Field.FAMILY, {"family_name": "Cox"}, {"family_name": "Orr", "former_family_name": "Cox"}, Level.FORMER),
    (Field.FAMILY, {"family_name": "Cox", "former_family_name": "Orr"}, {"family_name": "Orr"}, Level.FORMER),
    (Field.FAMILY, {"family_name": "Cox-Orr"}, {"family_name": "Orr"}, Level.PART),
    (Field.FAMILY, {"family_name": "Cox-Orr"}, {"family_name": "Orr Vale"}, Level.PART),
    (Field.FAMILY, {"family_name": "Sheikh"}, {"family_name": "Shaikh"}, Level.TRANSLITERATION),
    (Field.GIVEN, {"given_name": "Stan"}, {"given_name": "Stanley"}, Level.NICKNAME),
    (Field.GIVEN, {"given_name": "Xavvy"}, {"given_name": "Xavier"}, Level.NICKNAME),
    (Field.FAMILY, {"family_name": "Clark"}, {"family_name": "Clarke"}, Level.SOUNDS_ALIKE),
    (Field.FAMILY, {"family_name": "Hargreave"}, {"family_name": "Hargreavt"}, Level.CLOSE),
    (Field.FAMILY, {"family_name": "Unknown"}, {"family_name": "Cox"}, Level.MISSING),
    (Field.FAMILY, {"family_name": "Cox"}, {"family_name": "Patel"}, Level.DIFFERS),
    (Field.MIDDLE, {"middle_names": "Jo Ann"}, {"middle_names": "Jo Ann"}, Level.EXACT),
    (Field.MIDDLE, {"middle_names": "Jo Ann"}, {"middle_names": "Ann"}, Level.PART),
    (Field.MIDDLE, {"middle_names": "Louise"}, {"middle_names": "L"}, Level.INITIAL),
    (Field.MIDDLE, {"middle_names": "Louise"}, {"middle_names": "Louisse"}, Level.CLOSE),
    (Field.MIDDLE, {"middle_names": "Louise"}, {"middle_names": "Kate"}, Level.DIFFERS),
]


@pytest.mark.parametrize(("of", "one", "other", "expected"), NAMES)
def test_how_far_two_names_agree(of: Field, one: dict[str, str], other: dict[str, str], expected: Level) -> None:
    assert level(of, bare(**one), bare(**other)) is expected
    assert level(of, bare(**other), bare(**one)) is expected


def test_names_given_the_wrong_way_round_agree_as_swapped() -> None:
    found = match(bare(given_name="Hargreave", family_name="Amy"), bare(given_name="Amy", family_name="Hargreave"))
    assert (found.level(Field.GIVEN), found.level(Field.FAMILY)) == (Level.SWAPPED, Level.SWAPPED)


HERE = {"address": "14 Mill Road, Town", "postcode": "ZB1 2CD"}
PLACES: list[tuple[dict[str, str], Level]] = [
    (HERE, Level.EXACT),
    ({"address": "Elsewhere", "postcode": "ZB9 9ZZ", "uprn": "10001"}, Level.PROPERTY),
    ({"address": "20 Mill Road", "postcode": "ZB1 2CD"}, Level.POSTCODE),
    ({"address": "14 Mill Rd", "postcode": ""}, Level.STREET),
    ({"address": "3 Low Lane", "postcode": "ZB1 2XX"}, Level.SECTOR),
    ({"address": "3 Low Lane", "postcode": "ZB7 7XX"}, Level.DIFFERS),
    ({"address": "", "postcode": ""}, Level.MISSING),
]


@pytest.mark.parametrize(("there", "expected"), PLACES)
def test_how_far_two_addresses_agree(there: dict[str, str], expected: Level) -> None:
    assert level(Field.ADDRESS, bare(**HERE, uprn="10001"), bare(**there)) is expected


CARERS = [
    (Carer(name="Mrs Joan Cox"), Level.EXACT),
    (Carer(name="J Other", phone="+44 113 496 0001"), Level.PHONE),
    (Carer(name="Joan Orr"), Level.PART),
    (Carer(name="Peter Orr", phone="0113 496 0009"), Level.DIFFERS),
    (Carer(name="", phone="0113 496 0009"), Level.DIFFERS),
]


@pytest.mark.parametrize(("carer", "expected"), CARERS)
def test_how_far_two_lists_of_carers_agree(carer: Carer, expected: Level) -> None:
    ours = bare(carers=(Carer(name="Joan Cox", phone="0113 496 0001"),))
    assert level(Field.CARERS, ours, bare(carers=(carer,))) is expected
    assert level(Field.CARERS, ours, bare()) is Level.MISSING


def test_a_gender_that_is_not_known_or_other_says_nothing() -> None:
    assert level(Field.SEX, bare(sex=Sex.MALE), bare(sex=Sex.FEMALE)) is Level.DIFFERS
    assert level(Field.SEX, bare(sex=Sex.MALE), bare(sex=Sex.UNKNOWN)) is Level.MISSING
    assert level(Field.SEX, bare(sex=Sex.MALE), bare(sex=Sex.OTHER)) is Level.MISSING


def test_the_score_is_the_sum_of_the_facts_and_the_odds_before() -> None:
    model = load_model()
    found = match(bare(given_name="Amy", birth_date="2014-03-09"), record())
    assert found.score == pytest.approx(model.prior + sum(result.weight for result in found.fields))
    assert [result.field for result in found.fields] == list(FIELDS)


def test_what_a_household_shares_counts_only_so_much() -> None:
    model = load_model()
    found = match(record(given_name="", birth_date=None, middle_names="", sex=Sex.UNKNOWN, nhs_number=""), record())
    assert sum(result.weight for result in found.fields) > model.most_household_bits
    assert found.score == pytest.approx(model.prior + model.most_household_bits)


def test_a_twin_scores_far_below_the_child() -> None:
    model = load_model().for_population(20_000)
    twin = match(record(given_name="Zara", middle_names="Jane", nhs_number=""), record(), model=model)
    assert twin.score < 0 < match(record(), record(), model=model).score - 30


def test_every_past_value_counts() -> None:
    moved = record(address="2 Low Lane", postcode="ZB7 7XX", family_name="Orr", carers=())
    assert match(record(), moved, record()).score == pytest.approx(match(record(), record()).score)
    number = match(record(nhs_number="9990000018"), record(nhs_number=""), record(nhs_number="9990000018"))
    assert number.level(Field.NHS_NUMBER) is Level.EXACT


def test_no_child_is_put_together_from_two_records() -> None:
    """A name from one record and a birth date from another would match a child who is neither."""
    query = bare(given_name="Zara", family_name="Cox", birth_date="2014-03-09")
    held = (
        bare(given_name="Zara", family_name="Orr", birth_date="2009-11-21"),
        bare(given_name="Amy", family_name="Cox", birth_date="2014-03-09"),
    )
    together = match(query, *held)
    assert together.score == pytest.approx(max(match(query, one).score for one in held))


def test_a_record_without_a_given_name_does_not_hide_that_it_differs() -> None:
    """A twin's row against a child whose birth record says "Twin 1"."""
    twin, nameless = record(given_name="Zara", nhs_number=""), record(given_name="Twin 1", nhs_number="")
    assert match(twin, nameless, record(given_name="Amy")).level(Field.GIVEN) is Level.DIFFERS


def test_a_date_known_to_the_year_does_not_hide_that_the_full_date_differs() -> None:
    assert (
        level(Field.BIRTH_DATE, record(birth_date="2014-11-30"), record(birth_date="2014"), record()) is Level.DIFFERS
    )


def test_no_candidates_no_matches() -> None:
    assert score(load_model(), record(), []) == []
    nothing = score_pairs(load_model(), [record()], [record()], np.empty((0, 2), dtype=np.int64))
    assert nothing.scores.shape == (0,)


VARIANTS: list[dict[str, Any]] = [
    {},
    {"given_name": "Aimee"},
    {"given_name": "Louise"},
    {"given_name": "Hargreave", "family_name": "Amy"},
    {"birth_date": "2014-09-03", "postcode": "ZB1 2XX"},
    {"family_name": "Orr", "former_family_name": "Hargreave", "nhs_number": "9990000026"},
    {"given_name": "Zara", "middle_names": "", "sex": Sex.MALE},
    {"given_name": "", "birth_date": None, "carers": ()},
    {"given_name": "Ana", "middle_names": "L", "birth_date": "2014"},
]


def test_one_query_and_a_batch_give_the_same_numbers() -> None:
    model = load_model().for_population(50_000)
    records = [record(**facts) for facts in VARIANTS]
    pairs = np.array([(left, right) for left in range(len(records)) for right in range(len(records))])
    batch = score_pairs(model, records, records, pairs)
    single = [
        one
        for query in records
        for one in score(model, query, [child(place, held) for place, held in enumerate(records)])
    ]
    assert np.allclose(batch.scores, [one.score for one in single], rtol=0, atol=1e-9)
    assert [FIELDS[place] for place in range(len(FIELDS))] == [result.field for result in single[0].fields]


def test_children_of_many_records_score_alike_one_by_one_and_in_a_batch() -> None:
    model = load_model()
    records = [record(**facts) for facts in VARIANTS]
    child_of = np.array([0, 0, 1, 1, 1, 2, 3, 3, 3])
    pairs = np.array([(row, place) for row in range(len(records)) for place in range(len(records))])
    batch = score_children(model, records, records, child_of, pairs[::-1])
    children = [
        child(key, *(held for held, of in zip(records, child_of, strict=True) if of == key)) for key in range(4)
    ]
    single = [one for query in records for one in score(model, query, children)]
    assert np.allclose(batch.scores, [one.score for one in single], rtol=0, atol=1e-9)
    assert [(one.key, one.fields) for one in single] == [
        (key, batch.match(place, key).fields) for place, key in enumerate(batch.children.tolist())
    ]
