"""Rights to override shields: who has one, until when, and the two managers it takes to give one (R 3.08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from childindex.brokering.types import OverrideRight, OverrideRights
from childindex.brokering.usecases import rights as overriding
from childindex.web.console.frame import GatedRequest, chrome_for
from childindex.web.design.fields import Option, RadiosField, SelectField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link

_UNPROCESSABLE = 422
_MONTHS = {"1": 30, "3": 91, "6": 182, "12": 365}


class RightForm(forms.Form):
    """Whose right, and for how long."""

    colleague = SelectField(label=gettext_lazy("Colleague"))
    months = RadiosField(
        label=gettext_lazy("For how long?"),
        options=[
            Option(value="1", label=gettext_lazy("1 month")),
            Option(value="3", label=gettext_lazy("3 months")),
            Option(value="6", label=gettext_lazy("6 months")),
            Option(value="12", label=gettext_lazy("1 year")),
        ],
    )

    def __init__(self, *args: Any, rights: OverrideRights, **kwargs: Any) -> None:
        """Offer the colleagues there are."""
        super().__init__(*args, **kwargs)
        field = self.fields["colleague"]
        if isinstance(field, SelectField):
            field.set_options([Option(value=str(account), label=name) for account, name in rights.colleagues])


@dataclass(frozen=True, slots=True, kw_only=True)
class RightLine:
    """One right; `approve_at` is where this manager approves it, empty where they may not."""

    right: OverrideRight
    approve_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsPage(Page):
    """Every right of the organisation."""

    lines: tuple[RightLine, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def override_rights(request: GatedRequest) -> HttpResponse:
    """The list, and the form that proposes one more."""
    at = timezone.now()
    rights = overriding.override_rights(actor=request.actor, at=at)
    form = RightForm(request.POST if request.method == "POST" else None, rights=rights)
    if form.is_bound and form.is_valid():
        overriding.propose_override_right(
            actor=request.actor,
            account_id=UUID(form.cleaned_data["colleague"]),
            valid_to=at.date() + timedelta(days=_MONTHS[form.cleaned_data["months"]]),
            at=at,
        )
        return redirect("override_rights")
    page = RightsPage(
        title=_("Rights to see what a shield hides"),
        chrome=chrome_for(request.actor, current=reverse("team")),
        back=Link(label=_("Back to my team"), href=reverse("team")),
        form=form,
        lines=tuple(
            RightLine(right=right, approve_at=reverse("approve_override_right", args=[right.id]))
            if right.may_approve
            else RightLine(right=right, approve_at="")
            for right in rights.rights
        ),
    )
    return render(request, "console/override_rights.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


@require_POST
def approve(request: GatedRequest, right_id: UUID) -> HttpResponse:
    """The second manager's word."""
    overriding.approve_override_right(actor=request.actor, right_id=right_id, at=timezone.now())
    return redirect("override_rights")
