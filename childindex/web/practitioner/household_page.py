"""The page for somebody who was about to open a child of their own household: stopped, and shown training mode (R 7.07; T05)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from childindex.access.types import Actor
from childindex.web.design.pages import Page, render
from childindex.web.practitioner.chrome import chrome_for

_FORBIDDEN: Final = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPage(Page):
    """Why not, and where to try things out instead; `training` is empty where there is no such site."""

    training: str


def stopped(request: HttpRequest, actor: Actor) -> HttpResponse:
    """403, with nothing of the child. The refusal is in the ledger already, and in the queue of the audit officers."""
    page = HouseholdPage(
        title=_("You cannot open a child of your own household"),
        chrome=chrome_for(actor),
        training=settings.TRAINING_URL,
    )
    return render(request, "account/own_household.html", page, status=_FORBIDDEN)
