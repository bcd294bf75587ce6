"""Getting in, being turned away, and leaving: each is one line of the ledger (R 2.09-2.15, 7.02; T01, T19)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from childindex.access import selectors, sign_in
from childindex.access.types import Actor, GatePage, RoleChoice
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal


def record_sign_in(*, actor: Actor, methods: tuple[str, ...], at: datetime) -> None:
    """Write down that somebody signed in, and with what ("password", "totp", "webauthn", "recovery_codes")."""
    with audit.entry(Event.ACCESS_SIGNED_IN, actor=actor.ref, at=at) as entry:
        entry.note(methods=list(methods))


def record_confirmation(*, actor: Actor, method: str, at: datetime) -> None:
    """Write down that somebody showed their second factor again before something dangerous (ASVS 7.5.3)."""
    with audit.entry(Event.ACCESS_FACTOR_SHOWN, actor=actor.ref, at=at) as entry:
        entry.note(method=method)


def record_failed_sign_in(*, actor: Actor, step: str, username: str, at: datetime) -> None:
    """Write down a wrong password, code or passkey, or a try while locked out; `step` says which.

    Keeps the account's opaque id where the user name is somebody's, never what was typed. The same work is done for a
    name nobody has, so that time tells nothing (ASVS 6.3.8). Never raises Denied: the page has its one answer ready.
    """
    with suppress(Denied), audit.entry(Event.ACCESS_SIGN_IN_FAILED, actor=actor.ref, at=at) as entry:
        entry.note(account=str(selectors.account_of(username) or ""))
        raise Denied(Refusal.SIGN_IN_FAILED, step)


def record_sign_out(*, actor: Actor, at: datetime) -> None:
    """Write down that somebody signed out."""
    with audit.entry(Event.ACCESS_SIGNED_OUT, actor=actor.ref, at=at):
        pass


def turn_away(*, actor: Actor, at: datetime) -> GatePage:
    """Write one refused entry naming the lapsed conditions, and say whom to ring. No child is read (T01)."""
    page = _whom_to_ring(actor, at=at)
    with suppress(Denied), audit.entry(Event.ACCESS_GATE_REFUSED, actor=actor.ref, at=at):
        raise Denied(Refusal.CONDITION_LAPSED, *actor.lapsed)
    return page


def at_the_limit(*, actor: Actor, at: datetime) -> GatePage:
    """Whom somebody may ring who has looked up as much as they may for now. No child is read (T03)."""
    with audit.entry(Event.ACCESS_LIMIT_VIEWED, actor=actor.ref, at=at):
        return _whom_to_ring(actor, at=at)


def _whom_to_ring(actor: Actor, *, at: datetime) -> GatePage:
    code = actor.ref.organisation
    organisation = directory.organisations([code]).get(code)
    managers = selectors.managers_of(code, at=at)
    return GatePage(
        lapsed=actor.lapsed,
        managers=tuple(person for person in managers if person.phone),
        organisation_name=organisation.name if organisation is not None else "",
        organisation_phone=organisation.phone if organisation is not None else "",
    )


def choose_role(*, actor: Actor, role: str, organisation: str, at: datetime) -> RoleChoice:
    """Say which of one's own roles this sitting is for; it stays so until signing out (R 2.27).

    Refused (NOT_PERMITTED) unless a grant for it holds now.
    """
    with audit.entry(Event.ACCESS_ROLE_CHOSEN, actor=actor.ref, at=at) as entry:
        entry.note(role=role, organisation=organisation)
        for choice in sign_in.choices(actor.ref.account_id, at=at):
            if (choice.role, choice.organisation) == (role, organisation):
                return choice
        raise Denied(Refusal.NOT_PERMITTED, "role")
