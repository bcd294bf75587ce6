"""How accounts begin: an index's first two, one-time links, made-up people; and how organisations come to be let in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings

from childindex.access import services
from childindex.access.roles import ROLES
from childindex.access.types import (
    Actor,
    Credentials,
    EnrolmentLink,
    EnrolmentOffer,
    Evidence,
    NewPerson,
    Permission,
    StandingState,
)
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal


def first_administrator(*, actor: Actor, person: NewPerson, evidence: Evidence, at: datetime) -> EnrolmentLink:
    """One of the two accounts an index begins with, and the one-time link to enrol with (R 2.26).

    Every later grant takes two people, so there are two of these. An organisation that has no standing yet is accredited
    and opened with it, since nobody is there who could. Needs ACCESS_ACCOUNT_ESTABLISH, which only a command has.
    Refused (NOT_PERMITTED: "founding" once both exist, "role" for one that does not manage, "username") and (NOT_FOUND)
    for an unknown organisation.
    """
    with audit.entry(Event.ACCESS_ACCOUNT_CREATED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_ACCOUNT_ESTABLISH, at=at)
        _known_organisation(person.organisation)
        if person.role not in ROLES or not ROLES[person.role].manages:
            raise Denied(Refusal.NOT_PERMITTED, "role")
        account_id = services.create_account(person, receipt=entry.receipt, at=at)
        services.keep_evidence(account_id, evidence, receipt=entry.receipt, at=at)
        services.give_grant(account_id, person, by=None, receipt=entry.receipt, at=at)
        opened = services.open_where_new(person.organisation, receipt=entry.receipt, at=at)
        entry.note(
            account=str(account_id), role=person.role, organisation=person.organisation, founding=True, opened=opened
        )
        return services.offer_enrolment(account_id, made_by=None, receipt=entry.receipt, at=at)


def establish_account(
    *,
    actor: Actor,
    person: NewPerson,
    evidence: Evidence,
    credentials: Credentials,
    by: tuple[UUID, UUID] | None,
    at: datetime,
) -> UUID:
    """A made-up person's account, ready to sign in with; for demonstrations and measurements only.

    `by` is (nominator, approver), two other accounts; None makes one of the two founding grants. Needs
    ACCESS_ACCOUNT_ESTABLISH; refused (LIVE_INDEX) unless settings say that every child here is made up.
    """
    with audit.entry(Event.ACCESS_ACCOUNT_CREATED, actor=actor.ref, at=at) as entry:
        services.require(actor, Permission.ACCESS_ACCOUNT_ESTABLISH, at=at)
        if not settings.DEMO:
            raise Denied(Refusal.LIVE_INDEX)
        _known_organisation(person.organisation)
        account_id = services.create_account(person, receipt=entry.receipt, at=at)
        services.keep_evidence(account_id, evidence, receipt=entry.receipt, at=at)
        services.give_grant(account_id, person, by=by, receipt=entry.receipt, at=at)
        services.set_credentials(
            account_id, password=credentials.password, totp_secret=credentials.totp_secret, receipt=entry.receipt
        )
        entry.note(account=str(account_id), role=person.role, organisation=person.organisation, founding=by is None)
        return account_id


def change_standing(
    *, actor: Actor, organisations: Sequence[str], to: StandingState, opened_on: date | None = None, at: datetime
) -> None:
    """Move organisations one step: applied, evidence checked, accredited, suspended, lapsed (R 2.09).

    `opened_on` is the first day their staff may look. Needs ACCESS_STANDING_CHANGE, which only a command has. A step
    that is not in the table raises MoveNotAllowed and moves none of them.
    """
    with audit.entry(Event.ACCESS_ORGANISATION_CHANGED, actor=actor.ref, at=at) as entry:
        entry.note(organisations=list(organisations), to=to.value)
        services.require(actor, Permission.ACCESS_STANDING_CHANGE, at=at)
        for code in organisations:
            _known_organisation(code)
            services.move_standing(code, to=to, opened_on=opened_on, receipt=entry.receipt, at=at)


def open_enrolment(*, actor: Actor, token: str, at: datetime) -> EnrolmentOffer:
    """Whose one-time link this is. Refused (NOT_FOUND) where it is used, too old or was never made: all look alike."""
    with audit.entry(Event.ACCESS_ENROLMENT_OPENED, actor=actor.ref, at=at) as entry:
        offer = services.enrolment_offered(token, at=at)
        if offer is None:
            raise Denied(Refusal.NOT_FOUND, "enrolment")
        entry.note(account=str(offer.account_id))
        return offer


def use_enrolment(*, actor: Actor, token: str, credentials: Credentials, at: datetime) -> tuple[str, ...]:
    """Set password and one-time codes with a one-time link, which is used up; returns the recovery codes, shown once.

    The page has checked that the person's authenticator knows the secret. Refused (NOT_FOUND) as `open_enrolment`.
    """
    with audit.entry(Event.ACCESS_ENROLMENT_USED, actor=actor.ref, at=at) as entry:
        offer = services.enrolment_offered(token, at=at, lock=True)
        if offer is None:
            raise Denied(Refusal.NOT_FOUND, "enrolment")
        entry.note(account=str(offer.account_id))
        services.use_enrolment(token, receipt=entry.receipt, at=at)
        return services.set_credentials(
            offer.account_id,
            password=credentials.password,
            totp_secret=credentials.totp_secret,
            receipt=entry.receipt,
        )


def _known_organisation(code: str) -> None:
    if code not in directory.organisations([code]):
        raise Denied(Refusal.NOT_FOUND, "organisation")
