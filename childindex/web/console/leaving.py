"""A colleague who leaves, or may not go on: their access ends here, or is suspended everywhere (R 2.13, 2.26; T01)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from childindex.access.types import SuspendedBecause, TeamMember
from childindex.access.usecases import leaving
from childindex.access.usecases import team as colleagues
from childindex.web.console.frame import GatedRequest, chrome_for
from childindex.web.design.fields import Option, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link

_UNPROCESSABLE: Final = 422
_ENDS: Final = "ends"


class LeaveForm(forms.Form):
    """What is to happen."""

    what = RadiosField(
        label=gettext_lazy("What has happened?"),
        options=[
            Option(
                value=_ENDS,
                label=gettext_lazy("They work here no longer, or no longer need it"),
                hint=gettext_lazy("Their roles at your organisation end. They can be put forward again"),
            ),
            Option(
                value=SuspendedBecause.LEFT.value,
                label=gettext_lazy("They have left and must not use the index anywhere"),
                hint=gettext_lazy("Their account is suspended. An index administrator can lift that"),
            ),
            Option(
                value=SuspendedBecause.BARRED.value,
                label=gettext_lazy("They are barred from work with children"),
                hint=gettext_lazy("Their account is suspended"),
            ),
            Option(
                value=SuspendedBecause.MISUSE_SUSPECTED.value,
                label=gettext_lazy("I suspect that they misuse the index"),
                hint=gettext_lazy("Their account is suspended"),
            ),
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePage(Page):
    """The colleague whose access would end."""

    member: TeamMember


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: GatedRequest, account_id: UUID) -> HttpResponse:
    """Ask what has happened, then end or suspend at once."""
    at = timezone.now()
    member = colleagues.team_member(actor=request.actor, account_id=account_id, at=at)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if form.cleaned_data["what"] == _ENDS:
            leaving.end_access(actor=request.actor, account_id=account_id, at=at)
        else:
            because = SuspendedBecause(form.cleaned_data["what"])
            leaving.suspend(actor=request.actor, account_id=account_id, because=because, at=at)
        return redirect("team")
    page = LeavePage(
        title=_("End or suspend access"),
        chrome=chrome_for(request.actor, current=reverse("team")),
        back=Link(label=_("Back to my team"), href=reverse("team")),
        form=form,
        member=member,
    )
    return render(request, "console/leave.html", page, status=_UNPROCESSABLE if form.is_bound else 200)
