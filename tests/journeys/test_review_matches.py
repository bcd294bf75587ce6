"""A data steward works through the records that may belong to a child who has an entry: few keys, no JavaScript, two people."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest

from tests.journeys.demo import Demo, deliver
from tests.journeys.visitor import Visitor, open_first, search_for

SignedIn = Callable[..., Visitor]
HEAD = "record_id,family_name,given_name,birth_date,sex,address,postcode,carer_name,carer_phone,nhs_number\n"
CHILDREN = (
    ("Pennyfeather", "Ada", "2013-04-05", "female", "4 Review Row", "0161 496 0401", "9990000107"),
    ("Quillfeather", "Bram", "2012-05-06", "male", "5 Review Row", "0161 496 0402", "9990000115"),
    ("Rookfeather", "Cleo", "2014-06-07", "female", "6 Review Row", "0161 496 0403", "9990000123"),
)
APPLIED_WITHIN_SECONDS = 60
PROGRESS = re.compile(r"Pair (\d+) of (\d+)")


@pytest.fixture(scope="module")
def waiting(demo: Demo) -> None:
    """Three children, and three rows of another supplier that may be theirs: a person has to say.

    Two have no given name, and another home. One has another family name and another NHS number, so that it may be a new identity.
    """
    postcode = demo.postcode_of_the_council()
    known = [
        f"RV{n},{family},{given},{born},{sex},{address},{postcode},Parent {family},{phone},{number}\n"
        for n, (family, given, born, sex, address, phone, number) in enumerate(CHILDREN)
    ]
    unsure = [
        f"RW{n},{family},,{born},unknown,9 Other Street,{postcode},Parent {family},{phone},\n"
        for n, (family, _, born, _, _, phone, _) in enumerate(CHILDREN[:2])
    ]
    renamed = f"RW9,Hawkfeather,Cleo,2014-06-07,female,6 Review Row,{postcode},,,9990000131\n"
    for feed, rows, asked in (("births", known, 0), ("health_visiting", [*unsure, renamed], 3)):
        file = demo.data / f"review-{feed}.csv"
        file.write_text(HEAD + "".join(rows))
        done = deliver(demo, feed, file, "--kind", "delta")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["for_review"] == asked, done.stdout


def to_the_pair_of(visitor: Visitor, name: str) -> None:
    """Look through the queue, leaving each pair as it is, until the one that names this child."""
    visitor.go("/matches")
    places = [str(one.get_attribute("href")) for one in visitor.page.locator("main table a").all()]
    for place in reversed(places):
        visitor.go(place)
        if name in visitor.text:
            return
    raise AssertionError(f"no pair of {name} waits among {len(places)}")


@pytest.mark.usefixtures("waiting")
def test_two_keys_a_pair(signed_in: SignedIn, demo: Demo) -> None:
    """One screen and two keys: one chooses, Enter decides, and the next pair is there; without JavaScript."""
    visitor = signed_in(demo.account("stefan"), scripts=False)
    to_the_pair_of(visitor, "Ada Pennyfeather")
    assert "same date of birth" in visitor.text.lower()
    before = PROGRESS.search(visitor.text)
    assert before is not None
    visitor.screens = visitor.keys = visitor.clicks = 0
    visitor.access_key("1")
    assert visitor.page.get_by_label("The same child as Ada Pennyfeather").is_checked()
    visitor.enter()
    assert (visitor.screens, visitor.keys, visitor.clicks) == (1, 2, 0)
    assert "Your decision is kept." in visitor.text
    assert visitor.title == "Is this the same child?"
    after = PROGRESS.search(visitor.text)
    assert after is not None
    assert [int(after[1]), after[2]] == [int(before[1]) + 1, before[2]]


@pytest.mark.usefixtures("waiting")
def test_a_new_child_can_be_found(signed_in: SignedIn, demo: Demo) -> None:
    """Decided as somebody else, with Tab and the arrow keys alone; the worker makes an entry that a search finds."""
    visitor = signed_in(demo.account("stefan"))
    to_the_pair_of(visitor, "Bram Quillfeather")
    visitor.tab_to("The same child as")
    visitor.key("ArrowDown")
    visitor.enter()
    assert "Your decision is kept." in visitor.text
    terms = {
        "family_name": "Quillfeather",
        "born-year": "2012",
        "born-month": "5",
        "born-day": "6",
        "reason": "contact",
    }
    colleague = signed_in(demo.account("sally"))
    until = time.monotonic() + APPLIED_WITHIN_SECONDS
    while True:
        colleague.go("/")
        search_for(colleague, terms)
        if colleague.page.locator(".ci-result-list__item").count() == 2:
            break
        assert time.monotonic() < until, "the worker did not apply the decision"
    open_first(colleague)


@pytest.mark.usefixtures("waiting")
def test_what_may_be_a_new_identity_takes_two_people(signed_in: SignedIn, demo: Demo) -> None:
    """The first decides, and cannot confirm; the second says whether they decide the same."""
    stefan = signed_in(demo.account("stefan"))
    to_the_pair_of(stefan, "Hawkfeather")
    pair = stefan.addresses[-1]
    stefan.press("Decide and go on")
    assert (stefan.problems, stefan.status) == (["Select what you decide"], 422)
    stefan.choose("The same child as Cleo Rookfeather")
    stefan.press("Decide and go on")
    assert "A second steward must confirm it before anything changes." in stefan.text
    stefan.go(pair)
    assert "You decided: The same child as Cleo Rookfeather." in stefan.text
    assert stefan.page.get_by_role("button", name="Confirm and go on").count() == 0

    sunita = signed_in(demo.account("sunita"), scripts=False)
    sunita.go(pair)
    assert "Another steward decided: The same child as Cleo Rookfeather." in sunita.text
    sunita.press("Confirm and go on")
    assert sunita.problems == ["Select whether you decide the same"]
    sunita.choose("Yes, I decide the same")
    sunita.press("Confirm and go on")
    assert "Your decision is kept." in sunita.text
    sunita.go(pair)
    assert "That pair is no longer waiting." in sunita.text


def test_nobody_else_sees_the_queue(signed_in: SignedIn, demo: Demo) -> None:
    """Neither in the navigation nor at its address."""
    visitor = signed_in(demo.account("sally"))
    assert visitor.page.get_by_role("link", name="Same child?").count() == 0
    visitor.go("/matches")
    assert visitor.status == 403
