"""Keeping decisions, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.consent.selectors import of_children
from childindex.consent.types import DecisionLine


def record(decisions: Sequence[DecisionLine], *, receipt: Receipt) -> None:
    """Keep decisions; one that is already there (by id) stays as it is, so that a delivery repeated changes nothing (R 1.24)."""
    del receipt
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO consent_decision (id, child_id, service_type, organisation, basis, decided_by, decided_on, recorded_at,"
            " withdrawn_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
            [
                (
                    d.id,
                    d.child,
                    d.service_type,
                    d.organisation,
                    d.basis.value,
                    d.decided_by,
                    d.decided_on,
                    d.recorded_at,
                    d.withdrawn_at,
                )
                for d in decisions
            ],
        )


def take_out(children: Sequence[UUID], *, receipt: Receipt) -> list[DecisionLine]:
    """Remove every decision of these children and hand them over, for the guard to keep."""
    decisions = of_children(children, receipt=receipt)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM consent_decision WHERE child_id = ANY(%s)", [list(children)])
    return decisions


def move(child: UUID, *, into: UUID, receipt: Receipt) -> list[UUID]:
    """Give every decision of one child to another whose entry theirs is merged into; returns their ids, in order."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consent_decision SET child_id = %s WHERE child_id = %s RETURNING id", [into, child])
        return sorted(row[0] for row in cursor.fetchall())
