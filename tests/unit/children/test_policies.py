"""Which source is believed for which value of an entry (R 1.04-1.13, 4.22)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from childindex.children import policies
from childindex.children.types import NameKind, StoredRecord, WhereaboutsKind
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity

RANKS = {"births": 1, "gp_list": 2, "school_census": 3}
DAY = date(2026, 9, 1)


def rank(feed: str, field: str) -> int:
    """The order of the sources, the same for every field."""
    del field
    return RANKS[feed]


def record(feed: str, *, as_of: date = DAY, left: str = "", unborn: bool = False, **said: Any) -> StoredRecord:
    """What one source says of a child."""
    told: dict[str, Any] = {"family_name": "Okafor", "birth_date": PartialDate(2015, 3, 4), **said}
    return StoredRecord(
        id=uuid4(),
        child=uuid4(),
        feed=feed,
        record_id="1",
        identity=Identity(**told),
        unborn=unborn,
        deceased_on=None,
        left_england=left,
        updated_on=as_of,
        removed_on=None,
        authority="",
        received_at=datetime(2026, 9, 2, tzinfo=UTC),
        delivery_id=uuid4(),
        content=b"",
    )


def test_the_most_believed_source_gives_the_name() -> None:
    """Precedence, not order of arrival."""
    names = policies.names([record("school_census", family_name="Okafour"), record("births", given_name="Ada")], rank)
    assert (names[0].given_name, names[0].family_name) == ("Ada", "Okafor")
    assert names[0].provenance.source == "births"


@pytest.mark.parametrize(
    ("most_believed", "other", "shown"),
    [
        ("MCARTHUR", "McArthur", "McArthur"),  # the same name, as somebody writes it
        ("MCARTHUR", "Macarthur", "MCARTHUR"),  # another name: precedence stands
        ("McArthur", "MCARTHUR", "McArthur"),
    ],
)
def test_a_name_in_capitals_is_shown_as_another_source_writes_it(most_believed: str, other: str, shown: str) -> None:
    """A source of nothing but capitals says which name it is, not how it is written."""
    records = [record("births", family_name=most_believed), record("school_census", family_name=other)]
    assert policies.names(records, rank)[0].family_name == shown


def test_former_and_known_as_names_follow_the_current_one_once() -> None:
    """Each name once, with its standing (R 1.04)."""
    records = [
        record("births", given_name="Adaeze", former_family_name="Eze"),
        record("gp_list", given_name="Adaeze", known_as="Ada", former_family_name="EZE"),
    ]
    kinds = [(name.kind, name.given_name, name.family_name) for name in policies.names(records, rank)]
    assert kinds == [
        (NameKind.CURRENT, "Adaeze", "Okafor"),
        (NameKind.KNOWN_AS, "Ada", "Okafor"),
        (NameKind.FORMER, "Adaeze", "Eze"),
    ]


def test_a_birth_outranks_an_expected_date_and_a_full_date_part_of_one() -> None:
    """The most believed source of the best kind of date."""
    expected = record("births", unborn=True, birth_date=PartialDate(2015, 3, 1))
    partly = record("gp_list", birth_date=PartialDate(2015, 3))
    full = record("school_census", birth_date=PartialDate(2015, 3, 4))
    assert policies.birth_date_source([expected, partly, full], rank) is full


def test_two_homes_are_both_current_and_an_older_one_is_the_last_known() -> None:
    """More than one address where relevant (R 1.07)."""
    records = [
        record("births", address="1 High Street", postcode="CH82 1AA"),
        record("gp_list", address="2 Low Street", postcode="CH82 1AB"),
        record("school_census", address="3 Old Street", postcode="CH82 1AC", as_of=date(2024, 1, 1)),
    ]
    kinds = [line.kind for line in policies.whereabouts(records, rank)]
    assert kinds == [WhereaboutsKind.CURRENT, WhereaboutsKind.CURRENT, WhereaboutsKind.LAST_KNOWN]


def test_having_left_outweighs_an_address_that_is_not_newer() -> None:
    """The four states of whereabouts (R 1.05, 1.06)."""
    home = record("births", address="1 High Street", postcode="CH82 1AA", as_of=date(2025, 1, 1))
    gone = record("gp_list", left="not_returning")
    lines = policies.whereabouts([home, gone], rank)
    assert [line.kind for line in lines] == [WhereaboutsKind.LEFT_ENGLAND, WhereaboutsKind.LAST_KNOWN]
    assert lines[0].returning == "not_returning"


def test_no_address_at_all_says_so() -> None:
    """None known is an answer, not an empty list."""
    assert [line.kind for line in policies.whereabouts([record("births")], rank)] == [WhereaboutsKind.NONE_KNOWN]


def test_a_carer_is_listed_once_with_a_number_from_whoever_has_one() -> None:
    """The same person from two sources (R 1.12)."""
    records = [
        record("births", carers=(Carer(name="Ngozi Okafor", relationship="mother"),)),
        record("gp_list", carers=(Carer(name="NGOZI OKAFOR", phone="07700 900001"),)),
    ]
    [carer] = policies.carers(records, rank)
    assert (carer.relationship, carer.phone) == ("mother", "07700 900001")
