"""Writing down who is put forward, what they have shown and what another person said; ending grants and suspensions."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from uuid import UUID

from childindex.access import policies, selectors
from childindex.access.models import (
    Account,
    Course,
    EnhancedCheck,
    Grant,
    Nomination,
    RoleQuota,
    Standing,
    Suspension,
    TrainingRecord,
)
from childindex.access.nominating import Nomination as Nominated
from childindex.access.nominating import Nominee, Shown
from childindex.access.types import StandingState
from childindex.audit.types import Receipt
from childindex.kernel.refusals import Denied, Refusal


def nominate(
    account_id: UUID, nominee: Nominee, *, organisation: str, by: UUID, receipt: Receipt, at: datetime
) -> UUID:
    """Keep that somebody is put forward. Denied(NOT_PERMITTED, "waiting") where they are already, for this very role."""
    del receipt
    waiting = Nomination.objects.filter(
        account_id=account_id, role=nominee.role, organisation_id=organisation, decided_at=None
    )
    if waiting.exists():
        raise Denied(Refusal.NOT_PERMITTED, "waiting")
    row = Nomination(
        account_id=account_id,
        role=nominee.role,
        organisation_id=organisation,
        valid_from=nominee.valid_from,
        valid_to=nominee.valid_to,
        nominated_by_id=by,
        nominated_at=at,
    )
    row.save(force_insert=True)
    return row.id


def keep_shown(account_id: UUID, shown: Shown, *, receipt: Receipt, at: datetime) -> int:
    """Keep what somebody has shown, for every nomination of theirs that waits; returns how many those are."""
    del receipt
    return Nomination.objects.filter(account_id=account_id, decided_at=None).update(
        check_issued_on=shown.check_issued_on,
        barred_list_checked=shown.barred_list_checked,
        trained_on=shown.trained_on,
        shown_at=at,
    )


def decide(nomination: Nominated, *, approved: bool, by: UUID, receipt: Receipt, at: datetime) -> None:
    """Keep a second person's answer; Denied(NOT_FOUND) where somebody answered in the meantime."""
    del receipt
    waiting = Nomination.objects.filter(id=nomination.id, decided_at=None)
    if not waiting.update(decided_by_id=by, decided_at=at, approved=approved):
        raise Denied(Refusal.NOT_FOUND, "nomination")


def give_as_nominated(nomination: Nominated, *, by: UUID, receipt: Receipt) -> None:
    """The grant an approved nomination speaks of, and what was shown for it. The table refuses it beyond the cap."""
    del receipt
    shown = nomination.shown
    if shown is None:
        raise Denied(Refusal.NOT_PERMITTED, "not_shown")
    EnhancedCheck.objects.get_or_create(
        account_id=nomination.account_id,
        issued_on=shown.check_issued_on,
        defaults={"barred_list_checked": shown.barred_list_checked},
    )
    course = Course.objects.filter(published_on__lte=shown.trained_on).order_by("-version").first()
    if course is not None:
        TrainingRecord.objects.get_or_create(
            account_id=nomination.account_id, course=course, completed_on=shown.trained_on
        )
    grant = Grant(
        account_id=nomination.account_id,
        role=nomination.role,
        organisation_id=nomination.organisation,
        valid_from=nomination.valid_from,
        valid_to=nomination.valid_to,
        nominated_by_id=nomination.nominated_by,
        approved_by_id=by,
    )
    grant.save(force_insert=True)


def end_grants(account_id: UUID, *, organisation: str, by: UUID, receipt: Receipt, at: datetime) -> int:
    """End every grant somebody has at an organisation, and their sittings; returns how many grants those were (R 2.26)."""
    del receipt
    ended = Grant.objects.filter(account_id=account_id, organisation_id=organisation, ended_at=None).update(
        ended_at=at, ended_by_id=by
    )
    end_sittings([account_id])
    return ended


def end_sittings(account_ids: list[UUID]) -> None:
    """Whoever is signed in with these accounts is not any more, with the next request (ASVS 7.4.2)."""
    for account_id in account_ids:
        Account.objects.filter(id=account_id).update(sitting_stamp=uuid.uuid4())


def propose_quota(
    role: str, *, organisation: str, times: int, days: tuple[date, date], by: UUID, receipt: Receipt
) -> UUID:
    """Keep that a role is to look up so many times as much, from a day until before another; the table bounds it."""
    del receipt
    row = RoleQuota(
        role=role, organisation_id=organisation, times=times, valid_from=days[0], valid_to=days[1], proposed_by_id=by
    )
    row.save(force_insert=True)
    return row.id


def approve_quota(quota_id: UUID, *, by: UUID, receipt: Receipt) -> None:
    """Keep a second person's yes; Denied(NOT_FOUND) where there is nothing to answer. The table refuses the first person's."""
    del receipt
    if not RoleQuota.objects.filter(id=quota_id, approved_by=None).update(approved_by_id=by):
        raise Denied(Refusal.NOT_FOUND, "quota")


def lift_suspension(account_id: UUID, *, by: UUID, receipt: Receipt, at: datetime) -> None:
    """Let a suspended account in again; Denied(NOT_FOUND) where it is not suspended, (NOT_PERMITTED) for whoever
    suspended it, and the table refuses its own owner.
    """
    del receipt
    waiting = Suspension.objects.filter(account_id=account_id, lifted_at=None)
    if waiting.filter(by_id=by).exists():
        raise Denied(Refusal.NOT_PERMITTED, "same_person")
    if not waiting.update(lifted_at=at, lifted_by_id=by):
        raise Denied(Refusal.NOT_FOUND, "suspension")
    Account.objects.filter(id=account_id).update(suspended_at=None)


def move_standing_by(
    organisation: str, *, to: StandingState, opened_on: date | None, by: UUID, receipt: Receipt, at: datetime
) -> None:
    """Move an organisation one step in the table of allowed moves, by somebody; raises MoveNotAllowed (R 2.09).

    Into accreditation it takes another than whoever made the step before: Denied(NOT_PERMITTED, "same_person"), and the table
    refuses it as well. Out of it ends the sittings of everybody with a grant there.
    """
    del receipt
    standing = Standing.objects.select_for_update().filter(organisation_id=organisation).first()
    policies.check_move(StandingState(standing.state) if standing is not None else None, to)
    if to is StandingState.ACCREDITED and standing is not None and standing.moved_by_id == by:
        raise Denied(Refusal.NOT_PERMITTED, "same_person")
    if standing is None:
        standing = Standing(organisation_id=organisation)
    standing.state, standing.changed_at, standing.moved_by_id = to.value, at, by
    if opened_on is not None:
        standing.opened_on = opened_on
    if to is StandingState.APPLIED:
        standing.opened_on = None
    standing.save()
    if to in {StandingState.SUSPENDED, StandingState.LAPSED}:
        end_sittings(list(selectors.team_of(organisation, at=at)))


def set_cap(organisation: str, most_grants: int, *, receipt: Receipt) -> None:
    """How many grants an organisation may have at once; those beyond it stay, and no more are given (R 2.04)."""
    del receipt
    if not Standing.objects.filter(organisation_id=organisation).update(most_grants=most_grants):
        raise Denied(Refusal.NOT_FOUND, "organisation")
