"""Reading deliveries and their files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings

from childindex.directory import selectors as directory
from childindex.directory.types import Feed
from childindex.kernel.refusals import Denied, Refusal
from childindex.supply import models
from childindex.supply.formats.mapping import Mapping
from childindex.supply.formats.problems import ROW_SENTENCES
from childindex.supply.formats.records import Contents, SupplyFile
from childindex.supply.formats.rules import rules_for
from childindex.supply.types import BatchReport, Delivery, DeliveryRefused, Kind, RowProblem, State

PROBLEMS_SHOWN = 100


def delivery(delivery_id: UUID) -> Delivery | None:
    """One delivery as it stands."""
    row = models.Delivery.objects.filter(id=delivery_id).first()
    return None if row is None else as_value(row)


def same_content(feed: str, sha256: str) -> Delivery | None:
    """The feed's newest delivery, if it has this content."""
    newest = models.Delivery.objects.filter(feed=feed).order_by("-received_at").first()
    return as_value(newest) if newest is not None and newest.sha256 == sha256 else None


def same_delivery(feed: str, sha256: str, as_at: date) -> Delivery | None:
    """The delivery of this very content for this very day."""
    found = models.Delivery.objects.filter(feed=feed, sha256=sha256, as_at=as_at).first()
    return None if found is None else as_value(found)


def newest_applied(feed: str) -> Delivery | None:
    """The applied snapshot that speaks for the latest day."""
    rows = models.Delivery.objects.filter(feed=feed, state=State.APPLIED, kind=Kind.SNAPSHOT)
    newest = rows.order_by("-as_at").first()
    return None if newest is None else as_value(newest)


def counts(delivery_id: UUID) -> tuple[dict[str, int], BatchReport, int, int]:
    """Rejections by code, the outcome so far, and how many columns were unknown and unlicensed."""
    row = models.Delivery.objects.get(id=delivery_id)
    return dict(row.rejected), BatchReport(**row.outcome), row.unknown_columns, row.unlicensed_columns


def problems(delivery_id: UUID) -> tuple[RowProblem, ...]:
    """The first rejected rows, in the order of the file."""
    rows = models.RejectedRow.objects.filter(delivery_id=delivery_id).order_by("row")[:PROBLEMS_SHOWN]
    return tuple(
        RowProblem(row=row.row, column=row.column, code=row.code, sentence=ROW_SENTENCES[row.code]) for row in rows
    )


def held_records(feed: str) -> set[str]:
    """The record_ids a feed holds."""
    return set(models.HeldRecord.objects.filter(feed=feed).values_list("record_id", flat=True))


def opened(delivery_id: UUID, *, mapping: Mapping | None) -> tuple[Delivery, Feed, SupplyFile]:
    """A delivery, its feed and its file, ready to be read. Refused while the feed is paused, or if the file is gone."""
    found = delivery(delivery_id)
    if found is None:
        raise Denied(Refusal.NOT_FOUND, "delivery")
    feed = open_feed(found.feed)
    place = spooled(delivery_id)
    if not place.exists():
        sentence = "The delivery's file is no longer in the spool. Ask the supplier for a new one."
        raise DeliveryRefused(Refusal.FILE_UNREADABLE, "spool", sentence)
    rules = rules_for(feed, directory.service_types(), as_at=found.as_at)
    return found, feed, SupplyFile(place, rules=rules, mapping=mapping)


def open_feed(name: str) -> Feed:
    """A feed that may be applied now: refused where there is none, and while it is paused (R 4.25)."""
    feed = directory.feed(name)
    if feed is None:
        raise Denied(Refusal.NOT_FOUND, "feed")
    if feed.paused:
        sentence = f"The feed {feed.name} is paused. The file is kept; deliver it again when the pause is lifted."
        raise DeliveryRefused(Refusal.FEED_PAUSED, "paused", sentence)
    return feed


def spooled(delivery_id: UUID) -> Path:
    """Where a delivery's file lies while it is on its way. Never under its own name, which might hold a child's."""
    return Path(settings.SPOOL_DIR) / str(delivery_id)


def absent(found: Delivery, contents: Contents) -> list[str]:
    """The records the feed held and this snapshot leaves out; nobody, where some row's record cannot even be told."""
    if found.kind is not Kind.SNAPSHOT or contents.unreadable:
        return []
    return sorted(held_records(found.feed).difference(contents.rows_of))


def as_value(row: models.Delivery) -> Delivery:
    """The value of one row."""
    return Delivery(
        id=row.id,
        feed=row.feed,
        kind=Kind(row.kind),
        as_at=row.as_at,
        sha256=row.sha256,
        state=State(row.state),
        held_code=row.held_code,
        rows=row.rows,
        rejected=sum(row.rejected.values()),
        row=row.row,
    )
