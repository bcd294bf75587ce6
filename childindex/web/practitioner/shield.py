"""Asking for a shield from a child's page: for oneself, or for whoever rang (R 3.11-3.13)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.brokering.types import ASKED_GROUNDS, Asker, Ground
from childindex.brokering.usecases import shields
from childindex.brokering.words import ASKERS, GROUNDS
from childindex.web.design.fields import Option, RadiosField
from childindex.web.design.pages import render
from childindex.web.design.parts import Link
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.contact import ReceivedPage
from childindex.web.practitioner.gate import GatedRequest
from childindex.web.practitioner.involvement import SendPage
from childindex.web.practitioner.not_in_use import answers_not_in_use
from childindex.web.practitioner.search import see_other
from childindex.web.practitioner.terms import CaseReferenceField

_UNPROCESSABLE = 422


class ShieldForm(forms.Form):
    """The ground and who asks, from lists, and the reference of one's own case. There is nowhere to write why."""

    ground = RadiosField(
        label=gettext_lazy("Why should it be hidden where this child is?"),
        options=[Option(value=code.value, label=GROUNDS[code]) for code in ASKED_GROUNDS],
        error_messages={
            "required": gettext_lazy("Select why it should be hidden where this child is"),
            "invalid_choice": gettext_lazy("Select why it should be hidden where this child is"),
        },
    )
    asker = RadiosField(
        label=gettext_lazy("Who asks?"),
        options=[Option(value=code.value, label=label) for code, label in ASKERS.items()],
        error_messages={
            "required": gettext_lazy("Select who asks"),
            "invalid_choice": gettext_lazy("Select who asks"),
        },
    )
    case_reference = CaseReferenceField(required=True)


@require_http_methods(["GET", "HEAD", "POST"])
@answers_not_in_use
def ask_shield(request: GatedRequest, handle: str) -> HttpResponse:
    """Ask for a shield. The form shows nothing of the child, and the answer is the same for every one."""
    form = ShieldForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked = shields.ask_shield(
            actor=request.actor,
            handle=handle,
            ground=Ground(form.cleaned_data["ground"]),
            asker=Asker(form.cleaned_data["asker"]),
            case_reference=form.cleaned_data["case_reference"],
            at=timezone.now(),
        )
        return see_other(reverse("shield_asked", args=[handle, asked.reference]))
    page = SendPage(
        title=_("Ask for a shield"),
        chrome=chrome_for(request.actor),
        back=Link(label=_("Back to the child’s page"), href=reverse("child", args=[handle])),
        form=form,
        paragraphs=(
            _("A shield hides where a child is, who cares for the child and who helps. It is put on at once."),
            _(
                "Two officers of the council then decide whether it stays. Anybody may ask: the child, a parent, a refuge."
            ),
        ),
        send_to=reverse("ask_shield", args=[handle]),
        button=_("Put a shield on now"),
    )
    return render(request, "practitioner/send.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


@require_safe
def shield_asked(request: GatedRequest, handle: str, reference: UUID) -> HttpResponse:
    """That the request has been received, with its reference. Says nothing about the child, so there is nothing to write down."""
    del handle
    page = ReceivedPage(
        title=_("Your request has been received"),
        chrome=chrome_for(request.actor),
        paragraphs=(
            _("The shield is being put on now. Give this reference to whoever asked: %(reference)s.")
            % {"reference": reference},
            _("Two officers decide whether it stays, and it is on until they have. Whoever asked may appeal."),
            _("If a child is in danger now, do not wait for the index: ring 999."),
        ),
        next=Link(label=_("Search again"), href=reverse("search")),
    )
    return render(request, "practitioner/received.html", page)
