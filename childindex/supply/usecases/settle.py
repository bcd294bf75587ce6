"""What people decided about one record, applied as a delivery would be, in the worker alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.children import services as children
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import holding
from childindex.matching.types import DecidedRow
from childindex.supply import selectors
from childindex.supply.applying import placing
from childindex.supply.applying.batch import Context, Line, Sorted, Tally, context
from childindex.supply.types import BatchReport


def apply_decision(*, actor: Actor, review_id: UUID, at: datetime) -> BatchReport:
    """Find a place for a record anew, now that people have decided about it, with everything it brings (R 4.15, 4.20).

    It goes the way of every delivered row: the guard is asked first, again, and a row near a protected child leaves for it,
    whatever was decided (R 3.19). Else it goes to the child that was chosen; ruled out of all that were shown, it is a new
    child, unless it is somebody's who has come since. Recorded: the review, and counts. Refused without
    MATCHING_REVIEW_APPLY, and (NOT_FOUND) for a review that is not decided, or whose record has gone or been applied: a job
    that runs twice changes nothing.
    """
    with audit.entry(Event.MATCH_DECISION_APPLIED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_APPLY, at=at)
        entry.note(review=str(review_id))
        children.take_turns(receipt=entry.receipt)
        row = holding.decided(review_id)
        if row is None:
            raise Denied(Refusal.NOT_FOUND, "review")
        tally = Tally()
        found = Sorted(
            to_place=[Line(id=row.id, record=row.record, content=row.content)], to_release=[row.record.record_id]
        )
        placing.place(found, _context(row, entry.receipt), tally)
        report = tally.report()
        entry.note(feed=row.record.feed, new=report.new, linked=report.linked, for_review=report.for_review)
        return report


def _context(row: DecidedRow, receipt: Receipt) -> Context:
    """The delivery that brought the record, and the register's word on everything in it."""
    delivery = selectors.delivery(row.delivery)
    feed = directory.feed(row.record.feed)
    if delivery is None or feed is None:
        raise Denied(Refusal.NOT_FOUND, "delivery")
    newest = selectors.newest_applied(feed.name)
    late = newest is not None and delivery.as_at < newest.as_at
    return context(delivery, feed, [row.record], late=late, receipt=receipt)
