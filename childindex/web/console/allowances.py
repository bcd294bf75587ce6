"""Who of an organisation is suspended, and which of its roles may look up more for a time (T03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from childindex.access.nominating import Allowances
from childindex.access.roles import ROLES
from childindex.access.types import Permission
from childindex.access.usecases import allowances as allowing
from childindex.access.usecases import leaving
from childindex.kernel.refusals import Denied, Refusal
from childindex.web.console.frame import GatedRequest, chrome_for
from childindex.web.design.fields import Option, RadiosField, SelectField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link

_UNPROCESSABLE: Final = 422


class QuotaForm(forms.Form):
    """Which role, how many times as much, for how long."""

    role = SelectField(
        label=gettext_lazy("Role"),
        options=[
            Option(value=role.code, label=gettext_lazy(role.name))
            for role in ROLES.values()
            if Permission.CHILD_SEARCH_MAKE in role.permissions
        ],
    )
    times = RadiosField(
        label=gettext_lazy("How many times as much may they look up?"),
        options=[Option(value=str(number), label=str(number)) for number in range(2, 6)],
    )
    days = RadiosField(
        label=gettext_lazy("For how long?"),
        options=[
            Option(value="7", label=gettext_lazy("1 week")),
            Option(value="30", label=gettext_lazy("1 month")),
            Option(value="182", label=gettext_lazy("6 months")),
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowancesPage(Page):
    """`me` is who reads: nobody approves what they proposed."""

    found: Allowances
    me: UUID | None


@require_http_methods(["GET", "HEAD", "POST"])
def allowances(request: GatedRequest, code: str) -> HttpResponse:
    """What there is, and the form that proposes one more."""
    at = timezone.now()
    found = allowing.allowances(actor=request.actor, organisation=code, at=at)
    form = QuotaForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _proposed(request, form, code=code):
        return redirect("allowances", code=code)
    page = AllowancesPage(
        title=_("Suspensions and higher limits"),
        chrome=chrome_for(request.actor, current=reverse("organisations")),
        back=Link(label=found.name, href=reverse("organisation", args=[code])),
        form=form,
        found=found,
        me=request.actor.ref.account_id,
    )
    return render(request, "console/allowances.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


def _proposed(request: GatedRequest, form: QuotaForm, *, code: str) -> bool:
    """Propose what a valid form asks for; False where the role is not one of this organisation's."""
    at, typed = timezone.now(), form.cleaned_data
    today = timezone.localdate(at)
    try:
        allowing.propose_quota(
            actor=request.actor,
            organisation=code,
            role=typed["role"],
            times=int(typed["times"]),
            valid_from=today,
            valid_to=today + timedelta(days=int(typed["days"])),
            at=at,
        )
    except Denied as denied:
        if denied.refusal is not Refusal.NOT_PERMITTED or "role" not in denied.detail:
            raise
        form.add_error("role", _("That role is not one for people of this organisation"))
        return False
    return True


@require_POST
def approve_quota(request: GatedRequest, code: str, quota_id: UUID) -> HttpResponse:
    """The second administrator's word."""
    allowing.approve_quota(actor=request.actor, organisation=code, quota_id=quota_id, at=timezone.now())
    return redirect("allowances", code=code)


@require_POST
def lift(request: GatedRequest, code: str, account_id: UUID) -> HttpResponse:
    """Let somebody in again who was suspended."""
    leaving.lift_suspension(actor=request.actor, account_id=account_id, at=timezone.now())
    return redirect("allowances", code=code)
