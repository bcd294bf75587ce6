"""What allauth asks of us while somebody signs in; settings name this class."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import ratelimit
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy

from childindex.access import sign_in
from childindex.access.usecases import gate as access
from childindex.web.practitioner.chrome import home_of
from childindex.web.practitioner.gate import actor_behind, begin_sitting

_SPRAYED: Final = "wrong_passwords"


def address_of(request: HttpRequest) -> str:
    """The address a request came from, the same for axes as for allauth: behind a proxy the one the proxy saw."""
    return str(AccountAdapter(request).get_client_ip(request))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's hooks: every sign-in and every failure is one line of the ledger, and nobody signs up or is mailed."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy(
            "The user name or the password is not right. Check both and try again."
        ),
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait 5 minutes, or sign in with a passkey."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an account is made by nomination (R 2.01)."""
        del request
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Leave them out: allauth's own messages are not in our words, and our pages say what was done."""

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        """Go on, also for an account that is closed: the gate says so, with whom to ring, after the second factor."""
        del request, user, kwargs
        return None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Stop whoever has tried many names from one address; a passkey still lets its owner in from there (T19).

        axes counts wrong passwords by name and address together; counting by name alone would let anybody lock anybody out.
        """
        if not ratelimit.consume(request, action=_SPRAYED, dry_run=True):
            self.written_failure(step="sprayed", username=str(credentials.get("username", "")))
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down a wrong user name or password, or a try while locked out."""
        ratelimit.consume(request, action=_SPRAYED)
        step = "locked" if getattr(request, "axes_locked_out", False) else "password"
        self.written_failure(step=step, username=str(credentials.get("username", "")))

    def written_failure(self, *, step: str, username: str) -> None:
        """One line of the ledger."""
        access.record_failed_sign_in(actor=sign_in.nobody(), step=step, username=username, at=timezone.now())

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in with Django, which changes the session's key, and begin a sitting."""
        super().login(request, user)
        begin_sitting(request, user.pk, at=timezone.now())

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Write down that somebody signed in and with what, and lead them to where they begin."""
        del kwargs
        at = timezone.now()
        actor = actor_behind(request, at=at) or sign_in.nobody()
        methods = [str(record.get("type") or record["method"]) for record in get_authentication_records(request, user)]
        access.record_sign_in(actor=actor, methods=tuple(dict.fromkeys(methods)), at=at)
        return HttpResponseRedirect(home_of(actor))
