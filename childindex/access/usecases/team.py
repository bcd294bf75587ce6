"""What an access manager does for colleagues: see whose conditions are in date, and help who has lost a second factor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import policies, selectors, services
from childindex.access.roles import name_of
from childindex.access.selectors import Known
from childindex.access.types import Actor, EnrolmentLink, Permission, TeamMember
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.kernel.refusals import Denied, Refusal


def team(*, actor: Actor, at: datetime) -> tuple[TeamMember, ...]:
    """Everybody with a grant at the actor's own organisation, by name, with their conditions. Needs ACCESS_TEAM_MANAGE."""
    with audit.entry(Event.ACCESS_TEAM_VIEWED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at)
        organisation = actor.ref.organisation
        known = selectors.known(selectors.team_of(organisation, at=at))
        entry.note(people=len(known))
        members = [_member(person, organisation=organisation, at=at) for person in known.values()]
        return tuple(sorted(members, key=lambda member: (member.name, member.username)))


def team_member(*, actor: Actor, account_id: UUID, at: datetime) -> TeamMember:
    """One colleague of one's own organisation. Refused (NOT_FOUND) for anybody else, whether or not they exist."""
    with audit.entry(Event.ACCESS_TEAM_VIEWED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at)
        person = _colleague(actor, account_id, at=at)
        entry.note(account=str(account_id))
        return _member(person, organisation=actor.ref.organisation, at=at)


def reset_second_factor(*, actor: Actor, account_id: UUID, code: str, at: datetime) -> EnrolmentLink:
    """Remove a colleague's password and second factors, end their sittings, and make a one-time link, shown once.

    For somebody who has lost phone or key. Needs ACCESS_TEAM_MANAGE, and `code`, a fresh one-time code of the manager's own,
    used up by this (SIGN_IN_FAILED); only within one's own organisation (NOT_FOUND), never for oneself (a manager who has
    lost theirs needs another manager), nor for somebody who has a role at another organisation too, whose access there is
    not this manager's to give (NOT_PERMITTED).

    What is left over: the manager sees the link, and one who means ill could use it in the colleague's place. It cannot be
    done unseen: the colleague is signed out and their password ends, the ledger names both, and "My access" shows its owner
    every link and who made it (docs/adr/0009).
    """
    with audit.entry(Event.ACCESS_FACTOR_RESET, actor=actor.ref, at=at) as entry:
        entry.note(account=str(account_id))
        services.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at)
        if account_id == actor.ref.account_id:
            raise Denied(Refusal.NOT_PERMITTED, "oneself")
        person = _colleague(actor, account_id, at=at)
        if person.works_beyond(actor.ref.organisation, at=at):
            raise Denied(Refusal.NOT_PERMITTED, "elsewhere")
        services.use_code(actor.ref.person, code=code, receipt=entry.receipt)
        services.forget_second_factors(account_id, receipt=entry.receipt)
        services.forget_password(account_id, receipt=entry.receipt)
        return services.offer_enrolment(account_id, made_by=actor.ref.account_id, receipt=entry.receipt, at=at)


def _colleague(actor: Actor, account_id: UUID, *, at: datetime) -> Known:
    if account_id not in selectors.team_of(actor.ref.organisation, at=at):
        raise Denied(Refusal.NOT_FOUND, "account")
    return selectors.known([account_id])[account_id]


def _member(person: Known, *, organisation: str, at: datetime) -> TeamMember:
    """Whether a second factor was used in a sitting is theirs; a manager sees whether there is one to use."""
    roles = tuple(grant.role for grant in person.live_grants(at=at) if grant.organisation == organisation)
    facts = person.facts(
        role=roles[0] if roles else "", organisation=organisation, second_factor=person.has_second_factor, at=at
    )
    return TeamMember(
        account_id=person.account_id,
        name=person.name,
        username=person.username,
        role_names=tuple(name_of(role) for role in roles),
        has_second_factor=person.has_second_factor,
        works_elsewhere=person.works_beyond(organisation, at=at),
        conditions=policies.condition_lines(facts, at=at),
    )
