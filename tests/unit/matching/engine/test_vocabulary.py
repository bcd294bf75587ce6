"""Names of several words compared many at a time say what they say one pair at a time."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
import pytest

from childindex.matching.engine.coded import Values
from childindex.matching.engine.few import Few
from childindex.matching.engine.levels import LEVELS, Field, Level
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import family_forms, given_forms, middle_forms
from childindex.matching.engine.vocabulary import Vocabulary

WORDS = (
    "Amy Amie Amelia Emily Emilia Muhammad Mohammed Jack Jackie Jake Stan Stanley Davey Tom Thomas Lily-Mae Lily Mae Zo\u00eb X T "
    "Smith Smyth Smithe Patel Al-Hassan Hassan Cox Orr Cox-Orr Kuznetsova O'Neill Mhmd Li Lee"
).split()
ODD = [
    "",
    "Twin 1",
    "Baby",
    "van der Berg",
    "Jo Ann",
    "Ann Marie Lou",
    "Unknown",
    "\u0418\u0432\u0430\u043d",
    "-",
    "St. John",
]
MANY = 4_000


def written(chance: random.Random) -> str:
    return chance.choice(ODD) if chance.random() < 0.3 else " ".join(chance.sample(WORDS, chance.choice([1, 1, 2])))


def values() -> dict[str, Values]:
    """Names of all shapes, by number; number 0 is not given."""
    chance = random.Random(4)  # noqa: S311 - no secret
    texts = [(written(chance), written(chance) if chance.random() < 0.4 else "") for _ in range(600)]
    forms = {"given": given_forms, "family": family_forms, "middle": middle_forms}
    return {
        column: Values(list(dict.fromkeys(read(*both) for both in [("", ""), *texts])))
        for column, read in forms.items()
    }


VALUES = values()
CHANCE = np.random.default_rng(7)


def pairs(column: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], ...]:
    """Numbers of two given values each, many of them the same."""
    size = len(VALUES[column].values)
    one = CHANCE.integers(1, size, MANY).astype(np.int32)
    other = np.where(CHANCE.random(MANY) < 0.1, one, CHANCE.integers(1, size, MANY)).astype(np.int32)
    return one, other


@pytest.mark.parametrize(("of", "column"), [(Field.GIVEN, "given"), (Field.FAMILY, "family")])
def test_given_and_family_names_have_the_same_level_and_rarity_at_once_as_alone(of: Field, column: str) -> None:
    rarity = partial(load_model().frequency_bits, of, Level.EXACT)
    one, other = pairs(column)
    many, few = (getattr(names(VALUES), column)(one, other, rarity) for names in (Vocabulary, Few))
    unlike = np.flatnonzero(many[0] != few[0])
    told = [(VALUES[column].values[one[at]], VALUES[column].values[other[at]]) for at in unlike[:5]]
    assert not len(unlike), told
    assert np.allclose(many[1], few[1])
    assert len({LEVELS[level] for level in many[0].tolist()}) >= 8, "few kinds of agreement would say little"


def test_middle_names_and_names_that_stand_elsewhere_are_found_at_once_as_alone() -> None:
    many, few = Vocabulary(VALUES), Few(VALUES)
    one, other = pairs("middle")
    assert (many.middles(one, other) == few.middles(one, other)).all()
    given, others = pairs("given")
    assert (many.in_middle(given, one) == few.in_middle(given, one)).all()
    assert many.in_middle(given, one).any()
    family, families = pairs("family")
    swapped = many.crossed((given, family), (others, families))
    assert (swapped == few.crossed((given, family), (others, families))).all()
