"""Audit officers read the queue and answer: it is explained, or the account is suspended and an investigation opened (R 7.04-7.06)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import selectors as people
from childindex.access import services as access
from childindex.access.types import Actor, Permission, SuspendedBecause
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.cases import services as cases
from childindex.oversight import policies, selectors, services
from childindex.oversight.types import Answered, Explanation, ItemPage, ItemState, Queue


def queue(*, actor: Actor, at: datetime) -> Queue:
    """What waits for an answer in the officer's area, the likeliest misuse first; nothing about themself.

    Recorded: how many lines were shown. Refused without OVERSIGHT_ITEM_ANSWER.
    """
    with audit.entry(Event.OVERSIGHT_QUEUE_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.OVERSIGHT_ITEM_ANSWER, at=at)
        rows = selectors.waiting(actor=actor)
        shown = rows[: selectors.MOST_SHOWN]
        entry.note(shown=len(shown))
        return Queue(receipt=entry.receipt, lines=selectors.lines(shown), more=len(rows) > len(shown))


def item(*, actor: Actor, item_id: UUID, at: datetime) -> ItemPage:
    """One item: whose account, which signs, when, and the entries of the ledger; never which child.

    Recorded: which item. Refused without OVERSIGHT_ITEM_ANSWER, and (NOT_FOUND) for another area's and for one about themself.
    """
    with audit.entry(Event.OVERSIGHT_ITEM_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.OVERSIGHT_ITEM_ANSWER, at=at)
        row = selectors.item(item_id, actor=actor)
        entry.note(item=str(row.id))
        return ItemPage(
            receipt=entry.receipt,
            line=selectors.lines([row])[0],
            state=ItemState(row.state),
            explanation=Explanation(row.explanation) if row.explanation else None,
            times=tuple(row.times),
            entries=tuple(row.entries),
            suspended=bool(people.suspended([row.account_id])),
            case_id=row.case_id,
        )


def explain(*, actor: Actor, item_id: UUID, explanation: Explanation, at: datetime) -> Answered:
    """Say from the list what explains an item; it leaves the queue.

    Recorded: which item and what explains it. Refused without OVERSIGHT_ITEM_ANSWER, (NOT_FOUND) as above, (NOT_PERMITTED, "answered")
    for one that has an answer, and (REASON_NEEDED) for an explanation that only the computer finds.
    """
    with audit.entry(Event.OVERSIGHT_EXPLAINED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.OVERSIGHT_ITEM_ANSWER, at=at)
        row = selectors.item(item_id, actor=actor, lock=True)
        entry.note(item=str(row.id), explanation=explanation.value)
        policies.check_waiting(ItemState(row.state))
        policies.check_explanation(explanation)
        services.explain(row.id, explanation, by=actor.ref.person, receipt=entry.receipt)
        return Answered(receipt=entry.receipt)


def investigate(*, actor: Actor, item_id: UUID, at: datetime) -> Answered:
    """Suspend the account, tell its manager and open the investigation, in one act and one transaction (R 7.06).

    Every sitting of the account ends with its next request. The investigation is the officer's organisation's; the notice is a case of
    its own that the managers of the person's organisation answer. Recorded: item, account, both cases. Refused without
    OVERSIGHT_ITEM_ANSWER, (NOT_FOUND) as above, and (NOT_PERMITTED, "answered") for an item that has an answer.
    """
    with audit.entry(Event.OVERSIGHT_INVESTIGATED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.OVERSIGHT_ITEM_ANSWER, at=at)
        row = selectors.item(item_id, actor=actor, lock=True)
        entry.note(item=str(row.id), account=str(row.account_id))
        policies.check_waiting(ItemState(row.state))
        suspended = access.suspend(
            row.account_id,
            because=SuspendedBecause.MISUSE_SUSPECTED,
            by=actor.ref.person,
            receipt=entry.receipt,
            at=at,
        )
        case_id, notice_id = cases.investigate_use(organisation=row.organisation, actor=actor, receipt=entry.receipt)
        services.investigate(row.id, case_id=case_id, notice_id=notice_id, by=actor.ref.person, receipt=entry.receipt)
        entry.note(investigation=str(case_id), notice=str(notice_id), suspended=suspended)
        return Answered(receipt=entry.receipt, case_id=case_id, suspended=suspended)
