"""Somebody new is given access: put forward, set up, welcomed, approved by another manager, in; and taken out again (journey C)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.journeys.conftest import NewVisitor
from tests.journeys.demo import Account, Demo
from tests.journeys.visitor import OneTimeCodes, Visitor, sign_in_with_code

SignedIn = Callable[..., Visitor]
PASSWORD = "four brown horses"
At = Callable[[Visitor], None]


def nowhere(visitor: Visitor) -> None:
    """Nothing to do on the way."""
    del visitor


def put_forward(manager: Visitor, username: str, name: str, *, at_the_form: At = nowhere) -> str:
    """A manager fills the form; gives the address of the one-time link."""
    manager.go("/team")
    manager.follow("Put somebody forward")
    at_the_form(manager)
    manager.press("Put forward")
    assert manager.status == 422
    for label, text in (
        ("Full name", name),
        ("User name", username),
        ("Work e-mail address", f"{username}@example.org"),
        ("Work telephone number", "01632 960999"),
    ):
        manager.type(label, text)
    manager.page.get_by_label("Role", exact=True).select_option("social_worker")
    manager.choose("6 months")
    manager.press("Put forward")
    link = re.search(r"/enrol/[\w-]+", manager.text)
    assert link is not None
    return link.group()


def set_up(new: Visitor, link: str, username: str, name: str, codes: OneTimeCodes) -> Account:
    """A password and an authenticator, with the link."""
    new.go(link)
    secret = new.page.locator("main strong").first.inner_text().replace(" ", "")
    account = Account(role="Social worker", name=name, username=username, password=PASSWORD, totp_secret=secret)
    new.type("New password", PASSWORD)
    new.type("New password again", PASSWORD)
    new.type("One-time code", codes.next(account))
    new.press("Finish")
    return account


def show(new: Visitor, *, checked: date, trained: date, at_the_page: At = nowhere) -> None:
    """The agreement, then the dates of check and training."""
    new.go("/welcome")
    at_the_page(new)
    new.follow("Read and accept the agreement")
    new.choose("I have read this and I accept it")
    new.press("Accept")
    assert new.title == "Getting access to the index"
    for name, day in (("check_issued_on", checked), ("trained_on", trained)):
        for part in ("day", "month", "year"):
            new.page.locator(f"[name='{name}-{part}']").fill(str(getattr(day, part)))
    new.choose("The certificate says that the children’s barred list was checked")
    new.press("Send")
    assert "You have told us" in new.text


def answer(manager: Visitor, name: str, answer: str, *, at_the_list: At = nowhere, at_the_page: At = nowhere) -> None:
    """Another manager looks at what was shown, and answers."""
    manager.go("/team")
    manager.follow("Who is waiting for an answer")
    at_the_list(manager)
    manager.follow(name)
    at_the_page(manager)
    manager.choose(answer)
    if answer == "Approve":
        manager.choose("I have seen the certificate of the check and the proof of training")
    manager.press("Answer")


@pytest.mark.parametrize("scripts", [False])
def test_a_way_in_and_out(
    new_visitor: NewVisitor, signed_in: SignedIn, demo: Demo, codes: OneTimeCodes, *, scripts: bool
) -> None:
    """Given a manager and another, when the second approves whom the first put forward, then they search; until they are taken out."""
    first, today = signed_in(demo.account("meera"), scripts=scripts), date.today()  # noqa: DTZ011 - as a person reads a calendar
    link = put_forward(first, "nina.new", "Nina Newton")
    new = new_visitor(scripts=scripts)
    account = set_up(new, link, "nina.new", "Nina Newton", codes)
    sign_in_with_code(new, account, codes)
    assert (new.title, new.status) == ("You cannot use the index at the moment", 403)
    new.follow("See what is still to be done")
    show(new, checked=today - timedelta(days=40), trained=today - timedelta(days=4))
    first.go("/team/nominations")
    first.follow("Nina Newton")
    assert "Somebody other than you must answer." in first.text
    second = new_visitor(scripts=scripts)
    sign_in_with_code(second, demo.account("stefan"), codes)
    answer(second, "Nina Newton", "Approve")
    assert "Nobody is waiting." in second.text
    inside = new_visitor(scripts=scripts)
    sign_in_with_code(inside, account, codes)
    assert inside.title == "Find a child"
    first.go("/team")
    first.follow(re.compile("^End or suspend\\s+access of Nina Newton"))
    first.choose("They work here no longer, or no longer need it")
    first.press("End or suspend access")
    assert "Nina Newton" not in first.text
    inside.page.goto(demo.url + "/")
    assert inside.title == "Sign in"


@pytest.mark.parametrize("scripts", [False])
def test_an_organisation_is_let_in_by_two(
    new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes, *, scripts: bool
) -> None:
    """Given an organisation that never applied, when one administrator has looked at its proof, then only another accredits it."""
    one, two = new_visitor(scripts=scripts), new_visitor(scripts=scripts)
    sign_in_with_code(one, demo.account("ian"), codes)
    sign_in_with_code(two, demo.account("iris"), codes)
    one.follow("Organisations")
    row = one.page.locator(".govuk-summary-list__row", has_text="Never applied").first
    name = row.locator("dt").inner_text()
    one.follow(re.compile(f"^Change\\s+{re.escape(name)}"))
    for step in ("They have applied", "I have looked at their proof"):
        one.page.get_by_label(step, exact=True).check()
        one.press("Take this step")
    one.page.get_by_label("Accredit them, from today", exact=True).check()
    one.press("Take this step")
    assert one.status == 422
    assert "Another administrator must accredit them" in one.problems[0]
    two.go(one.addresses[-1])
    two.page.get_by_label("Accredit them, from today", exact=True).check()
    two.press("Take this step")
    assert "Accredited" in two.text
    two.type("How many of their people may have a role at once?", "4")
    two.press("Set this number")
    assert "4" in two.page.locator(".govuk-summary-list__value").all_inner_texts()
