"""Reading the queue."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from childindex.access import selectors as access
from childindex.access.roles import name_of
from childindex.access.types import Actor
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal
from childindex.oversight.models import QueueItem, Scan
from childindex.oversight.types import ItemState, Key, Look, QueueLine, Signal

MOST_SHOWN = 100


def scanned_until(*, at: datetime) -> datetime | None:
    """Up to when the ledger has been read, held until the transaction ends; None where it never was."""
    row = Scan.objects.select_for_update().filter(id=1, until__lte=at).first()
    return row.until if row is not None else None


def existing(looks: Iterable[Look]) -> dict[Key, QueueItem]:
    """The items there are for these looks already."""
    looks = list(looks)
    rows = QueueItem.objects.filter(
        account_id__in={look.account for look in looks}, day__in={look.day for look in looks}
    )
    return {(row.account_id, row.child_id, row.day): row for row in rows}


def unanswered(*, since: datetime) -> list[QueueItem]:
    """Items about a child that wait, of looks after `since`."""
    rows = QueueItem.objects.filter(state=ItemState.WAITING.value, child_id__isnull=False, day__gte=since.date())
    return list(rows.order_by("found_at", "id"))


def waiting(*, actor: Actor) -> list[QueueItem]:
    """What waits in the officer's area, the likeliest misuse first, never their own; one more than is shown.

    Looks of national bodies, which are in no area, are every officer's to review: else they would be nobody's, or their own.
    """
    rows = _of_area(actor).filter(state=ItemState.WAITING.value)
    return list(rows.exclude(account_id=actor.ref.person).order_by("-rank", "found_at", "id")[: MOST_SHOWN + 1])


def item(item_id: UUID, *, actor: Actor, lock: bool = False) -> QueueItem:
    """One item of the officer's area; raises Denied(NOT_FOUND) for any other and for what is about the officer."""
    rows = _of_area(actor).select_for_update() if lock else _of_area(actor)
    row = rows.filter(id=item_id).exclude(account_id=actor.ref.person).first()
    if row is None:
        raise Denied(Refusal.NOT_FOUND)
    return row


def _of_area(actor: Actor) -> QuerySet[QueueItem]:
    """What an officer may review, without the child: the page says nothing of one, and the site may not read which (T12)."""
    areas = [actor.authority, ""] if actor.authority else []
    return QueueItem.objects.filter(authority__in=areas).defer("child_id")


def lines(rows: Collection[QueueItem]) -> tuple[QueueLine, ...]:
    """The same with people's and organisations' names."""
    people = access.people({row.account_id for row in rows})
    organisations = directory.organisations({row.organisation for row in rows})
    return tuple(
        QueueLine(
            id=row.id,
            person=people[row.account_id].name if row.account_id in people else "",
            role_name=name_of(row.role),
            organisation_name=organisations[row.organisation].name
            if row.organisation in organisations
            else row.organisation,
            day=row.day,
            signals=tuple(Signal(code) for code in row.signals),
            waiting_since=row.found_at,
        )
        for row in rows
    )


def authorities(looks: Iterable[Look]) -> dict[str, str]:
    """In whose area each organisation of these looks is; an organisation without one has none."""
    known = directory.organisations({look.organisation for look in looks})
    return {code: organisation.authority for code, organisation in known.items()}
