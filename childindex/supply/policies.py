"""When a snapshot is held although every row of it can be read."""

from __future__ import annotations

from datetime import date

from childindex.supply.formats.problems import FileHeld


def check_removals(*, held: int, absent: int, percent: int) -> None:
    """Hold a snapshot that leaves out more of the feed's records than was agreed: it may be half a file (T23)."""
    if absent * 100 > held * percent:
        raise FileHeld("removals", f"{absent} of {held} are missing; {percent} % are agreed.")


def check_not_older(as_at: date, *, newest: date | None) -> None:
    """Hold a snapshot that speaks for an earlier day than one already applied: it would undo what is newer."""
    if newest is not None and as_at < newest:
        raise FileHeld("older")
