"""Reading the ledger: only for the family's history, oversight, reports and a split, as the audit reader's role."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from childindex.audit.models import LedgerEntry
from childindex.audit.types import Event, Outcome, Receipt


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One completed or refused entry of a person's: what oversight judges. `codes` are the entry's detail."""

    entry_id: UUID
    at: datetime
    event: str
    outcome: str
    account_id: UUID
    role: str
    organisation: str
    reason: str
    children: tuple[UUID, ...]
    codes: Mapping[str, Any]


_USES = (
    "SELECT id, at, event, outcome, account_id, role, organisation, reason, children, detail FROM audit_ledgerentry"
    " WHERE event = ANY(%s) AND at > %s AND at <= %s AND account_id IS NOT NULL"
)


def uses(
    events: Collection[Event], *, since: datetime, until: datetime, children: Collection[UUID] | None = None
) -> list[Use]:
    """What people did of these events after `since` and up to `until`, oldest first; with `children`, what was about one of them."""
    if children is not None and not children:
        return []
    statement = _USES + (" AND children && %s" if children is not None else "") + " ORDER BY at, id"
    values: list[Any] = [[event.value for event in events], since, until]
    if children is not None:
        values.append(list(children))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [
            Use(
                entry_id=row[0],
                at=row[1],
                event=row[2],
                outcome=row[3],
                account_id=row[4],
                role=row[5],
                organisation=row[6],
                reason=row[7],
                children=tuple(row[8]),
                codes=json.loads(row[9]) if isinstance(row[9], str) else row[9],
            )
            for row in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searches:
    """How many results one person was shown from a moment on, how many of them named nobody, and when they were."""

    account_id: UUID
    role: str
    organisation: str
    shown: int
    empty: int
    times: tuple[datetime, ...]
    entries: tuple[UUID, ...]


def searches(*, day_began: datetime, since: datetime, until: datetime) -> list[Searches]:
    """The results since a day began of everybody who was shown an empty one after `since`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, max(role), max(organisation), count(*), count(*) FILTER (WHERE children = '{}'),"
            " array_agg(at ORDER BY at) FILTER (WHERE children = '{}'),"
            " array_agg(id ORDER BY at) FILTER (WHERE children = '{}') FROM audit_ledgerentry"
            " WHERE event = %(shown)s AND outcome = 'done' AND at >= %(began)s AND at <= %(until)s AND account_id IN"
            " (SELECT account_id FROM audit_ledgerentry WHERE event = %(shown)s AND outcome = 'done' AND at > %(since)s"
            " AND at <= %(until)s AND at >= %(began)s AND children = '{}') GROUP BY account_id",
            {"shown": Event.CHILDREN_LISTED.value, "began": day_began, "since": since, "until": until},
        )
        return [
            Searches(
                account_id=row[0],
                role=row[1],
                organisation=row[2],
                shown=row[3],
                empty=row[4],
                times=tuple(row[5]),
                entries=tuple(row[6]),
            )
            for row in cursor.fetchall()
        ]
