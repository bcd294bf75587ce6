"""Opening cases and visits, keeping results, forgetting both. Every function needs the receipt of the entry that wrote down why."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.cases import models, policies
from childindex.cases.types import CaseCode, CaseKind, FamilyKnows, Found, Visit
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
        role=actor.ref.role,
        organisation=actor.ref.organisation,
        child_id=child_id,
        reason=reason.code.value,
        case_reference=reason.case_reference,
        opened_at=receipt.at,
        expires_at=policies.visit_end(at=receipt.at, kept=kept),
    )
    return handle


def keep_results(found: Sequence[Found], *, too_many: bool, reason: Reason, actor: Actor, receipt: Receipt) -> str:
    """Keep what was found, for this sitting and a quarter of an hour; gives the token of its address."""
    token = secrets.token_urlsafe(16)
    row = models.SearchResult(
        token=token,
        sitting=actor.sitting,
        account_id=actor.ref.person,
        reason=reason.code.value,
        case_reference=reason.case_reference,
        children=[one.id for one in found],
        tiers=[one.tier.value for one in found],
        agreements=[",".join(one.agreements) for one in found],
        too_many=too_many,
        opened=None,
        created_at=receipt.at,
        expires_at=policies.results_end(receipt.at),
    )
    row.save(force_insert=True)
    return token


def use_reason(token: str, child_id: UUID, *, receipt: Receipt) -> None:
    """Remember that the reason of the search has been used for this child; the first one stays."""
    del receipt
    models.SearchResult.objects.filter(token=token, opened__isnull=True).update(opened=child_id)


def forget(children: Sequence[UUID], *, receipt: Receipt) -> None:
    """Delete every visit to these children and all results that name one, whoever's they are: they have been protected.

    The worker's part. Whoever had such a page open finds its address over, as they would after a quarter of an hour or
    eight hours, and searches again (R 3.03, 3.21). Cases about them stay, without the council or organisation that was to
    answer and the involvement they were about: both say where the child is (T12), and the guard knows who answers now.
    """
    del receipt
    models.Case.objects.filter(child_id__in=children).update(owner="", involvement_id=None)
    models.Visit.objects.filter(child_id__in=children).delete()
    models.SearchResult.objects.filter(children__overlap=list(children)).delete()


def forget_expired(*, receipt: Receipt) -> int:
    """Delete visits, results and moments of search that are over and serve nothing any more; the worker's part.

    Returns how many visits and results there were.
    """
    visits, _ = models.Visit.objects.filter(expires_at__lte=receipt.at).delete()
    results, _ = models.SearchResult.objects.filter(expires_at__lte=receipt.at).delete()
    since = receipt.at - timedelta(minutes=policies.ENQUIRY_MINUTES)
    models.Enquiry.objects.filter(searched_at__lt=since).delete()
    return visits + results


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


def investigate_override(child_id: UUID, *, actor: Actor, case_reference: str, receipt: Receipt) -> UUID:
    """Open the investigation that every override of a shield has, for the actor's own organisation to answer (R 3.09; T14)."""
    return _open(
        CaseKind.OVERRIDE_REVIEW,
        actor=actor,
        receipt=receipt,
        child_id=child_id,
        owner=actor.ref.organisation,
        code=CaseCode.SHIELD_OVERRIDDEN.value,
        case_reference=case_reference,
    )


def review_use(code: CaseCode, *, actor: Actor, receipt: Receipt) -> UUID:
    """Open a review of how the actor has used the index, which their organisation's managers and oversight answer (T02, T03)."""
    return _open(CaseKind.USE_REVIEW, actor=actor, receipt=receipt, owner=actor.ref.organisation, code=code.value)


def investigate_use(*, organisation: str, actor: Actor, receipt: Receipt) -> tuple[UUID, UUID]:
    """Open an audit officer's investigation and the notice to the managers of the person's organisation (R 7.06); gives both ids."""
    case_id = _open(
        CaseKind.USE_REVIEW,
        actor=actor,
        receipt=receipt,
        owner=actor.ref.organisation,
        code=CaseCode.MISUSE_SUSPECTED.value,
    )
    notice_id = _open(
        CaseKind.USE_REVIEW, actor=actor, receipt=receipt, owner=organisation, code=CaseCode.COLLEAGUE_SUSPENDED.value
    )
    return case_id, notice_id


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


def answer_contact(case_id: UUID, *, outcome: str, by: UUID, receipt: Receipt) -> None:
    """Close a request to be put in touch with an answer from the list; one that is closed stays as it is. The worker's part."""
    waiting = models.Case.objects.filter(id=case_id, kind=CaseKind.CONTACT_REQUEST.value, closed_at=None)
    waiting.update(closed_at=receipt.at, closed_by=by, outcome=outcome)
