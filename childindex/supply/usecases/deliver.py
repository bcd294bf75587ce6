"""One delivery from file to index: receive, check, apply in batches, close. Whatever stops it, the same call goes on.

What is asked of `apply`: `apply_batch` opens one entry, applies the records, calls `services.advance` with the row, the
records and its report inside that entry, and returns the report. `end_absent` does the same for records a snapshot leaves
out, with `services.let_go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from childindex.access.services import require
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.directory import services as directory
from childindex.kernel.identity import SourceRecord
from childindex.kernel.refusals import Refusal
from childindex.supply import policies, selectors, services
from childindex.supply.formats.mapping import Mapping, read_mapping
from childindex.supply.formats.problems import FileHeld
from childindex.supply.formats.records import SupplyFile
from childindex.supply.types import (
    Delivery,
    DeliveryRefused,
    DeliveryReport,
    Kind,
    Progress,
    Received,
    State,
    no_progress,
)
from childindex.supply.usecases.apply import apply_batch, end_absent
from childindex.supply.usecases.check import check
from childindex.supply.usecases.receive import receive

BATCH = 2_000


def deliver(
    *,
    actor: Actor,
    feed: str,
    file: Path,
    as_at: date,
    at: datetime,
    kind: Kind = Kind.SNAPSHOT,
    mapping: Path | None = None,
    removals_agreed: bool = False,
    progress: Progress = no_progress,
) -> DeliveryReport:
    """Bring a file of a feed into the index and report what became of its records.

    An interrupted delivery goes on after its last whole batch when the same file is delivered again; an applied one is
    answered with its first report. A held file changes nothing. `progress` is told rows done and rows in all, first while
    checking, then while applying. Recorded: receipt, check, each batch and the close, one entry each. Refused without
    DELIVERY_FILE_APPLY, for an unknown or paused feed, and while another delivery of the feed is being applied.
    """
    with ExitStack() as turn:
        with _written_down(actor, at):
            names = _mapping(mapping)
        received = receive(actor=actor, feed=feed, file=file, as_at=as_at, kind=kind, at=at)
        with _written_down(actor, at):
            turn.enter_context(services.one_at_a_time(feed))
        report = _before_applying(actor, received, names, at=at, removals_agreed=removals_agreed, progress=progress)
        if report is not None:
            services.unspool(received.delivery.id)
            return report
        delivery = _apply(actor, received.delivery.id, names, at=at, progress=progress)
        with audit.entry(Event.DELIVERY_CLOSED, actor=actor.ref, at=at) as entry:
            require(actor, Permission.DELIVERY_FILE_APPLY, at=at)
            closed = services.close(delivery.id, receipt=entry.receipt)
            if policies.answers(closed):
                directory.answered(feed, on=closed.as_at, receipt=entry.receipt)
            entry.note(feed=feed, delivery=str(delivery.id), rows=closed.rows, rejected=closed.rejected)
    services.unspool(delivery.id)
    return _report(Received(delivery=closed, repeated=received.repeated))


@contextmanager
def _written_down(actor: Actor, at: datetime) -> Iterator[None]:
    """A refusal from between two entries gets one of its own (R 7.02)."""
    try:
        yield
    except DeliveryRefused as refused:
        audit.refused(Event.DELIVERY_BATCH_APPLIED, actor=actor.ref, at=at, denied=refused)
        raise


def _mapping(path: Path | None) -> Mapping | None:
    """The supplier's mapping file, if there is one."""
    try:
        return read_mapping(path) if path is not None else None
    except FileHeld as held:
        raise DeliveryRefused(Refusal.FILE_UNREADABLE, held.code, held.sentence) from None


def _before_applying(
    actor: Actor,
    received: Received,
    mapping: Mapping | None,
    *,
    at: datetime,
    removals_agreed: bool,
    progress: Progress,
) -> DeliveryReport | None:
    """The report of a delivery that is applied already or is now held; None for one whose records are to be applied.

    Its state is read again, since another process may have applied it while this one waited for its turn.
    """
    delivery = selectors.delivery(received.delivery.id) or received.delivery
    if delivery.state is State.APPLIED:
        return _report(received, was_applied=True)
    if delivery.state is State.APPLYING:
        return None
    checked = check(
        actor=actor,
        delivery_id=delivery.id,
        at=at,
        mapping=mapping,
        removals_agreed=removals_agreed,
        progress=progress,
    )
    if not checked.held:
        return None
    return _report(Received(delivery=checked.delivery, repeated=received.repeated), held=checked.held)


def _apply(actor: Actor, delivery_id: UUID, mapping: Mapping | None, *, at: datetime, progress: Progress) -> Delivery:
    """Apply every record not applied yet, in batches, then end what a snapshot leaves out. A pause stops it at any batch."""
    with _written_down(actor, at):
        delivery, _, source = selectors.opened(delivery_id, mapping=mapping)
    contents = source.look()
    for row, records in _batches(source, source.records(contents), after=delivery.row):
        with _written_down(actor, at):
            selectors.open_feed(delivery.feed)
        apply_batch(actor=actor, delivery_id=delivery.id, records=records, as_at=delivery.as_at, row=row, at=at)
        progress(row, contents.rows)
    missing = selectors.absent(delivery, contents)
    for start in range(0, len(missing), BATCH):
        gone = missing[start : start + BATCH]
        end_absent(actor=actor, delivery_id=delivery.id, record_ids=gone, as_at=delivery.as_at, at=at)
    return delivery


def _batches(source: SupplyFile, found: Iterator[object], *, after: int) -> Iterator[tuple[int, list[SourceRecord]]]:
    """Records in batches, each with the last row of the file it covers; rows that were applied before are passed over."""
    batch: list[SourceRecord] = []
    for record in found:
        if source.row <= after or not isinstance(record, SourceRecord):
            continue
        batch.append(record)
        if len(batch) == BATCH:
            yield source.row, batch
            batch = []
    if batch:
        yield source.row, batch


def _report(received: Received, *, held: str = "", was_applied: bool = False) -> DeliveryReport:
    """What is kept about a delivery, as its supplier is told it."""
    rejected, outcome, unknown, unlicensed = selectors.counts(received.delivery.id)
    return DeliveryReport(
        delivery=received.delivery,
        repeated=received.repeated,
        was_applied=was_applied,
        held=held,
        rejected=rejected,
        problems=selectors.problems(received.delivery.id),
        outcome=outcome,
        unknown_columns=unknown,
        unlicensed_columns=unlicensed,
    )
