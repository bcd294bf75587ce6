"""How alike two texts are in their letters, and what that makes of names that differ."""

from __future__ import annotations

import numpy as np
import pytest

from childindex.matching.engine.alike import alike_levels, raise_names
from childindex.matching.engine.levels import LEVEL_NUMBER, LEVELS, Level


def texts(*of: str) -> np.ndarray:
    return np.array(of, dtype=np.object_)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("12 wallaby place delmar 2119", "12 wallaby place delmar 2119", Level.EXACT),
        ("12 wallaby place delmar 2119", "12 walaby place delmar 2119", Level.ALIKE_90),
        ("abcdefghij", "abcdefghxy", Level.ALIKE_80),
        ("abcdefghij", "abcdefgxyz", Level.ALIKE_70),
        ("abcdefghij", "abcdefwxyz", Level.ALIKE_60),
        ("abcdefghij", "abcdevwxyz", Level.ALIKE_50),
        ("abcdefghij", "abcduvwxyz", Level.DIFFERS),
        ("abcdefghij", "", Level.MISSING),
        ("", "", Level.MISSING),
    ],
)
def test_texts_are_alike_by_the_share_of_their_letters_in_either_order(one: str, other: str, level: Level) -> None:
    assert [LEVELS[found] for found in alike_levels(texts(one, other), texts(other, one))] == [level, level]


NAMED = [
    # given and family name on either side, the levels before, the levels after
    (("amy", "clarke"), ("amy", "clyarje"), ("exact", "differs"), ("exact", "alike_70")),
    (("amy", "abcdefghij"), ("amy", "abcdefwxyz"), ("exact", "differs"), ("exact", "alike_60")),
    (("amy", "mahoay"), ("amy", "brown"), ("exact", "differs"), ("exact", "differs")),
    (("sebastian", "mahoay"), ("mahony", "sebastian"), ("differs", "differs"), ("swapped_alike", "swapped_alike")),
    (("matthews", "hannah"), ("", "matthews"), ("missing", "differs"), ("missing", "swapped_alike")),
    # one name crosses and the other does not: not the same two names
    (("sebastian", "brown"), ("mahony", "sebastian"), ("differs", "differs"), ("differs", "differs")),
    (("amy", "clarke"), ("clarke", "amy"), ("swapped", "swapped"), ("swapped", "swapped")),
    (("", ""), ("", ""), ("missing", "missing"), ("missing", "missing")),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "before", "after"), NAMED)
def test_names_that_differ_may_still_be_alike_straight_or_crossed(
    left: tuple[str, str], right: tuple[str, str], before: tuple[str, str], after: tuple[str, str]
) -> None:
    levels = np.array([[LEVEL_NUMBER[Level(level)] for level in before]], dtype=np.int8)
    raise_names(levels, (texts(left[0]), texts(left[1])), (texts(right[0]), texts(right[1])))
    assert [LEVELS[level] for level in levels[0]] == [Level(level) for level in after]
