"""Before something dangerous: show once more that it is you, then go on where you were (ASVS 7.5.3; T14, T19)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from childindex.access.usecases import gate as access
from childindex.web.design.fields import CodeField, OneTimeCodeField
from childindex.web.design.pages import Page, render
from childindex.web.practitioner.chrome import chrome_for, home_of
from childindex.web.practitioner.gate import GatedRequest
from childindex.web.practitioner.sign_in import WritesFailures


class ConfirmCodeForm(WritesFailures, ReauthenticateForm):  # type: ignore[misc]
    """The six digits of an authenticator; allauth counts tries and takes each code once."""

    code: CodeField = OneTimeCodeField(label=gettext_lazy("One-time code"))

    def clean_code(self) -> str:
        """The code; a wrong one is written down."""
        try:
            return str(super().clean_code())
        except ValidationError as error:
            raise self.written(error) from error


class ConfirmPasskeyForm(WritesFailures, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The browser's answer to a challenge."""

    step = "passkey"

    def clean_credential(self) -> object:
        """The passkey that answered; a wrong answer is written down."""
        try:
            return super().clean_credential()
        except ValidationError as error:
            raise self.written(error) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage(Page):
    """`options` is the challenge for a passkey, as JSON, empty where somebody has none; `onward` is where they were going."""

    options: str
    onward: str


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: GatedRequest) -> HttpResponse:
    """A code or a passkey; then back to the page somebody came from, which they send again."""
    onward = _onward(request)
    code, passkey = _forms(request)
    given = next((form for form in (code, passkey) if form.is_bound), None)
    if given is not None and given.is_valid():
        given.save()
        access.record_confirmation(
            actor=request.actor, method="passkey" if given is passkey else "code", at=timezone.now()
        )
        return redirect(onward)
    options = webauthn.begin_authentication(request.user)
    has_passkey = bool(options.get("publicKey", {}).get("allowCredentials"))
    page = ConfirmPage(
        title=_("Confirm that it is you"),
        chrome=chrome_for(request.actor),
        form=code,
        more_forms=(passkey,) if passkey.is_bound else (),
        options=json.dumps(options, cls=DjangoJSONEncoder) if has_passkey else "",
        onward=onward,
    )
    return render(request, "mfa/confirm.html", page)


def _forms(request: GatedRequest) -> tuple[ConfirmCodeForm, ConfirmPasskeyForm]:
    """The form for a code and the one for a passkey; whichever was sent is bound."""
    sent = request.POST if request.method == "POST" else None
    by_passkey = sent is not None and "credential" in sent
    code = ConfirmCodeForm(user=request.user, data=None if by_passkey else sent)
    return code, ConfirmPasskeyForm(user=request.user, data=sent if by_passkey else None)


def _onward(request: GatedRequest) -> str:
    """Where somebody was going: a page of this site, or home."""
    wanted = str((request.POST if request.method == "POST" else request.GET).get("next", ""))
    try:
        resolve(wanted)
    except Resolver404:
        wanted = ""
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours else home_of(request.actor)
