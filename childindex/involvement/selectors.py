"""Reading who works with a child."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.consent import selectors as consent
from childindex.involvement import models, policies
from childindex.involvement.types import Area, InvolvementLine, Shown, Tie
from childindex.kernel.identity import AssessmentState, ChildId, SuppliedInvolvement

_COLUMNS = (
    "id, source, service_type, sensitive, organisation, team, practitioner_name, practitioner_role, phone, email,"
    " out_of_hours_phone, started_on, ended_on, lead_professional, assessment, assessment_on, as_of, confirmed_on,"
    " phone_reported_on, recorded_by, consent_id, child_id"
)
# Who leads, then who is there now, newest first; the id settles ties, so that a page never shuffles.
_ORDER = " ORDER BY lead_professional DESC, ended_on DESC NULLS FIRST, started_on DESC NULLS LAST, id"


def of_child(child_id: UUID, *, receipt: Receipt) -> tuple[InvolvementLine, ...]:
    """Every involvement of one open child, current and ended; a shielded or sealed child has none here.

    What of a line may be shown, and for how long after it ended, is the journey's to decide (R 1.26; policies).
    """
    return tuple(line for _, line in _lines(" WHERE child_id = %s", child_id, receipt))


def shown(child_id: UUID, *, area: Area, sector: str, on: date, receipt: Receipt) -> Shown:
    """What a reader of this sector may be shown of a child's involvements on this day (R 1.26, 6.11; N 1).

    A sensitive service whose decision has been withdrawn counts for nothing, not even for the line that names none (R 1.24).
    """
    lines = of_child(child_id, receipt=receipt)
    standing = consent.standing([line.consent_id for line in lines if line.consent_id is not None], receipt=receipt)
    allowed = policies.allowed(lines, decisions=standing)
    return policies.shown(allowed, area=area, sector=sector, receipt=receipt, on=on)


def line(involvement_id: UUID, *, receipt: Receipt) -> tuple[ChildId, InvolvementLine] | None:
    """One involvement and whose it is; None when there is none of that id."""
    found = _lines(" WHERE id = %s", involvement_id, receipt)
    return found[0] if found else None


def _lines(where: str, value: UUID, receipt: Receipt) -> list[tuple[ChildId, InvolvementLine]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + _COLUMNS + " FROM involvement_involvement" + where + _ORDER, [value])  # noqa: S608 - constants of this file
        return [(ChildId(row[-1]), _line(row, receipt)) for row in cursor.fetchall()]


def _line(row: Sequence[Any], receipt: Receipt) -> InvolvementLine:
    """One line from `_COLUMNS`."""
    return InvolvementLine(
        receipt=receipt,
        id=row[0],
        source=row[1],
        service_type=row[2],
        sensitive=row[3],
        organisation=row[4],
        team=row[5],
        practitioner_name=row[6],
        practitioner_role=row[7],
        phone=row[8],
        email=row[9],
        out_of_hours_phone=row[10],
        started_on=row[11],
        ended_on=row[12],
        lead_professional=row[13],
        assessment=AssessmentState(row[14]),
        assessment_on=row[15],
        as_of=row[16],
        confirmed_on=row[17],
        phone_reported_on=row[18],
        recorded_by=row[19],
        consent_id=row[20],
    )


def given(feed: str, record_ids: Sequence[str], *, receipt: Receipt) -> dict[str, tuple[SuppliedInvolvement, ...]]:
    """Every involvement kept of these records of a feed, current and ended, by the supplier's id; for deliveries alone."""
    del receipt
    found: dict[str, tuple[SuppliedInvolvement, ...]] = {}
    kept = models.Involvement.objects.filter(source=feed, record_id__in=list(record_ids)).order_by("reference")
    for row in kept:
        found[row.record_id] = (*found.get(row.record_id, ()), _supplied(row))
    return found


def _supplied(row: models.Involvement) -> SuppliedInvolvement:
    """One kept line in the supplier's own terms."""
    return SuppliedInvolvement(
        involvement_id=row.reference,
        service_type=row.service_type,
        organisation_id=row.organisation,
        team=row.team,
        practitioner_name=row.practitioner_name,
        practitioner_role=row.practitioner_role,
        phone=row.phone,
        email=row.email,
        out_of_hours_phone=row.out_of_hours_phone,
        started_on=row.started_on,
        ended_on=row.ended_on,
        lead_professional=row.claims_lead,
        assessment=AssessmentState(row.assessment),
        assessment_on=row.assessment_on,
    )


def ties(children: Collection[UUID], *, receipt: Receipt) -> list[Tie]:
    """Which organisations are or were involved with these open children, sensitive ones too; the audit process's part (T05).

    A shielded or sealed child has none here.
    """
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child_id, organisation, started_on, ended_on, as_of, recorded_by FROM involvement_involvement"
            " WHERE child_id = ANY(%s)",
            [list(children)],
        )
        return [
            Tie(child=row[0], organisation=row[1], started_on=row[2], ended_on=row[3], as_of=row[4], declared_by=row[5])
            for row in cursor.fetchall()
        ]
