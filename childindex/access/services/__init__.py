"""The gate every use case passes, and the writes that accounts and organisations allow."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings

from childindex.access import policies, selectors
from childindex.access.models import (
    Account,
    AgreementAcceptance,
    Course,
    EnhancedCheck,
    Enrolment,
    Grant,
    Standing,
    Suspension,
    TrainingRecord,
)
from childindex.access.roles import OPERATOR, permissions_of
from childindex.access.types import (
    Actor,
    Condition,
    EnrolmentLink,
    EnrolmentOffer,
    Evidence,
    NewPerson,
    Permission,
    StandingState,
    SuspendedBecause,
)
from childindex.audit.types import Receipt
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal

ENROLMENT_HOURS: Final = 72
GRANT_YEARS: Final = 1
_PLAIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}")
_OPERATOR_PROCESSES: Final = frozenset({"worker", "owner"})
# The auditors' process reads the ledger for the queue of audit officers, and is the operator for nothing else.
_AUDITS: Final = frozenset({Permission.OVERSIGHT_LEDGER_SCAN})


def require(actor: Actor, permission: Permission, *, at: datetime, confirmed: bool = False) -> None:
    """Let an actor go on, or raise Denied; call it inside the ledger entry.

    Reads the facts again, in the entry's own transaction, because they may have changed since the page was asked for.
    Raises Denied(CONDITION_LAPSED, conditions) or Denied(NOT_PERMITTED, permission) (R 2.01-2.15, 2.06; T01). What could hurt
    most asks for `confirmed`: raises Denied(CONFIRM_AGAIN) unless the second factor was used within five minutes (ASVS 7.5.3).
    """
    if actor.ref.account_id is None:
        allowed = _operator_permissions(actor)
    else:
        require_gate(actor, at=at)
        allowed = permissions_of(actor.ref.role)
    if permission not in allowed:
        raise Denied(Refusal.NOT_PERMITTED, permission)
    if confirmed and actor.ref.account_id is not None:
        policies.check_confirmed(actor, at=at)


def _operator_permissions(actor: Actor) -> frozenset[Permission]:
    """Whatever an actor claims, only a worker's or the owner's process acts as the operator: never one that serves pages."""
    if actor.ref.role == OPERATOR.code and str(settings.PROCESS) == "audit":
        return _AUDITS
    ours = actor.ref.role == OPERATOR.code and str(settings.PROCESS) in _OPERATOR_PROCESSES
    return frozenset(OPERATOR.permissions) if ours else frozenset()


def require_gate(actor: Actor, *, at: datetime, without: frozenset[Condition] = frozenset()) -> UUID:
    """The actor's account, or Denied(CONDITION_LAPSED, conditions) unless all are met now, those in `without` aside."""
    account_id = actor.ref.account_id
    person = selectors.known([account_id]).get(account_id) if account_id is not None else None
    if person is None:
        raise Denied(Refusal.CONDITION_LAPSED, *Condition)
    facts = person.facts(
        role=actor.ref.role,
        organisation=actor.ref.organisation,
        # Used in this sitting, as the actor has it, and not taken away since.
        second_factor=Condition.SECOND_FACTOR not in actor.lapsed and person.has_second_factor,
        at=at,
    )
    missing = [condition for condition in policies.lapsed(facts, at=at) if condition not in without]
    if missing:
        raise Denied(Refusal.CONDITION_LAPSED, *missing)
    return person.account_id


def holds(
    account_id: UUID, permission: Permission, *, organisation: str = "", authority: str = "", at: datetime
) -> bool:
    """Whether a person whom a row names may do this now, at this organisation or for this authority: the worker's question.

    The site wrote the row; the worker believes of it only what the facts say (T18). The second factor is the site's to ask for.
    """
    person = selectors.known([account_id]).get(account_id)
    grants = (
        [] if person is None else [one for one in person.live_grants(at=at) if permission in permissions_of(one.role)]
    )
    places = directory.organisations(sorted({one.organisation for one in grants}))
    for one in grants:
        there = places.get(one.organisation)
        fits = (
            one.organisation == organisation
            if organisation
            else there is not None and there.authority == authority != ""
        )
        facts = person.facts(role=one.role, organisation=one.organisation, second_factor=True, at=at)  # type: ignore[union-attr]
        if fits and not policies.lapsed(facts, at=at):
            return True
    return False


def create_account(person: NewPerson, *, receipt: Receipt, at: datetime) -> UUID:
    """An account without password or second factor: nobody can sign in to it before a one-time link is used.

    Denied(NOT_PERMITTED, "username") where the user name is taken or is not plain.
    """
    del receipt
    username = person.username.strip().lower()
    if not _PLAIN_NAME.fullmatch(username) or selectors.account_of(username) is not None:
        raise Denied(Refusal.NOT_PERMITTED, "username")
    account = Account(
        username=username,
        full_name=person.full_name,
        email=person.email,
        phone=person.phone,
        created_at=at,
    )
    account.set_unusable_password()
    account.save(force_insert=True)
    return account.id


def keep_evidence(account_id: UUID, evidence: Evidence, *, receipt: Receipt, at: datetime) -> None:
    """The enhanced check and the training somebody has shown; and, if so, that they accepted the current agreement."""
    EnhancedCheck.objects.create(
        account_id=account_id, issued_on=evidence.check_issued_on, barred_list_checked=evidence.barred_list_checked
    )
    newest = Course.objects.filter(published_on__lte=evidence.trained_on).order_by("-version").first()
    if newest is not None:
        TrainingRecord.objects.create(account_id=account_id, course=newest, completed_on=evidence.trained_on)
    agreement = selectors.agreement_now(account_id, at=at)
    if evidence.agreement_accepted and agreement is not None:
        accept_agreement(account_id, text_hash=agreement.text_hash, receipt=receipt, at=at)


def accept_agreement(account_id: UUID, *, text_hash: str, receipt: Receipt, at: datetime) -> int:
    """Keep that these words were accepted, and return their version. Denied(NOT_ACCEPTED) if they are not the current ones."""
    del receipt
    agreement = selectors.agreement_now(account_id, at=at)
    if agreement is None or agreement.text_hash != text_hash:
        raise Denied(Refusal.NOT_ACCEPTED, "not_current")
    if agreement.accepted_at is None:
        AgreementAcceptance.objects.create(
            account_id=account_id, agreement_id=agreement.version, text_hash=text_hash, accepted_at=at
        )
    return agreement.version


def give_grant(
    account_id: UUID, person: NewPerson, *, by: tuple[UUID, UUID] | None, receipt: Receipt, at: datetime
) -> None:
    """A grant for a year from today. `by` is (nominator, approver), two other people; None is for the two founding grants.

    Denied(NOT_PERMITTED, "founding") when both founding grants are given.
    """
    del receipt
    today = policies.england_on(at)
    nominator, approver = by if by is not None else (None, None)
    Grant.objects.create(
        account_id=account_id,
        role=person.role,
        organisation_id=person.organisation,
        valid_from=today,
        valid_to=policies.years_after(today, GRANT_YEARS),
        nominated_by_id=nominator,
        approved_by_id=approver,
        founding=_founding_number() if by is None else None,
    )


def _founding_number() -> int:
    taken = set(Grant.objects.filter(founding__isnull=False).values_list("founding", flat=True))
    free = [number for number in (1, 2) if number not in taken]
    if not free:
        raise Denied(Refusal.NOT_PERMITTED, "founding")
    return free[0]


def offer_enrolment(account_id: UUID, *, made_by: UUID | None, receipt: Receipt, at: datetime) -> EnrolmentLink:
    """A one-time link, good for three days; any earlier one of the account ends now. Only its hash is kept."""
    del receipt
    Enrolment.objects.filter(account_id=account_id, used_at=None, expires_at__gt=at).update(expires_at=at)
    token = secrets.token_urlsafe(32)
    expires_at = at + timedelta(hours=ENROLMENT_HOURS)
    Enrolment.objects.create(
        account_id=account_id,
        link_hash=_hash_of(token),
        made_by_id=made_by,
        created_at=at,
        expires_at=expires_at,
    )
    return EnrolmentLink(account_id=account_id, token=token, expires_at=expires_at)


def _hash_of(token: str) -> str:
    # The token is 32 random bytes: nothing to guess, so a plain hash is as good as a slow one.
    return hashlib.sha256(token.encode()).hexdigest()


def enrolment_offered(token: str, *, at: datetime, lock: bool = False) -> EnrolmentOffer | None:
    """Whose link this is, if it is still good; with `lock`, held so that it is used once."""
    found = Enrolment.objects.filter(link_hash=_hash_of(token), used_at=None, expires_at__gt=at)
    enrolment = (found.select_for_update(of=("self",)) if lock else found).select_related("account").first()
    if enrolment is None or not enrolment.account.is_active:
        return None
    return EnrolmentOffer(
        account_id=enrolment.account_id, name=enrolment.account.full_name, username=enrolment.account.username
    )


def use_enrolment(token: str, *, receipt: Receipt, at: datetime) -> None:
    """Mark a link used; whoever calls has locked it."""
    del receipt
    Enrolment.objects.filter(link_hash=_hash_of(token)).update(used_at=at)


def set_credentials(account_id: UUID, *, password: str, totp_secret: str, receipt: Receipt) -> tuple[str, ...]:
    """Replace password and second factors, end every sitting, and return the new recovery codes.

    The secret is base32 and kept encrypted. Passkeys are removed too: they are added again by whoever holds the account.
    """
    forget_second_factors(account_id, receipt=receipt)
    account = Account.objects.get(id=account_id)
    account.set_password(password)
    account.save(update_fields=["password"])
    TOTP.activate(account, totp_secret)
    codes: list[str] = RecoveryCodes.activate(account).get_unused_codes()
    return tuple(codes)


def use_code(account_id: UUID, *, code: str, receipt: Receipt) -> None:
    """Check a fresh one-time code and use it up; Denied(SIGN_IN_FAILED) for a wrong or a used one."""
    del receipt
    known = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.TOTP).first()
    if known is None or not known.wrap().validate_code(code):
        raise Denied(Refusal.SIGN_IN_FAILED, "code")


def keep_passkey(account_id: UUID, *, name: str, credential: Mapping[str, object], receipt: Receipt) -> None:
    """Keep a passkey whose registration has been verified."""
    del receipt
    WebAuthn.add(Account.objects.get(id=account_id), name, dict(credential))


def remove_passkey(account_id: UUID, *, passkey_id: int, receipt: Receipt) -> None:
    """Remove a passkey of this account; Denied(NOT_FOUND) for any other."""
    del receipt
    passkeys = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN, pk=passkey_id)
    removed, _ = passkeys.delete()
    if not removed:
        raise Denied(Refusal.NOT_FOUND, "passkey")


def renew_recovery_codes(account_id: UUID, *, receipt: Receipt) -> tuple[str, ...]:
    """Ten fresh recovery codes in the place of any there were."""
    del receipt
    # The account's row is held, so that two requests at once do not leave two sets.
    account = Account.objects.select_for_update().get(id=account_id)
    Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(account).get_unused_codes()
    return tuple(codes)


def forget_second_factors(account_id: UUID, *, receipt: Receipt) -> None:
    """Remove one-time codes, passkeys and recovery codes, and end every sitting of the account at once (ASVS 7.4.2)."""
    del receipt
    Authenticator.objects.filter(user_id=account_id).delete()
    Account.objects.filter(id=account_id).update(sitting_stamp=uuid.uuid4())


def forget_password(account_id: UUID, *, receipt: Receipt) -> None:
    """Make the password unusable until a one-time link is used."""
    del receipt
    account = Account.objects.get(id=account_id)
    account.set_unusable_password()
    account.save(update_fields=["password"])


def suspend(account_id: UUID, *, because: SuspendedBecause, by: UUID | None, receipt: Receipt, at: datetime) -> bool:
    """Let an account in no longer, and end every sitting of it; says whether it was not suspended already (T01, T03; R 2.13).

    `by` is who did it; None where a limit did. Whoever is signed in with it finds out with the next request.
    """
    del receipt
    fresh = Account.objects.filter(id=account_id, suspended_at__isnull=True).update(
        suspended_at=at, sitting_stamp=uuid.uuid4()
    )
    if fresh:
        Suspension.objects.create(account_id=account_id, because=because.value, at=at, by_id=by)
    return bool(fresh)


def move_standing(
    organisation: str, *, to: StandingState, opened_on: date | None, receipt: Receipt, at: datetime
) -> None:
    """Move an organisation one step in the table of allowed moves; raises MoveNotAllowed.

    `opened_on` sets the first day its staff may look; None leaves it as it is.
    """
    del receipt
    policies.check_move(selectors.standing_of(organisation), to)
    values: dict[str, object] = {"state": to.value, "changed_at": at, "moved_by_id": None}
    if opened_on is not None:
        values["opened_on"] = opened_on
    if to is StandingState.APPLIED:
        values["opened_on"] = None
    Standing.objects.update_or_create(organisation_id=organisation, defaults=values)


def open_where_new(organisation: str, *, receipt: Receipt, at: datetime) -> bool:
    """Take an organisation without any standing through to accredited and open from today; says whether it did."""
    if selectors.standing_of(organisation) is not None:
        return False
    for state in (StandingState.APPLIED, StandingState.EVIDENCE_CHECKED, StandingState.ACCREDITED):
        opened_on = policies.england_on(at) if state is StandingState.ACCREDITED else None
        move_standing(organisation, to=state, opened_on=opened_on, receipt=receipt, at=at)
    return True
