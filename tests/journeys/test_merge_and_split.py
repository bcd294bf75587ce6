"""Two stewards make one entry of two, find that it was wrong, take it apart, and read whom they must tell."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

import pytest

from tests.journeys.demo import Demo, deliver
from tests.journeys.visitor import Visitor, open_first, search_for

SignedIn = Callable[..., Visitor]
NUMBER = re.compile(r"[0-9A-Z]{4} [0-9A-Z]{3} [0-9A-Z]{3}")
ADA = {"family_name": "Quillfeather", "given_name": "Ada", "born-day": "3", "born-month": "4", "born-year": "2013"}
BEA = {"family_name": "Zanderling", "given_name": "Bea", "born-day": "9", "born-month": "11", "born-year": "2016"}


def rows(demo: Demo, name: str) -> list[dict[str, str]]:
    """One of the demo's set-up files."""
    [path] = demo.data.glob(f"demo-*/{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def two_children(demo: Demo) -> tuple[dict[str, str], dict[str, str]]:
    """Two children who have nothing in common, in the stewards' own area; what to type to find them."""
    councils = [row for row in rows(demo, "organisations") if row["kind"] == "council"]
    area = councils[-1]["organisation_id"].removeprefix("gss:")
    postcode = next(row["postcode"] for row in rows(demo, "postcodes") if area in row.values())
    lines = [
        ",".join([f"MS-{who['given_name']}", who["family_name"], who["given_name"], _born(who), "female", postcode])
        for who in (ADA, BEA)
    ]
    file = demo.data / "two-children.csv"
    file.write_text("record_id,family_name,given_name,birth_date,sex,postcode\n" + "\n".join(lines) + "\n")
    done = deliver(demo, "births", file, "--kind", "delta")
    assert done.returncode == 0, done.stderr
    return ADA, BEA


def _born(who: dict[str, str]) -> str:
    return "-".join(who[f"born-{part}"].zfill(2) for part in ("year", "month", "day"))


def number_of(visitor: Visitor, who: dict[str, str]) -> str:
    """The index number on the child's page."""
    visitor.go("/")
    search_for(visitor, {**who, "reason": "contact"})
    open_first(visitor)
    found = NUMBER.search(visitor.text)
    assert found is not None
    return found.group()


def until(visitor: Visitor, words: str) -> None:
    """Loads the page again until the worker has done its part."""
    for _ in range(60):
        if words in visitor.text:
            return
        visitor.page.wait_for_timeout(500)
        visitor.page.reload()
    raise AssertionError(f"{words!r} never stood on {visitor.page.url}")


def confirmed(visitor: Visitor, address: str, button: str) -> None:
    """The second steward confirms, and the worker carries it out."""
    visitor.go(address)
    visitor.press(button)
    until(visitor, "Done")


def propose_merge(visitor: Visitor, keep: str, other: str, *, at_the_comparison: Callable[[], None]) -> None:
    """From the list to the proposal."""
    visitor.go("/merges")
    visitor.type("Index number to keep", keep)
    visitor.type("Index number to merge into it", other)
    visitor.press("Compare")
    at_the_comparison()
    visitor.choose("The entries agree, as shown here")
    visitor.press("Propose to merge them")


def propose_split(visitor: Visitor, number: str, *, at_the_entry: Callable[[], None]) -> None:
    """From the list to the proposal that undoes the last merge."""
    visitor.go("/merges")
    visitor.type("Index number of the entry", number)
    visitor.press("Continue")
    visitor.choose("The last merge: its records go back to the entry they came from")
    at_the_entry()
    visitor.choose("Somebody reported that two children are mixed up")
    visitor.press("Propose to take it apart")


def differences_are_said(visitor: Visitor) -> None:
    """In words, and a proposal needs a ground."""
    assert visitor.title == "Are these the same child?"
    rows = visitor.page.get_by_role("row")
    for name, mark in (("Name", "Differs"), ("Gender", "Same"), ("Other names", "Not given")):
        assert rows.filter(has=visitor.page.get_by_role("rowheader", name=name, exact=True)).inner_text().endswith(mark)
    visitor.press("Propose to merge them")
    assert visitor.problems == ["Select how do you know?"]


def test_merged_by_two_people_seen_and_taken_apart(
    signed_in: SignedIn, demo: Demo, two_children: tuple[dict[str, str], dict[str, str]]
) -> None:
    """Without scripts, from two numbers to an approved notice; a teacher who looked in between is listed."""
    one, other = signed_in(demo.account("stefan"), scripts=False), signed_in(demo.account("sunita"))
    ada, bea = (number_of(one, who) for who in two_children)

    one.follow("Merge and split")
    one.type("Index number to keep", ada)
    one.type("Index number to merge into it", "AAAA AAA AAA")
    one.press("Compare")
    assert one.problems == ["There is no open entry with this index number. Check it and try again."]
    propose_merge(one, ada, bea, at_the_comparison=lambda: differences_are_said(one))
    assert "Another data steward has to confirm it." in one.text
    assert one.page.get_by_role("button", name=re.compile("^Confirm")).count() == 0
    confirmed(other, one.addresses[-1], "Confirm: same child")

    teacher = signed_in(demo.account("tom"))
    assert number_of(teacher, two_children[1]) == ada

    propose_split(one, bea, at_the_entry=lambda: None)
    confirmed(other, one.addresses[-1], "Confirm: take it apart")
    assert "Tom Teasdale" in other.text
    assert "to be sent by post or e-mail by your team" in other.text
    assert number_of(teacher, two_children[1]) == bea

    one.go(other.addresses[-1])
    one.follow(f"The family of the child with index number {bea}")
    assert "Your child’s entry was mixed up with another child’s." in one.text
    assert ada not in one.text
    one.press("Approve")
    one.press("We have sent it")
    assert "Sent by your team" in one.text


def test_by_keyboard(signed_in: SignedIn, demo: Demo, two_children: tuple[dict[str, str], dict[str, str]]) -> None:
    """From the list to the comparison without touching the mouse."""
    visitor = signed_in(demo.account("sunita"))
    ada, bea = (number_of(visitor, who) for who in two_children)
    visitor.go("/merges")
    visitor.tab_to("Index number to keep")
    visitor.key_in(ada)
    visitor.tab_to("Index number to merge into it")
    visitor.key_in(bea)
    visitor.enter()
    assert visitor.title == "Are these the same child?"
