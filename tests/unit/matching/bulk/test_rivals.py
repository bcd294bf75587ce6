"""Links that a rival makes doubtful: exchanged partners, a twin at home, a rival who bears the very name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from childindex.matching.bulk.edges import Edges
from childindex.matching.bulk.rivals import contested
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Thresholds

LIMITS = Thresholds(link=0.8, ask=0.1, protect=0.01, same_feed_bits=-8.0, clear_bits=8.0, clear_home_bits=10.0)
HERE, THERE = np.uint64(1), np.uint64(2)
# Two clusters of one supplier (0, 1) and two of another (2, 3).
HELD = np.array([HERE, HERE, THERE, THERE])
AWAY = {Field.ADDRESS: Level.DIFFERS, Field.CARERS: Level.MISSING}
Said = Mapping[Field, Level]


def doubtful(pairs: Mapping[tuple[int, int], tuple[float, Said]], limits: Thresholds = LIMITS) -> list[bool]:
    """Edges with their bits, and the levels of those facts that are not the same; all of them would link."""
    ends = np.array(list(pairs), dtype=np.int64)
    size = len(pairs)
    levels = np.full((size, len(FIELDS)), LEVEL_NUMBER[Level.EXACT], dtype=np.int8)
    for place, (_, said) in enumerate(pairs.values()):
        for of, level in said.items():
            levels[place, FIELD_NUMBER[of]] = LEVEL_NUMBER[level]
    bits = np.array([gain for gain, _ in pairs.values()])
    all_of_them = np.ones(size, dtype=np.bool_)
    edges = Edges(ends[:, 0], ends[:, 1], np.arange(size), bits, all_of_them, ~all_of_them)
    found: list[bool] = contested(edges, levels, HELD, all_of_them, limits).tolist()
    return found


def test_two_alone_are_not_doubtful() -> None:
    assert doubtful({(0, 2): (3.0, AWAY), (1, 3): (3.0, AWAY)}) == [False, False]


@pytest.mark.parametrize(("rival", "found"), [(11.0, False), (13.0, True)])
def test_a_link_must_be_worth_more_than_a_rival(rival: float, found: bool) -> None:
    assert doubtful({(0, 2): (20.0, AWAY), (0, 3): (rival, AWAY)}) == [found, True]


@pytest.mark.parametrize(("own", "found"), [(19.0, False), (6.0, True)])
def test_exchanging_the_partners_must_cost_enough(own: float, found: bool) -> None:
    """The rivals of the two may be worth something to one another, too."""
    links = {(0, 2): (20.0, AWAY), (1, 3): (own, AWAY), (0, 3): (10.0, AWAY), (1, 2): (10.0, AWAY)}
    assert doubtful(links)[0] is found


def test_a_twin_of_a_like_name_at_home_needs_more() -> None:
    alike = {Field.GIVEN: Level.TRANSLITERATION}
    links: dict[tuple[int, int], tuple[float, Said]] = {(0, 2): (25.0, {}), (0, 3): (16.0, alike)}
    assert doubtful(links)[0] is True
    links[0, 3] = (16.0, {**alike, **AWAY})
    assert doubtful(links)[0] is False


def test_a_rival_at_home_on_the_day_is_heard_where_the_two_are_not_both() -> None:
    other_name = {Field.GIVEN: Level.DIFFERS}
    assert doubtful({(0, 2): (25.0, AWAY), (0, 3): (-2.0, other_name)})[0] is True
    assert doubtful({(0, 2): (25.0, {}), (0, 3): (-2.0, other_name)})[0] is False


@pytest.mark.parametrize(("bits", "found"), [(6.0, True), (4.0, False)])
def test_a_rival_of_the_very_name_is_heard_where_theirs_is_only_like_it(bits: float, found: bool) -> None:
    assert doubtful({(0, 2): (25.0, {Field.GIVEN: Level.CLOSE}), (0, 3): (bits, AWAY)})[0] is found


def test_a_model_that_asks_for_nothing_hears_no_rivals() -> None:
    limits = Thresholds(link=0.8, ask=0.1, protect=0.01, same_feed_bits=-8.0)
    assert doubtful({(0, 2): (20.0, AWAY), (0, 3): (19.0, AWAY)}, limits) == [False, False]


def test_records_of_other_suppliers_are_no_rivals() -> None:
    ends = {(0, 2): (20.0, AWAY), (0, 1): (19.0, AWAY)}
    assert doubtful(ends) == [False, False]
