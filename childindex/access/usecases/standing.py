"""Which organisations may use the index, and how many of their people: one person looks at the proof, another lets them in (R 2.04, 2.09)."""

from __future__ import annotations

from datetime import date, datetime

from childindex.access import policies, selectors, services
from childindex.access.nominating import OrganisationStanding
from childindex.access.services import granting
from childindex.access.types import Actor, Permission, StandingState
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal


def standings(*, actor: Actor, at: datetime) -> tuple[OrganisationStanding, ...]:
    """Every organisation and how it stands, by name. Needs ACCESS_STANDING_MOVE."""
    with audit.entry(Event.ACCESS_STANDINGS_VIEWED, actor=actor.ref, at=at):
        services.require(actor, Permission.ACCESS_STANDING_MOVE, at=at)
        return selectors.standings(directory.organisations(), at=at)


def standing(*, actor: Actor, organisation: str, at: datetime) -> OrganisationStanding:
    """One of them; refused (NOT_FOUND) for one that is not in the register. Needs ACCESS_STANDING_MOVE."""
    with audit.entry(Event.ACCESS_STANDINGS_VIEWED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_STANDING_MOVE, at=at)
        found = selectors.standings(directory.organisations([organisation]), at=at)
        if not found:
            raise Denied(Refusal.NOT_FOUND, "organisation")
        entry.note(organisation=organisation)
        return found[0]


def move(*, actor: Actor, organisation: str, to: StandingState, opened_on: date | None = None, at: datetime) -> None:
    """Move an organisation one step: applied, evidence checked, accredited, suspended, lapsed.

    `opened_on` is the first day its staff may look. Needs ACCESS_STANDING_MOVE and a second factor used within five minutes.
    Refused (NOT_PERMITTED): "same_person" for accrediting what one moved oneself the step before, which the table refuses as
    well; "step" for a step that is not in the table of moves. Suspending takes one, and ends the sittings of everybody there.
    """
    with audit.entry(Event.ACCESS_ORGANISATION_CHANGED, actor=actor.ref, at=at) as entry:
        entry.note(organisations=[organisation], to=to.value)
        services.require(actor, Permission.ACCESS_STANDING_MOVE, at=at, confirmed=True)
        if organisation not in directory.organisations([organisation]):
            raise Denied(Refusal.NOT_FOUND, "organisation")
        try:
            granting.move_standing_by(
                organisation, to=to, opened_on=opened_on, by=actor.ref.person, receipt=entry.receipt, at=at
            )
        except policies.MoveNotAllowed as error:
            raise Denied(Refusal.NOT_PERMITTED, "step") from error


def set_cap(*, actor: Actor, organisation: str, most_grants: int, at: datetime) -> None:
    """How many people of an organisation may have a grant at once (R 2.04). Needs ACCESS_STANDING_MOVE and a fresh second factor."""
    with audit.entry(Event.ACCESS_ORGANISATION_CHANGED, actor=actor.ref, at=at) as entry:
        entry.note(organisations=[organisation], most_grants=most_grants)
        services.require(actor, Permission.ACCESS_STANDING_MOVE, at=at, confirmed=True)
        granting.set_cap(organisation, most_grants, receipt=entry.receipt)
