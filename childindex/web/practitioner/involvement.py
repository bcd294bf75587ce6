"""My involvement: add it, end it, say that it is still right; and say that a number is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from childindex.kernel.dates import PartialDate, day_in_england
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.types import DeclarationForm, ServiceChoice
from childindex.upkeep.usecases import involvements as upkeep
from childindex.web.design.fields import Option, PartialDateField, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import IdentityBar, Link
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.gate import GatedRequest
from childindex.web.practitioner.not_in_use import answers_not_in_use
from childindex.web.practitioner.search import see_other

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarePage(Page):
    """Adds an involvement. `shown_as` says under which name and number it will stand."""

    bar: IdentityBar
    offered: bool
    shown_as: str
    send_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPage(Page):
    """One short form, with nothing of the child on it."""

    paragraphs: tuple[str, ...]
    send_to: str
    button: str


class EndForm(forms.Form):
    """The day something ended."""

    day = PartialDateField(label=gettext_lazy("When did it end?"), complete=True)

    def chosen(self) -> date:
        """The day of a valid form."""
        typed: PartialDate = self.cleaned_data["day"]
        return typed.earliest


class TypedDeclaration(forms.Form):
    """What was posted to add an involvement; whether the service is one's own is the use case's to say."""

    service_type = forms.CharField(max_length=40)
    day = PartialDateField(label=gettext_lazy("Since when?"), complete=True)

    def chosen(self) -> date:
        """The day of a valid form."""
        typed: PartialDate = self.cleaned_data["day"]
        return typed.earliest


class DeclareForm(forms.Form):
    """Which of one's own kinds of service is involved, since when."""

    service_type = RadiosField(
        label=gettext_lazy("Which service?"),
        error_messages={
            "required": gettext_lazy("Select which service"),
            "invalid_choice": gettext_lazy("Select which service"),
        },
    )
    day = PartialDateField(label=gettext_lazy("Since when?"), complete=True)

    def __init__(self, *args: Any, services: tuple[ServiceChoice, ...], **kwargs: Any) -> None:
        """Offer these; one alone is chosen already."""
        super().__init__(*args, **kwargs)
        field = self.fields["service_type"]
        if isinstance(field, RadiosField):
            field.set_options(Option(value=service.code, label=service.name) for service in services)
        if len(services) == 1:
            field.initial = services[0].code


def child_page(handle: str, *, done: str = "") -> HttpResponse:
    """Back to the child's page, which says what was done."""
    return see_other(reverse("child", args=[handle]) + (f"?done={done}" if done else ""))


@require_http_methods(["GET", "HEAD", "POST"])
@answers_not_in_use
def declare(request: GatedRequest, handle: str) -> HttpResponse:
    """Say that one's own service works with the child.

    What is posted is tried as it is; the page that says what is wrong with it is asked for only then.
    """
    at = timezone.now()
    refusal = None
    typed = TypedDeclaration(request.POST)
    if request.method == "POST" and typed.is_valid():
        try:
            upkeep.declare_involvement(
                actor=request.actor,
                handle=handle,
                service_type=typed.cleaned_data["service_type"],
                started_on=typed.chosen(),
                at=at,
            )
        except Denied as denied:
            if denied.refusal not in {Refusal.NOT_ACCEPTED, Refusal.NOT_YOURS}:
                raise
            refusal = denied.refusal
        else:
            return child_page(handle, done="added")
    offer = upkeep.prepare_declaration(actor=request.actor, handle=handle, at=at)
    today = PartialDate.of(day_in_england(at))
    posted = request.POST if request.method == "POST" else None
    form = DeclareForm(posted, services=offer.services, initial={"day": today})
    if refusal is Refusal.NOT_ACCEPTED:
        form.add_error("day", _("Since when must be today or in the past, and after the child was born"))
    return _declare_page(request, offer, form)


def _declare_page(request: GatedRequest, offer: DeclarationForm, form: DeclareForm) -> HttpResponse:
    actor = request.actor
    who = f"{actor.name}, {actor.role_name}, {actor.organisation_name}"
    page = DeclarePage(
        title=_("Add my involvement"),
        chrome=chrome_for(actor),
        back=Link(label=_("Back to the child’s page"), href=reverse("child", args=[offer.handle])),
        form=form if offer.services else None,
        bar=IdentityBar(name=offer.name, born=offer.birth_date, index_number=offer.index_number),
        offered=bool(offer.services),
        shown_as=_("It will be shown as: %(who)s, telephone %(phone)s.") % {"who": who, "phone": offer.phone or "-"},
        send_to=reverse("declare", args=[offer.handle]),
    )
    return render(request, "practitioner/declare.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@answers_not_in_use
def end(request: GatedRequest, handle: str, line: UUID) -> HttpResponse:
    """Say that one's own organisation is no longer involved. The form shows nothing of the child."""
    at = timezone.now()
    posted = request.POST if request.method == "POST" else None
    form = EndForm(posted, initial={"day": PartialDate.of(day_in_england(at))})
    if form.is_bound and form.is_valid():
        try:
            upkeep.end_involvement(
                actor=request.actor, handle=handle, involvement_id=line, ended_on=form.chosen(), at=at
            )
        except Denied as denied:
            if denied.refusal is not Refusal.NOT_ACCEPTED:
                raise
            form.add_error("day", _("The end must be today or in the past, and not before the involvement began"))
        else:
            return child_page(handle, done="ended")
    page = SendPage(
        title=_("End an involvement"),
        chrome=chrome_for(request.actor),
        back=Link(label=_("Back to the child’s page"), href=reverse("child", args=[handle])),
        form=form,
        paragraphs=(_("It stays on the child’s page for 12 months, marked as ended."),),
        send_to=reverse("end", args=[handle, line]),
        button=_("End the involvement"),
    )
    return render(request, "practitioner/send.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


@require_POST
@answers_not_in_use
def confirm(request: GatedRequest, handle: str, line: UUID) -> HttpResponse:
    """Say that one's own organisation's involvement is still right."""
    upkeep.confirm_involvement(actor=request.actor, handle=handle, involvement_id=line, at=timezone.now())
    return child_page(handle, done="confirmed")


@require_POST
@answers_not_in_use
def report_phone(request: GatedRequest, handle: str, line: UUID) -> HttpResponse:
    """Say that a number on the page is wrong."""
    upkeep.report_phone(actor=request.actor, handle=handle, involvement_id=line, at=timezone.now())
    return child_page(handle, done="reported")
