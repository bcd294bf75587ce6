"""Asking to be put in touch."""

from __future__ import annotations

from datetime import datetime

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.brokering.types import ContactAsked, FamilyKnows
from childindex.cases import selectors as visits
from childindex.cases import services as cases
from childindex.cases.types import CaseCode
from childindex.children import selectors as children
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal


def ask(
    *, actor: Actor, handle: str, family_knows: FamilyKnows, case_reference: str = "", at: datetime
) -> ContactAsked:
    """Ask to be put in touch about the child of an open visit (R 1.27, 3.07, 6.14).

    Opens a case for the broker of the responsible authority; a shielded child's authority is nothing this process may
    know (T12), so the broker with that right takes the case from the common list. Always the same answer, whether or
    not there is a service to be put in touch with. Refused to actors without CONTACT_REQUEST_MAKE, and
    (ADDRESS_EXPIRED) without an open visit of this sitting.
    """
    with audit.entry(Event.CONTACT_ASKED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CONTACT_REQUEST_MAKE, at=at)
        visit = visits.visit(handle, actor=actor, receipt=entry.receipt, at=at)
        entry.reason = visit.reason
        summary = children.summaries([visit.child_id], receipt=entry.receipt).get(visit.child_id)
        if summary is None:
            raise Denied(Refusal.NOT_FOUND)
        entry.about([visit.child_id])
        cases.ask_for_contact(
            visit.child_id,
            actor=actor,
            owner=summary.responsible_authority,
            code=CaseCode.SENSITIVE_SERVICE if summary.tier is Tier.OPEN else CaseCode.SHIELDED_CHILD,
            family_knows=family_knows,
            case_reference=case_reference,
            receipt=entry.receipt,
        )
        return ContactAsked(receipt=entry.receipt, handle=handle)
