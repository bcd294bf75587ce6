"""Who may merge and split which entries: rules as functions of values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from childindex.kernel.identity import Sex
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joins import MOVES, NOTICE_MOVES, EntryShown, NoticeState, State
from childindex.upkeep.types import Mark

# What is compared side by side, in the order it is shown. Records and lines always differ: each supplier has its own ids.
COMPARED = ("name", "other_names", "birth_date", "sex", "addresses", "carers", "authority")


def marks(kept: EntryShown, other: EntryShown) -> Mapping[str, Mark]:
    """How far each compared field agrees. What an entry does not say is missing: two that say nothing do not agree."""
    return {field: _mark(getattr(kept, field), getattr(other, field)) for field in COMPARED}


def _mark(one: object, other: object) -> Mark:
    if any(not value or value is Sex.UNKNOWN for value in (one, other)):
        return Mark.MISSING
    return Mark.SAME if one == other else Mark.DIFFERS


def check_decides(authority: str, *, steward_of: str) -> None:
    """Only a steward of the responsible authority decides; raises Denied(NOT_YOURS)."""
    if not steward_of or authority != steward_of:
        raise Denied(Refusal.NOT_YOURS)


def check_concerns(authorities: Collection[str], *, steward_of: str) -> None:
    """Only stewards of an authority of one of the two entries may look at them together; raises Denied(NOT_YOURS)."""
    if not steward_of or steward_of not in authorities:
        raise Denied(Refusal.NOT_YOURS)


def check_second(proposed_by: UUID, *, by: UUID) -> None:
    """Whoever proposed does not confirm; raises Denied(NOT_PERMITTED, "second"). The database holds the same."""
    if proposed_by == by:
        raise Denied(Refusal.NOT_PERMITTED, "second")


def check_move(before: State, after: State) -> None:
    """Only moves of the table; raises Denied(NOT_ACCEPTED, "state")."""
    if after not in MOVES[before]:
        raise Denied(Refusal.NOT_ACCEPTED, "state")


def check_notice_move(before: NoticeState, after: NoticeState) -> None:
    """Approved before it is sent, each once; raises Denied(NOT_ACCEPTED, "state")."""
    if after not in NOTICE_MOVES[before]:
        raise Denied(Refusal.NOT_ACCEPTED, "state")


def check_movable(chosen: Collection[UUID], *, offered: Collection[UUID], staying: int, needed: bool) -> None:
    """Only what the page offered, something where nothing goes by itself, and never everything; raises Denied(NOT_ACCEPTED)."""
    if not set(chosen) <= set(offered):
        raise Denied(Refusal.NOT_ACCEPTED, "records")
    if needed and not chosen:
        raise Denied(Refusal.NOT_ACCEPTED, "nothing_chosen")
    if staying - len(set(chosen)) < 1:
        raise Denied(Refusal.NOT_ACCEPTED, "nothing_stays")


def owed(looked: Collection[str], shown: Collection[str]) -> Mapping[str, bool]:
    """The organisations that get a notice, in order: whose people saw the mixed entry (True), and whose work was shown wrongly."""
    everybody = sorted({code for code in (*looked, *shown) if code})
    return {code: code in set(looked) for code in everybody}
