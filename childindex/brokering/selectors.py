"""Reading rights and overrides. Whoever asks gets only what is bound to their own sitting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from childindex.access.types import Actor
from childindex.brokering import models
from childindex.brokering.policies import OFTEN_DAYS
from childindex.brokering.types import Answer, Override, OverrideGround


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRight:
    """A right as it is kept."""

    id: UUID
    account_id: UUID
    organisation: str
    valid_from: date
    valid_to: date
    proposed_by: UUID
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOverride:
    """What the worker needs of an override that waits: whose hidden fields, and for which key."""

    child_id: UUID
    account_id: UUID
    organisation: str
    investigation: UUID
    public_key: bytes


def has_right(account_id: UUID, *, organisation: str, on: date) -> bool:
    """Whether a right of this person, approved by a second one, holds on this day. Missing means no."""
    return models.OverrideRight.objects.filter(
        account_id=account_id,
        organisation=organisation,
        approved_by__isnull=False,
        valid_from__lte=on,
        valid_to__gt=on,
    ).exists()


def rights_of(organisation: str) -> list[KeptRight]:
    """Every right of one organisation's people, newest first."""
    rows = models.OverrideRight.objects.filter(organisation=organisation).order_by("-proposed_at", "id")
    return [_right(row) for row in rows]


def right(right_id: UUID) -> KeptRight | None:
    """One right."""
    row = models.OverrideRight.objects.filter(id=right_id).first()
    return None if row is None else _right(row)


def _right(row: models.OverrideRight) -> KeptRight:
    return KeptRight(
        id=row.id,
        account_id=row.account_id,
        organisation=row.organisation,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        proposed_by=row.proposed_by,
        approved=row.approved_by is not None,
    )


def overrides_lately(account_id: UUID, *, at: datetime) -> int:
    """How many shields this person overrode in the last seven days."""
    since = at - timedelta(days=OFTEN_DAYS)
    return models.Override.objects.filter(account_id=account_id, asked_at__gt=since).count()


def override(override_id: UUID, *, actor: Actor, at: datetime) -> Override | None:
    """The override of this very sitting, if it has not ended; None for any other, all alike."""
    row = models.Override.objects.filter(
        id=override_id,
        sitting=actor.sitting,
        account_id=actor.ref.person,
        role=actor.ref.role,
        organisation=actor.ref.organisation,
        ended_at=None,
        until__gt=at,
    ).first()
    if row is None:
        return None
    return Override(
        id=row.id,
        child_id=row.child_id,
        ground=OverrideGround(row.ground),
        case_reference=row.case_reference,
        until=row.until,
        ciphertext=bytes(row.ciphertext) if row.ciphertext is not None else None,
    )


def waiting(override_id: UUID, *, at: datetime) -> WaitingOverride | None:
    """An override that nothing has been handed over for and that has not ended; the worker's part."""
    found = (
        models.Override.objects.filter(id=override_id, disclosed_at=None, ended_at=None, until__gt=at)
        .values_list("child_id", "account_id", "organisation", "investigation", "public_key")
        .first()
    )
    if found is None:
        return None
    child_id, account_id, organisation, investigation, public_key = found
    return WaitingOverride(
        child_id=child_id,
        account_id=account_id,
        organisation=organisation,
        investigation=investigation,
        public_key=bytes(public_key),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDesk:
    """What the worker needs of a list that waits: whose, of which authority, and for which key."""

    account_id: UUID
    authority: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledDesk:
    """A list as its own sitting may see it: encrypted for the key that its browser alone has; None until it is there."""

    ciphertext: bytes | None


def desk(desk_id: UUID, *, kind: str, actor: Actor, at: datetime) -> FilledDesk | None:
    """The list of this very sitting, if it is not over; None for any other, all alike."""
    row = models.Desk.objects.filter(
        id=desk_id,
        kind=kind,
        sitting=actor.sitting,
        account_id=actor.ref.person,
        organisation=actor.ref.organisation,
        until__gt=at,
    ).first()
    if row is None:
        return None
    return FilledDesk(ciphertext=bytes(row.ciphertext) if row.ciphertext is not None else None)


def waiting_desk(desk_id: UUID, *, kind: str, at: datetime) -> WaitingDesk | None:
    """A list that has not been filled and is not over; the worker's part."""
    row = models.Desk.objects.filter(id=desk_id, kind=kind, disclosed_at=None, until__gt=at).first()
    if row is None:
        return None
    return WaitingDesk(account_id=row.account_id, authority=row.authority, public_key=bytes(row.public_key))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """A broker's answer that the worker has not taken yet."""

    case_id: UUID
    account_id: UUID
    authority: str
    answer: Answer


def waiting_answer(answer_id: UUID) -> KeptAnswer | None:
    """An answer that has not been taken, locked until the end of the transaction; the worker's part."""
    row = models.ContactAnswer.objects.select_for_update().filter(id=answer_id, taken_at=None).first()
    if row is None:
        return None
    return KeptAnswer(
        case_id=row.case_id, account_id=row.account_id, authority=row.authority, answer=Answer(row.answer)
    )
