"""Reading the ledger: only for the family's history, oversight, reports and a split, as the audit reader's role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from childindex.audit.models import LedgerEntry
from childindex.audit.types import Outcome, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One time a child was shown to somebody: when, who (opaque), where they worked, as what and why."""

    entry_id: UUID
    at: datetime
    event: str
    account_id: UUID | None
    role: str
    organisation: str
    reason: str
    children: tuple[UUID, ...]


def disclosures_of_split(split: UUID, *, receipt: Receipt) -> list[Disclosure]:
    """Every completed entry about a mixed entry since it was mixed, newest first: what a split asks, and all the worker may read.

    The database answers through a function of its own for a split that two people have confirmed, and for nothing else
    (docs/adr/0013); the worker's login has no SELECT on the ledger.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, at, event, account_id, role, organisation, reason, children FROM upkeep_disclosures(%s, %s)",
            [split, receipt.at],
        )
        return [
            Disclosure(
                entry_id=row[0],
                at=row[1],
                event=row[2],
                account_id=row[3],
                role=row[4],
                organisation=row[5],
                reason=row[6],
                children=tuple(row[7]),
            )
            for row in cursor.fetchall()
        ]


def disclosures_about(children: Iterable[UUID], *, since: datetime | None = None) -> list[Disclosure]:
    """Every completed entry that showed any of these children, newest first. Pass every id the child ever had."""
    entries = LedgerEntry.objects.filter(outcome=Outcome.DONE.value, children__overlap=list(children))
    if since is not None:
        entries = entries.filter(at__gte=since)
    return [
        Disclosure(
            entry_id=line.id,
            at=line.at,
            event=line.event,
            account_id=line.account_id,
            role=line.role,
            organisation=line.organisation,
            reason=line.reason,
            children=tuple(line.children),
        )
        for line in entries.order_by("-at")
    ]
