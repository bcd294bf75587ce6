"""The page for somebody who is turned away: which of their own conditions lapsed, and whom to ring (T01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from childindex.access.types import Actor, Condition, Person
from childindex.access.usecases import gate
from childindex.access.words import CONDITION_LAPSED
from childindex.web.design.pages import Page, render
from childindex.web.practitioner.chrome import chrome_for


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedAwayPage(Page):
    """What has lapsed, in sentences; and the managers, or else the organisation, with their numbers."""

    lapsed: tuple[str, ...]
    may_accept: bool
    may_see_own: bool
    may_be_waiting: bool
    managers: tuple[Person, ...]
    organisation_name: str
    organisation_phone: str


def turned_away(request: HttpRequest, actor: Actor, *, at: datetime) -> HttpResponse:
    """403, and one refused entry in the ledger with the conditions that lapsed."""
    found = gate.turn_away(actor=actor, at=at)
    may_see_own = not {Condition.ACCOUNT_ACTIVE, Condition.SECOND_FACTOR} & set(found.lapsed)
    page = TurnedAwayPage(
        title=_("You cannot use the index at the moment"),
        chrome=chrome_for(actor),
        lapsed=tuple(str(CONDITION_LAPSED[condition]) for condition in found.lapsed),
        may_accept=may_see_own and Condition.AGREEMENT_ACCEPTED in found.lapsed,
        may_see_own=may_see_own,
        may_be_waiting=may_see_own and Condition.ROLE_ACTIVE in found.lapsed,
        managers=found.managers,
        organisation_name=found.organisation_name,
        organisation_phone=found.organisation_phone,
    )
    return render(request, "account/gate.html", page, status=403)
