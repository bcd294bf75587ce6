"""The frame round a console page, and what every one of them needs of a request."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from childindex.access.types import Actor, Permission
from childindex.web.design.pages import Chrome, SignedIn
from childindex.web.design.parts import Link, Watermark
from childindex.web.design.words import british_time

# What each section needs, what it is called, and its page.
_SECTIONS: Final = (
    (Permission.CHILD_SEARCH_MAKE, gettext_lazy("Search"), "search"),
    (Permission.MATCHING_REVIEW_VIEW, gettext_lazy("Same child?"), "matches"),
    (Permission.CHILD_ENTRY_MERGE, gettext_lazy("Merge and split"), "merges"),
    (Permission.MATCHING_QUALITY_VIEW, gettext_lazy("Match quality"), "quality"),
    (Permission.CHILD_SHIELD_DECIDE, gettext_lazy("Shields"), "shields"),
    (Permission.CONTACT_REQUEST_ANSWER, gettext_lazy("Requests"), "requests"),
    (Permission.OVERSIGHT_ITEM_ANSWER, gettext_lazy("Use of the index"), "oversight"),
    (Permission.ACCESS_STANDING_MOVE, gettext_lazy("Organisations"), "organisations"),
    (Permission.ACCESS_TEAM_MANAGE, gettext_lazy("My team"), "team"),
)


class GatedRequest(HttpRequest):
    """A request that has passed the gate, which has put the actor there."""

    actor: Actor


def chrome_for(actor: Actor, *, current: str) -> Chrome:
    """The frame for one person; `current` is the address of the section the page belongs to."""
    links = [(str(label), reverse(page)) for needed, label, page in _SECTIONS if needed in actor.permissions]
    links.append((_("My access"), reverse("my_access")))
    return Chrome(
        home=links[0][1],
        signed_in=SignedIn(name=actor.name, organisation=actor.organisation_name, sign_out=reverse("account_logout")),
        navigation=tuple(Link(label=label, href=href, current=href == current) for label, href in links),
    )


def watermark(actor: Actor, *, at: datetime, entry: UUID) -> Watermark:
    """What stands at the foot of every printed sheet: who, when, and the ledger entry."""
    return Watermark(viewer=actor.name, organisation=actor.organisation_name, at=british_time(at), entry=str(entry))
