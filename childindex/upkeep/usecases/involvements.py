"""What practitioners say of involvements: mine, no longer, still right, and that a number is wrong."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from childindex.access import selectors as colleagues
from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.services import Entry
from childindex.audit.types import Event
from childindex.cases import selectors as visits
from childindex.cases import services as cases
from childindex.cases.types import Visit
from childindex.children import selectors as children
from childindex.children.types import ChildSummary
from childindex.directory import selectors as directory
from childindex.involvement import selectors as involvements
from childindex.involvement import services as involvement
from childindex.involvement.types import Declaration
from childindex.kernel.dates import day_in_england
from childindex.kernel.numbers import spaced_index_number
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep import policies
from childindex.upkeep.types import DeclarationForm, Kept, ServiceChoice


def prepare_declaration(*, actor: Actor, handle: str, at: datetime) -> DeclarationForm:
    """What somebody needs to say that their service is involved: whose page it is, and the kinds of service of their own.

    Written down as a view, for it names the child. Refused to actors without CHILD_INVOLVEMENT_DECLARE;
    (ADDRESS_EXPIRED) without an open visit of this sitting; (NOT_FOUND) for a child whose entry is not open.
    """
    with audit.entry(Event.CHILD_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_INVOLVEMENT_DECLARE, at=at)
        visit, summary = _open_child(entry, actor=actor, handle=handle, at=at)
        services = policies.services_of(actor.sector, directory.service_types().values())
        person = colleagues.people([actor.ref.person]).get(actor.ref.person)
        entry.about([visit.child_id])
        return DeclarationForm(
            receipt=entry.receipt,
            handle=handle,
            name=f"{summary.given_name} {summary.family_name}".strip(),
            birth_date=summary.birth_date,
            index_number=spaced_index_number(summary.index_number),
            services=tuple(ServiceChoice(code=service.code, name=service.name) for service in services),
            phone=person.phone if person is not None else "",
        )


def declare_involvement(*, actor: Actor, handle: str, service_type: str, started_on: date, at: datetime) -> Kept:
    """Say that one's own service works with the child, under one's own name and number (R 1.16, 1.33).

    Said twice, it is the same involvement.

    Refused to actors without CHILD_INVOLVEMENT_DECLARE; (ADDRESS_EXPIRED) without an open visit of this sitting;
    (NOT_YOURS) for a kind of service that is not of one's own sector, or is sensitive; (NOT_ACCEPTED) for a day to come.
    """
    with audit.entry(Event.INVOLVEMENT_ADDED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_INVOLVEMENT_DECLARE, at=at)
        visit, summary = _open_child(entry, actor=actor, handle=handle, at=at)
        policies.check_service(service_type, sector=actor.sector, services=directory.service_types().values())
        policies.check_day(started_on, on=day_in_england(at), not_before=summary.birth_date.earliest)
        person = colleagues.people([actor.ref.person]).get(actor.ref.person)
        if person is None:
            raise Denied(Refusal.NOT_PERMITTED)
        line = involvement.declare(
            visit.child_id,
            Declaration(
                service_type=service_type,
                organisation=actor.ref.organisation,
                role=actor.role_name,
                practitioner_name=person.name,
                phone=person.phone,
                email=person.email,
                started_on=started_on,
            ),
            by=actor.ref.person,
            receipt=entry.receipt,
            at=at,
        )
        entry.about([visit.child_id])
        return Kept(receipt=entry.receipt, handle=handle, involvement=line)


def end_involvement(*, actor: Actor, handle: str, involvement_id: UUID, ended_on: date, at: datetime) -> Kept:
    """Say that one's own organisation is no longer involved; the line stays, with its end (R 1.33).

    Refused to actors without CHILD_INVOLVEMENT_DECLARE; (ADDRESS_EXPIRED) without an open visit of this sitting;
    (NOT_FOUND) for a line that is not on this child's page; (NOT_YOURS) for another organisation's;
    (NOT_ACCEPTED) for a day to come or before it began.
    """
    with audit.entry(Event.INVOLVEMENT_ENDED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_INVOLVEMENT_DECLARE, at=at)
        visit, _ = _open_child(entry, actor=actor, handle=handle, at=at)
        line = policies.check_reportable(
            involvements.line(involvement_id, receipt=entry.receipt), child_id=visit.child_id
        )
        policies.check_own(line, organisation=actor.ref.organisation)
        policies.check_day(ended_on, on=day_in_england(at), not_before=line.started_on)
        involvement.end(involvement_id, on=ended_on, receipt=entry.receipt)
        entry.about([visit.child_id])
        return Kept(receipt=entry.receipt, handle=handle, involvement=involvement_id)


def confirm_involvement(*, actor: Actor, handle: str, involvement_id: UUID, at: datetime) -> Kept:
    """Say that one's own organisation's involvement and how to reach it are still right today (R 1.34).

    Refused as `end_involvement`.
    """
    with audit.entry(Event.INVOLVEMENT_CONFIRMED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_INVOLVEMENT_DECLARE, at=at)
        visit, _ = _open_child(entry, actor=actor, handle=handle, at=at)
        line = policies.check_reportable(
            involvements.line(involvement_id, receipt=entry.receipt), child_id=visit.child_id
        )
        policies.check_own(line, organisation=actor.ref.organisation)
        involvement.confirm(involvement_id, on=day_in_england(at), receipt=entry.receipt)
        entry.about([visit.child_id])
        return Kept(receipt=entry.receipt, handle=handle, involvement=involvement_id)


def report_phone(*, actor: Actor, handle: str, involvement_id: UUID, at: datetime) -> Kept:
    """Say that a telephone number on the child's page is wrong (N 2).

    The entry says so until its source gives another, and the organisation it belongs to gets a case to answer. Anybody
    who may see the page may say it: refused to actors without CHILD_ENTRY_VIEW; (ADDRESS_EXPIRED) without an open visit
    of this sitting; (NOT_FOUND) for a line that is not on this child's page.
    """
    with audit.entry(Event.INVOLVEMENT_PHONE_REPORTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_VIEW, at=at)
        visit, _ = _open_child(entry, actor=actor, handle=handle, at=at)
        line = policies.check_reportable(
            involvements.line(involvement_id, receipt=entry.receipt), child_id=visit.child_id
        )
        involvement.report_phone(involvement_id, on=day_in_england(at), receipt=entry.receipt)
        cases.report_number(visit.child_id, involvement_id, actor=actor, owner=line.organisation, receipt=entry.receipt)
        entry.about([visit.child_id])
        return Kept(receipt=entry.receipt, handle=handle, involvement=involvement_id)


def _open_child(entry: Entry, *, actor: Actor, handle: str, at: datetime) -> tuple[Visit, ChildSummary]:
    """The visit of this handle and the child of it, whose entry must be open; the entry takes on the visit's reason."""
    visit = visits.visit(handle, actor=actor, receipt=entry.receipt, at=at)
    entry.reason = visit.reason
    summary = children.summaries([visit.child_id], receipt=entry.receipt).get(visit.child_id)
    if summary is None:
        raise Denied(Refusal.NOT_FOUND)
    policies.check_open(summary.tier)
    return visit, summary
