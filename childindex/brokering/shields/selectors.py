"""Reading shields, decisions and acts. Only the worker's login may enter the guard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from childindex.brokering import models
from childindex.brokering.shields.rules import Decision, Shield
from childindex.brokering.types import Asker, DecisionState, Heard, SentLine, ShieldActKind, ShieldState, Word
from childindex.shielding.types import Ground

_WAITING: Final = [DecisionState.PROPOSED.value, DecisionState.AGREED.value, DecisionState.APPEALED.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody sent: a request, or a step of a decision."""

    id: UUID
    kind: ShieldActKind
    account_id: UUID
    authority: str
    child_id: UUID | None
    shield_id: UUID | None
    ground: Ground | None
    asker: Asker | None
    case_reference: str
    word: Word | None
    heard: tuple[Heard, ...]
    agrees: bool | None
    sent_at: datetime


def act(act_id: UUID) -> Act | None:
    """One act that has not been taken yet, locked until the end of the transaction."""
    row = models.ShieldAct.objects.select_for_update().filter(id=act_id, taken_at=None).first()
    if row is None:
        return None
    return Act(
        id=row.id,
        kind=ShieldActKind(row.kind),
        account_id=row.account_id,
        authority=row.authority,
        child_id=row.child_id,
        shield_id=row.shield_id,
        ground=Ground(row.ground) if row.ground else None,
        asker=Asker(row.asker) if row.asker else None,
        case_reference=row.case_reference,
        word=Word(row.word) if row.word else None,
        heard=tuple(Heard(one) for one in row.heard),
        agrees=row.agrees,
        sent_at=row.sent_at,
    )


def left_behind(*, before: datetime) -> list[UUID]:
    """Acts sent before a time that nobody has taken: their job was lost. The oldest first."""
    rows = models.ShieldAct.objects.filter(taken_at=None, sent_at__lt=before).order_by("sent_at", "id")
    return list(rows.values_list("id", flat=True))


def sent_by(account_id: UUID, *, since: datetime) -> list[SentLine]:
    """What one person sent lately, the newest first."""
    rows = models.ShieldAct.objects.filter(account_id=account_id, sent_at__gte=since).order_by("-sent_at", "id")
    return [SentLine(kind=ShieldActKind(row.kind), sent_at=row.sent_at, outcome=row.outcome) for row in rows]


def shield(shield_id: UUID) -> Shield | None:
    """One shield that has not ended."""
    found = _shields(models.Shield.objects.filter(id=shield_id))
    return found[0] if found else None


def of_child(child_id: UUID) -> Shield | None:
    """The shield of a child that has not ended."""
    found = _shields(models.Shield.objects.filter(child_id=child_id))
    return found[0] if found else None


def of_authority(hashed: bytes) -> list[Shield]:
    """Every shield of one authority that has not ended: the one that is looked at again first, first."""
    return _shields(models.Shield.objects.filter(authority=hashed).order_by("review_on", "id"))


def with_shield() -> set[UUID]:
    """The children whose shield is on anybody's list."""
    return set(models.Shield.objects.exclude(state=ShieldState.ENDED.value).values_list("child_id", flat=True))


def _shields(rows: Any) -> list[Shield]:
    live = list(rows.exclude(state=ShieldState.ENDED.value))
    waiting = models.ShieldDecision.objects.filter(shield_id__in=[row.id for row in live], state__in=_WAITING)
    decisions = {row.shield_id: _decision(row) for row in waiting}
    return [
        Shield(
            id=row.id,
            child_id=row.child_id,
            authority=bytes(row.authority),
            ground=row.ground,
            asker=row.asker,
            case_reference=row.case_reference,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            state=ShieldState(row.state),
            review_on=row.review_on,
            decision=decisions.get(row.id),
        )
        for row in live
    ]


def _decision(row: models.ShieldDecision) -> Decision:
    return Decision(
        id=row.id,
        word=Word(row.word),
        heard=tuple(Heard(one) for one in row.heard),
        state=DecisionState(row.state),
        proposed_by=row.proposed_by,
        second_by=row.second_by,
        appeal_until=row.appeal_until,
        appealed_at=row.appealed_at,
        upheld=row.upheld,
    )
