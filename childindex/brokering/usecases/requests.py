"""A broker's queue: handed over by the worker to one browser, answered from a list, seen by whoever asked (R 1.27, 3.07)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from nacl.exceptions import CryptoError

from childindex.access import selectors as people
from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.brokering import selectors, services
from childindex.brokering.shields import steps
from childindex.brokering.types import (
    Answer,
    AnswerSent,
    DeskAsked,
    HiddenService,
    OwnRequest,
    OwnRequests,
    RequestLine,
    RequestsView,
)
from childindex.cases import selectors as kept
from childindex.cases import services as cases
from childindex.cases.types import ContactRequest, FamilyKnows
from childindex.children import selectors as children
from childindex.directory import selectors as directory
from childindex.involvement import selectors as involvement
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import ChildId, Sex
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding import selectors as guard

_LATELY: Final = timedelta(days=90)


def ask_requests(*, actor: Actor, public_key: bytes, at: datetime) -> DeskAsked:
    """Ask the worker for the requests of one's own authority, encrypted for the browser's key, for ten minutes at most.

    Recorded: that they were asked for. Refused without CONTACT_REQUEST_ANSWER and a second factor of the last five minutes.
    """
    with audit.entry(Event.CONTACTS_ASKED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CONTACT_REQUEST_ANSWER, at=at, confirmed=True)
        desk, until = services.ask_desk(
            actor=actor, kind=services.REQUESTS, public_key=public_key, receipt=entry.receipt
        )
        return DeskAsked(receipt=entry.receipt, id=desk, until=until)


def fill_requests(*, actor: Actor, desk_id: UUID, at: datetime) -> None:
    """Put a broker's queue together and hand it over: which broker's a shielded child is only the worker knows (T12).

    Recorded: every child on it. Refused without CHILD_HIDDEN_DISCLOSE; (NOT_FOUND) for a list that is over or has been filled.
    """
    with audit.entry(Event.CONTACTS_FILLED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_HIDDEN_DISCLOSE, at=at)
        waiting = selectors.waiting_desk(desk_id, kind=services.REQUESTS, at=at)
        if waiting is None:
            raise Denied(Refusal.NOT_FOUND)
        if not access.holds(waiting.account_id, Permission.CONTACT_REQUEST_ANSWER, authority=waiting.authority, at=at):
            raise Denied(Refusal.NOT_PERMITTED, "named")
        requests = [
            one
            for one in kept.contact_requests(receipt=entry.receipt)
            if _concerns(one, authority=waiting.authority, receipt=entry.receipt)
        ]
        who = steps.numbers([one.child_id for one in requests], receipt=entry.receipt)
        shown = [one for one in requests if one.child_id in who]
        entry.about([one.child_id for one in shown])
        askers = people.known([one.opened_by for one in shown])
        lines = [
            {
                **_line(one, at=at),
                "who": list(who[one.child_id]),
                "asker": askers[one.opened_by].name if one.opened_by in askers else "",
                "asker_phone": askers[one.opened_by].phone if one.opened_by in askers else "",
                "services": _services(one.child_id, receipt=entry.receipt),
            }
            for one in shown
        ]
        services.fill_desk(desk_id, {"requests": lines}, public_key=waiting.public_key, receipt=entry.receipt)


def view_requests(*, actor: Actor, desk_id: UUID, private_key: bytes, at: datetime) -> RequestsView:
    """The queue, for the sitting that asked for it and with the key that its browser has; not ready until the worker filled it.

    Recorded: every child shown, each time. Refused without CONTACT_REQUEST_ANSWER, and (ADDRESS_EXPIRED) for a list that is over,
    another sitting's, or opened with another key.
    """
    with audit.entry(Event.CONTACTS_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CONTACT_REQUEST_ANSWER, at=at)
        found = selectors.desk(desk_id, kind=services.REQUESTS, actor=actor, at=at)
        if found is None:
            raise Denied(Refusal.ADDRESS_EXPIRED)
        if found.ciphertext is None:
            return RequestsView(receipt=entry.receipt, ready=False)
        try:
            on_it = services.opened(found.ciphertext, private_key=private_key)
        except (CryptoError, ValueError) as wrong:
            raise Denied(Refusal.ADDRESS_EXPIRED) from wrong
        entry.about([UUID(line["child"]) for line in on_it["requests"]])
        return RequestsView(
            receipt=entry.receipt, ready=True, requests=tuple(_read(line) for line in on_it["requests"])
        )


def answer(*, actor: Actor, case_id: UUID, said: Answer, at: datetime) -> AnswerSent:
    """Answer a request with one of four sentences; the worker checks that it is one's own authority's.

    Recorded: the case and the answer; the child by the worker. Refused without CONTACT_REQUEST_ANSWER.
    """
    with audit.entry(Event.CONTACT_ANSWER_SENT, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CONTACT_REQUEST_ANSWER, at=at)
        sent = services.send_answer(case_id, said, actor=actor, receipt=entry.receipt)
        entry.note(case=str(case_id), answer=said.value)
        return AnswerSent(receipt=entry.receipt, id=sent)


def take_answer(*, actor: Actor, answer_id: UUID, at: datetime) -> bool:
    """Close a request with a broker's answer, if it waits and is their authority's; says whether it did. The worker's part.

    Recorded: the child, the case, whether it was closed. Refused without CHILD_HIDDEN_DISCLOSE; (NOT_FOUND) for an answer that has
    been taken.
    """
    with audit.entry(Event.CONTACT_ANSWERED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_HIDDEN_DISCLOSE, at=at)
        given = selectors.waiting_answer(answer_id)
        if given is None:
            raise Denied(Refusal.NOT_FOUND)
        found = kept.contact_requests(given.case_id, receipt=entry.receipt)
        may = access.holds(given.account_id, Permission.CONTACT_REQUEST_ANSWER, authority=given.authority, at=at)
        closes = may and bool(found) and _concerns(found[0], authority=given.authority, receipt=entry.receipt)
        if closes:
            entry.about([found[0].child_id])
            cases.answer_contact(given.case_id, outcome=given.answer.value, by=given.account_id, receipt=entry.receipt)
        services.answer_taken(answer_id, receipt=entry.receipt)
        entry.note(case=str(given.case_id), by=str(given.account_id), closed=closes)
        return closes


def own_requests(*, actor: Actor, at: datetime) -> OwnRequests:
    """What one has asked for in the last ninety days, and what was answered: the same sentences for every child.

    Recorded: that it was looked at; it names no child. Refused without CONTACT_REQUEST_MAKE.
    """
    with audit.entry(Event.CONTACT_OWN_LISTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CONTACT_REQUEST_MAKE, at=at)
        return OwnRequests(
            receipt=entry.receipt,
            requests=tuple(
                OwnRequest(
                    asked_at=one.opened_at,
                    due_at=one.due_at,
                    case_reference=one.case_reference,
                    answered_at=one.closed_at,
                    answer=Answer(one.outcome) if one.outcome else None,
                )
                for one in kept.own_requests(actor=actor, since=at - _LATELY)
            ),
        )


def _concerns(request: ContactRequest, *, authority: str, receipt: Receipt) -> bool:
    """Whether a request is this authority's to answer: a protected child's is known to the guard alone, an open one's to the entry.

    Whichever it is now: a shield may have come off since somebody asked, and then the request names no authority.
    """
    summary = children.summaries([request.child_id], receipt=receipt).get(ChildId(request.child_id))
    lives = summary.responsible_authority if summary is not None else ""
    owner = guard.authority_of(request.child_id, receipt=receipt) or lives or request.owner
    return authority != "" and owner == authority


def _services(child: UUID, *, receipt: Receipt) -> list[list[str]]:
    """Who is involved now, sensitive services too: of an open child from the entry, of a protected one from the guard."""
    given = [line for line in involvement.of_child(child, receipt=receipt) if line.ended_on is None]
    lines = [
        (one.service_type, one.organisation, one.practitioner_name, one.phone, one.out_of_hours_phone) for one in given
    ]
    lines += [
        (one.service_type, one.organisation_id, one.practitioner_name, one.phone, one.out_of_hours_phone)
        for record in guard.records_of(child, receipt=receipt)
        for one in record.involvements
        if one.ended_on is None
    ]
    types, organisations = directory.service_types(), directory.organisations(sorted({line[1] for line in lines}))
    return [
        [
            types[kind].name if kind in types else kind,
            organisations[code].name if code in organisations else code,
            *rest,
        ]
        for kind, code, *rest in sorted(set(lines))
    ]


def _line(request: ContactRequest, *, at: datetime) -> dict[str, Any]:
    """What of a line needs nothing looked up, as plain values."""
    organisations = directory.organisations([request.opened_for])
    named = organisations.get(request.opened_for)
    return {
        "id": str(request.id),
        "child": str(request.child_id),
        "organisation": named.name if named is not None else request.opened_for,
        "family_knows": request.family_knows.value,
        "case_reference": request.case_reference,
        "asked_at": request.opened_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "overdue": request.due_at <= at,
    }


def _read(line: dict[str, Any]) -> RequestLine:
    index_number, given_name, family_name, birth_date, sex = line["who"]
    return RequestLine(
        id=UUID(line["id"]),
        index_number=index_number,
        given_name=given_name,
        family_name=family_name,
        birth_date=PartialDate.parse(birth_date),
        sex=Sex(sex),
        asker=line["asker"],
        asker_phone=line["asker_phone"],
        organisation=line["organisation"],
        family_knows=FamilyKnows(line["family_knows"]),
        case_reference=line["case_reference"],
        asked_at=datetime.fromisoformat(line["asked_at"]),
        due_at=datetime.fromisoformat(line["due_at"]),
        overdue=line["overdue"],
        services=tuple(
            HiddenService(service=kind, organisation=name, practitioner=person, phone=phone, out_of_hours_phone=late)
            for kind, name, person, phone, late in line["services"]
        ),
    )
