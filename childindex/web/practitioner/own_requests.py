"""What one has asked for, and what was answered: the same few sentences whoever the child is (R 1.27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from childindex.brokering import words
from childindex.brokering.usecases import requests as brokering
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.gate import GatedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One request: its own case reference says which, and nothing else does."""

    case_reference: str
    asked_at: datetime
    due_at: datetime
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRequestsPage(Page):
    """The last ninety days."""

    lines: tuple[Line, ...]


@require_safe
def own_requests(request: GatedRequest) -> HttpResponse:
    """The list, the newest first."""
    found = brokering.own_requests(actor=request.actor, at=timezone.now())
    page = OwnRequestsPage(
        title=_("My requests"),
        chrome=chrome_for(request.actor),
        back=Link(label=_("Search"), href=reverse("search")),
        lines=tuple(
            Line(
                case_reference=one.case_reference,
                asked_at=one.asked_at,
                due_at=one.due_at,
                answer=str(words.ANSWERS[one.answer]) if one.answer is not None else "",
            )
            for one in found.requests
        ),
    )
    return render(request, "practitioner/own_requests.html", page)
