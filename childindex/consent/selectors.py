"""Reading decisions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.consent.types import DecisionLine
from childindex.kernel.identity import ConsentBasis


def standing(decisions: Sequence[UUID], *, receipt: Receipt) -> frozenset[UUID]:
    """Which of these decisions have not been withdrawn: all that a page may know of a decision."""
    del receipt
    if not decisions:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM consent_decision WHERE id = ANY(%s) AND withdrawn_at IS NULL", [list(decisions)])
        return frozenset(row[0] for row in cursor.fetchall())


def of_children(children: Sequence[UUID], *, receipt: Receipt) -> list[DecisionLine]:
    """Every decision of these children, oldest first."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, child_id, service_type, organisation, basis, decided_by, decided_on, recorded_at, withdrawn_at"
            " FROM consent_decision WHERE child_id = ANY(%s) ORDER BY recorded_at, id",
            [list(children)],
        )
        return [
            DecisionLine(
                id=row[0],
                child=row[1],
                service_type=row[2],
                organisation=row[3],
                basis=ConsentBasis(row[4]),
                decided_by=row[5],
                decided_on=row[6],
                recorded_at=row[7],
                withdrawn_at=row[8],
            )
            for row in cursor.fetchall()
        ]
