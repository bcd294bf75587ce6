"""What somebody does about their own access: read it, accept the agreement, look after passkeys and recovery codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from childindex.access import policies, selectors, services
from childindex.access.roles import ROLES
from childindex.access.types import Actor, AgreementText, Condition, MyAccess, Passkey
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.kernel.refusals import Denied, Refusal

# Somebody whose other conditions have lapsed may still read and accept the agreement, and see what is missing.
_NEEDED_TO_SEE_ONESELF: Final = frozenset({Condition.ACCOUNT_ACTIVE, Condition.SECOND_FACTOR})
_LEFT_OUT: Final = frozenset(Condition) - _NEEDED_TO_SEE_ONESELF


def my_access(*, actor: Actor, at: datetime) -> MyAccess:
    """One's own role and conditions, and when each runs out. Refused only without account or second factor."""
    with audit.entry(Event.ACCESS_MINE_VIEWED, actor=actor.ref, at=at):
        account_id = services.require_gate(actor, at=at, without=_LEFT_OUT)
        known = selectors.known([account_id])[account_id]
        facts = known.facts(role=actor.ref.role, organisation=actor.ref.organisation, second_factor=True, at=at)
        return MyAccess(
            name=known.name,
            username=known.username,
            role=ROLES.get(actor.ref.role),
            organisation_name=actor.organisation_name,
            conditions=policies.condition_lines(facts, at=at),
            passkeys=selectors.passkeys_of(account_id),
            recovery_codes_left=selectors.recovery_codes_left(account_id),
            links=selectors.links_made_for(account_id),
        )


def read_agreement(*, actor: Actor, at: datetime) -> AgreementText:
    """The agreement that is current. Refused (NOT_FOUND) where none is."""
    with audit.entry(Event.ACCESS_AGREEMENT_VIEWED, actor=actor.ref, at=at):
        account_id = services.require_gate(actor, at=at, without=_LEFT_OUT)
        agreement = selectors.agreement_now(account_id, at=at)
        if agreement is None:
            raise Denied(Refusal.NOT_FOUND, "agreement")
        return agreement


def accept_agreement(*, actor: Actor, text_hash: str, at: datetime) -> int:
    """Accept the words whose hash the page carried; returns their version (R 2.12).

    Refused (NOT_ACCEPTED) where they are no longer the current ones: somebody is shown the new ones instead.
    """
    with audit.entry(Event.ACCESS_AGREEMENT_ACCEPTED, actor=actor.ref, at=at) as entry:
        account_id = services.require_gate(actor, at=at, without=_LEFT_OUT)
        version = services.accept_agreement(account_id, text_hash=text_hash, receipt=entry.receipt, at=at)
        entry.note(version=version, text_hash=text_hash)
        return version


def my_passkey(*, actor: Actor, passkey_id: int, at: datetime) -> Passkey:
    """One of one's own passkeys, before it is removed; refused (NOT_FOUND) for anybody else's."""
    with audit.entry(Event.ACCESS_MINE_VIEWED, actor=actor.ref, at=at):
        account_id = services.require_gate(actor, at=at)
        for passkey in selectors.passkeys_of(account_id):
            if passkey.id == passkey_id:
                return passkey
        raise Denied(Refusal.NOT_FOUND, "passkey")


def add_passkey(*, actor: Actor, code: str, name: str, credential: Mapping[str, object], at: datetime) -> None:
    """Keep a passkey whose registration the page has verified; `credential` is the browser's answer.

    `code` is a fresh one-time code, used up by this; refused (SIGN_IN_FAILED) without it (ASVS 7.5.3).
    """
    with audit.entry(Event.ACCESS_FACTOR_CHANGED, actor=actor.ref, at=at) as entry:
        entry.note(change="passkey_added")
        account_id = services.require_gate(actor, at=at)
        services.use_code(account_id, code=code, receipt=entry.receipt)
        services.keep_passkey(account_id, name=name, credential=credential, receipt=entry.receipt)


def remove_passkey(*, actor: Actor, code: str, passkey_id: int, at: datetime) -> None:
    """Remove one of one's own passkeys, with a fresh code; refused (NOT_FOUND) for anybody else's."""
    with audit.entry(Event.ACCESS_FACTOR_CHANGED, actor=actor.ref, at=at) as entry:
        entry.note(change="passkey_removed")
        account_id = services.require_gate(actor, at=at)
        services.use_code(account_id, code=code, receipt=entry.receipt)
        services.remove_passkey(account_id, passkey_id=passkey_id, receipt=entry.receipt)


def new_recovery_codes(*, actor: Actor, code: str, at: datetime) -> tuple[str, ...]:
    """Ten fresh recovery codes, with a fresh one-time code, shown this once; the old ones stop working."""
    with audit.entry(Event.ACCESS_FACTOR_CHANGED, actor=actor.ref, at=at) as entry:
        entry.note(change="recovery_codes_renewed")
        account_id = services.require_gate(actor, at=at)
        services.use_code(account_id, code=code, receipt=entry.receipt)
        return services.renew_recovery_codes(account_id, receipt=entry.receipt)
