"""A one-time link: somebody chooses a password and ties an authenticator to their account, in one step."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

from allauth.core.internal.ratelimit import consume
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from childindex.access import sign_in
from childindex.access.types import Credentials, EnrolmentOffer
from childindex.access.usecases import accounts
from childindex.access.usecases import gate as access
from childindex.kernel.refusals import Denied
from childindex.web.design.fields import OneTimeCodeField, PasswordField
from childindex.web.design.pages import Chrome, Page, render
from childindex.web.practitioner.gate import actor_behind

_HOME: Final = Chrome(home="/sign-in")
_LINK: Final = "enrolment_link"
_SECRET: Final = "enrolment_secret"  # noqa: S105 - the name of a place in the session


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPage(Page):
    """Who is enrolling, and the secret for their authenticator as a picture and in groups to type."""

    name: str
    username: str
    picture: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesPage(Page):
    """Recovery codes, shown this once; `onward` is where the reader goes next."""

    codes: tuple[str, ...]
    onward: str
    onward_label: str


class EnrolForm(forms.Form):
    """A password, twice, and the first code of the authenticator that has just read the secret."""

    password = PasswordField(
        new=True, label=gettext_lazy("New password"), help_text=gettext_lazy("At least 12 characters")
    )
    again = PasswordField(new=True, label=gettext_lazy("New password again"))
    code = OneTimeCodeField(label=gettext_lazy("One-time code"))

    def __init__(self, *args: Any, offer: EnrolmentOffer, secret: str, **kwargs: Any) -> None:
        """`offer` names the person, whose name makes a poor password; `secret` is what the code must come from."""
        super().__init__(*args, **kwargs)
        self.offer, self.secret = offer, secret

    def clean_password(self) -> str:
        """The password, if it is long enough and neither common nor like the person's name."""
        password = str(self.cleaned_data["password"])
        validate_password(password, user=_somebody(self.offer))
        return password

    def clean_code(self) -> str:
        """The code, if the authenticator shows it now."""
        code = str(self.cleaned_data["code"])
        if not validate_totp_code(self.secret, code):
            raise ValidationError(_("That code is not right. Enter the one your authenticator shows now."), code="code")
        return code

    def clean(self) -> dict[str, Any]:
        """The same password both times."""
        cleaned = super().clean() or {}
        if "password" in cleaned and "again" in cleaned and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords are not the same"))
        return cleaned


def _somebody(offer: EnrolmentOffer) -> Any:
    """The person as Django's and allauth's checks want them: an account that is never saved."""
    return get_user_model()(username=offer.username, full_name=offer.name)


@require_safe
def enrol(request: HttpRequest, link: str) -> HttpResponse:
    """Take the link's secret out of the address at once, so that it stands in no page, history entry or referrer.

    Whoever is signed in is signed out by a link that works, and by no other: an address made up elsewhere changes nothing.
    """
    if not consume(request, app="allauth.account", action="enrol", limit_get=True):
        return _too_many(request)
    at = timezone.now()
    try:
        accounts.open_enrolment(actor=sign_in.nobody(), token=link, at=at)
    except Denied:
        return _link_over(request)
    actor = actor_behind(request, at=at)
    if actor is not None:
        access.record_sign_out(actor=actor, at=at)
    request.session.flush()
    request.session[_LINK] = link
    request.session[_SECRET] = get_adapter().encrypt(generate_totp_secret())
    return redirect("enrol_set_up")


@sensitive_post_parameters("password", "again", "code")
@sensitive_variables("form", "secret", "link")
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_set_up(request: HttpRequest) -> HttpResponse:
    """Choose a password and prove the authenticator; then the recovery codes, this once."""
    if not consume(request, app="allauth.account", action="enrol", limit_get=True):
        return _too_many(request)
    link, kept = request.session.get(_LINK, ""), request.session.get(_SECRET, "")
    at = timezone.now()
    try:
        offer = accounts.open_enrolment(actor=sign_in.nobody(), token=link, at=at)
        if not kept:
            return redirect("account_login")
        secret = get_adapter().decrypt(kept)
        form = EnrolForm(request.POST if request.method == "POST" else None, offer=offer, secret=secret)
        if request.method != "POST" or not form.is_valid():
            return _set_up_page(request, form, offer=offer, secret=secret)
        credentials = Credentials(password=form.cleaned_data["password"], totp_secret=secret)
        codes = accounts.use_enrolment(actor=sign_in.nobody(), token=link, credentials=credentials, at=at)
    except Denied:
        return _link_over(request)
    request.session.flush()
    return recovery_codes_page(request, codes=codes, chrome=_HOME, onward=("account_login", _("Go to sign in")))


def _link_over(request: HttpRequest) -> HttpResponse:
    page = Page(title=_("This link does not work any more"), chrome=_HOME)
    return render(request, "account/enrolment_over.html", page, status=404)


def _too_many(request: HttpRequest) -> HttpResponse:
    """429, and nothing is written: too many links from this address within a minute."""
    page = Page(title=_("Too many tries. Wait a minute, then open your link again."), chrome=_HOME)
    return render(request, "account/enrolment_over.html", page, status=429)


def _set_up_page(request: HttpRequest, form: EnrolForm, *, offer: EnrolmentOffer, secret: str) -> HttpResponse:
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(_somebody(offer), secret))
    page = EnrolPage(
        title=_("Set up your account"),
        chrome=_HOME,
        form=form,
        name=offer.name,
        username=offer.username,
        picture="data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )
    return render(request, "mfa/enrol.html", page)


def recovery_codes_page(
    request: HttpRequest, *, codes: tuple[str, ...], chrome: Chrome, onward: tuple[str, str]
) -> HttpResponse:
    """The codes, this once; `onward` is the name of the next page and the words on its button."""
    name, label = onward
    page = RecoveryCodesPage(
        title=_("Keep your recovery codes"),
        chrome=chrome,
        codes=tuple(f"{code[:4]} {code[4:]}" for code in codes),
        onward=redirect(name).url,
        onward_label=label,
    )
    return render(request, "mfa/recovery_codes.html", page)
