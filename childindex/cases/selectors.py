"""Reading results, visits and the moment of the last search. Whoever asks gets only what is bound to their own sitting."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.cases import models, policies
from childindex.cases.types import CaseKind, ContactRequest, FamilyKnows, OwnCase, StoredResults, Visit
from childindex.kernel.identity import ChildId, Tier
from childindex.kernel.people import Reason, ReasonCode
from childindex.kernel.refusals import Denied, Refusal


def results(token: str, *, actor: Actor, receipt: Receipt, at: datetime) -> StoredResults:
    """What a search found, for the account and the sitting that made it.

    Refused (ADDRESS_EXPIRED) when there is nothing at this address, it has expired, or it is another's: all alike.
    """
    if not policies.is_handle(token):
        raise Denied(Refusal.ADDRESS_EXPIRED)
    row = models.SearchResult.objects.filter(
        token=token, sitting=actor.sitting, account_id=actor.ref.person, expires_at__gt=at
    ).first()
    if row is None:
        raise Denied(Refusal.ADDRESS_EXPIRED)
    return StoredResults(
        receipt=receipt,
        token=row.token,
        reason=Reason(code=ReasonCode(row.reason), case_reference=row.case_reference),
        children=tuple(ChildId(one) for one in row.children),
        tiers=tuple(Tier(tier) for tier in row.tiers),
        agreements=tuple(tuple(codes.split(",")) if codes else () for codes in row.agreements),
        too_many=row.too_many,
        opened=row.opened,
    )


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
    """The same person's newest visit to this child that has not ended, from whichever sitting of theirs (kept for 8 h).

    Only of the same role at the same organisation: a reason given in one is none in another (R 2.20, 2.27).
    """
    rows = models.Visit.objects.filter(
        account_id=actor.ref.person,
        role=actor.ref.role,
        organisation=actor.ref.organisation,
        child_id=child_id,
        expires_at__gt=at,
    )
    row = rows.order_by("-opened_at", "handle").first()
    return _visit(row, receipt) if row is not None else None


def searched_lately(*, actor: Actor, at: datetime) -> bool:
    """Whether this person searched in this sitting within the last fifteen minutes (R 1.33)."""
    rows = models.Enquiry.objects.filter(sitting=actor.sitting, account_id=actor.ref.person)
    return policies.enquiry_is_fresh(rows.values_list("searched_at", flat=True).first(), at=at)


def is_investigated(case_id: UUID, *, child_id: UUID, account_id: UUID) -> bool:
    """Whether this is the open investigation of somebody's override of this child's shield; the worker's part (T14)."""
    return models.Case.objects.filter(
        id=case_id,
        kind=CaseKind.OVERRIDE_REVIEW.value,
        child_id=child_id,
        opened_by=account_id,
        closed_at=None,
    ).exists()


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


def contact_requests(case_id: UUID | None = None, *, receipt: Receipt) -> list[ContactRequest]:
    """Requests to be put in touch that wait for an answer, or the one of this id: due first, first. The worker's part."""
    rows = models.Case.objects.filter(kind=CaseKind.CONTACT_REQUEST.value, closed_at=None)
    if case_id is not None:
        rows = rows.filter(id=case_id)
    columns = rows.order_by("due_at", "id").values_list(
        "id", "child_id", "opened_by", "opened_for", "owner", "family_knows", "case_reference", "opened_at", "due_at"
    )
    return [
        ContactRequest(
            receipt=receipt,
            id=row[0],
            child_id=row[1],
            opened_by=row[2],
            opened_for=row[3],
            owner=row[4],
            family_knows=FamilyKnows(row[5]),
            case_reference=row[6],
            opened_at=row[7],
            due_at=row[8],
        )
        for row in columns
        if row[1] is not None and row[2] is not None
    ]


def own_requests(*, actor: Actor, since: datetime) -> list[OwnCase]:
    """What one person asked for at this organisation since a time, the newest first: no child, no authority, no service."""
    rows = models.Case.objects.filter(
        kind=CaseKind.CONTACT_REQUEST.value,
        opened_by=actor.ref.person,
        opened_for=actor.ref.organisation,
        opened_at__gte=since,
    )
    columns = rows.order_by("-opened_at", "id").values_list(
        "opened_at", "due_at", "case_reference", "closed_at", "outcome"
    )
    return [
        OwnCase(opened_at=row[0], due_at=row[1], case_reference=row[2], closed_at=row[3], outcome=row[4])
        for row in columns
    ]
