"""The frame round every page of somebody who is signed in."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from childindex.access.types import Actor, Permission
from childindex.web.design.pages import Chrome, SignedIn
from childindex.web.design.parts import Link


def home_of(actor: Actor) -> str:
    """Where this person begins: the search, or their team's page where their role may not search."""
    if Permission.ACCESS_TEAM_MANAGE in actor.permissions and Permission.CHILD_SEARCH_MAKE not in actor.permissions:
        return reverse("team")
    return "/"


def chrome_for(actor: Actor, *, current: str = "") -> Chrome:
    """The frame for one person; `current` is the address of the section the page belongs to.

    Somebody whose conditions have lapsed is offered nothing but the way out.
    """
    signed_in = SignedIn(name=actor.name, organisation=actor.organisation_name, sign_out=reverse("account_logout"))
    if actor.lapsed:
        return Chrome(home=reverse("my_access"), signed_in=signed_in)
    home = home_of(actor)
    links = []
    if Permission.CHILD_SEARCH_MAKE in actor.permissions:
        links.append((_("Search"), "/"))
    if Permission.MATCHING_REVIEW_VIEW in actor.permissions:
        links.append((_("Same child?"), reverse("matches")))
    if Permission.CHILD_ENTRY_MERGE in actor.permissions:
        links.append((_("Merge and split"), reverse("merges")))
    if Permission.MATCHING_QUALITY_VIEW in actor.permissions:
        links.append((_("Match quality"), reverse("quality")))
    if Permission.CHILD_SHIELD_DECIDE in actor.permissions:
        links.append((_("Shields"), reverse("shields")))
    if Permission.ACCESS_STANDING_MOVE in actor.permissions:
        links.append((_("Organisations"), reverse("organisations")))
    if Permission.ACCESS_TEAM_MANAGE in actor.permissions:
        links.append((_("My team"), reverse("team")))
    links.append((_("My access"), reverse("my_access")))
    navigation = tuple(Link(label=label, href=href, current=href == current) for label, href in links)
    return Chrome(home=home, signed_in=signed_in, navigation=navigation)
