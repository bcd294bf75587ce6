"""A small index to put records into: two areas, a school and four suppliers; and the one way records get in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from childindex.access.sign_in import operator
from childindex.access.types import Actor
from childindex.audit.types import Receipt, issue_receipt
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Consent, ConsentBasis, Identity, Sex, SourceRecord, SuppliedInvolvement
from childindex.supply.types import BatchReport
from childindex.supply.usecases.apply import apply_batch, end_absent

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 1)
NORTH, SOUTH = "E08000003", "E06000023"
SCHOOL, PRACTICE, COUNCIL, CLINIC = "urn:100001", "ods:A00001", "gss:E08000003", "ods:C00001"
_REGISTER = f"""
    INSERT INTO directory_authority (gss, name, broker_phone)
    VALUES ('{NORTH}', 'Northby', '0300 000 0001'), ('{SOUTH}', 'Southby', '0300 000 0002');
    INSERT INTO directory_organisation (code, name, kind, sector, authority_id, phone, out_of_hours_phone, hours)
    VALUES ('{SCHOOL}', 'Hill School', 'school', 'education', '{SOUTH}', '', '', ''),
        ('{PRACTICE}', 'Mill Surgery', 'gp', 'health', '{NORTH}', '', '', ''),
        ('{COUNCIL}', 'Northby Council', 'council', 'social_care', '{NORTH}', '', '', ''),
        ('{CLINIC}', 'The Clinic', 'clinic', 'health', '{NORTH}', '', '', '');
    INSERT INTO directory_servicetype (code, name, kind, sector, coverage, sensitive)
    VALUES ('school', 'School', 'school', 'education', 'universal', false),
        ('gp', 'Practice', 'gp', 'health', 'universal', false),
        ('social_work', 'Social work', 'social_care', 'social_care', 'additional', false),
        ('counselling', 'Counselling', 'clinic', 'health', 'additional', true);
    INSERT INTO directory_postcodearea (postcode, authority_id) VALUES ('M1 1AA', '{NORTH}'), ('BS1 4DJ', '{SOUTH}');
"""  # noqa: S608
_FEED = (
    "INSERT INTO directory_feed (name, supplier, organisation_id, legal_basis, duty, kinds, authorities, cadence_days, fields,"
    " rank, precedence, removals_percent, paused) VALUES (%s, %s, %s, 'Children Act 2004 s.12', 'must', %s, %s, 30, '{}', %s, %s, 5, false)"
)
FEEDS = {
    "births": (COUNCIL, "births", 30, '{"birth_date": 1}'),
    "gp": (PRACTICE, "gp", 20, '{"address": 5}'),
    "school": (SCHOOL, "school", 10, "{}"),
    "care": (COUNCIL, "social_care", 25, '{"address": 5}'),
    "clinic": (CLINIC, "clinic", 90, "{}"),
}


def set_up_register() -> None:
    """Write the register straight in; the caller enters as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER)
        for name, (organisation, kind, rank, precedence) in FEEDS.items():
            cursor.execute(_FEED, [name, name.title(), organisation, [kind], [NORTH, SOUTH], rank, precedence])


def worker() -> Actor:
    """The operator, as a worker's process has it."""
    return operator(at=AT)


def a_receipt() -> Receipt:
    """A receipt for a test that looks at services and selectors alone."""
    return issue_receipt(entry_id=uuid4(), at=AT)


def a_child(**facts: object) -> Identity:
    """An identity with everything given; name what differs."""
    given: dict[str, object] = {
        "family_name": "Okonkwo",
        "given_name": "Amara",
        "birth_date": PartialDate.parse("2015-03-14"),
        "sex": Sex.FEMALE,
        "address": "12 Mill Lane, Northby",
        "postcode": "M1 1AA",
        "carers": (Carer(name="Grace Okonkwo", relationship="mother", phone="0161 496 0001"),),
    }
    return Identity(**{**given, **facts})  # type: ignore[arg-type]


def a_record(
    feed: str = "gp", record_id: str = "1", *, identity: Identity | None = None, **facts: object
) -> SourceRecord:
    """A supplier's record of that child."""
    given: dict[str, object] = {"updated_on": DAY}
    return SourceRecord(
        feed=feed,
        record_id=record_id,
        row=1,
        identity=identity or a_child(),
        **{**given, **facts},  # type: ignore[arg-type]
    )


def an_involvement(service_type: str = "gp", **facts: object) -> SuppliedInvolvement:
    """An involvement of a service, by that service's usual organisation."""
    organisations = {"gp": PRACTICE, "school": SCHOOL, "social_work": COUNCIL, "counselling": CLINIC}
    given: dict[str, object] = {
        "involvement_id": f"{service_type}-1",
        "service_type": service_type,
        "organisation_id": organisations[service_type],
        "practitioner_name": "Pat Reed",
        "phone": "0161 496 0002",
        "started_on": date(2020, 9, 1),
    }
    if service_type == "counselling":
        given["consent"] = Consent(basis=ConsentBasis.CHILD, by="Amara Okonkwo", on=date(2026, 1, 5))
    return SuppliedInvolvement(**{**given, **facts})  # type: ignore[arg-type]


def a_delivery(feed: str, *, as_at: date = DAY, kind: str = "snapshot") -> UUID:
    """A checked delivery of a feed, ready for its batches."""
    delivery = uuid4()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            "INSERT INTO supply_delivery (id, feed, sha256, kind, as_at, received_at, state, held_code, rows, row,"
            " unknown_columns, unlicensed_columns, rejected, outcome)"
            " VALUES (%s, %s, %s, %s, %s, %s, 'checked', '', 0, 0, 0, 0, '{}', '{}')",
            [delivery, feed, str(delivery).replace("-", "") * 2, kind, as_at, AT],
        )
    return delivery


def deliver(*records: SourceRecord, as_at: date = DAY, kind: str = "snapshot") -> BatchReport:
    """Apply records of one feed as one delivery of one batch."""
    numbered = [replace(record, row=number) for number, record in enumerate(records, start=1)]
    delivery = a_delivery(records[0].feed, as_at=as_at, kind=kind)
    return apply_batch(actor=worker(), delivery_id=delivery, records=numbered, as_at=as_at, row=len(records), at=AT)


def leave_out(feed: str, record_ids: Sequence[str], *, as_at: date) -> BatchReport:
    """A later snapshot in which these records of a feed are missing."""
    delivery = a_delivery(feed, as_at=as_at)
    # Something of the feed has to be applied first for the delivery to be on its way.
    apply_batch(actor=worker(), delivery_id=delivery, records=[], as_at=as_at, row=0, at=AT)
    return end_absent(actor=worker(), delivery_id=delivery, record_ids=record_ids, as_at=as_at, at=AT)


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement finds, as the login of the test's process."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
