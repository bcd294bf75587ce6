"""Taking access away, at once and by one person; and giving it back, by another (R 2.13, 2.26; T01)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import selectors, services
from childindex.access.nominating import Suspended
from childindex.access.services import granting
from childindex.access.types import Actor, Permission, SuspendedBecause
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.kernel.refusals import Denied, Refusal


def end_access(*, actor: Actor, account_id: UUID, at: datetime) -> None:
    """End every grant of a colleague at the actor's own organisation, and every sitting of theirs.

    Needs ACCESS_TEAM_MANAGE. Refused (NOT_FOUND) for anybody who has no grant here, and (NOT_PERMITTED) for oneself.
    """
    with audit.entry(Event.ACCESS_ENDED, actor=actor.ref, at=at) as entry:
        entry.note(account=str(account_id))
        services.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at)
        _check_colleague(actor, account_id, at=at)
        grants = granting.end_grants(
            account_id, organisation=actor.ref.organisation, by=actor.ref.person, receipt=entry.receipt, at=at
        )
        entry.note(grants=grants)


def suspend(*, actor: Actor, account_id: UUID, because: SuspendedBecause, at: datetime) -> None:
    """Let a colleague in no longer, anywhere, and end every sitting of theirs; for one who works elsewhere too.

    Needs ACCESS_TEAM_MANAGE. Refused (NOT_FOUND) for anybody who has no grant here, and (NOT_PERMITTED) for oneself.
    """
    with audit.entry(Event.ACCESS_SUSPENDED, actor=actor.ref, at=at) as entry:
        entry.note(account=str(account_id), because=because.value)
        services.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at)
        _check_colleague(actor, account_id, at=at)
        services.suspend(account_id, because=because, by=actor.ref.person, receipt=entry.receipt, at=at)


def suspended(*, actor: Actor, at: datetime) -> tuple[Suspended, ...]:
    """Which colleagues are suspended, why and by whom: what a manager is told first. Needs ACCESS_TEAM_MANAGE."""
    with audit.entry(Event.ACCESS_SUSPENSIONS_VIEWED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at)
        found = selectors.suspended(selectors.team_of(actor.ref.organisation, at=at))
        entry.note(people=len(found))
        return found


def lift_suspension(*, actor: Actor, account_id: UUID, at: datetime) -> None:
    """Let somebody in again who was suspended, whatever their organisation; old sittings stay over.

    Needs ACCESS_SUSPENSION_LIFT and a second factor used within five minutes. Refused (NOT_FOUND) for one who is not suspended,
    and (NOT_PERMITTED) for oneself and for whoever suspended them.
    """
    with audit.entry(Event.ACCESS_SUSPENSION_LIFTED, actor=actor.ref, at=at) as entry:
        entry.note(account=str(account_id))
        services.require(actor, Permission.ACCESS_SUSPENSION_LIFT, at=at, confirmed=True)
        if account_id == actor.ref.account_id:
            raise Denied(Refusal.NOT_PERMITTED, "oneself")
        granting.lift_suspension(account_id, by=actor.ref.person, receipt=entry.receipt, at=at)


def _check_colleague(actor: Actor, account_id: UUID, *, at: datetime) -> None:
    if account_id == actor.ref.account_id:
        raise Denied(Refusal.NOT_PERMITTED, "oneself")
    if account_id not in selectors.team_of(actor.ref.organisation, at=at):
        raise Denied(Refusal.NOT_FOUND, "account")
