"""Rights to override shields: proposed by one manager, approved by another, listed for both, each with an end (R 3.08)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from childindex.access import selectors as people
from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.brokering import policies, selectors, services
from childindex.brokering.types import OverrideRight, OverrideRights, RightDone
from childindex.kernel.dates import day_in_england
from childindex.kernel.refusals import Denied, Refusal


def override_rights(*, actor: Actor, at: datetime) -> OverrideRights:
    """Every right to override shields at one's own organisation, and the colleagues who could be given one.

    Recorded: that it was looked at. Refused without ACCESS_TEAM_MANAGE.
    """
    with audit.entry(Event.OVERRIDE_RIGHTS_LISTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at)
        team = people.known(people.team_of(actor.ref.organisation, at=at))
        names = {account: colleague.name for account, colleague in team.items()}
        person = actor.ref.person
        rights = tuple(
            OverrideRight(
                id=kept.id,
                account_id=kept.account_id,
                name=names.get(kept.account_id, ""),
                valid_from=kept.valid_from,
                valid_to=kept.valid_to,
                approved=kept.approved,
                may_approve=not kept.approved and person not in {kept.proposed_by, kept.account_id},
            )
            for kept in selectors.rights_of(actor.ref.organisation)
        )
        colleagues = tuple((account, name) for account, name in names.items() if account != person)
        return OverrideRights(receipt=entry.receipt, rights=rights, colleagues=colleagues)


def propose_override_right(*, actor: Actor, account_id: UUID, valid_to: date, at: datetime) -> RightDone:
    """Propose that a colleague may override shields from today until before a day; somebody else has to approve it.

    Recorded: whose right and until when. Refused without ACCESS_TEAM_MANAGE and a second factor of the last five minutes;
    (NOT_YOURS) for somebody of another organisation or oneself; (NOT_ACCEPTED, "days") for an end in the past or beyond a year.
    """
    with audit.entry(Event.OVERRIDE_RIGHT_PROPOSED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at, confirmed=True)
        if account_id not in people.team_of(actor.ref.organisation, at=at) or account_id == actor.ref.person:
            raise Denied(Refusal.NOT_YOURS)
        today = day_in_england(at)
        policies.check_days(valid_from=today, valid_to=valid_to, on=today)
        right = services.propose_right(
            account_id,
            organisation=actor.ref.organisation,
            valid_from=today,
            valid_to=valid_to,
            by=actor.ref.person,
            receipt=entry.receipt,
        )
        entry.note(right=str(right), account=str(account_id), until=valid_to.isoformat())
        return RightDone(receipt=entry.receipt, id=right)


def approve_override_right(*, actor: Actor, right_id: UUID, at: datetime) -> RightDone:
    """Approve a right that another manager proposed for somebody else; from then on it holds.

    Recorded: whose right. Refused without ACCESS_TEAM_MANAGE and a second factor of the last five minutes; (NOT_FOUND) for one that
    is not of this organisation or approved already; (NOT_PERMITTED, "second") for its proposer and its holder.
    """
    with audit.entry(Event.OVERRIDE_RIGHT_APPROVED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.ACCESS_TEAM_MANAGE, at=at, confirmed=True)
        kept = selectors.right(right_id)
        if kept is None or kept.organisation != actor.ref.organisation or kept.approved:
            raise Denied(Refusal.NOT_FOUND)
        if actor.ref.person in {kept.proposed_by, kept.account_id}:
            raise Denied(Refusal.NOT_PERMITTED, "second")
        services.approve_right(right_id, by=actor.ref.person, receipt=entry.receipt)
        entry.note(right=str(right_id), account=str(kept.account_id), until=kept.valid_to.isoformat())
        return RightDone(receipt=entry.receipt, id=right_id)
