"""When a snapshot is held although every row of it can be read."""

from __future__ import annotations

from datetime import date

import pytest

from childindex.supply.formats.problems import FileHeld
from childindex.supply.policies import check_not_older, check_removals
from childindex.supply.types import MOVES, State


@pytest.mark.parametrize(("held", "absent", "percent"), [(100, 5, 5), (0, 0, 5), (10, 10, 100), (1_000, 50, 5)])
def test_removals_within_the_agreed_share(held: int, absent: int, percent: int) -> None:
    check_removals(held=held, absent=absent, percent=percent)


@pytest.mark.parametrize(("held", "absent", "percent"), [(100, 6, 5), (10, 1, 5), (1_000, 51, 5), (3, 1, 0)])
def test_removals_beyond_it(held: int, absent: int, percent: int) -> None:
    with pytest.raises(FileHeld, match=f"{absent} of {held} are missing"):
        check_removals(held=held, absent=absent, percent=percent)


def test_a_snapshot_of_an_earlier_day() -> None:
    check_not_older(date(2026, 1, 2), newest=None)
    check_not_older(date(2026, 1, 2), newest=date(2026, 1, 2))
    with pytest.raises(FileHeld):
        check_not_older(date(2026, 1, 1), newest=date(2026, 1, 2))


def test_an_applied_delivery_stays_applied_and_every_other_can_get_there() -> None:
    assert MOVES[State.APPLIED] == frozenset()
    assert set(MOVES) == set(State)
    reachable = {State.RECEIVED}
    for _ in State:
        reachable |= {to for state in reachable for to in MOVES[state]}
    assert reachable == set(State)
