"""My team: whose conditions are in date, and help for somebody who has lost their phone or key (R 2.26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.access.nominating import Suspended
from childindex.access.types import Actor, Condition, ConditionLine, EnrolmentLink, SuspendedBecause, TeamMember
from childindex.access.usecases import leaving
from childindex.access.usecases import team as colleagues
from childindex.kernel.refusals import Denied, Refusal
from childindex.web.console.frame import GatedRequest, chrome_for
from childindex.web.design.fields import OneTimeCodeField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link

# What somebody can do something about; accreditation and opening are the same for the whole team.
_SHOWN: Final[Mapping[Condition, str | Promise]] = {
    Condition.CHECK_IN_DATE: gettext_lazy("Enhanced check"),
    Condition.TRAINING_IN_DATE: gettext_lazy("Training"),
    Condition.AGREEMENT_ACCEPTED: gettext_lazy("Agreement"),
    Condition.ROLE_ACTIVE: gettext_lazy("Role"),
}


_WHY: Final[Mapping[SuspendedBecause, str | Promise]] = {
    SuspendedBecause.CHILDREN_OPENED: gettext_lazy("they opened as many children’s pages as anybody may in a day"),
    SuspendedBecause.LEFT: gettext_lazy("they have left"),
    SuspendedBecause.BARRED: gettext_lazy("they are barred from work with children"),
    SuspendedBecause.MISUSE_SUSPECTED: gettext_lazy("misuse is suspected"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPage(Page):
    """One list of conditions for each colleague."""

    rows: tuple[TeamRow, ...]
    suspended: tuple[SuspendedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendedLine:
    """A colleague who is suspended, and why, in words: what a manager is told first (T03)."""

    name: str
    username: str
    why: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRow:
    """One colleague; `reset` is the address of the page that resets their sign-in, empty for oneself and for somebody
    who works elsewhere too. `leave` is where their access ends, empty for oneself.
    """

    name: str
    username: str
    roles: str
    cells: tuple[Cell, ...]
    second_factor: bool
    reset: str
    leave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Whether a condition is met, and until when."""

    name: str
    met: bool
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage(Page):
    """The colleague whose second factor would be reset."""

    member: TeamMember


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage(Page):
    """The one-time link, shown this once."""

    name: str
    address: str
    expires_at: datetime


class ResetForm(forms.Form):
    """The manager's own fresh one-time code, before anybody's way in is changed (ASVS 7.5.3)."""

    code = OneTimeCodeField(
        label=gettext_lazy("Your one-time code"),
        help_text=gettext_lazy("From your authenticator, to be sure it is you"),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        """`user` is whose tries are counted; the use case checks the code."""
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        """The code as typed; refused after too many tries, whatever it is."""
        check_rate_limit(self.user)
        return str(self.cleaned_data["code"])


@require_safe
def team(request: GatedRequest) -> HttpResponse:
    """Everybody with a role at my organisation, and what is in date."""
    at = timezone.now()
    members = colleagues.team(actor=request.actor, at=at)
    page = TeamPage(
        title=_("My team"),
        chrome=chrome_for(request.actor, current=reverse("team")),
        rows=tuple(_row(member, actor=request.actor) for member in members),
        suspended=tuple(_suspended(one) for one in leaving.suspended(actor=request.actor, at=at)),
    )
    return render(request, "console/team.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: GatedRequest, account_id: UUID) -> HttpResponse:
    """Ask once more, then remove a colleague's second factors and show the one-time link for new ones."""
    at = timezone.now()
    member = colleagues.team_member(actor=request.actor, account_id=account_id, at=at)
    back = Link(label=_("Back to my team"), href=reverse("team"))
    form = ResetForm(request.POST if request.method == "POST" else None, user=request.user)
    link = _reset(request, form, account_id, at=at) if request.method == "POST" and form.is_valid() else None
    if link is None:
        page = MemberPage(
            title=_("Reset sign-in"),
            chrome=chrome_for(request.actor, current=reverse("team")),
            back=back,
            form=form,
            member=member,
        )
        return render(request, "console/reset.html", page)
    shown = LinkPage(
        title=_("Give this link to your colleague"),
        chrome=chrome_for(request.actor, current=reverse("team")),
        back=back,
        name=member.name,
        address=request.build_absolute_uri(reverse("enrol", kwargs={"link": link.token})),
        expires_at=link.expires_at,
    )
    return render(request, "console/link.html", shown)


def _reset(request: GatedRequest, form: ResetForm, account_id: UUID, *, at: datetime) -> EnrolmentLink | None:
    """The link; None where the manager's own code was wrong, which the form then says."""
    code = form.cleaned_data["code"]
    try:
        return colleagues.reset_second_factor(actor=request.actor, account_id=account_id, code=code, at=at)
    except Denied as denied:
        if denied.refusal is not Refusal.SIGN_IN_FAILED:
            raise
        form.add_error("code", get_adapter().error_messages["incorrect_code"])
        return None


def _suspended(one: Suspended) -> SuspendedLine:
    return SuspendedLine(
        name=one.name, username=one.username, why=str(_WHY[SuspendedBecause(one.because)]), at=one.at, by=one.by
    )


def _row(member: TeamMember, *, actor: Actor) -> TeamRow:
    lines = {line.condition: line for line in member.conditions}
    mine = member.account_id == actor.ref.account_id
    return TeamRow(
        name=member.name,
        username=member.username,
        roles=", ".join(_(name) for name in member.role_names),
        cells=tuple(_cell(lines[condition], name=str(name)) for condition, name in _SHOWN.items()),
        second_factor=member.has_second_factor,
        reset=""
        if mine or member.works_elsewhere
        else reverse("reset_second_factor", kwargs={"account_id": member.account_id}),
        leave="" if mine else reverse("leave", kwargs={"account_id": member.account_id}),
    )


def _cell(line: ConditionLine, *, name: str) -> Cell:
    return Cell(name=name, met=line.met, until=line.until)
