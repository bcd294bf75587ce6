"""Names, addresses and numbers as anybody may write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from childindex.kernel.identity import Carer, Identity
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.normalise import house_and_street, name_words, telephone
from childindex.matching.engine.record import Standardised, standardise
from tests.unit.matching.engine.made import bare


@pytest.mark.parametrize(
    "placeholder",
    (
        "Baby|baby boy|Twin 1|TWIN B|Infant|Unknown|Not known|NOT KNOWN|n/k|N/A|Baby of Sarah|B/O Sarah|none|1|-||  |..|"
        "No name|Unborn|XX"
    ).split("|"),
)
def test_a_placeholder_is_no_name(placeholder: str) -> None:
    assert name_words(placeholder) == ()


@pytest.mark.parametrize("name", ["A", "Nona", "Noor", "Babyface", "Ida", "Two", "Nan", "Test", "Ali B"])
def test_a_short_or_odd_name_is_still_a_name(name: str) -> None:
    assert name_words(name) != ()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("O'Neill", ("oneill",)),
        ("O’Neill", ("oneill",)),
        ("  SMITH -  JONES ", ("smith-jones",)),
        ("José", ("jose",)),
        ("Jose\u0301", ("jose",)),
        ("Žofia", ("zofia",)),
        ("محمد", ("mhmd",)),
        ("Юлия", ("yuliya",)),
        ("\u202eAmy\u202c", ("amy",)),
        ("A\x00my\x07", ("a", "my")),
        ("Smith Jr", ("smith",)),
    ],
)
def test_a_name_is_its_plain_words(written: str, words: tuple[str, ...]) -> None:
    assert name_words(written) == words


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("14 Mill Road, Saltwick", ("14", "mill road")),
        ("14 mill rd", ("14", "mill road")),
        ("Flat 2, 14 Mill Rd, Town", ("2/14", "mill road")),
        ("14a Mill Road", ("14a", "mill road")),
        ("The Old Forge, Church Lane", ("", "the old forge")),
        ("", ("", "")),
        (",,,", ("", "")),
    ],
)
def test_house_and_street_are_read_from_one_line(address: str, found: tuple[str, str]) -> None:
    assert house_and_street(address) == found


@pytest.mark.parametrize("written", ["0113 496 0001", "+44 113 496 0001", "0044 (0)113 496 0001", "01134960001"])
def test_a_telephone_number_is_its_national_digits(written: str) -> None:
    assert telephone(written) == "1134960001"


def test_too_few_digits_are_no_telephone_number() -> None:
    assert telephone("ext 12") == ""


def test_nothing_given_stays_nothing() -> None:
    assert standardise(Identity()) == Standardised()
    assert search_keys(Standardised()) == frozenset()


def test_both_halves_of_a_joined_family_name_are_kept() -> None:
    both = bare(family_name="Khan-Smith", former_family_name="al Rashid")
    assert (both.family, both.former, both.family_parts) == ("khansmith", "alrashid", ("khan", "smith", "rashid"))


def test_a_known_as_name_is_another_form_and_further_forenames_are_middle_names() -> None:
    amy = bare(given_name="Amy Louise", known_as="Lou", middle_names="Jo-Ann")
    assert amy.given == ("amy", "amylouise", "lou")
    assert amy.middle == ("louise", "joann")


def test_a_former_name_equal_to_the_present_one_says_nothing() -> None:
    assert bare(family_name="Cox", former_family_name="COX").former == ""


def test_ten_thousand_characters_take_no_longer_than_a_name() -> None:
    began = time.perf_counter()
    standardise(Identity(family_name="é" * 10_000, given_name="a b" * 3_000, address="1," * 5_000, uprn="9" * 10_000))
    assert time.perf_counter() - began < 0.05


@given(
    st.builds(
        Identity,
        family_name=st.text(max_size=60),
        given_name=st.text(max_size=60),
        middle_names=st.text(max_size=60),
        known_as=st.text(max_size=20),
        former_family_name=st.text(max_size=20),
        address=st.text(max_size=80),
        postcode=st.text(max_size=12),
        carers=st.tuples(st.builds(Carer, name=st.text(max_size=40), phone=st.text(max_size=20))),
    )
)
def test_any_text_at_all_is_made_comparable(anything: Identity) -> None:
    made = standardise(anything)
    words = "".join((*made.given, *made.middle, made.family, made.former, *made.family_parts))
    assert words.isascii()
    assert words == words.lower()
    assert search_keys(made) == search_keys(standardise(anything))
