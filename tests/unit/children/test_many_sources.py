"""Which source is believed for what: names, birth date, whereabouts, carers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from childindex.children import policies
from childindex.children.types import NameKind, StoredRecord, WhereaboutsKind
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity

RANKS = {("births", "birth_date"): 1, ("school", "address"): 50}


def rank(feed: str, field: str) -> int:
    """School before the practice before births, but for a birth date, and for an address."""
    return RANKS.get((feed, field), {"school": 10, "gp": 20, "births": 30}[feed])


def record(feed: str, **facts: Any) -> StoredRecord:
    """One source's record; `on` is the day it speaks for."""
    given: dict[str, Any] = {
        "family_name": "Okonkwo",
        "given_name": "Amara",
        "birth_date": PartialDate.parse("2015-03-14"),
    }
    around: dict[str, Any] = {
        name: facts.pop(name) for name in ("unborn", "deceased_on", "left_england", "removed_on") if name in facts
    }
    on = facts.pop("on", date(2026, 11, 1))
    return StoredRecord(
        **{
            "id": UUID(int=len(feed)),
            "child": UUID(int=1),
            "feed": feed,
            "record_id": "1",
            "identity": Identity(**{**given, **facts}),
            "unborn": False,
            "deceased_on": None,
            "left_england": "",
            "updated_on": on,
            "removed_on": None,
            "authority": "",
            "received_at": datetime(2026, 11, 20, tzinfo=UTC),
            "delivery_id": UUID(int=2),
            "content": b"",
            **around,
        }
    )


def test_the_better_source_names_the_child_and_others_fill_what_it_lacks() -> None:
    """A placeholder given name is no given name; known-as and former names follow, each once, with its source."""
    found = policies.names(
        [
            record("school", given_name="", known_as="Mara"),
            record("gp", family_name="Okonkwu", former_family_name="Bello", known_as="mara"),
            record("births", given_name="Amarachi"),
        ],
        rank,
    )
    assert [(one.kind, one.given_name, one.family_name, one.provenance.source) for one in found] == [
        (NameKind.CURRENT, "Amara", "Okonkwo", "school"),
        (NameKind.KNOWN_AS, "Mara", "Okonkwo", "school"),
        (NameKind.FORMER, "Amara", "Bello", "gp"),
    ]


@pytest.mark.parametrize(
    ("records", "source"),
    [
        ([record("school"), record("births")], "births"),
        ([record("gp"), record("births", unborn=True)], "gp"),
        ([record("gp"), record("births", birth_date=PartialDate.parse("2015"))], "gp"),
        ([record("gp", on=date(2026, 1, 1)), record("school", removed_on=date(2026, 11, 2))], "gp"),
    ],
    ids=["precedence by field", "born before expected", "a whole date before a part", "held before removed"],
)
def test_the_birth_date_is_the_surest(records: list[StoredRecord], source: str) -> None:
    """Whatever its source's rank otherwise."""
    assert policies.birth_date_source(records, rank).feed == source


HOME = {"address": "12 Mill Lane", "postcode": "M1 1AA"}
OTHER = {"address": "9 Elm Row", "postcode": "BS1 4DJ"}


def kinds(*records: StoredRecord) -> list[tuple[WhereaboutsKind, str]]:
    """What is shown of where the child is."""
    return [(one.kind, one.postcode) for one in policies.whereabouts(records, rank)]


def test_whereabouts_are_one_of_four_things() -> None:
    """Current, last known, none known, left England (R 1.05)."""
    assert kinds(record("gp", **HOME)) == [(WhereaboutsKind.CURRENT, "M1 1AA")]
    assert kinds(record("gp", removed_on=date(2026, 11, 2), **HOME)) == [(WhereaboutsKind.LAST_KNOWN, "M1 1AA")]
    assert kinds(record("gp")) == [(WhereaboutsKind.NONE_KNOWN, "")]
    left = record("births", left_england="not_returning", **HOME)
    assert kinds(left) == [(WhereaboutsKind.LEFT_ENGLAND, ""), (WhereaboutsKind.LAST_KNOWN, "M1 1AA")]


def test_two_homes_are_both_current_and_an_older_address_is_the_last_known() -> None:
    """A source as late as the first that gives another place (R 1.07); an older one has moved."""
    assert kinds(record("gp", **HOME), record("school", **OTHER)) == [
        (WhereaboutsKind.CURRENT, "M1 1AA"),
        (WhereaboutsKind.CURRENT, "BS1 4DJ"),
    ]
    assert kinds(record("gp", **HOME), record("school", on=date(2025, 1, 1), **OTHER)) == [
        (WhereaboutsKind.CURRENT, "M1 1AA"),
        (WhereaboutsKind.LAST_KNOWN, "BS1 4DJ"),
    ]


def test_a_newer_address_outweighs_a_departure() -> None:
    """The child has come back."""
    left = record("births", left_england="returning", on=date(2025, 1, 1))
    assert kinds(left, record("gp", **HOME)) == [(WhereaboutsKind.CURRENT, "M1 1AA")]


def test_carers_stand_once_with_the_number_somebody_gave() -> None:
    """The better source's spelling; the number from whoever has one; nobody a supplier no longer holds."""
    found = policies.carers(
        [
            record("school", carers=(Carer(name="Grace Okonkwo", relationship="mother"),)),
            record("gp", carers=(Carer(name="grace  okonkwo", phone="0161 496 0001"),)),
            record("births", carers=(Carer(name="Sam Bello"),), removed_on=date(2026, 11, 2)),
        ],
        rank,
    )
    assert [(one.name, one.relationship, one.phone) for one in found] == [("grace  okonkwo", "mother", "0161 496 0001")]


def test_a_day_of_death_is_shown_whichever_source_gives_it() -> None:
    """None where none does."""
    assert policies.deceased_on([record("gp")], rank) is None
    assert policies.deceased_on([record("gp"), record("births", deceased_on=date(2026, 5, 5))], rank) == date(
        2026, 5, 5
    )
