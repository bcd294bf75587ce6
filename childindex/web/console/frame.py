"""The frame round a console page, and what every one of them needs of a request."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from childindex.access.types import Actor, Permission
from childindex.web.design.pages import Chrome, SignedIn
from childindex.web.design.parts import Link, Watermark
from childindex.web.design.words import british_time


class GatedRequest(HttpRequest):
    """A request that has passed the gate, which has put the actor there."""

    actor: Actor


def chrome_for(actor: Actor, *, current: str) -> Chrome:
    """The frame for one person; `current` is the address of the section the page belongs to."""
    links = [(_("Search"), "/")] if Permission.CHILD_SEARCH_MAKE in actor.permissions else []
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
    links += [(_("My team"), reverse("team")), (_("My access"), reverse("my_access"))]
    return Chrome(
        home=links[0][1],
        signed_in=SignedIn(name=actor.name, organisation=actor.organisation_name, sign_out=reverse("account_logout")),
        navigation=tuple(Link(label=label, href=href, current=href == current) for label, href in links),
    )


def watermark(actor: Actor, *, at: datetime, entry: UUID) -> Watermark:
    """What stands at the foot of every printed sheet: who, when, and the ledger entry."""
    return Watermark(viewer=actor.name, organisation=actor.organisation_name, at=british_time(at), entry=str(entry))
