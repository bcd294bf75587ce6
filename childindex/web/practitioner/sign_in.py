"""Signing in and out: user name and password, then a one-time code or passkey; or a passkey alone (R 2.15; T19)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.internal.flows.logout import logout as leave
from allauth.account.views import LoginView
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from childindex.access import sign_in
from childindex.access.usecases import gate as access
from childindex.web.design.fields import CodeField, OneTimeCodeField, PasswordField, UserNameField
from childindex.web.design.pages import Chrome, Page, render
from childindex.web.design.parts import Notice
from childindex.web.practitioner.fields import RecoveryCodeField
from childindex.web.practitioner.gate import actor_behind

_HOME = Chrome(home="/sign-in")
_TOO_MANY = 429


class SignInForm(LoginForm):  # type: ignore[misc]
    """allauth's form with the design's fields; names are compared in lower case, so that each has one count of tries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Put the design's fields in the place of allauth's."""
        super().__init__(*args, **kwargs)
        self.fields = {
            "login": UserNameField(label=gettext_lazy("User name"), max_length=40),
            "password": PasswordField(label=gettext_lazy("Password")),
        }

    def clean_login(self) -> str:
        """The user name as it is kept."""
        return str(self.cleaned_data["login"]).lower()


class WritesFailures:
    """A second-factor form that writes down why it failed, whichever check it failed on."""

    step = "code"

    def written(self, error: ValidationError) -> ValidationError:
        """The same error, once it is in the ledger."""
        user = getattr(self, "user", None)
        username = user.get_username() if user is not None else ""
        access.record_failed_sign_in(actor=sign_in.nobody(), step=self.step, username=username, at=timezone.now())
        return error


class CodeForm(WritesFailures, AuthenticateForm):  # type: ignore[misc]
    """The six digits of an authenticator."""

    code: CodeField = OneTimeCodeField(label=gettext_lazy("One-time code"))

    def clean_code(self) -> str:
        """The code, once; allauth counts tries and keeps used codes from being used again."""
        try:
            return str(super().clean_code())
        except ValidationError as error:
            raise self.written(error) from error


class RecoveryForm(CodeForm):
    """One of the recovery codes somebody has kept."""

    step = "recovery_code"
    code = RecoveryCodeField(label=gettext_lazy("Recovery code"))


class PasskeyForm(WritesFailures, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The browser's answer to a challenge, as the second step after a password."""

    step = "passkey"

    def clean_credential(self) -> Any:
        """The passkey that answered."""
        try:
            return super().clean_credential()
        except ValidationError as error:
            raise self.written(error) from error


class PasskeyAloneForm(WritesFailures, LoginWebAuthnForm):  # type: ignore[misc]
    """The browser's answer to a challenge, instead of name, password and code."""

    step = "passkey"

    def clean_credential(self) -> Any:
        """The passkey that answered."""
        try:
            return super().clean_credential()
        except ValidationError as error:
            raise self.written(error) from error


class SignIn(LoginView):  # type: ignore[misc]
    """The first page: a passkey, or user name and password."""

    form_class = SignInForm

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Draw it."""
        del kwargs
        return _sign_in_page(self.request, form=context["form"])


def _sign_in_page(
    request: HttpRequest, *, form: BaseForm, notice: Notice | None = None, status: int = 200
) -> HttpResponse:
    page = Page(title=_("Sign in"), chrome=_HOME, form=form, notice=notice)
    return render(request, "account/sign_in.html", page, status=status)


def locked_out(request: HttpRequest, *_args: object) -> HttpResponse:
    """429: too many wrong passwords for this name from this address. axes calls it in place of the page."""
    notice = Notice(text=_("Too many wrong passwords. Wait 15 minutes, or sign in with a passkey."))
    return _sign_in_page(request, form=SignInForm(request=request), notice=notice, status=_TOO_MANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorPage(Page):
    """`options` is the challenge for a passkey, as JSON; empty where somebody has none."""

    options: str
    recovery: bool


class SecondFactor(AuthenticateView):  # type: ignore[misc]
    """After the password: a one-time code, or a passkey."""

    form_class = CodeForm
    webauthn_form_class = PasskeyForm
    recovery = False

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Draw it, with the error of whichever of the two forms was sent."""
        del kwargs
        options = context["js_data"]["request_options"]
        passkey_form = context["webauthn_form"]
        has_passkey = bool(options.get("publicKey", {}).get("allowCredentials"))
        page = SecondFactorPage(
            title=_("Enter a recovery code") if self.recovery else _("Enter your one-time code"),
            chrome=_HOME,
            form=context["form"],
            more_forms=(passkey_form,) if passkey_form.is_bound else (),
            options=json.dumps(options, cls=DjangoJSONEncoder) if has_passkey else "",
            recovery=self.recovery,
        )
        return render(self.request, "mfa/second_factor.html", page)


class RecoveryCode(SecondFactor):
    """After the password, for somebody without phone or key: a recovery code."""

    form_class = RecoveryForm
    recovery = True


class PasskeyAlone(LoginWebAuthnView):  # type: ignore[misc]
    """A passkey alone: it is two factors in one, something one has and something one knows or is."""

    form_class = PasskeyAloneForm

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """The first page again, with one sentence."""
        del form
        notice = Notice(text=_("That passkey was not accepted. Try again, or use your user name and password."))
        return _sign_in_page(self.request, form=SignInForm(request=self.request), notice=notice)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the sitting, or give up a sign-in half way; the browser is told to forget everything (ASVS 14.3.1)."""
    at = timezone.now()
    actor = actor_behind(request, at=at)
    if actor is not None:
        access.record_sign_out(actor=actor, at=at)
    leave(request)
    request.session.flush()
    response = redirect("account_login")
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
