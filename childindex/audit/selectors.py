"""Reading the ledger: only for the family's history, oversight, reports and a split, as the audit reader's role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from childindex.audit.models import LedgerEntry
from childindex.audit.types import Outcome


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
