"""My access: which of my conditions are met and until when, the agreement, my passkeys and recovery codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.access.sign_in import choices as access_choices
from childindex.access.types import AgreementText, MyAccess, Passkey
from childindex.access.usecases import gate as access
from childindex.access.usecases import mine
from childindex.access.words import CONDITION_NAMES
from childindex.kernel.refusals import Denied, Refusal
from childindex.web.design.fields import CheckField, LineField, OneTimeCodeField, Option, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link, Notice
from childindex.web.practitioner.chrome import chrome_for, home_of
from childindex.web.practitioner.enrol import recovery_codes_page
from childindex.web.practitioner.gate import GatedRequest, actor_behind, use_role


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """One condition in words; `until` already says "no end set" or "not met"."""

    name: str
    met: bool
    until: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MyAccessPage(Page):
    """Everything about one's own access."""

    mine: MyAccess
    conditions: tuple[ConditionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPage(Page):
    """The agreement, one paragraph at a time, and the form to accept it where that has not been done."""

    agreement: AgreementText
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPage(Page):
    """`options` is the challenge for the new passkey, as JSON."""

    options: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePasskeyPage(Page):
    """The passkey that would be removed."""

    passkey: Passkey


class AgreementForm(forms.Form):
    """A box to tick, and the hash of the very words that were shown."""

    text_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    accept = CheckField(
        label=gettext_lazy("I have read this and I accept it"),
        error_messages={"required": gettext_lazy("Select that you have read and accept the agreement")},
    )


class StepUpForm(forms.Form):
    """A fresh one-time code before anything about second factors is changed (ASVS 7.5.3)."""

    code = OneTimeCodeField(
        label=gettext_lazy("One-time code"), help_text=gettext_lazy("From your authenticator, to be sure it is you")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        """`user` is whose tries are counted; the use case checks the code."""
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        """The code as typed; refused after too many tries, whatever it is."""
        check_rate_limit(self.user)
        return str(self.cleaned_data["code"])

    def refuse(self, denied: Denied) -> None:
        """Say that the code was wrong; anything else the use case refused goes on."""
        if denied.refusal is not Refusal.SIGN_IN_FAILED:
            raise denied
        self.add_error("code", get_adapter().error_messages["incorrect_code"])


class AddPasskeyForm(StepUpForm):
    """The browser's new passkey, what to call it, and a fresh one-time code."""

    name = LineField(label=gettext_lazy("What to call this passkey"), max_length=40)
    credential = forms.JSONField(widget=forms.HiddenInput)
    field_order = ("name", "code", "credential")

    def clean_credential(self) -> Any:
        """The registration, verified against the challenge that this session was given."""
        credential = self.cleaned_data["credential"]
        webauthn.parse_registration_response(credential)
        if not webauthn.complete_registration(credential).is_user_verified():
            raise get_adapter().validation_error("incorrect_code")
        return credential


class RoleForm(forms.Form):
    """Which of one's roles this sitting is for."""

    choice = RadiosField(label=gettext_lazy("Which role are you working in?"))

    def __init__(self, *args: Any, options: list[Option], **kwargs: Any) -> None:
        """`options` are the person's own roles; the value is the place in the list."""
        super().__init__(*args, **kwargs)
        self.fields["choice"].set_options(options)  # type: ignore[attr-defined]


def _back(label: str = "") -> Link:
    return Link(label=label or _("Back"), href=reverse("my_access"))


@require_safe
def my_access(request: GatedRequest) -> HttpResponse:
    """My role and conditions, my passkeys and recovery codes."""
    found = mine.my_access(actor=request.actor, at=timezone.now())
    rows = tuple(
        ConditionRow(name=str(CONDITION_NAMES[line.condition]), met=line.met, until=line.until)
        for line in found.conditions
    )
    page = MyAccessPage(
        title=_("My access"),
        chrome=chrome_for(request.actor, current=reverse("my_access")),
        mine=found,
        conditions=rows,
    )
    return render(request, "account/my_access.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: GatedRequest) -> HttpResponse:
    """The agreement: read it, and accept it where that has not been done."""
    at = timezone.now()
    form = AgreementForm(request.POST if request.method == "POST" else None)
    notice = None
    if request.method == "POST" and form.is_valid():
        try:
            mine.accept_agreement(actor=request.actor, text_hash=form.cleaned_data["text_hash"], at=at)
        except Denied as denied:
            if denied.refusal is not Refusal.NOT_ACCEPTED:
                raise
            form = AgreementForm()
            notice = Notice(text=_("The agreement has changed. Read the new words before you accept them."))
        else:
            return redirect(_where_next(request))
    found = mine.read_agreement(actor=request.actor, at=at)
    accepted = found.accepted_at is not None
    page = AgreementPage(
        title=_("Conditions of use"),
        chrome=chrome_for(request.actor),
        notice=notice,
        form=None if accepted else form,
        agreement=found,
        paragraphs=tuple(found.text.strip().split("\n\n")),
        back=_back() if accepted else None,
    )
    return render(request, "account/agreement.html", page)


def _where_next(request: GatedRequest) -> str:
    """Home, as the facts now stand."""
    actor = actor_behind(request, at=timezone.now())
    if actor is not None and not actor.ref.role:
        return reverse("welcome")
    return home_of(actor) if actor is not None else "/"


@require_http_methods(["GET", "HEAD", "POST"])
def choose_role(request: GatedRequest) -> HttpResponse:
    """Which role this sitting is for; to change it somebody signs out (R 2.27)."""
    at = timezone.now()
    if request.actor.ref.role:
        return redirect("my_access")
    mine_now = access_choices(request.actor.ref.account_id, at=at)
    options = [
        Option(value=str(number), label=_(choice.role_name), hint=choice.organisation_name)
        for number, choice in enumerate(mine_now)
    ]
    form = RoleForm(request.POST if request.method == "POST" else None, options=options)
    if request.method == "POST" and form.is_valid():
        wanted = mine_now[int(form.cleaned_data["choice"])]
        chosen = access.choose_role(actor=request.actor, role=wanted.role, organisation=wanted.organisation, at=at)
        use_role(request, role=chosen.role, organisation=chosen.organisation)
        return redirect(_where_next(request))
    page = Page(title=_("Choose a role"), chrome=chrome_for(request.actor), form=form)
    return render(request, "account/choose_role.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def add_passkey(request: GatedRequest) -> HttpResponse:
    """Add a passkey that can sign in alone."""
    form = AddPasskeyForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            mine.add_passkey(
                actor=request.actor,
                code=answers["code"],
                name=answers["name"],
                credential=answers["credential"],
                at=timezone.now(),
            )
        except Denied as denied:
            form.refuse(denied)
        else:
            return redirect("my_access")
    page = PasskeyPage(
        title=_("Add a passkey"),
        chrome=chrome_for(request.actor),
        form=form,
        back=_back(),
        options=json.dumps(webauthn.begin_registration(request.user, passwordless=True), cls=DjangoJSONEncoder),
    )
    return render(request, "mfa/add_passkey.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_passkey(request: GatedRequest, passkey_id: int) -> HttpResponse:
    """Remove one of one's own passkeys."""
    at = timezone.now()
    form = StepUpForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            mine.remove_passkey(actor=request.actor, code=form.cleaned_data["code"], passkey_id=passkey_id, at=at)
        except Denied as denied:
            form.refuse(denied)
        else:
            return redirect("my_access")
    passkey = mine.my_passkey(actor=request.actor, passkey_id=passkey_id, at=at)
    page = RemovePasskeyPage(
        title=_("Remove this passkey?"), chrome=chrome_for(request.actor), form=form, back=_back(), passkey=passkey
    )
    return render(request, "mfa/remove_passkey.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: GatedRequest) -> HttpResponse:
    """Make new recovery codes; the old ones stop working."""
    form = StepUpForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            codes = mine.new_recovery_codes(actor=request.actor, code=form.cleaned_data["code"], at=timezone.now())
        except Denied as denied:
            form.refuse(denied)
        else:
            onward = ("my_access", _("I have kept them"))
            return recovery_codes_page(request, codes=codes, chrome=chrome_for(request.actor), onward=onward)
    page = Page(title=_("Make new recovery codes"), chrome=chrome_for(request.actor), form=form, back=_back())
    return render(request, "mfa/new_recovery_codes.html", page)
