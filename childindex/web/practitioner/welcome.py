"""For somebody who has been put forward: what is still to be done before they can use the index (journey C; R 2.10-2.12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from childindex.access.nominating import Shown, Welcome
from childindex.access.usecases import nominations
from childindex.kernel.dates import PartialDate
from childindex.web.design.fields import CheckField, PartialDateField
from childindex.web.design.pages import Page, render
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.gate import GatedRequest

_UNPROCESSABLE: Final = 422


class EvidenceForm(forms.Form):
    """When the check was issued and the training done. The papers themselves are seen by whoever approves."""

    check_issued_on = PartialDateField(
        label=gettext_lazy("When was your enhanced check issued?"),
        help_text=gettext_lazy("The date on the certificate"),
        complete=True,
    )
    barred_list_checked = CheckField(
        label=gettext_lazy("The certificate says that the children’s barred list was checked"), required=False
    )
    trained_on = PartialDateField(label=gettext_lazy("When did you complete the training?"), complete=True)

    def _past(self, name: str) -> PartialDate:
        typed: PartialDate = self.cleaned_data[name]
        if typed.earliest > timezone.localdate():
            raise forms.ValidationError(_("Date must be today or in the past"))
        return typed

    def clean_check_issued_on(self) -> PartialDate:
        """Not a day to come."""
        return self._past("check_issued_on")

    def clean_trained_on(self) -> PartialDate:
        """Not a day to come."""
        return self._past("trained_on")

    def shown(self) -> Shown:
        """What a valid form says."""
        typed = self.cleaned_data
        issued: date = typed["check_issued_on"].earliest
        return Shown(
            check_issued_on=issued,
            barred_list_checked=typed["barred_list_checked"],
            trained_on=typed["trained_on"].earliest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomePage(Page):
    """The steps: agreement, check and training, and whose answer is waited for."""

    welcome: Welcome
    agreed: bool
    shown: bool


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: GatedRequest) -> HttpResponse:
    """What is still to be done, and the form for check and training."""
    at = timezone.now()
    form = EvidenceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        nominations.show_evidence(actor=request.actor, shown=form.shown(), at=at)
        return redirect("welcome")
    found = nominations.welcome(actor=request.actor, at=at)
    agreement: Any = found.agreement
    page = WelcomePage(
        title=_("Getting access to the index"),
        chrome=chrome_for(request.actor),
        form=form if found.nominations else None,
        welcome=found,
        agreed=agreement is not None and agreement.accepted_at is not None,
        shown=bool(found.nominations) and all(one.shown is not None for one in found.nominations),
    )
    return render(request, "account/welcome.html", page, status=_UNPROCESSABLE if form.is_bound else 200)
