"""Who is put forward for a role, and a second person's answer (journey C; R 2.01, 2.26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator, validate_email
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.access.nominating import Nomination, Nominee
from childindex.access.roles import ROLES
from childindex.access.types import Actor, Condition
from childindex.access.usecases import nominations as nominating
from childindex.kernel.refusals import Denied, Refusal
from childindex.web.console.frame import GatedRequest, chrome_for
from childindex.web.console.team import LinkPage
from childindex.web.design.fields import CheckField, LineField, Option, PhoneField, RadiosField, SelectField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.design.words import british_date

_UNPROCESSABLE: Final = 422
_DAYS: Final = {"3": 91, "6": 182, "12": 365}
_REFUSED: Final[Mapping[str, str | Promise]] = {
    "role": gettext_lazy("That role is not one for people of your organisation"),
    "waiting": gettext_lazy("This person is waiting for an answer for this role already"),
    "oneself": gettext_lazy("Somebody else must put you forward"),
    "nominator": gettext_lazy("You put this person forward. Somebody else must answer"),
    "standing": gettext_lazy("The organisation is not accredited at the moment"),
    "cap": gettext_lazy("The organisation has as many people as it may. An index administrator can allow more"),
    Condition.AGREEMENT_ACCEPTED: gettext_lazy("They have not accepted the current agreement yet"),
    Condition.CHECK_IN_DATE: gettext_lazy(
        "They have not shown an enhanced check, with the children’s barred list, of the last three years"
    ),
    Condition.TRAINING_IN_DATE: gettext_lazy("They have not shown training of the last 12 months"),
}


class NominateForm(forms.Form):
    """Who, for which role, until when."""

    full_name = LineField(label=gettext_lazy("Full name"), max_length=100)
    username = LineField(
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("If they have an account already, its user name"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9.-]{1,39}\Z",
                gettext_lazy("User name must be lower case letters, numbers, dots and hyphens"),
            )
        ],
    )
    email = LineField(label=gettext_lazy("Work e-mail address"), max_length=150, validators=[validate_email])
    phone = PhoneField(label=gettext_lazy("Work telephone number"))
    role = SelectField(label=gettext_lazy("Role"))
    months = RadiosField(
        label=gettext_lazy("For how long?"),
        options=[
            Option(value="3", label=gettext_lazy("3 months")),
            Option(value="6", label=gettext_lazy("6 months")),
            Option(value="12", label=gettext_lazy("1 year")),
        ],
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        """Offer the roles for people of the actor's organisation."""
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        if isinstance(field, SelectField):
            field.set_options([Option(value=code, label=_(name)) for code, name in _roles_for(actor)])

    def nominee(self, *, at: datetime) -> Nominee:
        """What a valid form says, from today."""
        typed, today = self.cleaned_data, timezone.localdate(at)
        return Nominee(
            username=typed["username"],
            full_name=typed["full_name"],
            email=typed["email"],
            phone=typed["phone"],
            role=typed["role"],
            valid_from=today,
            valid_to=today + timedelta(days=_DAYS[typed["months"]]),
        )


class AnswerForm(forms.Form):
    """Yes or no. A yes says that the papers have been seen."""

    answer = RadiosField(
        label=gettext_lazy("Your answer"),
        options=[
            Option(
                value="yes",
                label=gettext_lazy("Approve"),
                hint=gettext_lazy("They can use the index from the first day on"),
            ),
            Option(value="no", label=gettext_lazy("Decline")),
        ],
    )
    seen = CheckField(
        label=gettext_lazy("I have seen the certificate of the check and the proof of training"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """A yes needs the papers seen."""
        cleaned = super().clean() or {}
        if cleaned.get("answer") == "yes" and not cleaned.get("seen"):
            self.add_error("seen", _("Tick the box to say that you have seen the papers, or decline"))
        return cleaned


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage(Page):
    """Everybody who waits for an answer."""

    waiting: tuple[Nomination, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NominationPage(Page):
    """One of them: the rows of what is known, and whether this reader may answer."""

    nomination: Nomination
    rows: list[dict[str, Any]]
    own: bool


def _roles_for(actor: Actor) -> list[tuple[str, str]]:
    """Code and name of each role that people of this actor's organisation may have; the use case has the last word."""
    sectors = {actor.sector, "management"} | ({"youth_justice"} if actor.sector == "social_care" else set())
    mine = actor.ref.role
    offered = [role for role in ROLES.values() if role.sector in sectors]
    return [(role.code, role.name) for role in offered if role.code != "index_administrator" or role.code == mine]


def _refuse(form: forms.Form, denied: Denied) -> None:
    """Say in the form why not; what has no sentence goes on."""
    if denied.refusal not in {Refusal.NOT_PERMITTED, Refusal.CONDITION_LAPSED}:
        raise denied
    sentences = [_REFUSED[code] for code in denied.detail if code in _REFUSED]
    if not sentences:
        raise denied
    for sentence in sentences:
        form.add_error(None, str(sentence))


def _to_team() -> Link:
    return Link(label=_("Back to my team"), href=reverse("team"))


@require_http_methods(["GET", "HEAD", "POST"])
def nominate(request: GatedRequest) -> HttpResponse:
    """Put somebody forward; for a new account the one-time link, this once."""
    at = timezone.now()
    form = NominateForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if form.is_bound and form.is_valid():
        try:
            made = nominating.nominate(actor=request.actor, nominee=form.nominee(at=at), at=at)
        except Denied as denied:
            _refuse(form, denied)
        else:
            if made.link is None:
                return redirect("nominations")
            shown = LinkPage(
                title=_("Give this link to your colleague"),
                chrome=chrome_for(request.actor, current=reverse("team")),
                back=_to_team(),
                name=form.cleaned_data["full_name"],
                address=request.build_absolute_uri(reverse("enrol", kwargs={"link": made.link.token})),
                expires_at=made.link.expires_at,
            )
            return render(request, "console/link.html", shown)
    page = Page(
        title=_("Put somebody forward"),
        chrome=chrome_for(request.actor, current=reverse("team")),
        back=_to_team(),
        form=form,
    )
    return render(request, "console/nominate.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


@require_safe
def nominations(request: GatedRequest) -> HttpResponse:
    """Who waits for an answer."""
    page = WaitingPage(
        title=_("Waiting for an answer"),
        chrome=chrome_for(request.actor, current=reverse("team")),
        back=_to_team(),
        waiting=nominating.waiting(actor=request.actor, at=timezone.now()),
    )
    return render(request, "console/nominations.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def nomination(request: GatedRequest, nomination_id: UUID) -> HttpResponse:
    """One of them, and the answer of somebody other than who put them forward."""
    at = timezone.now()
    found = nominating.nomination(actor=request.actor, nomination_id=nomination_id, at=at)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            nominating.answer(
                actor=request.actor, nomination_id=nomination_id, approved=form.cleaned_data["answer"] == "yes", at=at
            )
        except Denied as denied:
            _refuse(form, denied)
        else:
            return redirect("nominations")
    page = NominationPage(
        title=_("A colleague who was put forward"),
        chrome=chrome_for(request.actor, current=reverse("team")),
        back=Link(label=_("Back to everybody who waits"), href=reverse("nominations")),
        form=form,
        nomination=found,
        rows=_rows(found),
        own=request.actor.ref.account_id in {found.nominated_by, found.account_id},
    )
    return render(request, "console/nomination.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


def _rows(found: Nomination) -> list[dict[str, Any]]:
    """What is known of a nomination, for the summary list."""
    not_yet, shown = _("Not yet"), found.shown
    check = not_yet
    if shown is not None:
        barred = (
            _("with the children’s barred list")
            if shown.barred_list_checked
            else _("without the children’s barred list")
        )
        check = _("Issued on %(day)s, %(barred)s") % {"day": british_date(shown.check_issued_on), "barred": barred}
    facts = (
        (_("Name"), f"{found.name}, {found.username}"),
        (_("Role"), _(found.role_name)),
        (_("Organisation"), found.organisation_name),
        (_("From"), british_date(found.valid_from)),
        (_("Until before"), british_date(found.valid_to)),
        (_("Put forward by"), found.nominated_by_name),
        (_("Agreement"), _("Accepted") if found.agreement_accepted else not_yet),
        (_("Enhanced check"), check),
        (
            _("Training"),
            _("Done on %(day)s") % {"day": british_date(shown.trained_on)} if shown is not None else not_yet,
        ),
    )
    return [{"key": {"text": name}, "value": {"text": value}} for name, value in facts]
