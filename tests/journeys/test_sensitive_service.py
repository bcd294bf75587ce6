"""A sensitive service is one constant line, the same for every such service, with a way to ask."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.demo import Demo
from tests.journeys.visitor import Visitor, open_first, search_for

LINE = "A service that is not named here"
SignedIn = Callable[..., Visitor]


def test_that_there_is_one_and_not_which(signed_in: SignedIn, demo: Demo) -> None:
    """Neither the clinic nor anybody in it stands anywhere in the page."""
    child = demo.child("sensitive")
    of_clinic = [row for row in demo.records_of(child) if row["source"] == "sexual_health"]
    named = {
        row[name] for row in of_clinic for name in ("practitioner_name", "phone", "team", "email", "organisation_id")
    }
    visitor = signed_in(demo.account("nadia"))
    search_for(visitor, child.search)
    open_first(visitor)
    source = visitor.page.content()
    assert visitor.text.count(LINE) == 1
    assert named - {""}, "the made-up clinic has no names"
    assert {name for name in named - {""} if name in source} == set()


def test_no_line_where_there_is_none(signed_in: SignedIn, demo: Demo) -> None:
    """And what the index withholds of every child looks the same for this one."""
    visitor = signed_in(demo.account("nadia"))
    strips = []
    for why in ("sensitive", "misspelt"):
        visitor.go("/")
        search_for(visitor, demo.child(why).search)
        open_first(visitor)
        strips.append(visitor.page.locator(".ci-honesty-strip__item--withheld").all_inner_texts())
    assert LINE not in visitor.text
    assert strips[0] == strips[1] != []


def test_asking_to_be_put_in_touch(signed_in: SignedIn, demo: Demo) -> None:
    """The question says first to talk to the family; the answer is the same for everybody."""
    visitor = signed_in(demo.account("nadia"), scripts=False)
    search_for(visitor, demo.child("sensitive").search)
    open_first(visitor)
    visitor.follow("Ask to be put in touch")
    assert "Talk to the child or the parent first" in visitor.text
    visitor.press("Ask to be put in touch")
    assert visitor.problems == ["Select whether the family knows that you are asking"]
    visitor.choose("Yes")
    visitor.press("Ask to be put in touch")
    assert visitor.title == "Your request has been received"
