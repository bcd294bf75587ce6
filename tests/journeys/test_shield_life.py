"""A social worker has a shield put on; officers refuse it, somebody appeals in vain, and it is taken off again (R 3.11-3.16)."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.journeys.demo import Demo
from tests.journeys.visitor import Visitor, open_first, search_for

SignedIn = Callable[..., Visitor]
Look = Callable[[Visitor, str], None]
FETCHED_WITHIN = 60


def nobody_looks(visitor: Visitor, page: str) -> None:
    """No picture is taken."""


def ask(visitor: Visitor, demo: Demo, *, look: Look = nobody_looks) -> str:
    """Search, open, say on whose behalf and why; gives the child's name and birth date as the officers' list has them."""
    search_for(visitor, demo.child("misspelt").search)
    open_first(visitor)
    name, _, born, *_ = (line for line in visitor.page.locator(".ci-identity-bar").inner_text().splitlines() if line)
    visitor.follow("Somebody could be seriously harmed if it became known where this child is: ask for a shield")
    look(visitor, "ask-shield")
    visitor.choose("There was a threat that lasts, though nothing has happened lately")
    visitor.choose("A refuge")
    visitor.type("Case reference", "CP/2041")
    visitor.press("Put a shield on now")
    assert visitor.title == "Your request has been received"
    look(visitor, "shield-asked")
    return f"{name}, born {born}"


def on_the_list(officer: Visitor, words: str) -> None:
    """Ask for the list anew, and wait until it has been fetched, until it has this."""
    until = time.monotonic() + FETCHED_WITHIN
    while True:
        officer.page.context.clear_cookies(name="shields-key")
        officer.page.goto(f"{officer.site}/shields")
        officer.page.get_by_role("heading", name="Shields", exact=True).wait_for(timeout=FETCHED_WITHIN * 1000)
        if words in officer.text:
            officer.look()
            return
        assert time.monotonic() < until, officer.text


def shield_of(officer: Visitor, words: str, state: str) -> None:
    """Go to the page of the shield whose state this is."""
    on_the_list(officer, state)
    officer.follow(words)


def refuse(one: Visitor, other: Visitor, name: str, *, look: Look = nobody_looks) -> None:
    """One officer proposes that it comes off, another agrees."""
    shield_of(one, name, name)
    look(one, "shield")
    one.choose("Refuse the request, so that the shield comes off")
    one.choose("Practitioners who know the child")
    one.press("Propose it")
    shield_of(other, name, "a second has to agree")
    other.choose("Yes")
    other.press("Send your answer")


def test_from_request_to_the_last_word(signed_in: SignedIn, demo: Demo) -> None:
    visitor = signed_in(demo.account("sally"), scripts=False)
    name = ask(visitor, demo)
    one, other, third = (signed_in(demo.account(name), scripts=False) for name in ("shirin", "sid", "sofia"))
    on_the_list(one, name)
    refuse(one, other, name)
    # Two have agreed, and it stays on: it is never taken off by a day, and somebody may appeal.
    shield_of(one, name, "two officers have agreed")
    assert one.page.get_by_role("button", name="Take the shield off now").count() == 0
    one.choose("A parent or carer")
    one.press("Write down the appeal")
    shield_of(third, name, "a third officer has to hear it")
    third.choose("It is not: what two officers agreed stands")
    third.press("Decide the appeal")
    shield_of(third, name, "two officers have agreed")
    third.page.get_by_label("I know that everybody who may search will see where this child is").check()
    third.press("Take the shield off now")
    on_the_list(third, "Taking the shield off: done")
    assert name not in third.text
    visitor.go("/")
    search_for(visitor, demo.child("misspelt").search)
    open_first(visitor)
    assert "Who to ring now" in visitor.text
