"""Reading visits and the moment of the last search. Whoever asks gets only what is bound to their own sitting."""

from __future__ import annotations

from datetime import datetime

from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.cases import models, policies
from childindex.cases.types import Visit
from childindex.kernel.identity import ChildId
from childindex.kernel.people import Reason, ReasonCode
from childindex.kernel.refusals import Denied, Refusal


def visit(handle: str, *, actor: Actor, receipt: Receipt, at: datetime) -> Visit:
    """The visit of this handle, for the account and the sitting it was opened in.

    Refused (ADDRESS_EXPIRED) when there is none, it has ended, or it is somebody else's or another sitting's: all alike.
    """
    if not policies.is_handle(handle):
        raise Denied(Refusal.ADDRESS_EXPIRED)
    row = models.Visit.objects.filter(
        handle=handle,
        sitting=actor.sitting,
        account_id=actor.ref.person,
        expires_at__gt=at,
    ).first()
    if row is None:
        raise Denied(Refusal.ADDRESS_EXPIRED)
    return _visit(row, receipt)


def kept_visit(child_id: ChildId, *, actor: Actor, receipt: Receipt, at: datetime) -> Visit | None:
    """The same person's newest visit to this child that has not ended, from whichever sitting (kept for 8 h)."""
    rows = models.Visit.objects.filter(account_id=actor.ref.person, child_id=child_id, expires_at__gt=at)
    row = rows.order_by("-opened_at", "handle").first()
    return _visit(row, receipt) if row is not None else None


def searched_lately(*, actor: Actor, at: datetime) -> bool:
    """Whether this person searched in this sitting within the last fifteen minutes (R 1.33)."""
    rows = models.Enquiry.objects.filter(sitting=actor.sitting, account_id=actor.ref.person)
    return policies.enquiry_is_fresh(rows.values_list("searched_at", flat=True).first(), at=at)


def _visit(row: models.Visit, receipt: Receipt) -> Visit:
    """The value of one row."""
    return Visit(
        receipt=receipt,
        handle=row.handle,
        child_id=ChildId(row.child_id),
        reason=Reason(code=ReasonCode(row.reason), case_reference=row.case_reference),
        opened_at=row.opened_at,
        expires_at=row.expires_at,
    )
