"""A broker's queue: who asks to be put in touch, by when, and the four answers there are (R 1.27, 3.07)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
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
from django.views.decorators.http import require_POST, require_safe
from nacl.public import PrivateKey

from childindex.brokering import words
from childindex.brokering.types import VIEW_MINUTES, Answer, RequestLine, RequestsView
from childindex.brokering.usecases import requests as brokering
from childindex.kernel.refusals import Denied
from childindex.web.console.frame import GatedRequest, chrome_for, watermark
from childindex.web.console.merges import SeeOther
from childindex.web.design.fields import Option, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Contact, Phone
from childindex.web.design.words import british_date

# The key that opens the list is in the browser alone; with it, the list's id.
_COOKIE: Final = "requests-key"
_AGAIN_SECONDS: Final = 2


class AnswerForm(forms.Form):
    """One of four sentences: there is nowhere to write where anybody is."""

    answer = RadiosField(
        label=gettext_lazy("What do you answer?"),
        options=[Option(value=code.value, label=label) for code, label in words.ANSWERS.items()],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request in the queue."""

    title: str
    child: str
    family_knows: str
    case_reference: str
    asked_at: datetime
    due_at: datetime
    overdue: bool
    asker: Contact
    services: tuple[Contact, ...]
    form: AnswerForm
    send_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsPage(Page):
    """The queue; nothing of it while the worker fetches it."""

    ready: bool
    requests: tuple[Asked, ...]


@require_safe
def requests(request: GatedRequest) -> HttpResponse:
    """The queue; a page that asks again by itself while it is on its way."""
    view = _view(request)
    if view is None:
        return _asked(request)
    page = RequestsPage(
        title=_("Requests to be put in touch") if view.ready else _("One moment"),
        chrome=chrome_for(request.actor, current=reverse("requests")),
        watermark=watermark(request.actor, at=view.receipt.at, entry=view.receipt.entry_id),
        ready=view.ready,
        requests=tuple(_line(line) for line in view.requests),
    )
    response = render(request, "console/requests.html", page)
    if not view.ready:
        response["Refresh"] = str(_AGAIN_SECONDS)
    return response


@require_POST
def answer(request: GatedRequest, case_id: UUID) -> HttpResponse:
    """Send one of the four sentences, and let the browser forget a list that is not right any more."""
    form = AnswerForm(request.POST)
    response = SeeOther(reverse("requests"))
    if form.is_valid():
        brokering.answer(
            actor=request.actor, case_id=case_id, said=Answer(form.cleaned_data["answer"]), at=timezone.now()
        )
        response.delete_cookie(_COOKIE, path=reverse("requests"))
    return response


def _line(line: RequestLine) -> Asked:
    born = _("born %(day)s") % {"day": british_date(line.birth_date)}
    return Asked(
        title=_("%(asker)s asks") % {"asker": line.asker or _("Somebody who has left")},
        child=f"{line.given_name} {line.family_name}, {born}, {line.index_number}",
        family_knows=str(words.FAMILY_KNOWS[line.family_knows]),
        case_reference=line.case_reference,
        asked_at=line.asked_at,
        due_at=line.due_at,
        overdue=line.overdue,
        asker=Contact(
            title=line.asker or _("Somebody who has left"),
            lines=(line.organisation,),
            phones=(Phone(number=line.asker_phone),) if line.asker_phone else (),
        ),
        services=tuple(
            Contact(
                title=one.service,
                lines=tuple(part for part in (one.organisation, one.practitioner) if part),
                phones=tuple(Phone(number=number) for number in (one.phone, one.out_of_hours_phone) if number),
            )
            for one in line.services
        ),
        form=AnswerForm(auto_id=f"{line.id}-%s"),
        send_to=reverse("answer_request", args=[line.id]),
    )


def _view(request: GatedRequest) -> RequestsView | None:
    """The queue of this browser; None where it has none, or that is over."""
    try:
        written, key = request.COOKIES.get(_COOKIE, "").split(".")
        desk_id, private_key = UUID(written), b64decode(key, validate=True)
    except ValueError:
        return None
    try:
        return brokering.view_requests(actor=request.actor, desk_id=desk_id, private_key=private_key, at=timezone.now())
    except Denied:
        return None


def _asked(request: GatedRequest) -> HttpResponse:
    """Ask for the queue, and give the browser the key to it."""
    if not request.actor.confirmed(at=timezone.now()):
        return redirect(f"{reverse('confirm_again')}?{urlencode({'next': request.path})}")
    key = PrivateKey.generate()
    asked = brokering.ask_requests(actor=request.actor, public_key=bytes(key.public_key), at=timezone.now())
    response = SeeOther(reverse("requests"))
    response.set_cookie(
        _COOKIE,
        f"{asked.id}.{b64encode(bytes(key)).decode()}",
        max_age=VIEW_MINUTES * 60,
        path=reverse("requests"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response
