"""Somebody whose training has lapsed is told so, and whom to ring; and sees no child by any way in."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import NewVisitor
from tests.journeys.demo import Demo
from tests.journeys.visitor import OneTimeCodes, sign_in_with_code

GATE = "You cannot use the index at the moment"


@pytest.mark.parametrize("scripts", [False])
def test_turned_away(new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes, *, scripts: bool) -> None:
    """The plain page says which of her own conditions lapsed; every other address says the same."""
    visitor = new_visitor(scripts=scripts)
    sign_in_with_code(visitor, demo.account("lapsed"), codes)
    assert (visitor.title, visitor.status) == (GATE, 403)
    assert "training" in visitor.text.lower()
    assert visitor.page.locator("main li").count() == 1
    assert "Meera Manning" in visitor.text
    assert visitor.page.locator("main a[href^='tel:']").count() >= 1
    for path in ("/search", "/results/AAAAAAAAAAAAAAAAAAAAAA", "/child/AAAAAAAAAAAAAAAAAAAAAA", "/propose", "/team"):
        visitor.go(path)
        assert (visitor.title, visitor.status) == (GATE, 403)
    visitor.go("/my-access")
    assert visitor.title == "My access"


def test_nobody_sees_anything_unsigned(new_visitor: NewVisitor, demo: Demo) -> None:
    """Every address leads to the sign-in page."""
    visitor = new_visitor()
    for path in (
        "/",
        "/child/AAAAAAAAAAAAAAAAAAAAAA",
        "/results/AAAAAAAAAAAAAAAAAAAAAA",
        "/my-access",
        "/team",
        "/nowhere",
    ):
        visitor.page.goto(demo.url + path)
        if path != "/nowhere":
            assert visitor.title == "Sign in"


def test_a_manager_sees_the_team_and_no_child(new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes) -> None:
    """An access manager begins at the team, with what is in date for each colleague, and may not search."""
    visitor = new_visitor()
    sign_in_with_code(visitor, demo.account("meera"), codes)
    assert visitor.title == "My team"
    assert "Lara Lapworth" in visitor.text
    visitor.go("/")
    assert visitor.title == "My team"
    visitor.go("/child/AAAAAAAAAAAAAAAAAAAAAA")
    assert (visitor.title, visitor.status) == ("You cannot use this page", 403)
