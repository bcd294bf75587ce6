"""A social worker who cannot wait sees what a shield hides: by a right two managers gave, for one sitting, under investigation (T14)."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.journeys.demo import Demo
from tests.journeys.test_shielded_child import hidden_facts
from tests.journeys.visitor import Visitor, open_first, search_for

SignedIn = Callable[..., Visitor]
FETCHED_WITHIN = 30


def give_right(signed_in: SignedIn, demo: Demo, *, at_the_list: Callable[[Visitor], None] = lambda _: None) -> None:
    """One manager proposes, another approves."""
    one, other = signed_in(demo.account("meera")), signed_in(demo.account("stefan"))
    one.go("/team")
    one.follow("Rights to see what a shield hides")
    one.page.get_by_label("Colleague").select_option(label="Sally Sowerby")
    one.choose("1 month")
    one.press("Propose it")
    assert "Waiting for a second manager." in one.text
    other.go("/team/override-rights")
    at_the_list(other)
    other.press("Approve the right of Sally Sowerby")
    assert "Approved." in other.text


def override(visitor: Visitor, demo: Demo, *, at_the_form: Callable[[Visitor], None] = lambda _: None) -> str:
    """Search, open, read the warning, say why; gives the address of what is hidden once it is there."""
    search_for(visitor, demo.child("shielded").search)
    open_first(visitor)
    visitor.follow("You have a right to see what is hidden and cannot wait")
    at_the_form(visitor)
    visitor.choose("An enquiry whether the child is suffering significant harm")
    visitor.type("Case reference", "CP/2041")
    visitor.page.get_by_label("I understand that an investigation opens now").check()
    visitor.press("Open an investigation and see what is hidden")
    address = visitor.addresses[-1]
    until = time.monotonic() + FETCHED_WITHIN
    while visitor.title != "What is hidden":
        assert time.monotonic() < until, visitor.text
        time.sleep(0.5)
        visitor.go(address)
    return address


def test_what_is_hidden_is_seen_and_then_gone(signed_in: SignedIn, demo: Demo) -> None:
    give_right(signed_in, demo)
    visitor = signed_in(demo.account("sally"), scripts=False)
    address = override(visitor, demo)
    assert any(fact in visitor.text for fact in hidden_facts(demo))
    visitor.press("Leave this page")
    visitor.go(address)
    assert visitor.title == "This address is not in use"
