"""Journey C: a manager puts somebody forward, they show what they must, another person says yes or no (R 2.01-2.04, 2.09-2.12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import policies, selectors, services
from childindex.access.nominating import Nominated, Nomination, Nominee, Shown, Welcome
from childindex.access.roles import ROLES
from childindex.access.services import granting
from childindex.access.types import Actor, Condition, NewPerson, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal

# Somebody who is not let in yet may see what is still to be done, and do it.
_NEEDED_AT_THE_DOOR = frozenset({Condition.ACCOUNT_ACTIVE, Condition.SECOND_FACTOR})
_NOT_YET = frozenset(Condition) - _NEEDED_AT_THE_DOOR


def nominate(*, actor: Actor, nominee: Nominee, at: datetime) -> Nominated:
    """Put somebody forward for a role at the actor's own organisation, from a day until before another.

    A user name nobody has becomes an account, with a one-time link shown once; one that somebody has is theirs. Needs
    ACCESS_GRANT_NOMINATE. Refused (NOT_PERMITTED): "role" for one that is not for this organisation's people, or an index
    administrator put forward by somebody who is none; "dates" unless it ends after it begins and within a year; "oneself"; and
    "waiting" where they wait for this role already.
    """
    with audit.entry(Event.ACCESS_NOMINATED, actor=actor.ref, at=at) as entry:
        entry.note(role=nominee.role, organisation=actor.ref.organisation)
        services.require(actor, Permission.ACCESS_GRANT_NOMINATE, at=at)
        _check_nominee(actor, nominee, at=at)
        account_id, link = selectors.account_of(nominee.username), None
        if account_id == actor.ref.account_id:
            raise Denied(Refusal.NOT_PERMITTED, "oneself")
        if account_id is None:
            person = NewPerson(
                username=nominee.username,
                full_name=nominee.full_name,
                email=nominee.email,
                phone=nominee.phone,
                role=nominee.role,
                organisation=actor.ref.organisation,
            )
            account_id = services.create_account(person, receipt=entry.receipt, at=at)
            link = services.offer_enrolment(account_id, made_by=actor.ref.person, receipt=entry.receipt, at=at)
        entry.note(account=str(account_id), new=link is not None)
        nomination_id = granting.nominate(
            account_id,
            nominee,
            organisation=actor.ref.organisation,
            by=actor.ref.person,
            receipt=entry.receipt,
            at=at,
        )
        return Nominated(id=nomination_id, link=link)


def _check_nominee(actor: Actor, nominee: Nominee, *, at: datetime) -> None:
    """The role is one for this organisation's people, and the days are such."""
    role = ROLES.get(nominee.role)
    organisation = directory.organisations([actor.ref.organisation]).get(actor.ref.organisation)
    if role is None or organisation is None or not policies.may_hold(role, organisation):
        raise Denied(Refusal.NOT_PERMITTED, "role")
    if role.code == "index_administrator" and actor.ref.role != role.code:
        raise Denied(Refusal.NOT_PERMITTED, "role")
    today = policies.england_on(at)
    latest = policies.years_after(nominee.valid_from, services.GRANT_YEARS)
    if not today <= nominee.valid_from < nominee.valid_to <= latest:
        raise Denied(Refusal.NOT_PERMITTED, "dates")


def welcome(*, actor: Actor, at: datetime) -> Welcome:
    """What somebody who has been put forward has still to do; their own only. Refused without account or second factor."""
    with audit.entry(Event.ACCESS_WELCOME_VIEWED, actor=actor.ref, at=at):
        account_id = services.require_gate(actor, at=at, without=_NOT_YET)
        return Welcome(
            name=selectors.known([account_id])[account_id].name,
            agreement=selectors.agreement_now(account_id, at=at),
            nominations=selectors.nominations(account_id=account_id, at=at),
        )


def show_evidence(*, actor: Actor, shown: Shown, at: datetime) -> None:
    """Say when one's enhanced check was issued and one's training done; whoever approves has seen the papers.

    It counts for nothing until then. Refused (NOT_FOUND) to somebody whom nobody has put forward.
    """
    with audit.entry(Event.ACCESS_EVIDENCE_SHOWN, actor=actor.ref, at=at) as entry:
        account_id = services.require_gate(actor, at=at, without=_NOT_YET)
        if not granting.keep_shown(account_id, shown, receipt=entry.receipt, at=at):
            raise Denied(Refusal.NOT_FOUND, "nomination")


def waiting(*, actor: Actor, at: datetime) -> tuple[Nomination, ...]:
    """Who waits for an answer at the actor's own organisation; at every one for who moves standings. Needs ACCESS_GRANT_APPROVE."""
    with audit.entry(Event.ACCESS_NOMINATIONS_VIEWED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_GRANT_APPROVE, at=at)
        found = selectors.nominations(organisation=_reach(actor), at=at)
        entry.note(people=len(found))
        return found


def nomination(*, actor: Actor, nomination_id: UUID, at: datetime) -> Nomination:
    """One of those. Refused (NOT_FOUND) for one of another organisation, one that was answered, and one there never was."""
    with audit.entry(Event.ACCESS_NOMINATIONS_VIEWED, actor=actor.ref, at=at) as entry:
        entry.note(nomination=str(nomination_id))
        services.require(actor, Permission.ACCESS_GRANT_APPROVE, at=at)
        return _waiting(actor, nomination_id, at=at)


def answer(*, actor: Actor, nomination_id: UUID, approved: bool, at: datetime) -> None:
    """Say yes or no to somebody whom another has put forward; a yes is a grant from its first day until before its last.

    Needs ACCESS_GRANT_APPROVE and a second factor used within five minutes. Refused (NOT_PERMITTED): "nominator" and "oneself"
    (the tables refuse both as well), "standing" for an organisation that is not accredited, "cap" where it has as many
    grants as it may; (CONDITION_LAPSED) while agreement, check or training are missing or out of date.
    """
    with audit.entry(Event.ACCESS_NOMINATION_ANSWERED, actor=actor.ref, at=at) as entry:
        entry.note(nomination=str(nomination_id), approved=approved)
        services.require(actor, Permission.ACCESS_GRANT_APPROVE, at=at, confirmed=True)
        found = _waiting(actor, nomination_id, at=at)
        entry.note(account=str(found.account_id), role=found.role, organisation=found.organisation)
        _check_third(actor, found)
        if approved:
            _check_grantable(found, at=at)
        granting.decide(found, approved=approved, by=actor.ref.person, receipt=entry.receipt, at=at)
        if approved:
            granting.give_as_nominated(found, by=actor.ref.person, receipt=entry.receipt)


def _check_third(actor: Actor, found: Nomination) -> None:
    if actor.ref.account_id == found.nominated_by:
        raise Denied(Refusal.NOT_PERMITTED, "nominator")
    if actor.ref.account_id == found.account_id:
        raise Denied(Refusal.NOT_PERMITTED, "oneself")


def _check_grantable(found: Nomination, *, at: datetime) -> None:
    """The organisation lets people in and has room, and everything shown is in date."""
    known = selectors.known([found.account_id])[found.account_id]
    facts = known.facts(role=found.role, organisation=found.organisation, second_factor=False, at=at)
    policies.check_evidence(found.shown, agreement_accepted=found.agreement_accepted, facts=facts, at=at)
    organisations = directory.organisations([found.organisation])
    [standing] = selectors.standings(organisations, at=at)
    policies.check_room(standing)


def _reach(actor: Actor) -> str:
    """The organisation whose nominations somebody answers; "" for all of them."""
    everywhere = Permission.ACCESS_STANDING_MOVE in ROLES[actor.ref.role].permissions
    return "" if everywhere else actor.ref.organisation


def _waiting(actor: Actor, nomination_id: UUID, *, at: datetime) -> Nomination:
    found = selectors.nominations(organisation=_reach(actor), nomination_id=nomination_id, at=at)
    if not found:
        raise Denied(Refusal.NOT_FOUND, "nomination")
    return found[0]
