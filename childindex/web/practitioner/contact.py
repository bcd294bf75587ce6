"""Ask to be put in touch, where the answer itself may not be shown."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.brokering.types import FamilyKnows
from childindex.brokering.usecases import contact as brokering
from childindex.web.design.fields import Option, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.practitioner import words
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.gate import GatedRequest
from childindex.web.practitioner.involvement import SendPage
from childindex.web.practitioner.not_in_use import answers_not_in_use
from childindex.web.practitioner.search import see_other
from childindex.web.practitioner.terms import CaseReferenceField

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPage(Page):
    """That something has been received, what happens next, and where to go on."""

    paragraphs: tuple[str, ...]
    next: Link


class ContactForm(forms.Form):
    """Whether the family knows, and the reference of one's own case (R 6.14)."""

    family_knows = RadiosField(
        label=gettext_lazy("Does the family know that you are asking?"),
        options=[Option(value=code.value, label=label) for code, label in words.FAMILY_KNOWS.items()],
        error_messages={
            "required": gettext_lazy("Select whether the family knows that you are asking"),
            "invalid_choice": gettext_lazy("Select whether the family knows that you are asking"),
        },
    )
    case_reference = CaseReferenceField()


@require_http_methods(["GET", "HEAD", "POST"])
@answers_not_in_use
def ask_contact(request: GatedRequest, handle: str) -> HttpResponse:
    """Ask to be put in touch. The form shows nothing of the child, and the answer is the same for every one."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        brokering.ask(
            actor=request.actor,
            handle=handle,
            family_knows=FamilyKnows(form.cleaned_data["family_knows"]),
            case_reference=form.cleaned_data["case_reference"],
            at=timezone.now(),
        )
        return see_other(reverse("contact_asked", args=[handle]))
    page = SendPage(
        title=_("Ask to be put in touch"),
        chrome=chrome_for(request.actor),
        back=Link(label=_("Back to the child’s page"), href=reverse("child", args=[handle])),
        form=form,
        paragraphs=(
            _("A broker will find out whether somebody can speak to you, and ring you back."),
            _("Talk to the child or the parent first, unless that could put the child at risk."),
        ),
        send_to=reverse("ask_contact", args=[handle]),
        button=_("Ask to be put in touch"),
    )
    return render(request, "practitioner/send.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


@require_safe
def contact_asked(request: GatedRequest, handle: str) -> HttpResponse:
    """That the request has been received. Says nothing about the child, so there is nothing to write down."""
    page = ReceivedPage(
        title=_("Your request has been received"),
        chrome=chrome_for(request.actor),
        paragraphs=(
            _(
                "A broker will ring you within one working day, whether or not there is somebody to put you in touch with."
            ),
            _("If a child is in danger now, do not wait for the index: ring 999."),
        ),
        next=Link(label=_("See my requests and what was answered"), href=reverse("own_requests")),
        back=Link(label=_("Back to the child’s page"), href=reverse("child", args=[handle])),
    )
    return render(request, "practitioner/received.html", page)
