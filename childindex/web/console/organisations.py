"""Which organisations may use the index, and how many of their people; one page each (R 2.04, 2.09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.access.nominating import OrganisationStanding
from childindex.access.types import MOVES, StandingState
from childindex.access.usecases import standing as standings
from childindex.kernel.refusals import Denied, Refusal
from childindex.web.console.frame import GatedRequest, chrome_for
from childindex.web.design.fields import Option, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.design.words import british_date

_UNPROCESSABLE: Final = 422
_STATES: Final[Mapping[StandingState | None, str | Promise]] = {
    None: gettext_lazy("Never applied"),
    StandingState.APPLIED: gettext_lazy("Applied"),
    StandingState.EVIDENCE_CHECKED: gettext_lazy("Proof looked at"),
    StandingState.ACCREDITED: gettext_lazy("Accredited"),
    StandingState.SUSPENDED: gettext_lazy("Suspended"),
    StandingState.LAPSED: gettext_lazy("Lapsed"),
}
_STEPS: Final[Mapping[StandingState, tuple[str | Promise, str | Promise]]] = {
    StandingState.APPLIED: (gettext_lazy("They have applied"), ""),
    StandingState.EVIDENCE_CHECKED: (
        gettext_lazy("I have looked at their proof"),
        gettext_lazy(
            "Of disciplinary procedure, training and who answers for it. Another administrator must accredit them"
        ),
    ),
    StandingState.ACCREDITED: (
        gettext_lazy("Accredit them, from today"),
        gettext_lazy("Only if another administrator took the step before"),
    ),
    StandingState.SUSPENDED: (
        gettext_lazy("Suspend them"),
        gettext_lazy("At once: everybody there is signed out and turned away"),
    ),
    StandingState.LAPSED: (gettext_lazy("Their accreditation has lapsed"), ""),
}


class StepForm(forms.Form):
    """The next step, or how many people."""

    step = RadiosField(label=gettext_lazy("Next step"))

    def __init__(self, *args: Any, state: StandingState | None, **kwargs: Any) -> None:
        """Offer the steps that lead on from where the organisation stands."""
        super().__init__(*args, **kwargs)
        field, offered = self.fields["step"], MOVES[state] if state is not None else {StandingState.APPLIED}
        if isinstance(field, RadiosField):
            field.set_options(
                Option(value=one.value, label=label, hint=hint)
                for one, (label, hint) in _STEPS.items()
                if one in offered
            )


class CapForm(forms.Form):
    """How many people may have a role at once."""

    most_grants = forms.IntegerField(
        label=gettext_lazy("How many of their people may have a role at once?"),
        min_value=1,
        max_value=10_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-5"}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One organisation, in words."""

    name: str
    state: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationsPage(Page):
    """All of them, those of one state together."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationPage(Page):
    """One of them. `cap_form` is None before it has applied."""

    code: str
    rows: list[dict[str, Any]]
    cap_form: CapForm | None


@require_safe
def organisations(request: GatedRequest) -> HttpResponse:
    """Every organisation in the register and how it stands."""
    found = standings.standings(actor=request.actor, at=timezone.now())
    order = list(_STATES)
    page = OrganisationsPage(
        title=_("Organisations"),
        chrome=chrome_for(request.actor, current=reverse("organisations")),
        rows=tuple(
            Row(name=one.name, state=str(_STATES[one.state]), address=reverse("organisation", args=[one.code]))
            for one in sorted(found, key=lambda one: (order.index(one.state) == 0, one.name))
        ),
    )
    return render(request, "console/organisations.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: GatedRequest, code: str) -> HttpResponse:
    """How one stands, the next step, and its cap."""
    at = timezone.now()
    found = standings.standing(actor=request.actor, organisation=code, at=at)
    sent = request.POST if request.method == "POST" else None
    capping = sent is not None and "most_grants" in sent
    step = StepForm(None if capping else sent, state=found.state)
    cap = CapForm(sent if capping else None, initial={"most_grants": found.most_grants}) if found.state else None
    if _done(request, step, cap, code=code):
        return redirect("organisation", code=code)
    page = OrganisationPage(
        title=found.name,
        chrome=chrome_for(request.actor, current=reverse("organisations")),
        back=Link(label=_("Back to all organisations"), href=reverse("organisations")),
        form=cap if capping else step,
        more_forms=(step,) if capping else (),
        code=code,
        rows=_rows(found),
        cap_form=cap,
    )
    return render(request, "console/organisation.html", page, status=_UNPROCESSABLE if sent is not None else 200)


def _done(request: GatedRequest, step: StepForm, cap: CapForm | None, *, code: str) -> bool:
    """Take the step or set the cap that a valid form asks for; False where there is something to put right first."""
    at = timezone.now()
    if cap is not None and cap.is_bound and cap.is_valid():
        standings.set_cap(actor=request.actor, organisation=code, most_grants=cap.cleaned_data["most_grants"], at=at)
        return True
    if not (step.is_bound and step.is_valid()):
        return False
    to = StandingState(step.cleaned_data["step"])
    try:
        opened_on = timezone.localdate(at) if to is StandingState.ACCREDITED else None
        standings.move(actor=request.actor, organisation=code, to=to, opened_on=opened_on, at=at)
    except Denied as denied:
        if denied.refusal is not Refusal.NOT_PERMITTED or "same_person" not in denied.detail:
            raise
        step.add_error("step", _("You took the step before this one. Another administrator must accredit them"))
        return False
    return True


def _rows(found: OrganisationStanding) -> list[dict[str, Any]]:
    """What is known of it, for the summary list."""
    facts = (
        (_("Standing"), str(_STATES[found.state])),
        (_("Last step by"), found.moved_by or _("A command of the index")),
        (_("Open from"), british_date(found.opened_on) if found.opened_on else _("Not yet")),
        (_("People with a role"), str(found.grants)),
        (_("At most"), str(found.most_grants) if found.most_grants is not None else _("No limit set")),
    )
    return [{"key": {"text": name}, "value": {"text": value}} for name, value in facts]
