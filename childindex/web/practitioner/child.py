"""The child's page: who works with them, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from childindex.access.types import Actor, Permission
from childindex.lookup import usecases as lookup
from childindex.lookup.types import ChildView, InvolvementView, OpenChildView, ShieldedChildView
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Contact, HonestyLine, IdentityBar, Link, Notice, Watermark
from childindex.web.design.words import british_date, british_time
from childindex.web.practitioner import child_words
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.gate import GatedRequest
from childindex.web.practitioner.not_in_use import answers_not_in_use
from childindex.web.practitioner.words import REASONS

# What was done just before, by the code in the page's address; any other code says nothing.
DONE: Final = {
    "added": gettext_lazy("Your involvement has been added."),
    "ended": gettext_lazy("The involvement has been ended."),
    "confirmed": gettext_lazy("Thank you. The involvement has been confirmed."),
    "reported": gettext_lazy(
        "Thank you. The number is marked as reported wrong, and its organisation has been asked to check."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One involvement, and where its buttons lead; an empty address is a button that is not there."""

    contact: Contact
    confirm_at: str = ""
    end_at: str = ""
    report_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPage(Page):
    """Everything that may be shown of an open child, in the order it is read."""

    bar: IdentityBar
    died: str
    lead: tuple[str, ...]
    ring_first: Contact | None
    current: tuple[Line, ...]
    ended: tuple[Line, ...]
    sensitive_service: bool
    contact_at: str
    declare_at: str
    assessments: tuple[str, ...]
    carers: tuple[Contact, ...]
    whereabouts: tuple[Contact, ...] | None
    facts: list[dict[str, Any]]
    honesty: tuple[HonestyLine, ...]
    reason: str
    shield_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldedPage(Page):
    """Four fields and a way to ask. There is nowhere here to put anything else (R 3.03)."""

    bar: IdentityBar
    facts: list[dict[str, Any]]
    contact_at: str
    override_at: str


@require_safe
@answers_not_in_use
def child(request: GatedRequest, handle: str) -> HttpResponse:
    """The page of the child of an open visit."""
    view = lookup.view_child(actor=request.actor, handle=handle, at=timezone.now())
    if isinstance(view, ShieldedChildView):
        return render(request, "practitioner/shielded.html", _shielded_page(request.actor, view))
    return render(request, "practitioner/child.html", _page(request.actor, view, done=request.GET.get("done", "")))


def _shielded_page(actor: Actor, view: ShieldedChildView) -> ShieldedPage:
    return ShieldedPage(
        title=_("Child’s entry"),
        chrome=chrome_for(actor),
        back=Link(label=_("Search again"), href=reverse("search")),
        watermark=_watermark(actor, view),
        bar=child_words.identity_bar(view.person),
        facts=child_words.four_facts(view.person),
        contact_at=_contact_at(actor, view.handle),
        override_at=_override_at(actor, view.handle),
    )


def _page(actor: Actor, view: OpenChildView, *, done: str) -> ChildPage:
    died = view.deceased_on
    return ChildPage(
        title=_("Child’s entry"),
        chrome=chrome_for(actor),
        back=Link(label=_("Search again"), href=reverse("search")),
        notice=Notice(text=str(DONE[done]), success=True) if done in DONE else None,
        watermark=_watermark(actor, view),
        bar=child_words.identity_bar(view.person),
        died=_("The child died on %(day)s.") % {"day": british_date(died)} if died is not None else "",
        lead=child_words.lead_facts(view.lead) if view.lead is not None else (),
        ring_first=child_words.ring_first(view.ring_first) if view.ring_first is not None else None,
        current=tuple(_line(one, actor, view.handle) for one in view.involvements),
        ended=tuple(Line(contact=child_words.involvement(one)) for one in view.ended),
        sensitive_service=view.sensitive_service,
        contact_at=_contact_at(actor, view.handle),
        declare_at=_declare_at(actor, view.handle),
        assessments=tuple(child_words.assessment(one) for one in view.assessments),
        carers=tuple(child_words.carer(one) for one in view.carers),
        whereabouts=None
        if view.whereabouts is None
        else tuple(child_words.whereabouts(one) for one in view.whereabouts),
        facts=child_words.facts(view),
        honesty=tuple(child_words.honesty(one) for one in view.honesty),
        reason=_("You opened this page because: %(reason)s.") % {"reason": REASONS[view.reason.code]},
        shield_at=_shield_at(actor, view.handle),
    )


def _watermark(actor: Actor, view: ChildView) -> Watermark:
    return Watermark(
        viewer=actor.name,
        organisation=actor.organisation_name,
        at=british_time(view.receipt.at),
        entry=str(view.receipt.entry_id),
    )


def _contact_at(actor: Actor, handle: str) -> str:
    allowed = Permission.CONTACT_REQUEST_MAKE in actor.permissions
    return reverse("ask_contact", args=[handle]) if allowed else ""


def _override_at(actor: Actor, handle: str) -> str:
    allowed = Permission.CHILD_SHIELD_OVERRIDE in actor.permissions
    return reverse("override", args=[handle]) if allowed else ""


def _shield_at(actor: Actor, handle: str) -> str:
    allowed = Permission.CHILD_SHIELD_ASK in actor.permissions
    return reverse("ask_shield", args=[handle]) if allowed else ""


def _declare_at(actor: Actor, handle: str) -> str:
    allowed = Permission.CHILD_INVOLVEMENT_DECLARE in actor.permissions
    return reverse("declare", args=[handle]) if allowed else ""


def _line(view: InvolvementView, actor: Actor, handle: str) -> Line:
    """One involvement with the buttons this reader may use."""
    own = view.own and Permission.CHILD_INVOLVEMENT_DECLARE in actor.permissions
    place = [handle, view.id]
    return Line(
        contact=child_words.involvement(view),
        confirm_at=reverse("confirm", args=place) if own else "",
        end_at=reverse("end", args=place) if own else "",
        report_at=reverse("report_phone", args=place) if view.can_be_rung and view.phone_reported_on is None else "",
    )
