"""The ledger is read for signs of misuse, by the audit process, every few minutes (R 7.08; T04, T05)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.oversight import judging, policies, selectors, services
from childindex.oversight.types import STANDING, Explanation, Look, Scanned, Signal

# An entry bears the time at which its request began and may be committed later: so much is read again, which changes nothing.
_OVERLAP: Final = timedelta(minutes=2)


def scan(*, actor: Actor, at: datetime) -> Scanned:
    """Read what is new in the ledger into the queue, and what is four weeks old once more; explain what can be explained.

    The first time everything of the last eight weeks is read. Recorded: how many looks, new items, and items explained. Refused to
    everybody but the auditors' process.
    """
    with audit.entry(Event.OVERSIGHT_SCANNED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.OVERSIGHT_LEDGER_SCAN, at=at)
        receipt, wait = entry.receipt, policies.INVOLVED_WITHIN
        before = selectors.scanned_until(at=at)
        since = before - _OVERLAP if before is not None else at - 2 * wait
        # At the first reading whatever is more than four weeks old is only judged as that.
        new_since = max(since, at - wait)
        looks, fresh = judging.judged(since=new_since, until=at, over=False, receipt=receipt)
        older_since = since - wait if before is not None else since
        older, ripe = judging.judged(since=older_since, until=at - wait, over=True, receipt=receipt)
        empty = judging.fruitless(since=since, until=at)
        raised = services.keep([*fresh, *ripe, *empty], receipt=receipt)
        explained = _explain(at=at, receipt=receipt)
        services.note_scan(at, receipt=receipt)
        entry.note(looks=looks + older, raised=raised, explained=explained)
        return Scanned(receipt=receipt, until=at, looks=looks + older, raised=raised, explained=explained)


def _explain(*, at: datetime, receipt: Receipt) -> int:
    """Take out of the queue what an involvement that came since explains."""
    rows = selectors.unanswered(since=at - 2 * policies.INVOLVED_WITHIN)
    looks = {
        row.id: Look(
            account=row.account_id,
            child=row.child_id,
            day=row.day,
            organisation=row.organisation,
            role=row.role,
            times=tuple(row.times),
            entries=tuple(row.entries),
        )
        for row in rows
        if not STANDING.intersection(Signal(code) for code in row.signals)
    }
    children = {look.child for look in looks.values() if look.child is not None}
    found = judging.explanations(list(looks.values()), children=children, until=at, receipt=receipt)
    explained: dict[UUID, Explanation] = {}
    for row_id, look in looks.items():
        _, explanation = found[look.key]
        if explanation is not None:
            explained[row_id] = explanation
    services.explain_by_involvement(explained, receipt=receipt)
    return len(explained)
