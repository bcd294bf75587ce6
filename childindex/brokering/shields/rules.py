"""Who may do what about a shield, and when: rules as functions of values (R 3.01, 3.12-3.16; T11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from childindex.brokering.types import DecisionState, Heard, ShieldActKind, ShieldState, Word

# Looked at again after six months; a missed review lifts nothing (R 3.15).
REVIEW_AFTER: Final = timedelta(days=182)
# How long a shield stays on after two people have said that it goes, so that somebody may appeal (R 3.14; docs/adr/0020).
APPEAL_DAYS: Final = 14

OF_A_REQUEST: Final = (Word.CONFIRM, Word.REFUSE)
AT_A_REVIEW: Final = (Word.KEEP, Word.LIFT)
_ENDS: Final = frozenset({Word.REFUSE, Word.LIFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision as it is kept."""

    id: UUID
    word: Word
    heard: tuple[Heard, ...]
    state: DecisionState
    proposed_by: UUID
    second_by: UUID | None
    appeal_until: datetime | None
    appealed_at: datetime | None
    upheld: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shield:
    """One shield as it is kept, with the decision that is being made, if any."""

    id: UUID
    child_id: UUID
    authority: bytes
    ground: str
    asker: str
    case_reference: str
    asked_by: UUID | None
    asked_at: datetime
    state: ShieldState
    review_on: date
    decision: Decision | None


def words(shield: Shield) -> tuple[Word, ...]:
    """What can be proposed of a shield: of a request yes or no, of a confirmed one that it stays or goes."""
    return OF_A_REQUEST if shield.state is ShieldState.PROVISIONAL else AT_A_REVIEW


def ends(word: Word) -> bool:
    """Whether a word takes a shield off."""
    return word in _ENDS


def may(shield: Shield, *, person: UUID, at: datetime) -> tuple[ShieldActKind, ...]:
    """What this officer may do about a shield now. Missing means no."""
    asked_it = shield.asked_by == person
    decision = shield.decision
    if shield.state is ShieldState.ENDED:
        return ()
    if decision is None:
        # Nobody decides about what they asked for themselves; at a review, years later, anybody of the authority may begin.
        return () if asked_it and shield.state is ShieldState.PROVISIONAL else (ShieldActKind.PROPOSE,)
    if decision.state is DecisionState.PROPOSED:
        other = person != decision.proposed_by and not (asked_it and decision.word in OF_A_REQUEST)
        return (ShieldActKind.SECOND,) if other else ()
    if decision.state is DecisionState.APPEALED:
        party = {decision.proposed_by, decision.second_by, shield.asked_by}
        return () if person in party else (ShieldActKind.HEAR,)
    return _of_agreed(decision, at=at)


def _of_agreed(decision: Decision, *, at: datetime) -> tuple[ShieldActKind, ...]:
    """Of what two people have agreed: an appeal once, and the lifting once none can come or it was heard."""
    if decision.state is not DecisionState.AGREED or not ends(decision.word) or decision.appeal_until is None:
        return ()
    if decision.appealed_at is not None:
        return (ShieldActKind.LIFT,) if decision.upheld is False else ()
    over = at >= decision.appeal_until
    return (ShieldActKind.APPEAL, ShieldActKind.LIFT) if over else (ShieldActKind.APPEAL,)
