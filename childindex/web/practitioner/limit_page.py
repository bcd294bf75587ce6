"""The page for somebody who has looked up as much as they may for now: when that ends, and whom to ring (T03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from childindex.access.types import Actor, Limit, Person
from childindex.access.usecases import gate
from childindex.kernel.refusals import Denied
from childindex.web.design.pages import Page, render
from childindex.web.design.words import british_time
from childindex.web.practitioner.chrome import chrome_for

_TOO_MANY_REQUESTS: Final = 429
_WHAT: Final[Mapping[Limit, str | Promise]] = {
    Limit.SEARCHES_A_SECOND: gettext_lazy("You made more than two searches within a second."),
    Limit.SEARCHES_IN_TEN_MINUTES: gettext_lazy("You have made as many searches as anybody may in ten minutes."),
    Limit.LISTED_AN_HOUR: gettext_lazy("Your searches have shown you as many children as they may in an hour."),
    Limit.OPENED_AN_HOUR: gettext_lazy("You have opened the pages of as many children as anybody may in an hour."),
    Limit.OPENED_A_DAY: gettext_lazy("You have opened the pages of as many children as anybody may in a day."),
    Limit.OPENED_BY_ORGANISATION: gettext_lazy(
        "People of your organisation have opened far more pages today than they usually do, so each may open only a few an hour."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPage(Page):
    """Which limit, in a sentence; when it ends; and the managers, or else the organisation, with their numbers."""

    what: str
    again: str
    managers: tuple[Person, ...]
    organisation_name: str
    organisation_phone: str


def limited(request: HttpRequest, actor: Actor, denied: Denied, *, at: datetime) -> HttpResponse:
    """429, the same whatever was looked for. The refusal is in the ledger already; that this page was shown is too."""
    found = gate.at_the_limit(actor=actor, at=at)
    limit, ends = Limit(denied.detail[0]), datetime.fromisoformat(denied.detail[1])
    page = LimitPage(
        title=_("You have reached a limit"),
        chrome=chrome_for(actor),
        what=str(_WHAT[limit]),
        again=_again(ends, at=at),
        managers=found.managers,
        organisation_name=found.organisation_name,
        organisation_phone=found.organisation_phone,
    )
    response = render(request, "account/limit.html", page, status=_TOO_MANY_REQUESTS)
    response["Retry-After"] = str(max(1, int((ends - at).total_seconds()) + 1))
    return response


def _again(ends: datetime, *, at: datetime) -> str:
    """When to try again; a time that is nearly here is not worth a clock."""
    if ends - at < timedelta(minutes=1):
        return _("You can try again in a moment.")
    # To the next whole minute, so that what the page says is never too early.
    return _("You can try again from %(time)s.") % {"time": british_time(ends + timedelta(seconds=59))}
