"""What people decided about one record, applied as a delivery would be, in the worker alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.children import selectors as entries
from childindex.children import services as children
from childindex.directory import selectors as directory
from childindex.directory.types import Feed
from childindex.kernel.dates import day_in_england
from childindex.kernel.identity import SourceRecord
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import holding, judging
from childindex.matching.types import PROPOSED, DecidedRow
from childindex.shielding import near
from childindex.shielding import selectors as guarded
from childindex.shielding.types import RowApart, TakenOut
from childindex.supply import selectors
from childindex.supply.applying import placing
from childindex.supply.applying.batch import Context, Line, Sorted, Tally, context
from childindex.supply.applying.content import content_of
from childindex.supply.types import BatchReport, Delivery, Kind, Resumed, State

# A job that is well is done in seconds; one that has not been begun by then may only be waiting behind a long delivery, and
# still counts as on its way.
_PATIENCE: Final = timedelta(minutes=15)
_MOST_RESUMED: Final = 500


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
        apart = near.apart(row.id)
        placing.place(found, replace(_context(row, entry.receipt), apart=frozenset(apart)), tally)
        _keep_apart(row.record, apart, receipt=entry.receipt)
        report = tally.report()
        entry.note(feed=row.record.feed, new=report.new, linked=report.linked, for_review=report.for_review)
        return report


def release_row(*, actor: Actor, row_id: UUID, at: datetime) -> BatchReport:
    """Find a place for a row that was held near protected children, now that two people said it is none of theirs (R 3.19).

    It goes the way of every delivered row, and the guard is asked first: near anybody else it stays held. What the two people said
    they said of the entry it comes to be in. Recorded: the feed and counts. Refused without MATCHING_REVIEW_APPLY, and (NOT_FOUND)
    for a row that is not held, says something else than it said then, or has come near somebody since: a job that runs twice changes
    nothing.
    """
    with audit.entry(Event.NEAR_ROW_RELEASED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_APPLY, at=at)
        children.take_turns(receipt=entry.receipt)
        if not near.is_free(row_id):
            raise Denied(Refusal.NOT_FOUND, "row")
        record, apart = guarded.delivered([row_id])[row_id].record, near.apart(row_id)
        row = near.take_out_row(row_id, receipt=entry.receipt)
        batch, tally = _released(row, record, entry.receipt), Tally()
        line = Line(id=row_id, record=record, content=content_of(record))
        known = entries.known(record.feed, [record.record_id]).get(record.record_id)
        found = Sorted(changed=[(line, known)]) if known is not None else Sorted(to_place=[line])
        batch = replace(batch, apart=frozenset(apart))
        placing.update(found, batch, tally)
        placing.place(found, batch, tally)
        placing.withdraw([record.record_id] if row.removed else [], batch, tally)
        _keep_apart(record, apart, receipt=entry.receipt)
        entry.note(feed=record.feed)
        return tally.report()


def _released(row: TakenOut, record: SourceRecord, receipt: Receipt) -> Context:
    """A row that leaves the guard as the delivery of one record, for the day it came."""
    feed = directory.feed(record.feed)
    if feed is None:
        raise Denied(Refusal.NOT_FOUND, "feed")
    return context(_alone(row.id, record.feed, row.as_of), feed, [record], late=False, receipt=receipt)


def _keep_apart(record: SourceRecord, apart: Mapping[UUID, RowApart], *, receipt: Receipt) -> None:
    """What two people said of a row holds of the open entry it is in now, if it is in one."""
    known = entries.known(record.feed, [record.record_id]).get(record.record_id)
    if known is not None and apart:
        near.keep_apart(known.child, apart, receipt=receipt)


def resume_decisions(*, actor: Actor, at: datetime) -> Resumed:
    """Ask the worker again to apply what people decided a quarter of an hour ago or more and nobody is about to apply.

    A job is lost when its worker dies with it or it fails; the decision stands, and the record would wait for ever. One that
    fails again is asked for when it is 15 minutes old, 30, an hour, two, and so on, and after those that have failed less often.
    An operator sees each failure as an entry of the ledger that failed and a job `childindex.apply_decision` of status `failed`,
    with its error in the worker's log; once the cause is mended, deleting a review's failed jobs has it tried at the next
    quarter of an hour. Recorded: which reviews. Refused without MATCHING_REVIEW_APPLY. Nothing is changed for
    one whose job is still on its way.
    """
    with audit.entry(Event.MATCH_DECISIONS_RESUMED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_APPLY, at=at)
        reviews = holding.left_behind(at=at, patience=_PATIENCE, most=_MOST_RESUMED)
        for review in reviews:
            judging.ask_to_apply(review, receipt=entry.receipt)
        entry.note(reviews=[str(review) for review in reviews])
        return Resumed(receipt=entry.receipt, reviews=len(reviews))


def _context(row: DecidedRow, receipt: Receipt) -> Context:
    """What brought the record, and the register's word on everything in it."""
    if row.record.feed == PROPOSED:
        delivery, feed, late = _proposal(row, receipt), _nobodys_feed(row), False
    else:
        delivery, feed, late = _delivered(row)
    return context(delivery, feed, [row.record], late=late, receipt=receipt)


def _delivered(row: DecidedRow) -> tuple[Delivery, Feed, bool]:
    delivery = selectors.delivery(row.delivery)
    feed = directory.feed(row.record.feed)
    if delivery is None or feed is None:
        raise Denied(Refusal.NOT_FOUND, "delivery")
    newest = selectors.newest_applied(feed.name)
    return delivery, feed, newest is not None and delivery.as_at < newest.as_at


def _proposal(row: DecidedRow, receipt: Receipt) -> Delivery:
    """A proposal as the delivery of one record: what a practitioner knew, and no more than that."""
    return _alone(row.delivery, PROPOSED, day_in_england(receipt.at))


def _alone(which: UUID, feed: str, as_at: date) -> Delivery:
    """One record as a delivery of its own."""
    return Delivery(
        id=which,
        feed=feed,
        kind=Kind.DELTA,
        as_at=as_at,
        sha256="",
        state=State.APPLYING,
        held_code="",
        rows=1,
        rejected=0,
        row=1,
    )


def _nobodys_feed(row: DecidedRow) -> Feed:
    """Practitioners are no supplier: nothing is licensed or ranked. A child of no known residence is the deciding authority's."""
    return Feed(
        name=PROPOSED,
        supplier=PROPOSED,
        organisation="",
        legal_basis="",
        duty="",
        cadence_days=0,
        kinds=(),
        authorities=(row.authority,),
        fields=frozenset(),
        rank=0,
        precedence={},
    )
