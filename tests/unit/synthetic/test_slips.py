from __future__ import annotations

import numpy as np
import pytest
from rapidfuzz.distance import DamerauLevenshtein

from synthetic import slips

SPINS = np.random.default_rng(3).random(400).tolist()


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


@pytest.mark.parametrize("name", ["Hargreaves", "Ng", "O'Brien", "Müller", "Ali"])
def test_a_typo_is_one_slip_of_the_hand(name: str) -> None:
    written = {slips.typo(name, spin) for spin in SPINS}
    assert all(DamerauLevenshtein.distance(name, text) <= 1 for text in written)
    assert len(name) < 3 or len(written) > 8


def test_a_name_written_as_heard_differs_and_keeps_its_first_letter() -> None:
    written = {slips.sound_alike("Phillips", spin) for spin in SPINS}
    assert "Philips" in written
    assert "Phillips" not in written
    assert {text[0] for text in written} == {"P"}


def test_another_spelling_comes_from_the_names_own_class() -> None:
    change = slips.another_of({"Yusuf": ("Yousef", "Yusef")})
    assert {change("Yusuf", spin) for spin in SPINS} == {"Yousef", "Yusef"}
    assert change("Wayne", 0.5) == "Wayne"


@pytest.mark.parametrize(
    ("name", "halves"),
    [
        ("Hall-Price", {"Hall", "Price"}),
        ("Silva Santos", {"Silva", "Santos"}),
        ("Al-Hassan", {"Hassan"}),
        ("Hall", {"Hall"}),
    ],
)
def test_half_of_a_joined_name_is_one_of_its_names(name: str, halves: set[str]) -> None:
    assert {slips.half(name, spin) for spin in SPINS} == halves


def test_a_system_without_hyphens_and_apostrophes() -> None:
    assert {slips.unjoined("Hall-Price", spin) for spin in SPINS} == {"Hall Price", "HallPrice"}
    assert slips.unjoined("O'Brien", 0.1) == "OBrien"


def test_a_misread_postcode_is_still_one_and_one_character_away() -> None:
    written = {slips.postcode_slip("LS84 2AB", spin) for spin in SPINS}
    assert all(text[:5] == "LS84 " and text[5].isdigit() and text[6:].isalpha() for text in written)
    assert all(DamerauLevenshtein.distance("LS84 2AB", text) <= 1 for text in written)


def test_day_and_month_change_places_where_both_are_months() -> None:
    days = np.array([day("2015-03-11"), day("2015-03-13"), day("2015-04-04")])
    assert slips.swapped_day_and_month(days).tolist() == [day("2015-11-03"), day("2015-03-13"), day("2015-04-04")]


def test_where_only_the_year_is_known_it_is_the_first_of_january() -> None:
    assert slips.first_of_january(np.array([day("2015-03-11")])).tolist() == [day("2015-01-01")]


def test_a_wrong_digit_gives_a_real_date_near_the_right_one() -> None:
    right = np.full(400, day("2016-02-29"))
    written = slips.one_digit(right, np.array(SPINS))
    apart = np.abs(written - right)
    assert set(apart.tolist()) <= {0, 1, 10, 29, 31}  # never 29 February of a common year
    assert (apart > 0).any()
