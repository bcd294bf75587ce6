"""An officer's shields: the list that the worker hands over to this browser, and every step of a decision (R 3.12-3.16)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from nacl.public import PrivateKey

from childindex.brokering import words
from childindex.brokering.types import VIEW_MINUTES, DeskView, ShieldActKind, ShieldLine
from childindex.brokering.usecases import desk
from childindex.brokering.usecases import shields as deciding
from childindex.kernel.refusals import Denied
from childindex.web.console.frame import GatedRequest, chrome_for, watermark
from childindex.web.console.merges import SeeOther
from childindex.web.console.shield_forms import Step, facts, steps_of
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.design.words import british_date

_UNPROCESSABLE = 422
# The key that opens the list is in the browser alone; with it, the list's id.
_COOKIE: Final = "shields-key"
_AGAIN_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One shield in the list."""

    label: str
    href: str
    state: str
    review_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Something this officer did lately, and what came of it."""

    said: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldsPage(Page):
    """What waits for somebody, the other shields, and what this officer sent. Nothing while the worker fetches it."""

    ready: bool
    waiting: tuple[Listed, ...] = ()
    others: tuple[Listed, ...] = ()
    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldPage(Page):
    """One shield: four fields, ground, clocks, and the steps that are open to this officer."""

    facts: list[dict[str, object]]
    steps: tuple[Step, ...]
    send_to: str


@require_safe
def shields(request: GatedRequest) -> HttpResponse:
    """The list; a page that asks again by itself while the list is on its way."""
    view = _view(request)
    if view is None:
        return _asked(request)
    page = ShieldsPage(
        title=_("Shields") if view.ready else _("One moment"),
        chrome=chrome_for(request.actor, current=reverse("shields")),
        watermark=watermark(request.actor, at=view.receipt.at, entry=view.receipt.entry_id),
        ready=view.ready,
        waiting=tuple(_listed(line) for line in view.shields if line.due),
        others=tuple(_listed(line) for line in view.shields if not line.due),
        sent=tuple(
            Sent(said=f"{words.ACTS[one.kind]}: {words.OUTCOMES[one.outcome]}", sent_at=one.sent_at)
            for one in view.sent
        ),
    )
    response = render(request, "console/shields.html", page)
    if not view.ready:
        response["Refresh"] = str(_AGAIN_SECONDS)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def shield(request: GatedRequest, shield_id: UUID) -> HttpResponse:
    """One shield, and the step that is taken with it."""
    # Asked before a form is filled in, so that it is not filled in twice.
    if not request.actor.confirmed(at=timezone.now()):
        return redirect(f"{reverse('confirm_again')}?{urlencode({'next': request.path})}")
    view = _view(request)
    line = next((one for one in view.shields if one.id == shield_id), None) if view is not None else None
    if view is None or line is None:
        return SeeOther(reverse("shields"))
    steps = steps_of(line, request.POST if request.method == "POST" else None)
    chosen = next((step for step in steps if step.form.is_bound and step.form.is_valid()), None)
    if chosen is not None:
        return _sent(request, line, chosen)
    page = ShieldPage(
        title=_("Shield of %(name)s") % {"name": f"{line.given_name} {line.family_name}".strip()},
        chrome=chrome_for(request.actor, current=reverse("shields")),
        watermark=watermark(request.actor, at=view.receipt.at, entry=view.receipt.entry_id),
        back=Link(label=_("Back to shields"), href=reverse("shields")),
        form=next((step.form for step in steps if step.form.is_bound), None),
        facts=facts(line),
        steps=steps,
        send_to=reverse("shield", args=[line.id]),
    )
    return render(request, "console/shield.html", page, status=_UNPROCESSABLE if page.form is not None else 200)


def _listed(line: ShieldLine) -> Listed:
    state = str(words.STATES[line.state])
    if line.word is not None and line.decision is not None:
        state = f"{state}. {words.WORDS[line.word]}: {words.DECISIONS[line.decision]}"
    elif line.due and line.review_on <= timezone.now().date():
        state = f"{state}. {_('Its review is due')}"
    born = _("born %(day)s") % {"day": british_date(line.birth_date)}
    return Listed(
        label=f"{line.given_name} {line.family_name}, {born}",
        href=reverse("shield", args=[line.id]),
        state=state,
        review_on=line.review_on,
    )


def _view(request: GatedRequest) -> DeskView | None:
    """The list of this browser; None where it has none, or that is over."""
    try:
        written, key = request.COOKIES.get(_COOKIE, "").split(".")
        desk_id, private_key = UUID(written), b64decode(key, validate=True)
    except ValueError:
        return None
    try:
        return desk.view_desk(actor=request.actor, desk_id=desk_id, private_key=private_key, at=timezone.now())
    except Denied:
        return None


def _asked(request: GatedRequest) -> HttpResponse:
    """Ask for a list, and give the browser the key to it."""
    key = PrivateKey.generate()
    asked = desk.ask_desk(actor=request.actor, public_key=bytes(key.public_key), at=timezone.now())
    response = SeeOther(reverse("shields"))
    response.set_cookie(
        _COOKIE,
        f"{asked.id}.{b64encode(bytes(key)).decode()}",
        max_age=VIEW_MINUTES * 60,
        path=reverse("shields"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _sent(request: GatedRequest, line: ShieldLine, step: Step) -> HttpResponse:
    """Send the step, and let the browser forget a list that is not right any more."""
    deciding.send(
        actor=request.actor, shield_id=line.id, kind=ShieldActKind(step.kind), at=timezone.now(), **step.form.chosen()
    )
    response = SeeOther(reverse("shields"))
    response.delete_cookie(_COOKIE, path=reverse("shields"))
    return response
