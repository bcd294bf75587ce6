"""Overriding a shield: the warning and the reason, then for ten minutes what is hidden, then nothing (R 3.08-3.10; T14)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from nacl.public import PrivateKey

from childindex.brokering.types import VIEW_MINUTES, HiddenView, OverrideGround
from childindex.brokering.usecases import override as overriding
from childindex.web.design.fields import CheckField, Option, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Contact, Link, Phone, Watermark
from childindex.web.design.words import british_time
from childindex.web.practitioner import words
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.gate import OVERRIDE, GatedRequest
from childindex.web.practitioner.involvement import SendPage
from childindex.web.practitioner.not_in_use import answers_not_in_use, not_in_use
from childindex.web.practitioner.search import see_other
from childindex.web.practitioner.terms import CaseReferenceField

_UNPROCESSABLE = 422
# The key that opens what was handed over is in the browser alone: neither the database nor a copy of it can read that.
_COOKIE: Final = "override-key"
_AGAIN_SECONDS: Final = 2


class OverrideForm(forms.Form):
    """The ground from the list, the reference of one's own case, and that the warning was read."""

    ground = RadiosField(
        label=gettext_lazy("Why must you see what is hidden?"),
        options=[Option(value=code.value, label=label) for code, label in words.OVERRIDE_GROUNDS.items()],
        error_messages={
            "required": gettext_lazy("Select why you must see what is hidden"),
            "invalid_choice": gettext_lazy("Select why you must see what is hidden"),
        },
    )
    case_reference = CaseReferenceField(required=True)
    accepted = CheckField(label=gettext_lazy("I understand that an investigation opens now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenPage(Page):
    """What the shield hides; nothing of it while the worker has not handed it over."""

    ready: bool
    ends: str
    addresses: tuple[str, ...]
    carers: tuple[Contact, ...]
    services: tuple[Contact, ...]
    authority: str
    leave_at: str


@require_http_methods(["GET", "HEAD", "POST"])
@answers_not_in_use
def override(request: GatedRequest, handle: str) -> HttpResponse:
    """The warning and the form; then on to what is hidden, with a key that this browser alone gets."""
    # Asked before the form is filled in, so that it is not filled in twice.
    if not request.actor.confirmed(at=timezone.now()):
        return redirect(f"{reverse('confirm_again')}?{urlencode({'next': request.path})}")
    form = OverrideForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _overridden(request, handle, form)
    page = SendPage(
        title=_("See what is hidden"),
        chrome=chrome_for(request.actor),
        back=Link(label=_("Back to the child’s page"), href=reverse("child", args=[handle])),
        form=form,
        paragraphs=(
            _("This child is shielded: somebody could be seriously harmed if it became known where the child is."),
            _("If you go on, an investigation of what you do opens at once. Ask the broker instead if you can wait."),
            _("What you see ends when you leave the page, and after 10 minutes. Nobody else sees it."),
            _("You need a right of your own to do this, which two managers gave you."),
        ),
        send_to=reverse("override", args=[handle]),
        button=_("Open an investigation and see what is hidden"),
    )
    return render(request, "practitioner/send.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


def _overridden(request: GatedRequest, handle: str, form: OverrideForm) -> HttpResponse:
    """Make the key, open the investigation, and give the browser its half."""
    key = PrivateKey.generate()
    asked = overriding.ask_override(
        actor=request.actor,
        handle=handle,
        ground=OverrideGround(form.cleaned_data["ground"]),
        case_reference=form.cleaned_data["case_reference"],
        accepted=form.cleaned_data["accepted"],
        public_key=bytes(key.public_key),
        at=timezone.now(),
    )
    request.session[OVERRIDE] = str(asked.id)
    response = see_other(reverse("hidden", args=[asked.id]))
    response.set_cookie(
        _COOKIE,
        b64encode(bytes(key)).decode(),
        max_age=VIEW_MINUTES * 60,
        path=reverse("hidden", args=[asked.id]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@require_safe
@answers_not_in_use
def hidden(request: GatedRequest, override_id: UUID) -> HttpResponse:
    """What is hidden, while the view lasts; a page that asks again by itself while it is on its way."""
    try:
        key = b64decode(request.COOKIES.get(_COOKIE, ""), validate=True)
    except ValueError:
        return not_in_use(request)
    view = overriding.view_hidden(actor=request.actor, override_id=override_id, private_key=key, at=timezone.now())
    response = render(request, "practitioner/hidden.html", _page(request, view, override_id))
    if not view.ready:
        response["Refresh"] = str(_AGAIN_SECONDS)
    return response


@require_POST
def leave(request: GatedRequest, override_id: UUID) -> HttpResponse:
    """End the view, and let the browser forget its key."""
    overriding.leave(actor=request.actor, override_id=override_id, at=timezone.now())
    request.session.pop(OVERRIDE, None)
    response = see_other(reverse("search"))
    response.delete_cookie(_COOKIE, path=reverse("hidden", args=[override_id]))
    return response


def _page(request: GatedRequest, view: HiddenView, override_id: UUID) -> HiddenPage:
    return HiddenPage(
        title=_("What is hidden") if view.ready else _("One moment"),
        chrome=chrome_for(request.actor),
        watermark=Watermark(
            viewer=request.actor.name,
            organisation=request.actor.organisation_name,
            at=british_time(view.receipt.at),
            entry=str(view.receipt.entry_id),
        ),
        ready=view.ready,
        ends=british_time(view.until),
        addresses=view.addresses,
        carers=tuple(
            Contact(
                title=carer.name,
                lines=(str(words.RELATIONSHIPS.get(carer.relationship, carer.relationship)),),
                phones=_phones((carer.phone, "")),
            )
            for carer in view.carers
        ),
        services=tuple(
            Contact(
                title=service.service,
                lines=tuple(part for part in (service.organisation, service.practitioner) if part),
                phones=_phones((service.phone, ""), (service.out_of_hours_phone, _("Out of hours"))),
            )
            for service in view.services
        ),
        authority=view.authority,
        leave_at=reverse("leave_hidden", args=[override_id]),
    )


def _phones(*numbers: tuple[str, str]) -> tuple[Phone, ...]:
    return tuple(Phone(number=number, note=note) for number, note in numbers if number)
