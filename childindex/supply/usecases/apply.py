"""One batch of a delivery, applied whole or not at all, in the worker alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.children import services as children
from childindex.directory import selectors as directory
from childindex.kernel.identity import SourceRecord
from childindex.kernel.refusals import Denied, Refusal
from childindex.supply import selectors, services
from childindex.supply.applying import placing
from childindex.supply.applying.batch import Context, Tally, context, nothing_collected, sort
from childindex.supply.types import BatchReport


def apply_batch(
    *, actor: Actor, delivery_id: UUID, records: Sequence[SourceRecord], as_at: date, row: int, at: datetime
) -> BatchReport:
    """Match a batch of one feed's records with the index and apply it, all in one transaction with its ledger entry.

    Known content changes nothing but the day it speaks for; newer values replace older ones, never the other way about. A
    record that belongs to nobody yet is linked, entered as a new child, held for a person, or, near a protected child, held
    in the guard and counted as new (R 3.19, 4.15, 4.22). A record marked confidential shields its child, be it older or
    removed (R 3.23). `row` is the last row of the file the batch covers. Recorded: counts, and the children it shielded.
    Refused without DELIVERY_FILE_APPLY.
    """
    with nothing_collected(), audit.entry(Event.DELIVERY_BATCH_APPLIED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.DELIVERY_FILE_APPLY, at=at)
        children.take_turns(receipt=entry.receipt)
        batch = _context(delivery_id, as_at, records, entry.receipt)
        tally = Tally()
        marked = [record for record in records if record.confidential]
        placing.shield_known(marked, batch, tally)
        # What a mark hides is hidden before anything else is compared, whatever its place in the batch (R 3.19, 3.23).
        gone = {*_apply(marked, batch, tally)}
        gone.update(_apply([record for record in records if not record.confidential], batch, tally))
        report = tally.report()
        # A removal that was too old to be one leaves the record with its feed.
        held = [record for record in records if not record.removed or record.record_id in gone]
        services.advance(delivery_id, row=row, records=held, report=report, receipt=entry.receipt)
        entry.note(feed=batch.feed.name, delivery=str(delivery_id), row=row, records=len(records))
        entry.note(**_counts(report))
        if tally.shielded:
            entry.about(tally.shielded)
            entry.note(shielded=len(tally.shielded), near=tally.near)
        return report


def _apply(records: Sequence[SourceRecord], batch: Context, tally: Tally) -> list[str]:
    """Take records through every step; of protected children first, so that the others are compared with their newest names.

    Returns the supplier's ids of those that were removed.
    """
    if not records:
        return []
    found = sort(batch.feed.name, records, [uuid.uuid4() for _ in records], late=batch.late)
    placing.note_unchanged(found, batch, tally)
    placing.withdraw(found.removed, batch, tally)
    placing.update_guarded(found, batch, tally)
    placing.learn_older(found, batch)
    placing.update(found, batch, tally)
    placing.place(found, batch, tally)
    return found.removed


def end_absent(*, actor: Actor, delivery_id: UUID, record_ids: Sequence[str], as_at: date, at: datetime) -> BatchReport:
    """End what a snapshot leaves out: involvements end, values stay as last known, no shield is touched.

    Recorded: counts only. Refused without DELIVERY_FILE_APPLY.
    """
    with audit.entry(Event.DELIVERY_BATCH_APPLIED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.DELIVERY_FILE_APPLY, at=at)
        children.take_turns(receipt=entry.receipt)
        batch = _context(delivery_id, as_at, (), entry.receipt)
        tally = Tally()
        placing.withdraw(record_ids, batch, tally)
        report = tally.report()
        services.let_go(delivery_id, record_ids=record_ids, report=report, receipt=entry.receipt)
        entry.note(feed=batch.feed.name, delivery=str(delivery_id), absent=len(record_ids))
        entry.note(**_counts(report))
        return report


def _context(delivery_id: UUID, as_at: date, records: Sequence[SourceRecord], receipt: Receipt) -> Context:
    """The delivery and the register's word on everything in the batch; refused where there is no such delivery or feed."""
    delivery = selectors.delivery(delivery_id)
    feed = directory.feed(delivery.feed) if delivery is not None else None
    if delivery is None or feed is None or delivery.as_at != as_at:
        raise Denied(Refusal.NOT_FOUND, "delivery")
    newest = selectors.newest_applied(feed.name)
    late = newest is not None and as_at < newest.as_at
    return context(delivery, feed, records, late=late, receipt=receipt)


def _counts(report: BatchReport) -> dict[str, int]:
    """The report as the ledger keeps it: the same figures the supplier is told."""
    return {name: getattr(report, name) for name in BatchReport.__slots__}
