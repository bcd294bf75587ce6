"""The frame round every page of somebody who is signed in."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from childindex.access.types import Actor, Permission
from childindex.web.design.pages import Chrome, SignedIn
from childindex.web.design.parts import Link

# What each section needs, what it is called, and its page.
_SECTIONS: Final = (
    (Permission.CHILD_SEARCH_MAKE, gettext_lazy("Search"), "search"),
    (Permission.MATCHING_REVIEW_VIEW, gettext_lazy("Same child?"), "matches"),
    (Permission.CHILD_ENTRY_MERGE, gettext_lazy("Merge and split"), "merges"),
    (Permission.MATCHING_QUALITY_VIEW, gettext_lazy("Match quality"), "quality"),
    (Permission.CONTACT_REQUEST_ANSWER, gettext_lazy("Requests"), "requests"),
    (Permission.CHILD_SHIELD_DECIDE, gettext_lazy("Shields"), "shields"),
    (Permission.OVERSIGHT_ITEM_ANSWER, gettext_lazy("Use of the index"), "oversight"),
    (Permission.ACCESS_STANDING_MOVE, gettext_lazy("Organisations"), "organisations"),
    (Permission.ACCESS_TEAM_MANAGE, gettext_lazy("My team"), "team"),
)


def home_of(actor: Actor) -> str:
    """Where this person begins: the search, or where their role may not search, the page that it is for."""
    if Permission.ACCESS_TEAM_MANAGE in actor.permissions and Permission.CHILD_SEARCH_MAKE not in actor.permissions:
        return reverse("team")
    if Permission.CONTACT_REQUEST_ANSWER in actor.permissions:
        return reverse("requests")
    return reverse("oversight") if Permission.OVERSIGHT_ITEM_ANSWER in actor.permissions else "/"


def chrome_for(actor: Actor, *, current: str = "") -> Chrome:
    """The frame for one person; `current` is the address of the section the page belongs to.

    Somebody whose conditions have lapsed is offered nothing but the way out.
    """
    signed_in = SignedIn(name=actor.name, organisation=actor.organisation_name, sign_out=reverse("account_logout"))
    if actor.lapsed:
        return Chrome(home=reverse("my_access"), signed_in=signed_in)
    home = home_of(actor)
    links = [(str(label), reverse(page)) for needed, label, page in _SECTIONS if needed in actor.permissions]
    links.append((_("My access"), reverse("my_access")))
    navigation = tuple(Link(label=label, href=href, current=href == current) for label, href in links)
    return Chrome(home=home, signed_in=signed_in, navigation=navigation)
