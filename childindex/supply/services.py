"""Keeping deliveries and their files: a delivery's state moves only along the table of moves."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.kernel.identity import SourceRecord
from childindex.kernel.refusals import Refusal
from childindex.supply import models
from childindex.supply.formats.problems import FileHeld, Rejection
from childindex.supply.formats.records import Contents
from childindex.supply.selectors import as_value, spooled
from childindex.supply.types import MOVES, BatchReport, Delivery, DeliveryRefused, Kind, MoveNotAllowed, State

_LOCK_SPACE = 7_301
_BLOCK = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
# A file can be all wrong; the counts are complete, the places are enough to mend it by.
MOST_REJECTED_ROWS = 10_000


@contextmanager
def one_at_a_time(feed: str) -> Iterator[None]:
    """Hold the feed for one delivery, over all its transactions; refused while another process holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, _lock_key(feed)])
        if not cursor.fetchone()[0]:
            raise DeliveryRefused(
                Refusal.FEED_BUSY, "busy", f"Another delivery of {feed} is being applied. Try again later."
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, _lock_key(feed)])


def take_turns(feed: str) -> None:
    """Wait until no other transaction is taking in a file of this feed, so that the same file twice at once is kept once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE + 1, _lock_key(feed)])


def _lock_key(feed: str) -> int:
    return zlib.crc32(feed.encode()) - 2**31


def spool(file: Path, delivery_id: UUID) -> str:
    """Copy a file into the spool, readable by this account alone, and return the SHA-256 of its unpacked content.

    Raises FileHeld where there is no such file. A file that cannot be unpacked is told apart by its bytes as they are.
    """
    place = spooled(delivery_id)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with file.open("rb") as source, os.fdopen(os.open(place, _NEW, 0o600), "wb") as copy:
            shutil.copyfileobj(source, copy, _BLOCK)
    except OSError:
        place.unlink(missing_ok=True)
        raise FileHeld("file_missing") from None
    try:
        with gzip.open(place) as unpacked:
            return _digest(unpacked)
    except (OSError, EOFError, zlib.error):
        with place.open("rb") as plain:
            return _digest(plain)


def respool(delivery_id: UUID, *, earlier: UUID) -> None:
    """The same content came again: its copy takes the place of the one that came first, which may be gone."""
    spooled(delivery_id).replace(spooled(earlier))


def unspool(delivery_id: UUID) -> None:
    """Delete a delivery's file; it is not kept once the delivery is applied or held (R 4.29)."""
    spooled(delivery_id).unlink(missing_ok=True)


def _digest(file: IO[bytes] | gzip.GzipFile) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def keep(delivery_id: UUID, *, feed: str, sha256: str, kind: Kind, as_at: date, receipt: Receipt) -> Delivery:
    """Keep that a file has come in."""
    row = models.Delivery(
        id=delivery_id,
        feed=feed,
        sha256=sha256,
        kind=kind.value,
        as_at=as_at,
        received_at=receipt.at,
        state=State.RECEIVED.value,
    )
    row.save(force_insert=True)
    return as_value(row)


def hold(delivery_id: UUID, *, code: str, receipt: Receipt) -> Delivery:
    """Keep that the file as a whole goes no further, and why."""
    del receipt
    row = _moved(delivery_id, State.HELD)
    row.held_code = code
    row.save()
    return as_value(row)


def pass_on(
    delivery_id: UUID, *, contents: Contents, rejections: Sequence[Rejection], codes: Counter[str], receipt: Receipt
) -> Delivery:
    """Keep what a check found; the delivery may then be applied."""
    del receipt
    row = _moved(delivery_id, State.CHECKED)
    row.held_code = ""
    row.rows = contents.rows
    row.unknown_columns, row.unlicensed_columns = contents.unknown_columns, contents.unlicensed_columns
    row.rejected = dict(codes)
    row.save()
    models.RejectedRow.objects.filter(delivery_id=delivery_id).delete()
    models.RejectedRow.objects.bulk_create(
        models.RejectedRow(delivery_id=delivery_id, row=one.row, column=one.column, code=one.code)
        for one in rejections[:MOST_REJECTED_ROWS]
    )
    return as_value(row)


def advance(
    delivery_id: UUID, *, row: int, records: Sequence[SourceRecord], report: BatchReport, receipt: Receipt
) -> None:
    """Keep that the records up to a row of the file are applied, in the transaction that applied them."""
    del receipt
    kept = _moved(delivery_id, State.APPLYING)
    kept.row = row
    kept.outcome = asdict(BatchReport(**kept.outcome).plus(report))
    kept.save()
    gone = [record.record_id for record in records if record.removed]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO supply_heldrecord (feed, record_id) SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING",
            [kept.feed, [record.record_id for record in records if not record.removed]],
        )
    _forget(kept.feed, gone)


def let_go(delivery_id: UUID, *, record_ids: Sequence[str], report: BatchReport, receipt: Receipt) -> None:
    """Keep that a snapshot left these records out, in the transaction that ended them."""
    del receipt
    kept = _moved(delivery_id, State.APPLYING)
    kept.outcome = asdict(BatchReport(**kept.outcome).plus(report))
    kept.save()
    _forget(kept.feed, record_ids)


def _forget(feed: str, record_ids: Sequence[str]) -> None:
    """The feed no longer holds these records."""
    if record_ids:
        models.HeldRecord.objects.filter(feed=feed, record_id__in=list(record_ids)).delete()


def close(delivery_id: UUID, *, receipt: Receipt) -> Delivery:
    """Keep that every record of the file is applied."""
    row = _moved(delivery_id, State.APPLIED)
    row.closed_at = receipt.at
    row.save()
    return as_value(row)


def speak_for(delivery_id: UUID, *, as_at: date, receipt: Receipt) -> Delivery:
    """The same content came again for a later day: the delivery now speaks for that day."""
    del receipt
    row = models.Delivery.objects.select_for_update().get(id=delivery_id)
    row.as_at = as_at
    row.save()
    return as_value(row)


def _moved(delivery_id: UUID, to: State) -> models.Delivery:
    """The delivery, locked and in its next state; raises MoveNotAllowed."""
    row = models.Delivery.objects.select_for_update().get(id=delivery_id)
    if to not in MOVES[State(row.state)]:
        raise MoveNotAllowed(f"{row.state} to {to}")
    row.state = to.value
    return row
