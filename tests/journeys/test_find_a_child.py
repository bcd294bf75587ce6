"""A practitioner has a child in front of them, heard a name, and needs to know whom to ring (journey A)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import NewVisitor
from tests.journeys.demo import Demo, SoughtChild
from tests.journeys.visitor import (
    OneTimeCodes,
    Visitor,
    add_authenticator,
    open_first,
    search_for,
    sign_in_with_code,
)

MOST_SCREENS, MOST_KEYS = 5, 35
Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Prints a measurement, also where output is captured."""

    def aloud(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}")  # noqa: T201 - a measurement

    return aloud


def digits(text: str) -> str:
    """A telephone number as it is dialled."""
    return "".join(character for character in text if character.isdigit())


def number_of_the_lead(demo: Demo, child: SoughtChild) -> str:
    """The number of the lead professional, from the file that social care delivered."""
    [number] = {row["phone"] for row in demo.records_of(child) if row.get("lead_professional") == "true"}
    return digits(number)


def number_read_out(visitor: Visitor) -> str:
    """The first number under "Who to ring now", from the link that a telephone would dial."""
    link = visitor.page.locator(".ci-involvement--first a[href^='tel:']").first
    assert digits(link.inner_text()) == digits(link.get_attribute("href") or "").replace("44", "0", 1)
    return digits(link.inner_text())


def passkey_added(visitor: Visitor, demo: Demo, codes: OneTimeCodes) -> None:
    """Somebody has once signed in with a code, added a passkey, and signed out."""
    account = demo.account("social worker", "sally")
    sign_in_with_code(visitor, account, codes)
    add_authenticator(visitor.page.context, visitor.page)
    visitor.follow("My access")
    visitor.follow("Add a passkey")
    visitor.type("What to call this passkey", "Office computer")
    visitor.type("One-time code", codes.next(account))
    visitor.press("Add the passkey")
    assert "Office computer" in visitor.text
    visitor.press("Sign out")
    visitor.go("/sign-in")
    visitor.screens, visitor.keys, visitor.clicks = 1, 0, 0


def test_with_a_passkey_in_five_screens_and_thirty_five_keys(
    new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes, say: Say
) -> None:
    """From the sign-in page to the telephone number of the lead professional of a misspelt child; then by keyboard alone."""
    child = demo.child("misspelt")
    visitor = new_visitor()
    passkey_added(visitor, demo, codes)

    visitor.press("Sign in with a passkey")
    search_for(visitor, child.search)
    open_first(visitor)
    number = number_read_out(visitor)

    say(f"passkey: {visitor.screens} screens, {visitor.keys} keys, {visitor.clicks} clicks")
    assert number == number_of_the_lead(demo, child)
    assert visitor.screens <= MOST_SCREENS
    assert visitor.keys <= MOST_KEYS

    visitor.press("Sign out")
    visitor.go("/sign-in")
    visitor.screens, visitor.keys, visitor.clicks = 1, 0, 0
    by_keyboard(visitor, child)
    say(f"passkey, keyboard alone: {visitor.screens} screens, {visitor.keys} keys with Tab and Enter")
    assert visitor.clicks == 0
    assert number_read_out(visitor) == number


def by_keyboard(visitor: Visitor, child: SoughtChild) -> None:
    """Signs in with the passkey and searches without touching the mouse."""
    visitor.tab_to("Sign in with a passkey")
    visitor.enter()
    # The first box has the focus already.
    for name in ("family_name", "given_name", "born-day", "born-month", "born-year"):
        assert visitor.page.evaluate("document.activeElement.name") == name
        visitor.key_in(child.search[name].lstrip("0"))
        visitor.key("Tab")
    visitor.tab_to("I work with the child")
    visitor.key("Space")
    visitor.enter()
    visitor.tab_to("Open")
    visitor.enter()


@pytest.mark.parametrize(
    ("scripts", "person"), [(True, "nadia"), (False, "hannah")], ids=["with scripts", "without scripts"]
)
def test_with_password_and_code(
    new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes, say: Say, *, scripts: bool, person: str
) -> None:
    """The same way for somebody without a passkey, also in a browser without JavaScript."""
    child = demo.child("misspelt")
    visitor = new_visitor(scripts=scripts)

    sign_in_with_code(visitor, demo.account(person), codes)
    search_for(visitor, child.search)
    open_first(visitor)

    say(
        f"password and code, {'with' if scripts else 'without'} JavaScript:"
        f" {visitor.screens} screens, {visitor.keys} keys, {visitor.clicks} clicks"
    )
    assert number_read_out(visitor) == number_of_the_lead(demo, child)


def test_the_page_is_in_the_order_in_which_it_is_needed(signed_in: Callable[..., Visitor], demo: Demo) -> None:
    """Who leads, whom to ring, everybody; then the rest; and what the index does not know, said aloud."""
    visitor = signed_in(demo.account("nadia"))
    search_for(visitor, demo.child("misspelt").search)
    assert 1 <= visitor.page.locator(".ci-result-list__item").count() <= 10
    open_first(visitor)
    headings = visitor.page.locator("main h2").all_inner_texts()
    order = [
        "Lead professional",
        "Who to ring now",
        "Everybody involved",
        "Assessment",
        "Parents and carers",
        "Whereabouts",
    ]
    assert [one for one in headings if one in order] == order
    assert headings[-1] == "What the index knows in this area"
    assert "No entry here does not mean nobody is involved." in visitor.text


def test_first_load_is_light(new_visitor: NewVisitor, demo: Demo) -> None:
    """At most 100 kB travel for the first page, style sheet and script included."""
    visitor = new_visitor()
    visitor.page.goto(demo.url + "/sign-in")
    visitor.page.wait_for_load_state("networkidle")
    travelled = sum(one.request.sizes()["responseBodySize"] for one in visitor.answers)
    assert 0 < travelled <= 100_000


def test_another_child_needs_a_reason_of_their_own(signed_in: Callable[..., Visitor], demo: Demo) -> None:
    """The reason of the search goes for the first child opened; for another it is asked for again, and kept for that one."""
    visitor = signed_in(demo.account("nadia"))
    search_for(visitor, demo.twins())
    rows = visitor.page.locator(".ci-result-list__item button")
    results = visitor.page.url
    open_first(visitor)
    visitor.page.goto(results)
    with visitor.page.expect_navigation():
        rows.nth(1).click()
    visitor.look()
    assert visitor.title == "Why are you looking at this child?"
    assert visitor.page.locator("[name=reason]:checked").get_attribute("value") == "moved"
    visitor.press("Open the child’s page")
    assert "You opened this page because" in visitor.text
    visitor.page.goto(results)
    with visitor.page.expect_navigation():
        rows.nth(1).click()
    assert "You opened this page because" in visitor.text
