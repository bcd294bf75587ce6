"""The pages themselves, as a browser gets them: what they say, what they hide, and how they answer bad addresses."""

from __future__ import annotations

import re

import pytest

from childindex.access.types import Actor
from tests.factories.people import Browser, MadeUp, People, sign_in_as

from .conftest import CANARIES, SEALED, Index, Ledger
from .test_child import twins

pytestmark = pytest.mark.usefixtures("no_hurry")

FORM = {"reason": "contact", "case_reference": "", "postcode": "", "number": ""}
AMARA = {"family_name": "Okonkow", "given_name": "Amara", "born-day": "14", "born-month": "3", "born-year": "2015"}
JONAH = {"family_name": "Fairweather", "given_name": "Jonah", "born-day": "6", "born-month": "5", "born-year": "2013"}


@pytest.fixture
def person(people: People) -> MadeUp:
    return people.somebody()


@pytest.fixture
def signed_in(browser: Browser, person: MadeUp) -> Browser:
    sign_in_as(browser, person)
    return browser


def search(browser: Browser, **typed: str) -> str:
    """Search, and give the address of the results."""
    answer = browser.post("/", {**FORM, **typed})
    assert answer.status_code == 303, answer.content.decode()
    return str(answer.headers["Location"])


def open_first(browser: Browser, results: str, **more: str) -> str:
    """Open the first of the results, and give the address of the child's page."""
    answer = browser.post(f"{results}/open", {"position": "1", **more})
    assert answer.status_code == 303, answer.content.decode()
    return str(answer.headers["Location"])


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_from_the_search_to_the_lead_professionals_telephone(signed_in: Browser) -> None:
    page = text(signed_in.get("/"))
    assert "Find a child" in page
    assert page.count('type="radio"') == 8
    results = search(signed_in, **AMARA)
    assert re.fullmatch(r"/results/[\w-]{22}", results)
    page = text(signed_in.get(results))
    assert "Amara Okonkwo" in page
    assert "Same date of birth, same given name, family name" in page
    child = open_first(signed_in, results)
    assert re.fullmatch(r"/child/[\w-]{22}", child)
    answer = signed_in.get(child)
    page = text(answer)
    order = [
        "ci-identity-bar",
        "Lead professional",
        "Who to ring now",
        'href="tel:+44-161-496-0100"',
        "Monday to Friday, 9 to 5",
        "Out of hours",
        "Everybody involved",
        "A service that is not named here",
        "Ask to be put in touch",
        ">Assessment<",
        "Parents and carers",
        "Grace Okonkwo",
        "Whereabouts",
        "12 Mill Lane",
        "What the index knows in this area",
        "Withheld for every child",
        "Not involved as of 1 November 2026",
        "No entry here does not mean nobody is involved.",
        "I work with the child and need to reach others who do",
    ]
    places = [page.find(words) for words in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    assert "<title>Child’s entry - Children’s Index</title>" in page
    assert "Canarynurse" not in page
    assert answer.headers["Cache-Control"].startswith("no-store")


def test_nothing_found_says_what_to_try_and_offers_to_create_a_record(signed_in: Browser) -> None:
    nobody = {"family_name": "Zwilling", "given_name": "Xaver", "born-year": "2011"}
    page = text(signed_in.get(search(signed_in, **nobody)))
    assert "Nobody found" in page
    assert "Search by name and date of birth alone" in page
    form = {**nobody, "sex": "male", "postcode": "", "nhs_number": ""}
    answer = signed_in.post("/propose", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/propose/received")
    assert "A data steward will confirm the record" in text(signed_in.get("/propose/received"))


def test_a_record_needs_a_search_first(signed_in: Browser) -> None:
    form = {"family_name": "Zwilling", "given_name": "Xaver", "born-year": "2011", "sex": "male"}
    answer = signed_in.post("/propose", form)
    assert answer.status_code == 422
    assert "Search first" in text(answer)


def test_too_few_facts_and_wildcards_have_one_message_each(signed_in: Browser) -> None:
    few = signed_in.post("/", {**FORM, "family_name": "Okonkwo"})
    assert few.status_code == 422
    assert text(few).count("Enter more about the child") == 1
    wild = signed_in.post("/", {**FORM, **AMARA, "family_name": "Ok*"})
    assert text(wild).count("Write names in full") == 1
    wrong = signed_in.post("/", {**FORM, **AMARA, "reason": ""})
    assert wrong.status_code == 422
    assert "<title>Error: Find a child" in text(wrong)


def test_the_reason_is_asked_again_for_another_child(signed_in: Browser, index: Index) -> None:
    twins(index)
    results = search(signed_in, family_name="Lindqvist", **{"born-day": "1", "born-month": "6", "born-year": "2016"})
    open_first(signed_in, results)
    asked = signed_in.post(f"{results}/open", {"position": "2"})
    assert asked.status_code == 200
    page = text(asked)
    assert "Why are you looking at this child?" in page
    assert re.search(r'value="contact"[^>]* checked', page)
    again = signed_in.post(f"{results}/open", {"position": "2", "reason": "", "case_reference": ""})
    assert again.status_code == 422
    done = signed_in.post(f"{results}/open", {"position": "2", "reason": "safeguarding", "case_reference": ""})
    assert done.status_code == 303
    assert "I am worried that the child is not safe" in text(signed_in.get(done.headers["Location"]))


def test_addresses_that_are_not_in_use_all_look_the_same(
    signed_in: Browser, people: People, index: Index, ledger: Ledger
) -> None:
    """Made up, the child's own id, another person's, a row that is not there: one page, each written down."""
    results = search(signed_in, **AMARA)
    child = open_first(signed_in, results)
    other = Browser()
    sign_in_as(other, people.somebody())
    start = len(ledger())
    addresses = [f"/results/{'A' * 22}", f"/child/{'A' * 22}", f"/child/{index.ids['Amara']}", results, child]
    answers = [other.get(address) for address in addresses]
    answers.append(other.post(f"{results}/open", {"position": "1"}))
    answers.append(other.post(f"{child}/contact", {"family_knows": "yes", "case_reference": ""}))
    pages = {re.sub(r'value="[^"]{40,}"', "", text(answer)) for answer in answers}
    assert {answer.status_code for answer in answers} == {404}
    assert len(pages) == 1
    assert "This address is not in use" in pages.pop()
    assert [line["outcome"] for line in ledger()[start:]] == ["refused"] * 7
    for odd in ("/results/%00", "/child/%00", f"/child/{'a' * 10_000}", "/child/%F0%9F%99%82", f"{results}%00"):
        assert signed_in.get(odd).status_code == 404, odd
    assert signed_in.post(f"{results}/open", {"position": "99"}).status_code == 404
    assert signed_in.post(f"{results}/open", {"position": "one"}).status_code == 404
    assert signed_in.get(results).status_code == signed_in.get(child).status_code == 200


def whole(answer: object) -> str:
    """Everything of an answer that reaches a browser: status, headers, cookies, page."""
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())  # type: ignore[attr-defined]
    cookies = str(answer.cookies)  # type: ignore[attr-defined]
    return f"{answer.status_code}\n{head}{cookies}\n{text(answer)}"  # type: ignore[attr-defined]


def normalised(answer: object) -> str:
    """The same without what is random in every answer: tokens, nonces, moments."""
    page = re.sub(r"(/results/|/child/)[\w-]{22}", r"\1token", whole(answer))
    page = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", page)
    page = re.sub(r"(csrf[^=]*=|nonce-)[^;'\s]*", r"\1", page, flags=re.IGNORECASE)
    return re.sub(r"expires=[^;]*;|[0-9a-f]{8}-[0-9a-f-]{27}|\d+:\d\d[ap]m", "", page, flags=re.IGNORECASE)


def test_nothing_hidden_of_a_shielded_child_reaches_the_browser(signed_in: Browser) -> None:
    """Marks in every hidden field of the child are nowhere in any answer about them (R 3.03, T06)."""
    results = search(signed_in, **JONAH)
    listed = signed_in.get(results)
    assert "Jonah Fairweather" in text(listed)
    child = open_first(signed_in, results)
    shown = signed_in.get(child)
    assert "6 May 2013" in text(shown)
    assert "Male" in text(shown)
    assert "Nothing else about this child is shown." in text(shown)
    others = [
        signed_in.get(f"{child}/contact"),
        signed_in.post(f"{child}/contact", {"family_knows": "yes", "case_reference": ""}),
        signed_in.get(f"{child}/contact/asked"),
        signed_in.get(f"{child}/involvement"),
    ]
    page = "".join(whole(answer).lower() for answer in (listed, shown, *others))
    assert not [canary for canary in CANARIES if canary in page]
    assert "honesty" not in text(shown)
    assert others[3].status_code == 404


def test_a_true_hidden_field_and_a_false_one_answer_alike_byte_for_byte(signed_in: Browser) -> None:
    """Postcode and NHS number of a shielded child; every field of a sealed one (R 3.06, T07)."""
    absent = {"family_name": "Nightjar", "given_name": "Ruth", "born-day": "8", "born-month": "9", "born-year": "2012"}
    sealed = {**absent, "family_name": "Nightingale", "given_name": "Rosa", "born-day": "9", "born-month": "8"}
    pairs = [
        ({**JONAH, "postcode": "M1 1AA"}, {**JONAH, "postcode": "BS1 4DJ"}),
        ({"number": "9990000026"}, {"number": "9990000042"}),
        ({"number": SEALED.nhs_number}, {"number": "9990000042"}),
        (sealed, absent),
    ]
    for true, false in pairs:
        seen = []
        for typed in (true, false):
            answer = signed_in.post("/", {**FORM, **typed})
            seen.append(normalised(answer) + normalised(signed_in.get(answer.headers["Location"])))
        assert seen[0] == seen[1]
        assert "Nobody found" in seen[0]


def test_my_involvement_from_the_page(people: People, browser: Browser, teacher: Actor) -> None:
    """Add, confirm, end, and say that a number is wrong, by what the page itself offers."""
    person = people.somebody("school_safeguarding_lead", organisation="urn:100001")
    sign_in_as(browser, person)
    child = open_first(browser, search(browser, **AMARA))
    assert "A service that is not named here" not in text(browser.get(child))
    page = text(browser.get(f"{child}/involvement"))
    assert 'value="school" checked' in page
    day = {"day-day": "1", "day-month": "9", "day-year": "2026"}
    wrong = browser.post(f"{child}/involvement", {"service_type": "school", **day, "day-year": "2036"})
    assert wrong.status_code == 422
    assert "must be today or in the past" in text(wrong)
    done = browser.post(f"{child}/involvement", {"service_type": "school", **day})
    assert (done.status_code, done.headers["Location"]) == (303, f"{child}?done=added")
    page = text(browser.get(done.headers["Location"]))
    assert "Your involvement has been added." in page
    [end] = set(re.findall(rf'href="({child}/involvement/[0-9a-f-]+/end)"', page))
    [confirm] = set(re.findall(rf'action="({child}/involvement/[0-9a-f-]+/confirm)"', page))
    assert browser.post(confirm).headers["Location"] == f"{child}?done=confirmed"
    assert "Confirmed on" in text(browser.get(child))
    late = browser.post(end, {**day, "day-year": "2025"})
    assert late.status_code == 422
    assert browser.post(end, day).headers["Location"] == f"{child}?done=ended"
    page = text(browser.get(child))
    assert "Ended in the last 12 months" not in page  # a school sees nothing that has ended
    report = re.findall(rf'action="({child}/involvement/[0-9a-f-]+/phone)"', page)[0]
    assert browser.post(report).headers["Location"] == f"{child}?done=reported"
    assert "Number reported wrong on" in text(browser.get(child))


def test_pages_work_without_scripts_and_are_small(signed_in: Browser) -> None:
    results = search(signed_in, **AMARA)
    child = open_first(signed_in, results)
    for address in ("/", results, child, f"{child}/contact", f"{child}/involvement", "/propose"):
        answer = signed_in.get(address)
        assert answer.status_code == 200, address
        assert "<script" not in text(answer)
        assert len(answer.content) < 30_000
        assert text(answer).count("<h1") == 1
