"""Nothing found, or nothing to be shown: each time one plain sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import NewVisitor
from tests.journeys.demo import Demo
from tests.journeys.visitor import OneTimeCodes, Visitor, fill_search, open_first, search_for, sign_in_with_code

SignedIn = Callable[..., Visitor]
NOT_IN_USE = ("This address is not in use", 404)
STRANGER = {"family_name": "Zzyzxowski", "given_name": "Qorvath", "born-year": "2012", "reason": "contact"}
ENOUGH = {"given_name": "Amara", "born-year": "2012", "reason": "contact"}
TOO_FEW = (
    "Enter more about the child: a name and the whole date of birth, both names and the year of birth,"
    " both names and a postcode, or an index or NHS number"
)


def test_nobody_found_and_a_record_proposed(signed_in: SignedIn, demo: Demo) -> None:
    """Says so, says what to try, and leads to creating a record, which a steward will confirm."""
    visitor = signed_in(demo.account("hannah"), scripts=False)
    search_for(visitor, STRANGER)
    assert visitor.title == "Nobody found"
    assert "This does not mean that nobody works with the child." in visitor.text
    assert "Search by name and date of birth alone" in visitor.text
    visitor.follow("Create a record")
    visitor.type("Family name", "Zzyzxowski")
    visitor.type("Given name", "Qorvath")
    visitor.type("Year", "2012")
    visitor.press("Create a record")
    assert visitor.problems == ["Select a gender"]
    visitor.choose("Female")
    visitor.press("Create a record")
    assert visitor.title == "Received"
    assert "steward will confirm" in visitor.text


def test_a_record_without_a_search_before_it(new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes) -> None:
    """In a sitting without a search nobody creates a record."""
    visitor = new_visitor()
    account = demo.account("tom")
    sign_in_with_code(visitor, account, codes)
    visitor.go("/propose")
    visitor.type("Family name", "Zzyzxowski")
    visitor.type("Given name", "Qorvath")
    visitor.type("Year", "2012")
    visitor.choose("Female")
    visitor.press("Create a record")
    assert (visitor.title, visitor.status) == ("Search first", 422)


def test_more_than_ten_says_refine_and_no_count(signed_in: SignedIn, demo: Demo, crowd: dict[str, str]) -> None:
    """Nobody is shown, nor how many there are; what would help is."""
    visitor = signed_in(demo.account("hannah"), scripts=False)
    search_for(visitor, crowd)
    assert visitor.title == "Too many children match"
    assert visitor.page.locator(".ci-result-list__item").count() == 0
    assert crowd["family_name"] not in visitor.page.content()
    assert not any(character.isdigit() for character in visitor.text)
    search_for_one = {**crowd, "born-day": "3", "born-month": "3"}
    visitor.go("/")
    search_for(visitor, search_for_one)
    assert crowd["family_name"] in visitor.page.locator(".ci-result-list__name").first.inner_text()


def test_somebody_elses_address_is_not_in_use(signed_in: SignedIn, demo: Demo) -> None:
    """Every address that is passed on, made up, or from an earlier sitting looks alike, and says nothing about a child."""
    visitor, other = signed_in(demo.account("hannah")), signed_in(demo.account("nadia"))
    search_for(visitor, demo.child("misspelt").search)
    results = visitor.addresses[-1]
    open_first(visitor)
    child = visitor.addresses[-1]
    assert child.startswith("/child/")
    for path in (
        results,
        child,
        child + "/involvement",
        "/child/AAAAAAAAAAAAAAAAAAAAAA",
        "/results/AAAAAAAAAAAAAAAAAAAAAA",
    ):
        other.page.goto(demo.url + path)
        assert (other.title, other.status) == NOT_IN_USE, path
        assert demo.child("misspelt").search["given_name"] not in other.page.content()
    visitor.go(child)
    assert visitor.status == 200


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"family_name": "Okonkwo", "reason": "contact"}, TOO_FEW),
        ({"postcode": "M1 1AA", "reason": "contact"}, TOO_FEW),
        ({"family_name": "Okonkwo", "postcode": "M1 1AA", "reason": "contact"}, TOO_FEW),
        ({**ENOUGH, "family_name": "O*"}, "Write names in full. Signs that stand for any letters, like * and ?, cannot be used"),
        ({"family_name": "Okonkwo", "given_name": "Amara", "born-year": "2012"}, "Select why you are looking"),
        ({**ENOUGH, "family_name": "Okonkwo", "case_reference": "see my note!"}, "Case reference must be 3 to 30 letters, numbers, / and -, without spaces"),
        ({**ENOUGH, "family_name": "Okonkwo", "postcode": "M1"}, "Enter a full postcode, like LS1 4AP"),
        ({"number": "999 123 4560", "reason": "contact"}, "Check the number: it is neither an index number, like K7M2 9XQ 4AB, nor an NHS number"),
        ({**ENOUGH, "family_name": "A\u0300\u0301\u0302\u0303\u0304\u0305a"}, "Remove characters that cannot be printed"),
        ({**ENOUGH, "family_name": "Okon\u0007kwo"}, "Remove characters that cannot be printed"),
        ({**ENOUGH, "family_name": "Okonkwo", "born-day": "31", "born-month": "2"}, "Date of birth must be a real date"),
        ({**ENOUGH, "family_name": "Okonkwo", "born-day": "1", "born-month": "13"}, "The month must be a number from 1 to 12, or its name"),
    ],
    ids=["name alone", "postcode alone", "name and postcode", "wildcard", "no reason", "prose", "half a postcode", "number",
         "marks", "control", "31 February", "month 13"],
)  # fmt: skip
def test_one_sentence_for_each_mistake(signed_in: SignedIn, demo: Demo, typed: dict[str, str], sentence: str) -> None:
    """The form comes back with what was typed, one sentence, and nobody is searched for."""
    visitor = signed_in(demo.account("hannah"))
    fill_search(visitor, typed)
    visitor.press("Search")
    assert visitor.problems == [sentence]
    assert (visitor.addresses[-1], visitor.status) == ("/", 422)


def test_a_name_of_ten_thousand_characters(signed_in: SignedIn, demo: Demo) -> None:
    """Refused before anything looks at it."""
    visitor = signed_in(demo.account("hannah"))
    visitor.page.locator("[name=family_name]").evaluate("box => { box.value = 'a'.repeat(10000) }")
    fill_search(visitor, ENOUGH)
    visitor.press("Search")
    assert visitor.problems == ["Family name must be 100 characters or fewer"]


def test_marks_of_direction_and_other_scripts_are_only_names(signed_in: SignedIn, demo: Demo) -> None:
    """An invisible mark changes nothing, a decomposed letter is a letter, and a name in Arabic may be searched for."""
    visitor = signed_in(demo.account("hannah"))
    child = demo.child("misspelt").search
    search_for(visitor, {**child, "family_name": "\u202e" + child["family_name"]})
    assert child["given_name"] in visitor.text
    visitor.go("/")
    search_for(visitor, {**ENOUGH, "family_name": "محمد", "given_name": "Zoe\u0308"})
    assert visitor.status == 200


def test_wrong_password_and_wrong_code(new_visitor: NewVisitor, demo: Demo) -> None:
    """Neither says which half was wrong, nor whether there is such a person."""
    account = demo.account("stefan")
    visitor = new_visitor(scripts=False)
    told = []
    for username, password in ((account.username, "wrong horse"), ("nobody.here", "wrong horse")):
        visitor.go("/sign-in")
        visitor.type("User name", username)
        visitor.type("Password", password)
        visitor.press("Continue")
        told.append(visitor.problems)
    assert told == [["The user name or the password is not right. Check both and try again."]] * 2
    visitor.go("/sign-in")
    visitor.type("User name", account.username)
    visitor.type("Password", account.password)
    visitor.press("Continue")
    visitor.type("One-time code", "000000")
    visitor.press("Continue")
    assert visitor.problems == ["That code is not right or has been used. Enter the newest one."]


def test_a_page_that_is_not_there(signed_in: SignedIn, demo: Demo) -> None:
    """Plain, with the way home."""
    visitor = signed_in(demo.account("hannah"))
    visitor.complaints.clear()
    visitor.page.goto(demo.url + "/nowhere")
    assert (visitor.title, visitor.status) == ("Page not found", 404)
