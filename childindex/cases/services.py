"""Opening cases and visits. Every function needs the receipt of the entry that wrote down why."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4

from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.cases import models, policies
from childindex.cases.types import CaseCode, CaseKind, FamilyKnows, Visit
from childindex.kernel.identity import ChildId
from childindex.kernel.people import Reason


def open_visit(child_id: ChildId, reason: Reason, *, actor: Actor, kept: Visit | None = None, receipt: Receipt) -> str:
    """Open a child's page for one sitting and give the handle that stands in its address.

    `kept` is an earlier visit whose reason goes on: the new one then ends when that one does.
    """
    handle = secrets.token_urlsafe(16)
    models.Visit.objects.create(
        handle=handle,
        sitting=actor.sitting,
        account_id=actor.ref.person,
        child_id=child_id,
        reason=reason.code.value,
        case_reference=reason.case_reference,
        opened_at=receipt.at,
        expires_at=policies.visit_end(at=receipt.at, kept=kept),
    )
    return handle


def note_search(*, actor: Actor, receipt: Receipt) -> None:
    """Keep the moment of a search, never its terms; one row a sitting."""
    row = models.Enquiry(sitting=actor.sitting, account_id=actor.ref.person, searched_at=receipt.at)
    models.Enquiry.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["sitting"], update_fields=["account_id", "searched_at"]
    )


def ask_for_contact(
    child_id: ChildId,
    *,
    actor: Actor,
    owner: str,
    code: CaseCode,
    family_knows: FamilyKnows,
    case_reference: str,
    receipt: Receipt,
) -> UUID:
    """Open a request to be put in touch, which the authority `owner` must answer (R 1.27). Gives the case's id."""
    return _open(
        CaseKind.CONTACT_REQUEST,
        actor=actor,
        receipt=receipt,
        child_id=child_id,
        owner=owner,
        code=code.value,
        family_knows=family_knows.value,
        case_reference=case_reference,
    )


def report_number(child_id: ChildId, involvement_id: UUID, *, actor: Actor, owner: str, receipt: Receipt) -> UUID:
    """Open a report that a telephone number is wrong, which the organisation `owner` must answer (N 2)."""
    return _open(
        CaseKind.PHONE_REPORT,
        actor=actor,
        receipt=receipt,
        child_id=child_id,
        involvement_id=involvement_id,
        owner=owner,
        code=CaseCode.NUMBER_WRONG.value,
    )


def _open(kind: CaseKind, *, actor: Actor, receipt: Receipt, **fields: object) -> UUID:
    """Insert one case; the id is made here because the web process cannot read every case back."""
    case_id = uuid4()
    row = models.Case(
        id=case_id,
        kind=kind.value,
        opened_by=actor.ref.person,
        opened_for=actor.ref.organisation,
        opened_at=receipt.at,
        due_at=policies.due(kind, at=receipt.at),
        **fields,
    )
    row.save(force_insert=True)
    return case_id
