"""A shielded child can be found by what anybody knows of them, and gives away nothing else."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.demo import Demo
from tests.journeys.visitor import Visitor, open_first, search_for

# What suppliers say of a child that a shield hides, wherever it might turn up on a page.
HIDDEN = (
    "nhs_number", "upn", "uprn", "postcode", "address", "carer_name", "carer_phone", "practitioner_name", "team",
    "phone", "email", "out_of_hours_phone",
)  # fmt: skip
SignedIn = Callable[..., Visitor]


def everything_that_came(visitor: Visitor) -> str:
    """Source, headers and addresses of every page this browser has had, and what it keeps."""
    pages = [one for one in visitor.answers if one.request.resource_type == "document"]
    headers = " ".join(f"{name}: {value}" for one in pages for name, value in one.headers.items())
    return " ".join([visitor.page.content(), headers, *visitor.addresses])


def hidden_facts(demo: Demo) -> set[str]:
    """Everything any supplier gave for the child, but the four fields."""
    records = demo.records_of(demo.child("shielded"))
    facts = {row[name] for row in records for name in HIDDEN if row.get(name)}
    facts |= {fact.replace(" ", "") for fact in facts}
    assert len(facts) > 10, "the made-up child has nothing to hide"
    return {fact for fact in facts if len(fact) > 3}


def test_four_fields_and_nothing_else(signed_in: SignedIn, demo: Demo) -> None:
    """Name, birth date, gender and index number: on the page, in its source, its headers and the list of results."""
    child, hidden = demo.child("shielded"), hidden_facts(demo)
    visitor = signed_in(demo.account("sally"))
    search_for(visitor, child.search)
    row = visitor.page.locator(".ci-result-list__item", has_text=child.search["family_name"]).first  # in any case
    assert row.locator(".ci-result-list__facts span").all_inner_texts() == [f"Born {child.search['born-year']}"]
    results = everything_that_came(visitor)
    open_first(visitor)

    bar = visitor.page.locator(".ci-identity-bar")
    assert child.search["given_name"] in bar.inner_text()
    assert bar.locator("dt").all_inner_texts() == ["Born", "Index number"]
    assert visitor.page.locator("main .govuk-summary-list__key").all_inner_texts() == ["Gender"]
    assert visitor.page.locator("main h2").count() == 0
    assert visitor.page.locator("main a[href^='tel:'], main a[href^='mailto:']").count() == 0
    came = results + everything_that_came(visitor)
    assert {fact for fact in hidden if fact in came} == set()


def test_not_found_by_anything_hidden(signed_in: SignedIn, demo: Demo) -> None:
    """Name and date find the child; with the right postcode beside them, or with the NHS number, nobody is found."""
    child = demo.child("shielded")
    records = demo.records_of(child)
    visitor = signed_in(demo.account("sally"))
    for name, value in (
        ("postcode", next(row["postcode"] for row in records if row.get("postcode"))),
        ("number", next((row["nhs_number"] for row in records if row.get("nhs_number")), "")),
    ):
        if value:
            visitor.go("/")
            search_for(visitor, {**child.search, name: value})
            assert child.search["family_name"].casefold() not in visitor.text.casefold()
    visitor.go("/")
    search_for(visitor, child.search)
    assert child.search["family_name"].casefold() in visitor.text.casefold()


def test_the_broker_is_asked(signed_in: SignedIn, demo: Demo) -> None:
    """The one way on: somebody will ring back, whatever there is to say."""
    visitor = signed_in(demo.account("sally"), scripts=False)
    search_for(visitor, demo.child("shielded").search)
    open_first(visitor)
    visitor.follow("Ask the safeguarding broker to put you in touch")
    visitor.choose("No, and telling them could put the child at risk")
    visitor.type("Case reference, if you have one", "CIN/2041")
    visitor.press("Ask to be put in touch")
    assert visitor.title == "Your request has been received"
    assert "whether or not there is somebody" in visitor.text
