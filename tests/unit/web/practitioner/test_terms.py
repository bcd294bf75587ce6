"""What the search form makes of what people type and paste: one clear message each, or the terms."""

from __future__ import annotations

import pytest

from childindex.kernel.dates import PartialDate
from childindex.kernel.people import PURPOSE_OF, ReasonCode
from childindex.lookup.types import SearchTerms
from childindex.web.practitioner.terms import NhsNumberField, SearchForm
from childindex.web.practitioner.words import PURPOSES, REASONS, SEXES, reason_options

GOOD = {
    "family_name": "Okonkwo",
    "given_name": "Amara",
    "born-day": "14",
    "born-month": "3",
    "born-year": "2015",
    "postcode": "m1 1aa",
    "number": "999 000 0018",
    "reason": "contact",
    "case_reference": "cin/2041",
}


def form(**typed: str) -> SearchForm:
    return SearchForm({**GOOD, **{name.replace("born_", "born-"): value for name, value in typed.items()}})


def errors(**typed: str) -> dict[str, list[str]]:
    return {name: list(map(str, found)) for name, found in form(**typed).errors.items()}


def test_what_is_typed_becomes_terms_and_a_reason() -> None:
    good = form()
    assert good.is_valid(), good.errors
    assert good.terms() == SearchTerms(
        family_name="Okonkwo",
        given_name="Amara",
        birth_date=PartialDate(2015, 3, 14),
        postcode="M1 1AA",
        nhs_number="9990000018",
    )
    assert (good.given_reason().code, good.given_reason().case_reference) == (ReasonCode.CONTACT, "CIN/2041")


def test_a_year_alone_and_empty_fields_are_fine() -> None:
    sparse = form(born_day="", born_month="", postcode="", number="", case_reference="")
    assert sparse.is_valid(), sparse.errors
    assert sparse.terms() == SearchTerms(family_name="Okonkwo", given_name="Amara", birth_date=PartialDate(2015))


def test_marks_that_only_steer_direction_are_dropped_and_letters_composed() -> None:
    strange = form(family_name="\u202eOkonkwo\u202c", given_name="Ame\u0301lie")
    assert strange.is_valid()
    assert (strange.terms().family_name, strange.terms().given_name) == ("Okonkwo", "Amélie")


def test_names_in_other_scripts_are_kept() -> None:
    for name in ("محمد", "王伟", "שרה", "Łukasz", "O’Connor", "D'Souza-Lee"):
        typed = form(family_name=name)
        assert typed.is_valid(), (name, typed.errors)
        assert typed.terms().family_name == name


BAD = {
    "ten thousand letters": ({"family_name": "a" * 10_000}, "family_name", "must be 100 characters or fewer"),
    "a hundred thousand marks": ({"given_name": "a" + "\u0301" * 390}, "given_name", "Remove characters"),
    "a control character": ({"family_name": "Oko\x00nkwo"}, "family_name", "Remove characters"),
    "a line break": ({"family_name": "Oko\nnkwo"}, "family_name", "Remove characters"),
    "30 February": ({"born_day": "30", "born_month": "2"}, "born", "must be a real date"),
    "month 13": ({"born_month": "13"}, "born", "month must be"),
    "a year of two digits": ({"born_year": "15"}, "born", "year must be"),
    "a day without a month": ({"born_month": ""}, "born", "Enter the month"),
    "a day and month without a year": ({"born_year": ""}, "born", "Enter the year"),
    "half a postcode": ({"postcode": "M1"}, "postcode", "Enter a full postcode"),
    "nobody's postcode": ({"postcode": "ZZ99 3CZ"}, "postcode", "Enter a full postcode"),
    "a mistyped NHS number": ({"number": "999 000 0019"}, "number", "Check the number"),
    "no number at all": ({"number": "twelve"}, "number", "Check the number"),
    "no reason": ({"reason": ""}, "reason", "Select why you are looking"),
    "a reason of one's own": ({"reason": "curiosity"}, "reason", "Select why you are looking"),
    "prose in the case reference": ({"case_reference": "mum is worried"}, "case_reference", "3 to 30 letters"),
}


@pytest.mark.parametrize(("typed", "field", "sentence"), BAD.values(), ids=BAD)
def test_each_mistake_has_its_one_message(typed: dict[str, str], field: str, sentence: str) -> None:
    found = errors(**typed)
    assert set(found) == {field}
    assert len(found[field]) == 1
    assert sentence in found[field][0]


def test_every_reason_is_offered_with_its_lawful_purpose_and_there_is_no_other() -> None:
    options = reason_options()
    assert [option.value for option in options] == [code.value for code in ReasonCode]
    assert set(REASONS) == set(ReasonCode) == set(PURPOSE_OF)
    assert all(option.hint == PURPOSES[PURPOSE_OF[ReasonCode(option.value)]] for option in options)
    assert "other" not in {option.value for option in options}


def test_every_gender_has_a_word() -> None:
    assert all(str(word) for word in SEXES.values())


def test_an_nhs_number_on_its_own() -> None:
    assert NhsNumberField(label="NHS number", required=False).clean("999-000-0018") == "9990000018"
    assert NhsNumberField(label="NHS number", required=False).clean("") == ""
