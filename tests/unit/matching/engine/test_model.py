"""The model file: what it says, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import childindex.matching
from childindex.matching.bulk.training_file import shares_of
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Model, NotAModel, load_model

SHIPPED = Path(childindex.matching.__file__).with_name("model.toml")


def bits(model: Model, of: Field, level: Level) -> float:
    return float(model.weights[FIELD_NUMBER[of], LEVEL_NUMBER[level]])


def test_a_weight_is_how_much_likelier_a_level_is_in_one_child_than_in_two() -> None:
    m, u = shares_of(SHIPPED.read_text(encoding="utf-8"))[Field.SEX, Level.EXACT]
    assert bits(load_model(), Field.SEX, Level.EXACT) == pytest.approx(math.log2(m / u))


def test_what_is_not_given_says_nothing() -> None:
    assert all(bits(load_model(), of, Level.MISSING) == 0 for of in Field)


def test_levels_stand_in_the_order_of_what_they_say_and_difference_speaks_against() -> None:
    model = load_model()
    for of in Field:
        assert bits(model, of, Level.EXACT) > 0 > bits(model, of, Level.DIFFERS)
    for of in (Field.GIVEN, Field.FAMILY):
        assert bits(model, of, Level.EXACT) > bits(model, of, Level.CLOSE) > 0
    assert bits(model, Field.BIRTH_DATE, Level.EXACT) > bits(model, Field.BIRTH_DATE, Level.FIRST_OF_JANUARY)


def test_different_given_names_and_dates_outweigh_all_that_a_household_shares() -> None:
    model = load_model()
    twins = next(pattern for pattern in model.patterns if pattern.name == "twins")
    household = min(model.most_household_bits, 40.0)
    twin = household + bits(model, Field.BIRTH_DATE, Level.EXACT) + bits(model, Field.GIVEN, Level.DIFFERS) + twins.bits
    odds = model.for_population(1_000_000).prior + twin + bits(model, Field.SEX, Level.EXACT)
    assert odds < math.log2(model.thresholds.link / (1 - model.thresholds.link))
    # In a town the same sum says more; there, too, only a person may link them.
    assert any(
        rule.when == {Field.GIVEN: {Level.DIFFERS, Level.SIMILAR}} and not rule.unless for rule in model.ask_first
    )


def test_the_odds_before_comparing_fall_with_the_number_of_children() -> None:
    model = load_model()
    assert model.prior == pytest.approx(math.log2(0.9 / 12_000_000))
    assert model.for_population(1_000_000).prior == pytest.approx(math.log2(0.9 / 1_000_000))
    assert model.for_population(3).prior == model.for_population(20_000).prior


def test_a_rare_name_says_more_than_a_common_one_within_bounds() -> None:
    model = load_model()

    def rarity(name: str) -> float:
        return model.frequency_bits(Field.FAMILY, Level.EXACT, name)

    assert rarity("smith") < rarity("patel") < rarity("hargreave") <= model.most_frequency_bits
    assert model.frequency_bits(Field.FAMILY, Level.CLOSE, "smith") == 0
    assert model.frequency_bits(Field.FAMILY, Level.EXACT, "") == 0


def test_a_name_weighs_what_its_frequency_says() -> None:
    model = load_model()
    total = bits(model, Field.GIVEN, Level.EXACT) + model.frequency_bits(Field.GIVEN, Level.EXACT, "oliver")
    m, _ = shares_of(SHIPPED.read_text(encoding="utf-8"))[Field.GIVEN, Level.EXACT]
    assert total == pytest.approx(math.log2(m / (model.rates[Field.GIVEN]["oliver"] / 100_000)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("m = 0.9", "m = 1.9"),
        ("m = 0.9", "m = 0.0, n = 0.9"),
        ('level = "sounds_alike"', 'level = "rhymes"'),
        ("[comparisons.sex]", "[comparisons.gender]"),
        ("protect = 0.01", "protect = 0.5"),
        ("\nlink = 0.", "\nlinking = 0."),
        ("version =", "version"),
        ('given_name = ["missing"]', 'shoe_size = ["missing"]'),
    ],
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, old: str, new: str) -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert old in shipped
    changed = tmp_path / "model.toml"
    changed.write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(NotAModel):
        load_model(changed)


def test_another_file_of_the_same_shape_is_read(tmp_path: Path) -> None:
    other = tmp_path / "model.toml"
    other.write_text(
        SHIPPED.read_text(encoding="utf-8").replace("population = 12_000_000", "population = 60_000"), encoding="utf-8"
    )
    assert load_model(other).population == 60_000
