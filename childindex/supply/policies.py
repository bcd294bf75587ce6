"""When a snapshot is held although every row of it can be read, and when a file speaks for its whole feed."""

from __future__ import annotations

from datetime import date
from typing import Final

from childindex.supply.formats.problems import FileHeld
from childindex.supply.types import Delivery, Kind

# One row in fifty that cannot be read may be anybody's; with more, nobody's absence says anything.
MOST_UNREAD_PERCENT: Final = 2


def answers(delivery: Delivery) -> bool:
    """Whether an applied delivery says of every child whether its feed knows them, so that "not involved" can be shown (N 1).

    A delta speaks only of what it names; a file of which too many rows were rejected is no answer for those it should name.
    """
    return delivery.kind is Kind.SNAPSHOT and delivery.rejected * 100 <= delivery.rows * MOST_UNREAD_PERCENT


def check_removals(*, held: int, absent: int, percent: int) -> None:
    """Hold a snapshot that leaves out more of the feed's records than was agreed: it may be half a file (T23)."""
    if absent * 100 > held * percent:
        raise FileHeld("removals", f"{absent} of {held} are missing; {percent} % are agreed.")


def check_not_older(as_at: date, *, newest: date | None) -> None:
    """Hold a snapshot that speaks for an earlier day than one already applied: it would undo what is newer."""
    if newest is not None and as_at < newest:
        raise FileHeld("older")
