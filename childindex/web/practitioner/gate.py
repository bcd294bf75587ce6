"""Stands before every page: who is asking, and whether all their conditions are met (R 2.01-2.15; T01, T19).

`request.actor` is built anew for each request from the facts as they stand. A page that is not named here as open is
reached by nobody unsigned and by nobody with a lapsed condition: forgetting to protect a page is not possible.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from childindex.access import sign_in
from childindex.access.types import Actor, Condition, SignInFacts
from childindex.access.usecases import gate as access
from childindex.brokering.usecases import override as overriding
from childindex.kernel.refusals import Denied, Refusal
from childindex.web.design import errors
from childindex.web.practitioner import gate_page, household_page, limit_page

log = logging.getLogger(__name__)

# Pages for people who have not signed in yet, and the probe of whatever watches the process.
OPEN_PAGES: Final = frozenset(
    {
        "account_login",
        "account_logout",
        "enrol",
        "enrol_set_up",
        "healthy",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "sign_in_recovery",
    }
)
# What somebody whose other conditions have lapsed may still do: see why, and accept the agreement.
OWN_PAGES: Final = frozenset({"agreement", "my_access", "welcome"})
_NEEDED_FOR_OWN: Final = frozenset({Condition.ACCOUNT_ACTIVE, Condition.SECOND_FACTOR})

SITTING: Final = "sitting"
PLACE: Final = "sitting_place"
ROLE: Final = "sitting_role"
ORGANISATION: Final = "sitting_organisation"
# The override of a shield whose view is open in this sitting; any other page ends it (R 3.10).
OVERRIDE: Final = "sitting_override"
_OVERRIDE_PAGES: Final = frozenset({"hidden", "leave_hidden"})


class GatedRequest(HttpRequest):
    """A request that has passed the gate."""

    actor: Actor


def begin_sitting(request: HttpRequest, account_id: uuid.UUID, *, at: datetime) -> None:
    """Give a session that has just been signed in its opaque id, and its role where there is only one to choose."""
    request.session[SITTING] = uuid.uuid4().hex
    request.session[PLACE] = place_of(request)
    mine = sign_in.choices(account_id, at=at)
    if len(mine) == 1:
        use_role(request, role=mine[0].role, organisation=mine[0].organisation)


def place_of(request: HttpRequest) -> str:
    """The browser and the network a request comes from, hashed: a cookie that turns up elsewhere is worth nothing (T19).

    The network (the first three parts of an IPv4 address, the first four of an IPv6 address) and not the address, because many are
    given a new address within their network during the day.
    """
    address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    network = ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False)
    return hashlib.sha256(f"{network}\n{request.headers.get('User-Agent', '')}".encode()).hexdigest()


def use_role(request: HttpRequest, *, role: str, organisation: str) -> None:
    """Keep for the rest of the sitting which role it is for."""
    request.session[ROLE], request.session[ORGANISATION] = role, organisation


def actor_behind(request: HttpRequest, *, at: datetime) -> Actor | None:
    """The actor behind a signed-in session now; None for nobody, and for a sitting that is over, which ends.

    Over is one older than twelve hours, and one that goes on from another browser or network than it began in: that is written
    down as a failed sign-in.
    """
    if not request.user.is_authenticated:
        return None
    records = get_authentication_records(request, request.user)
    began = min((float(record["at"]) for record in records), default=0.0)
    moved = request.session.get(PLACE) != place_of(request)
    if moved or time.time() - began > settings.ABSOLUTE_SECONDS:
        username = request.user.get_username()
        logout(request)
        if moved:
            access.record_failed_sign_in(actor=sign_in.nobody(), step="moved", username=username, at=at)
        return None
    factors = [float(record["at"]) for record in records if record.get("method") == "mfa"]
    facts = SignInFacts(
        sitting=request.session.get(SITTING, ""),
        second_factor=bool(factors),
        role=request.session.get(ROLE, ""),
        organisation=request.session.get(ORGANISATION, ""),
        confirmed_at=datetime.fromtimestamp(max(factors), UTC) if factors else None,
    )
    return sign_in.actor_for(request.user.pk, session=facts, at=at)


class GateMiddleware:
    """Stands last of the middleware, so that sessions, accounts and languages are there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next step of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on; the decision falls in `process_view`, when it is known which page is asked for."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Let the request through with its actor, or answer in the page's place."""
        del view, args, kwargs
        page = request.resolver_match.view_name if request.resolver_match is not None else ""
        if page in OPEN_PAGES:
            return None
        try:
            return self._gate(request, page=page, at=timezone.now())
        except Error as error:
            return self.process_exception(request, error)

    def _gate(self, request: HttpRequest, *, page: str, at: datetime) -> HttpResponse | None:
        """Whoever asks, from the facts as they stand; the request goes on with its actor or is answered here."""
        actor = actor_behind(request, at=at)
        if actor is None:
            return redirect("account_login")
        cast("GatedRequest", request).actor = actor
        if page not in _OVERRIDE_PAGES and OVERRIDE in request.session:
            overriding.leave(actor=actor, override_id=uuid.UUID(request.session.pop(OVERRIDE)), at=at)
        return self._decide(request, actor, page=page, at=at)

    def _decide(self, request: HttpRequest, actor: Actor, *, page: str, at: datetime) -> HttpResponse | None:
        lapsed = frozenset(actor.lapsed)
        if not lapsed & _NEEDED_FOR_OWN:
            if not actor.ref.role and len(sign_in.choices(actor.ref.account_id, at=at)) > 1:
                return None if page == "choose_role" else redirect("choose_role")
            if page in OWN_PAGES:
                return None
        return gate_page.turned_away(request, actor, at=at) if lapsed else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what a use case refused and its page had no answer of its own for. The ledger has it already.

        Where the database fails, nothing was shown and nothing done: no entry, no record. That is "not now" (503), above all
        while the ledger cannot be written (T15).
        """
        if isinstance(exception, Error):
            log.critical("the database failed", exc_info=exception)
            return errors.unavailable(request)
        if not isinstance(exception, Denied):
            return None
        if exception.refusal is Refusal.CONFIRM_AGAIN:
            return redirect(f"{reverse('confirm_again')}?{urlencode({'next': request.path})}")
        if exception.refusal is Refusal.LIMIT_REACHED:
            return limit_page.limited(request, cast("GatedRequest", request).actor, exception, at=timezone.now())
        if exception.refusal is Refusal.OWN_HOUSEHOLD:
            return household_page.stopped(request, cast("GatedRequest", request).actor)
        if exception.refusal in {Refusal.NOT_PERMITTED, Refusal.CONDITION_LAPSED}:
            return errors.refused(request)
        if exception.refusal is Refusal.NOT_FOUND:
            return errors.not_found(request)
        return None
