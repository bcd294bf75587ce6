"""Taking a file in."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from pathlib import Path

from django.utils.timezone import localdate

from childindex.access.services import require
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.directory import selectors as directory
from childindex.directory import services as directory_services
from childindex.kernel.refusals import Refusal
from childindex.supply import policies, selectors, services
from childindex.supply.formats.problems import FileHeld
from childindex.supply.types import Delivery, DeliveryRefused, Kind, Received, State


def receive(*, actor: Actor, feed: str, file: Path, as_at: date, kind: Kind, at: datetime) -> Received:
    """Keep a file of a feed for checking, and answer with the delivery it is.

    The same content as the feed's last delivery is that delivery: nothing is kept twice, and a later `as_at` only moves
    the day it speaks for. A paused feed is received like any other (R 4.25). Recorded: feed, hash, size in bytes.
    Refused without DELIVERY_FILE_APPLY, for an unknown feed, a day in the future, or a file that cannot be opened.
    """
    delivery_id = uuid.uuid4()
    kept = False
    try:
        with audit.entry(Event.DELIVERY_RECEIVED, actor=actor.ref, at=at) as entry:
            require(actor, Permission.DELIVERY_FILE_APPLY, at=at)
            _check_feed(feed)
            entry.note(feed=feed, kind=kind.value, as_at=as_at.isoformat())
            if as_at > localdate(at):
                raise DeliveryRefused(Refusal.FILE_UNREADABLE, "as_at", f"{as_at} lies in the future.")
            try:
                sha256 = services.spool(file, delivery_id)
            except FileHeld as held:
                raise DeliveryRefused(Refusal.FILE_UNREADABLE, held.code, held.sentence) from None
            services.take_turns(feed)
            earlier = _earlier(feed, sha256, as_at, receipt=entry.receipt)
            delivery = earlier or services.keep(
                delivery_id, feed=feed, sha256=sha256, kind=kind, as_at=as_at, receipt=entry.receipt
            )
            entry.note(delivery=str(delivery.id), sha256=sha256, repeated=earlier is not None)
        if earlier is not None and earlier.state is not State.APPLIED:
            services.respool(delivery_id, earlier=earlier.id)
        kept = earlier is None
        return Received(delivery=delivery, repeated=earlier is not None)
    finally:
        if not kept:
            services.unspool(delivery_id)


def _check_feed(name: str) -> None:
    """A feed that is in the register."""
    if directory.feed(name) is None:
        known = ", ".join(directory.feeds()) or "none; run childindex setup first"
        raise DeliveryRefused(Refusal.FEED_UNKNOWN, "feed", f"There is no feed of that name. The feeds are: {known}.")


def _earlier(feed: str, sha256: str, as_at: date, *, receipt: Receipt) -> Delivery | None:
    """The delivery this content already is; for a later day it now speaks for that day, and nothing else changes."""
    newest = selectors.same_content(feed, sha256)
    if newest is None:
        return selectors.same_delivery(feed, sha256, as_at)
    if as_at <= newest.as_at or newest.state in {State.CHECKED, State.APPLYING}:
        return newest
    if newest.state is State.APPLIED and policies.answers(newest):
        directory_services.answered(feed, on=as_at, receipt=receipt)
    return services.speak_for(newest.id, as_at=as_at, receipt=receipt)
