"""Checking a file: row by row, and as a whole, before any of it is applied."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from childindex.access.services import require
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.kernel.identity import SourceRecord
from childindex.supply import policies, selectors, services
from childindex.supply.formats.mapping import Mapping
from childindex.supply.formats.problems import FileHeld, Rejection
from childindex.supply.formats.records import Contents, SupplyFile
from childindex.supply.types import Checked, Delivery, Kind, Progress, no_progress


def check(
    *,
    actor: Actor,
    delivery_id: UUID,
    at: datetime,
    mapping: Mapping | None = None,
    removals_agreed: bool = False,
    progress: Progress = no_progress,
) -> Checked:
    """Read a received file to its end and keep what is wrong with it: row by row, and as a whole.

    A file that cannot be read, or leaves out more records than agreed, is held and changes nothing; `removals_agreed`
    says that a steward has looked at the removals. `progress` is told rows done and rows in all. Recorded: counts by code,
    never a value. Refused without DELIVERY_FILE_APPLY and while the feed is paused (R 4.25).
    """
    with audit.entry(Event.DELIVERY_CHECKED, actor=actor.ref, at=at) as entry:
        require(actor, Permission.DELIVERY_FILE_APPLY, at=at)
        delivery, feed, file = selectors.opened(delivery_id, mapping=mapping)
        entry.note(feed=feed.name, delivery=str(delivery_id), removals_agreed=removals_agreed)
        try:
            contents = file.look()
            if delivery.kind is Kind.SNAPSHOT:
                _check_snapshot(delivery, contents, percent=100 if removals_agreed else feed.removals_percent)
            checked = _each_row(file, contents, delivery_id, progress=progress, receipt=entry.receipt)
        except FileHeld as held:
            entry.note(held=held.code)
            return _held(delivery_id, held, receipt=entry.receipt)
        entry.note(rows=contents.rows, **{f"rejected_{code}": count for code, count in checked.rejected.items()})
        return checked


def _check_snapshot(delivery: Delivery, contents: Contents, *, percent: int) -> None:
    """A snapshot that is not older than the last one and leaves out no more than was agreed; raises FileHeld."""
    newest = selectors.newest_applied(delivery.feed)
    policies.check_not_older(delivery.as_at, newest=newest.as_at if newest else None)
    held = selectors.held_records(delivery.feed)
    missing = len(held.difference(contents.rows_of))
    policies.check_removals(held=len(held), absent=missing, percent=percent)


def _each_row(
    file: SupplyFile, contents: Contents, delivery_id: UUID, *, progress: Progress, receipt: Receipt
) -> Checked:
    """Go through the rows once and keep the rejections."""
    rejections: list[Rejection] = []
    codes: Counter[str] = Counter()
    records = 0
    for done, found in enumerate(file.records(contents)):
        if isinstance(found, SourceRecord):
            records += 1
        else:
            codes[found.code] += 1
            if len(rejections) < services.MOST_REJECTED_ROWS:
                rejections.append(found)
        if done % 2_000 == 0:
            progress(file.row, contents.rows)
    delivery = services.pass_on(delivery_id, contents=contents, rejections=rejections, codes=codes, receipt=receipt)
    return Checked(
        delivery=delivery,
        held="",
        records=records,
        rejected=dict(codes),
        problems=selectors.problems(delivery_id),
        unknown_columns=contents.unknown_columns,
        unlicensed_columns=contents.unlicensed_columns,
    )


def _held(delivery_id: UUID, held: FileHeld, *, receipt: Receipt) -> Checked:
    """The answer for a file that goes no further."""
    delivery = services.hold(delivery_id, code=held.code, receipt=receipt)
    return Checked(
        delivery=delivery,
        held=held.sentence,
        records=0,
        rejected={},
        problems=(),
        unknown_columns=0,
        unlicensed_columns=0,
    )
