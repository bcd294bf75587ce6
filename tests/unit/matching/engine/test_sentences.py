"""A match in words."""

from __future__ import annotations

import numpy as np
import pytest

from childindex.matching.engine.levels import FIELDS, LEVELS, TOLERANT_LEVELS, Field, Level
from childindex.matching.engine.model import load_model
from childindex.matching.engine.sentences import WORDS, in_words, sentences
from tests.unit.matching.engine.made import bare, match, record


def test_every_level_that_a_field_can_have_has_its_words() -> None:
    weights = load_model().weights
    possible = {
        (of, level) for f, of in enumerate(FIELDS) for n, level in enumerate(LEVELS) if not np.isnan(weights[f, n])
    }
    tolerant = {(of, level) for of, levels in TOLERANT_LEVELS.items() for level in levels}
    assert set(WORDS) == possible | tolerant


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (bare(family_name="Hargreeve", birth_date="2014-03-09"), "Same date of birth, family name sounds alike"),
        (
            bare(given_name="Hargreave", family_name="Amy", birth_date="2014"),
            "Same year of birth, given and family name swapped",
        ),
        (bare(given_name="Amy", postcode="ZB1 2CD"), "Same given name, same postcode"),
        (bare(), ""),
    ],
)
def test_a_match_in_one_line(query: object, words: str) -> None:
    assert in_words(match(query, record())) == words  # type: ignore[arg-type]


def test_every_fact_has_its_sentence_in_the_order_of_the_model() -> None:
    said = sentences(match(bare(given_name="Amy"), record()))
    assert [of for of, _ in said] == list(FIELDS)
    assert dict(said)[Field.GIVEN] == WORDS[Field.GIVEN, Level.EXACT]
    assert dict(said)[Field.UPN] == "pupil number not given"
