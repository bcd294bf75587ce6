"""The queue of audit officers: what may be misuse, and the officer's answer (R 7.04-7.06; T05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from childindex.oversight.types import GIVEN_BY_OFFICERS, Explanation, ItemPage, ItemState, QueueLine, Signal
from childindex.oversight.usecases import answering
from childindex.web.console.frame import GatedRequest, chrome_for
from childindex.web.design.fields import Option, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.design.words import british_date, british_time

_UNPROCESSABLE: Final = 422
SIGNALS: Final[Mapping[Signal, str | Promise]] = {
    Signal.OWN_HOUSEHOLD: gettext_lazy("Tried to open a child of their own household, and was stopped"),
    Signal.OWN_SURNAME: gettext_lazy("Has a name in common with the child or a carer"),
    Signal.SHIELD_OVERRIDDEN: gettext_lazy("Overrode a shield"),
    Signal.LIMIT_REACHED: gettext_lazy("Reached a limit on how much may be looked up"),
    Signal.MANY_USERS: gettext_lazy("Five people or more opened this child within a week, and nothing explains it"),
    Signal.FRUITLESS_SEARCHES: gettext_lazy("Ten searches or more that day found nobody"),
    Signal.BRIEF_INVOLVEMENT: gettext_lazy("Said that they were involved, and ended it within a fortnight"),
    Signal.RETURNED: gettext_lazy("Opened this child on three days or more"),
    Signal.OUT_OF_AREA: gettext_lazy("The child lives in another area"),
    Signal.OUT_OF_HOURS: gettext_lazy("Early, late or at a weekend"),
    Signal.NO_INVOLVEMENT: gettext_lazy("Their organisation was not involved, nor became so within four weeks"),
}
EXPLANATIONS: Final[Mapping[Explanation, str | Promise]] = {
    Explanation.INVOLVED: gettext_lazy("Their organisation was involved"),
    Explanation.LATER_INVOLVEMENT: gettext_lazy("Their organisation became involved"),
    Explanation.URGENT_CARE: gettext_lazy("Urgent care"),
    Explanation.WORKED_ON: gettext_lazy("They asked for contact, or put the entry right"),
    Explanation.TEAM_COVER: gettext_lazy("They covered for a colleague"),
    Explanation.DUTY_ENQUIRY: gettext_lazy("They were on duty and somebody asked about the child"),
    Explanation.NAMESAKE: gettext_lazy("They only have the same name"),
    Explanation.SUPPORT_OR_TRAINING: gettext_lazy("Support or training, which should have used training mode"),
    Explanation.AGREED_BY_MANAGER: gettext_lazy("Their manager has confirmed why"),
}


class ExplainForm(forms.Form):
    """What explains it, from the list."""

    explanation = RadiosField(
        label=gettext_lazy("What explains it?"),
        options=[Option(value=one.value, label=EXPLANATIONS[one]) for one in GIVEN_BY_OFFICERS],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item, in words; `address` is its page."""

    who: str
    where: str
    when: str
    signs: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage(Page):
    """What waits, the likeliest misuse first; `more` where there is more than is shown."""

    lines: tuple[Line, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OneItemPage(Page):
    """One item: what is known, and, while it waits, the two answers there are. `investigate` is where the second is sent."""

    rows: list[dict[str, Any]]
    signs: tuple[str, ...]
    waits: bool
    investigate: str


@require_safe
def queue(request: GatedRequest) -> HttpResponse:
    """What waits for an answer."""
    found = answering.queue(actor=request.actor, at=timezone.now())
    page = QueuePage(
        title=_("How the index is used"),
        chrome=chrome_for(request.actor, current=reverse("oversight")),
        lines=tuple(_line(line) for line in found.lines),
        more=found.more,
    )
    return render(request, "console/oversight.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: GatedRequest, item_id: UUID) -> HttpResponse:
    """One item; posted, what explains it."""
    at = timezone.now()
    form = ExplainForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        explanation = Explanation(form.cleaned_data["explanation"])
        answering.explain(actor=request.actor, item_id=item_id, explanation=explanation, at=at)
        return redirect("oversight")
    found = answering.item(actor=request.actor, item_id=item_id, at=at)
    page = OneItemPage(
        title=_("Does this need an investigation?") if found.state is ItemState.WAITING else _("Answered"),
        chrome=chrome_for(request.actor, current=reverse("oversight")),
        back=Link(label=_("Back to everything that waits"), href=reverse("oversight")),
        form=form,
        rows=_rows(found),
        signs=tuple(str(SIGNALS[signal]) for signal in found.line.signals),
        waits=found.state is ItemState.WAITING,
        investigate=reverse("investigate", args=[found.line.id]),
    )
    return render(request, "console/oversight_item.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


@require_POST
def investigate(request: GatedRequest, item_id: UUID) -> HttpResponse:
    """Suspend, tell the manager, and open the investigation: one act (R 7.06)."""
    answering.investigate(actor=request.actor, item_id=item_id, at=timezone.now())
    return redirect("oversight_item", item_id=item_id)


def _line(line: QueueLine) -> Line:
    return Line(
        who=line.person,
        where=_("%(role)s, %(organisation)s") % {"role": _(line.role_name), "organisation": line.organisation_name},
        when=british_date(line.day),
        signs=tuple(str(SIGNALS[signal]) for signal in line.signals),
        address=reverse("oversight_item", args=[line.id]),
    )


def _rows(found: ItemPage) -> list[dict[str, Any]]:
    """What is known of an item, for the summary list. Which child it was stays with the ledger, whose entries are named."""
    line = _line(found.line)
    facts = [
        (_("Who"), line.who),
        (_("Role"), line.where),
        (_("Times"), ", ".join(british_time(time) for time in found.times)),
        (_("Ledger entries"), ", ".join(str(entry) for entry in found.entries)),
        (_("Account"), _("Suspended") if found.suspended else _("Not suspended")),
    ]
    if found.explanation is not None:
        facts.append((_("Explained"), str(EXPLANATIONS[found.explanation])))
    if found.case_id is not None:
        facts.append(
            (_("Investigation"), _("Open, and their managers have been told. Its number is %s") % found.case_id)
        )
    return [{"key": {"text": name}, "value": {"text": value}} for name, value in facts]
