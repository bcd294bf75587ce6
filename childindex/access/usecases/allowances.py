"""Beyond the rule, by two people: who of an organisation is suspended, and which of its roles may look up more (T03; threats 1.4)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from childindex.access import policies, selectors, services
from childindex.access.nominating import Allowances
from childindex.access.roles import ROLES
from childindex.access.services import granting
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal


def allowances(*, actor: Actor, organisation: str, at: datetime) -> Allowances:
    """Who of an organisation is suspended and what its roles were allowed. Needs ACCESS_QUOTA_GIVE; else (NOT_FOUND)."""
    with audit.entry(Event.ACCESS_ALLOWANCES_VIEWED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_QUOTA_GIVE, at=at)
        found = directory.organisations([organisation]).get(organisation)
        if found is None:
            raise Denied(Refusal.NOT_FOUND, "organisation")
        entry.note(organisation=organisation)
        return Allowances(
            organisation=organisation,
            name=found.name,
            suspended=selectors.suspended(selectors.team_of(organisation, at=at)),
            quotas=selectors.quotas(organisation, at=at),
        )


def propose_quota(
    *, actor: Actor, organisation: str, role: str, times: int, valid_from: date, valid_to: date, at: datetime
) -> UUID:
    """Propose that people of a role at an organisation may look up `times` as much (2 to 5), for at most a year.

    It counts when somebody else has approved it. Needs ACCESS_QUOTA_GIVE. Refused (NOT_PERMITTED): "role" for one that looks
    nobody up or is not for this organisation's people, "times", "dates".
    """
    with audit.entry(Event.ACCESS_QUOTA_PROPOSED, actor=actor.ref, at=at) as entry:
        entry.note(organisation=organisation, role=role, times=times)
        services.require(actor, Permission.ACCESS_QUOTA_GIVE, at=at)
        known, found = ROLES.get(role), directory.organisations([organisation]).get(organisation)
        if known is None or found is None or not policies.may_hold(known, found):
            raise Denied(Refusal.NOT_PERMITTED, "role")
        policies.check_quota(known, times=times, days=(valid_from, valid_to), at=at)
        return granting.propose_quota(
            role,
            organisation=organisation,
            times=times,
            days=(valid_from, valid_to),
            by=actor.ref.person,
            receipt=entry.receipt,
        )


def approve_quota(*, actor: Actor, organisation: str, quota_id: UUID, at: datetime) -> None:
    """Approve what another has proposed; it counts from its first day.

    Needs ACCESS_QUOTA_GIVE and a second factor used within five minutes. Refused (NOT_PERMITTED, "proposer") to whoever
    proposed it, which the table refuses as well, and (NOT_FOUND).
    """
    with audit.entry(Event.ACCESS_QUOTA_APPROVED, actor=actor.ref, at=at) as entry:
        entry.note(organisation=organisation, quota=str(quota_id))
        services.require(actor, Permission.ACCESS_QUOTA_GIVE, at=at, confirmed=True)
        found = [one for one in selectors.quotas(organisation, at=at) if one.id == quota_id and not one.approved]
        if not found:
            raise Denied(Refusal.NOT_FOUND, "quota")
        if found[0].proposed_by == actor.ref.account_id:
            raise Denied(Refusal.NOT_PERMITTED, "proposer")
        granting.approve_quota(quota_id, by=actor.ref.person, receipt=entry.receipt)
