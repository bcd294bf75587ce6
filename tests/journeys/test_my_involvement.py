"""A health visitor says that she works with a child, that it is still right, that it has ended; and that a number is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.journeys.demo import Demo
from tests.journeys.visitor import Visitor, open_first, search_for

SignedIn = Callable[..., Visitor]


def at_the_child(visitor: Visitor, demo: Demo) -> None:
    """On the page of the misspelt child."""
    search_for(visitor, demo.child("misspelt").search)
    open_first(visitor)


def test_declare_confirm_and_end(signed_in: SignedIn, demo: Demo) -> None:
    """Each is one page or one button, and the child's page says what was done, to her and to a colleague elsewhere."""
    visitor = signed_in(demo.account("vera"), scripts=False)
    at_the_child(visitor, demo)
    assert "Vera Vaughan" not in visitor.text

    visitor.follow("Add my involvement")
    visitor.page.locator("[name=service_type]").first.check()
    visitor.press("Add my involvement")
    assert "Your involvement has been added." in visitor.text
    assert "Vera Vaughan" in visitor.text

    visitor.press(re.compile("^This is still right"))
    assert "The involvement has been confirmed." in visitor.text

    elsewhere = signed_in(demo.account("nadia"))
    at_the_child(elsewhere, demo)
    assert "Vera Vaughan" in elsewhere.text
    assert elsewhere.page.get_by_role("button", name=re.compile("^This is still right: .*oluntary")).count() == 0

    visitor.follow(re.compile("^End this involvement"))
    visitor.press("End the involvement")
    assert "The involvement has been ended." in visitor.text
    assert "Ended in the last 12 months" in visitor.text


def test_a_day_that_cannot_be(signed_in: SignedIn, demo: Demo) -> None:
    """Not in the future, not before the child was born, and not on 31 February; one sentence each, and nothing is added."""
    visitor = signed_in(demo.account("vera"))
    at_the_child(visitor, demo)
    visitor.follow("Add my involvement")
    for day, month, year, sentence in (
        ("1", "1", "2099", "Since when must be today or in the past, and after the child was born"),
        ("1", "1", "1999", "Since when must be today or in the past, and after the child was born"),
        ("31", "2", "2024", "Since when? must be a real date"),
    ):
        visitor.page.locator("[name=service_type]").first.check()
        for part, text in (("Day", day), ("Month", month), ("Year", year)):
            visitor.page.get_by_label(part, exact=True).fill("")
            visitor.type(part, text)
        visitor.press("Add my involvement")
        assert visitor.problems == [sentence]
        assert visitor.status == 422


def test_a_wrong_number_is_reported(signed_in: SignedIn, demo: Demo) -> None:
    """One button; everybody sees that it was said, until its source gives another."""
    visitor = signed_in(demo.account("edward"))
    at_the_child(visitor, demo)
    visitor.press(re.compile("^This number is wrong"))
    assert "The number is marked as reported wrong" in visitor.text
    assert "Number reported wrong on" in visitor.text
    colleague = signed_in(demo.account("nadia"))
    at_the_child(colleague, demo)
    assert "Number reported wrong on" in colleague.text
    assert colleague.page.get_by_role("link", name="Add my involvement").count() == 1
    assert visitor.page.get_by_role("link", name="Add my involvement").count() == 0
