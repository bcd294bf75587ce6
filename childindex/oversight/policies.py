"""What a look means: explain first, then ask (threats.md 1.3: EBAS, Hedda et al.). Rules as functions of values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final

from childindex.involvement.types import Tie
from childindex.kernel.dates import hour_in_england, is_weekend
from childindex.kernel.refusals import Denied, Refusal
from childindex.oversight.types import (
    GIVEN_BY_OFFICERS,
    STANDING,
    Circumstances,
    Explanation,
    ItemState,
    Look,
    Signal,
)

# By then whoever looked because of their work has become involved (R 7.08).
INVOLVED_WITHIN: Final = timedelta(days=28)
# An involvement that has ended stays on the child's page for a year: so long may somebody ask what became of it.
ENDED_WITHIN: Final = timedelta(days=365)
# Declared by the looker and ended again sooner than any work with a child.
BRIEF: Final = timedelta(days=14)
USERS_WITHIN: Final = timedelta(days=7)
MANY_USERS: Final = 5
MANY_DAYS: Final = 3
FRUITLESS: Final = 10
_DAY_BEGINS, _DAY_ENDS = 7, 20
_BIT: Final = {signal: 1 << place for place, signal in enumerate(reversed(Signal))}


def rank(signals: Iterable[Signal]) -> int:
    """Where an item stands: by its strongest signal, then by the next, and so on."""
    return sum(_BIT[signal] for signal in set(signals))


def is_out_of_hours(at: datetime) -> bool:
    """Before seven, after eight in the evening, or at a weekend, in England."""
    return is_weekend(at) or not _DAY_BEGINS <= hour_in_england(at) < _DAY_ENDS


def is_brief(tie: Tie, look: Look) -> bool:
    """Whether the looker themself declared it, on or after the day of the look, and it was over within a fortnight."""
    return (
        tie.declared_by == look.account
        and tie.as_of >= look.day
        and tie.ended_on is not None
        and tie.ended_on - tie.as_of < BRIEF
    )


def explanation(
    look: Look, *, ties: Collection[Tie], worked: bool, in_passing: bool, other_days: int
) -> Explanation | None:
    """Why the look was all right, or None. `ties` are the involvements of the looker's organisation with the child.

    Somebody who meets a child once has none to declare: one urgent day in their own area explains itself, a second does not.
    """
    lasting = [tie for tie in ties if _counts(tie, look.day) and not is_brief(tie, look)]
    if any(tie.started_on is None or tie.started_on <= look.day for tie in lasting):
        return Explanation.INVOLVED
    if lasting:
        return Explanation.LATER_INVOLVEMENT
    if worked:
        return Explanation.WORKED_ON
    urgent = look.reasons == {"urgent_care"} and Signal.OUT_OF_AREA not in look.noted
    return Explanation.URGENT_CARE if in_passing and urgent and other_days == 0 else None


def _counts(tie: Tie, day: date) -> bool:
    """Whether an involvement says something about a look on that day."""
    begins = tie.started_on is None or tie.started_on <= day + INVOLVED_WITHIN
    return begins and (tie.ended_on is None or tie.ended_on >= day - ENDED_WITHIN)


def signals(look: Look, told: Circumstances) -> frozenset[Signal]:
    """What the look may mean. One that is explained keeps only the signals that no involvement explains.

    That there is no involvement is a signal by itself only once the time for it is over.
    """
    found = set(look.noted)
    if told.brief:
        found.add(Signal.BRIEF_INVOLVEMENT)
    if look.child is None or told.explanation is not None:
        return frozenset(found & STANDING)
    if told.users >= MANY_USERS:
        found.add(Signal.MANY_USERS)
    if told.other_days + 1 >= MANY_DAYS:
        found.add(Signal.RETURNED)
    if not told.in_passing and any(is_out_of_hours(at) for at in look.times):
        found.add(Signal.OUT_OF_HOURS)
    if told.over:
        found.add(Signal.NO_INVOLVEMENT)
    return frozenset(found)


def is_fruitless(*, empty: int, searches: int) -> bool:
    """Whether so many searches of one day found nobody that it looks like fishing: ten, and half of them all."""
    return empty >= FRUITLESS and empty * 2 >= searches


def check_explanation(explanation: Explanation) -> None:
    """Refuse what only the computer finds; raises Denied(REASON_NEEDED)."""
    if explanation not in GIVEN_BY_OFFICERS:
        raise Denied(Refusal.REASON_NEEDED)


def check_waiting(state: ItemState) -> None:
    """Refuse a second answer; raises Denied(NOT_PERMITTED, "answered")."""
    if state is not ItemState.WAITING:
        raise Denied(Refusal.NOT_PERMITTED, "answered")
