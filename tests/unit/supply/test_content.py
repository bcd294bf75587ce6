"""What a record says as a hash, and what becomes of involvements it no longer names."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import (
    AssessmentState,
    Carer,
    Consent,
    ConsentBasis,
    Identity,
    Sex,
    SourceRecord,
    SuppliedInvolvement,
)
from childindex.supply.applying.content import content_of, current, is_older, succeeded, withdrawn

INVOLVED = SuppliedInvolvement(
    involvement_id="i",
    service_type="gp",
    organisation_id="ods:A",
    started_on=date(2026, 1, 5),
    consent=Consent(basis=ConsentBasis.CHILD, by="a", on=date(2026, 1, 1)),
)
RECORD = SourceRecord(
    feed="gp",
    record_id="1",
    row=1,
    identity=Identity(family_name="A", carers=(Carer(name="B"),)),
    involvements=(INVOLVED,),
)
ANOTHER: dict[type, Any] = {
    str: "changed",
    bool: True,
    Sex: Sex.MALE,
    AssessmentState: AssessmentState.COMPLETE,
    PartialDate: PartialDate(2015),
    date: date(2020, 2, 2),
}
OF_TYPE: dict[str, type] = {"birth_date": PartialDate, "sex": Sex, "assessment": AssessmentState}
DAYS = {"updated_on", "deceased_on", "started_on", "ended_on", "assessment_on"}


def changed(value: Any, name: str) -> Any:
    """The same value with one field changed."""
    kind = date if name in DAYS else OF_TYPE.get(name) or type(getattr(value, name))
    return replace(value, **{name: ANOTHER[kind]})


@pytest.mark.parametrize(
    "name", [f.name for f in fields(SourceRecord) if f.name not in {"row", "complete", "identity", "involvements"}]
)
def test_every_field_of_a_record_counts(name: str) -> None:
    """A field that did not count would never be updated."""
    assert content_of(changed(RECORD, name)) != content_of(RECORD)


@pytest.mark.parametrize("name", [f.name for f in fields(Identity) if f.name != "carers"])
def test_every_field_of_who_the_child_is_counts(name: str) -> None:
    """And of the carers."""
    assert content_of(replace(RECORD, identity=changed(RECORD.identity, name))) != content_of(RECORD)
    other = replace(RECORD.identity, carers=(Carer(name="B", phone="1"),))
    assert content_of(replace(RECORD, identity=other)) != content_of(RECORD)


@pytest.mark.parametrize("name", [f.name for f in fields(SuppliedInvolvement) if f.name != "consent"])
def test_every_field_of_an_involvement_counts(name: str) -> None:
    """And the decision that allows it."""
    assert content_of(replace(RECORD, involvements=(changed(INVOLVED, name),))) != content_of(RECORD)
    assert content_of(replace(RECORD, involvements=(replace(INVOLVED, consent=None),))) != content_of(RECORD)


def test_where_a_row_stood_in_the_file_does_not_count() -> None:
    """Nor whether another row of it was rejected."""
    assert content_of(replace(RECORD, row=9, complete=False)) == content_of(RECORD)


@pytest.mark.parametrize(
    ("on", "than", "late", "older"),
    [
        (date(2026, 1, 1), date(2026, 1, 2), False, True),
        (date(2026, 1, 2), date(2026, 1, 2), True, False),
        (None, date(2026, 1, 2), False, False),
        (date(2026, 1, 1), None, False, False),
        (None, date(2026, 1, 2), True, True),
        (date(2026, 1, 1), None, True, True),
        (None, None, True, True),
    ],
)
def test_an_older_record_is_one_whose_supplier_says_so(
    on: date | None, than: date | None, late: bool, older: bool
) -> None:
    """Without a day it is as new as its delivery: older if that comes after one for a later day."""
    assert is_older(replace(RECORD, updated_on=on), than=than, late=late) is older


def test_what_a_whole_record_no_longer_names_has_ended() -> None:
    """In a delta it goes on; ended before it began it cannot have."""
    fewer = replace(RECORD, involvements=())
    assert current(succeeded(RECORD, fewer, whole=False, on=date(2026, 2, 2)).involvements) == {"i"}
    ended = succeeded(RECORD, fewer, whole=True, on=date(2025, 2, 2)).involvements
    assert [one.ended_on for one in ended] == [date(2026, 1, 5)]
    assert succeeded(RECORD, RECORD, whole=True, on=date(2026, 2, 2)) == RECORD


def test_a_withdrawn_record_has_nothing_that_goes_on() -> None:
    """And what had ended stays as it was."""
    before = replace(INVOLVED, involvement_id="j", ended_on=date(2026, 1, 6))
    gone = withdrawn(replace(RECORD, involvements=(INVOLVED, before)), on=date(2026, 2, 2))
    assert [one.ended_on for one in gone.involvements] == [date(2026, 2, 2), date(2026, 1, 6)]
