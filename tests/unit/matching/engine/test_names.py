"""One word of a name against another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from childindex.matching.engine.levels import Level
from childindex.matching.engine.names import compare_given_words, compare_words, name_word

LEVELS = [
    ("amy", "amy", Level.EXACT),
    ("mohammed", "muhammad", Level.TRANSLITERATION),
    ("yousef", "yusuf", Level.TRANSLITERATION),
    ("kathryn", "catherine", Level.TRANSLITERATION),
    ("tom", "thomas", Level.NICKNAME),
    ("tom", "tommy", Level.NICKNAME),
    ("kate", "kathryn", Level.NICKNAME),
    ("mo", "mohamed", Level.NICKNAME),
    ("jayne", "jane", Level.SOUNDS_ALIKE),
    ("leah", "lea", Level.SOUNDS_ALIKE),
    ("philippa", "filipa", Level.SOUNDS_ALIKE),
    ("jack", "jake", Level.DIFFERS),
    ("clark", "clarke", Level.SOUNDS_ALIKE),
    ("mhmd", "muhammad", Level.SOUNDS_ALIKE),
    ("jessica", "jesisca", Level.CLOSE),
    ("oliver", "olivre", Level.CLOSE),
    ("a", "amy", Level.INITIAL),
    ("a", "bella", Level.DIFFERS),
    ("amy", "bella", Level.DIFFERS),
    ("khan", "patel", Level.DIFFERS),
]


@pytest.mark.parametrize(("left", "right", "level"), LEVELS)
def test_how_far_two_words_agree(left: str, right: str, level: Level) -> None:
    assert compare_words(left, right) is level
    assert compare_words(right, left) is level


@pytest.mark.parametrize(
    ("one", "twin"),
    [("ella", "ellie"), ("emily", "emilia"), ("olivia", "olive"), ("ava", "eva"), ("jack", "jake")],
)
def test_two_names_in_their_own_right_are_not_slips_of_one_another(one: str, twin: str) -> None:
    assert compare_given_words(one, twin) in (Level.SIMILAR, Level.DIFFERS)


@pytest.mark.parametrize(
    ("one", "other"), [("tom", "tommy"), ("sophia", "sofia"), ("lilly", "lily"), ("aisha", "ayesha")]
)
def test_two_well_known_spellings_of_one_name_still_agree(one: str, other: str) -> None:
    assert compare_given_words(one, other) in (Level.NICKNAME, Level.TRANSLITERATION, Level.SOUNDS_ALIKE)


@given(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12),
)
def test_comparing_has_no_direction(left: str, right: str) -> None:
    assert compare_given_words(left, right) is compare_given_words(right, left)


@pytest.mark.parametrize(
    "names",
    [
        ("hussain", "hussein", "hossain"),
        ("omar", "umar"),
        ("stephen", "steven"),
        ("wright", "right"),
        ("nguyen", "ngyuen"),
    ],
)
def test_names_that_sound_alike_are_found_together(names: tuple[str, ...]) -> None:
    assert len({name_word(name).skeleton for name in names}) == 1


def test_names_that_do_not_sound_alike_are_found_apart() -> None:
    assert len({name_word(name).skeleton for name in ("khan", "smith", "patel", "jones", "okafor")}) == 5
