"""The ledger says what happened, no less and no more: random use of the site, reconciled with what the audit reader finds (R 7.01-7.03)."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex
from childindex.kernel.numbers import spaced_index_number
from tests.database import TestDatabase, type_connection
from tests.factories.index import (
    a_child,
    a_record,
    an_involvement,
    deliver,
    rows,
    set_up_register,
)
from tests.factories.people import Browser, MadeUp, People, sign_in_as
from tests.integration.visits import Known, Person, Reply, Town

pytestmark = pytest.mark.usefixtures("no_hurry")

AsRole = Callable[[str], AbstractContextManager[None]]
Connect = Callable[[str], type_connection]
SCHOOL = "urn:100001"
FAMILIES = ("Okonkwo", "Hussain", "O'Brien", "Nowak", "Achterberg", "Singh", "Fairweather", "Lindqvist")
GIVEN = ("Amara", "Zofia", "Declan", "Priya", "Ottoline", "Yusuf")
CROWD = 13  # more than ten alike: never shown, not even how many


@pytest.fixture
def children(database: TestDatabase, as_role: AsRole) -> dict[str, Known]:
    """Forty-eight children, three of them shielded, and a crowd of namesakes, by index number as it is shown."""
    with as_role("owner"):
        set_up_register()
    born = [(2009 + number % 9, 1 + number % 12, 1 + number % 28) for number in range(len(FAMILIES) * len(GIVEN))]
    names = [(given, family) for family in FAMILIES for given in GIVEN]
    records = []
    for number, ((given, family), (year, month, day)) in enumerate(zip(names, born, strict=True)):
        who = a_child(
            given_name=given, family_name=family, birth_date=PartialDate(year=year, month=month, day=day),
            sex=Sex.FEMALE, carers=(), address=f"{number} Mill Lane, Northby",
        )  # fmt: skip
        lines = (an_involvement("social_work", involvement_id=f"s{number}", lead_professional=number % 3 == 0),)
        records.append(
            a_record("care", str(number), identity=who, involvements=lines, confidential=number in {5, 20, 40})
        )
    for number in range(CROWD):
        who = a_child(
            given_name="Sam", family_name="Crowder", birth_date=PartialDate(year=2014, month=number % 12 + 1, day=number + 1),
            carers=(), address=f"{number} High Street, Northby", postcode="",
        )  # fmt: skip
        records.append(a_record("care", f"crowd-{number}", identity=who))
    with as_role("worker"):
        deliver(*records)
        # Nobody knows the crowd by name: a page that shows one of them is one that the observer cannot read.
        held = rows(
            "SELECT id, given_name, family_name, birth_date, index_number FROM children_child WHERE given_name <> 'Sam'"
        )
    return {spaced_index_number(str(number)): _known(one, number) for *one, number in held}


def _known(columns: list[Any], number: object) -> Known:
    child, given, family, born = columns
    year, month, day = (int(part) for part in born.split("-"))
    return Known(id=child, given_name=given, family_name=family, born=(year, month, day), number=str(number))


@pytest.fixture
def town(children: dict[str, Known], as_role: AsRole, connect: Connect, seed: int) -> Town:
    """Four people of two organisations, one of whom lets their training lapse; all signed in."""
    people = People(as_role=as_role)
    people.organisation()
    people.organisation(SCHOOL, name="Hill School")
    made = [
        people.somebody("social_worker"),
        people.somebody("social_worker"),
        people.somebody("school_safeguarding_lead", organisation=SCHOOL),
        people.somebody("social_worker", trained_on=timezone.now().date() - timedelta(days=4000)),
    ]
    owner = connect("owner")

    def expire(address: str) -> None:
        past = timezone.now() - timedelta(days=1)
        for table, key, began in (
            ("cases_searchresult", "token", "created_at"),
            ("cases_visit", "handle", "opened_at"),
        ):
            owner.execute(
                f"UPDATE {table} SET {began} = %s, expires_at = %s WHERE {key} = %s",  # noqa: S608
                [past - timedelta(minutes=15), past, address],
            )

    chance = random.Random(seed)  # noqa: S311 - the same every time
    return Town(chance=chance, children=children, people=[_at_work(one) for one in made], expire=expire)


def _at_work(somebody: MadeUp) -> Person:
    browser = Browser()
    sign_in_as(browser, somebody)
    return Person(account=somebody.account_id, browser=browser)


class Line:
    """One line of the ledger."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.at, self.account, self.event, self.outcome, self.children = row

    @property
    def discloses(self) -> bool:
        """Whether it says that children were shown or touched."""
        return bool(self.outcome == "done" and self.children)


def read_ledger(connect: Connect, began: object) -> list[Line]:
    """Everything since then, as the audit reader sees it."""
    found = connect("audit").execute(
        "SELECT at, account_id, event, outcome, children FROM audit_ledgerentry WHERE at >= %s ORDER BY at", [began]
    )
    return [Line(row) for row in found.fetchall()]


def reconcile(replies: list[Reply], lines: list[Line]) -> tuple[list[str], list[str]]:
    """What replies did without an entry that says so, and what entries say that no reply did.

    For people who wait for each reply before they ask again: the entries of a request are those between its beginning and its end.
    """
    missing, phantom = [], []
    everybodys: dict[UUID | None, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda one: one.at):
        everybodys[line.account].append(line)
    times = {account: [line.at for line in theirs] for account, theirs in everybodys.items()}
    claimed: Counter[UUID | None] = Counter()
    for reply in replies:
        when = times.get(reply.account, [])
        first, end = bisect_left(when, reply.began), bisect_right(when, reply.ended)
        mine = everybodys[reply.account][first:end]
        claimed[reply.account] += len(mine)
        expected = reply.shown or reply.touched
        told = [set(one.children) for one in mine if one.discloses]
        if expected and told != [set(expected)]:
            missing.append(f"{reply.kind} {reply.status}: {len(expected)} children, entries say {told}")
        if not expected and told:
            phantom.append(f"{reply.kind} {reply.status}: nobody, entries say {told}")
        if reply.status in {403, 404} and [one.outcome for one in mine] != ["refused"]:
            missing.append(f"{reply.kind} {reply.status}: {[(one.event, one.outcome) for one in mine]}")
    left = sum(len(theirs) - claimed[account] for account, theirs in everybodys.items())
    phantom += ["an entry at no request"] * left
    return missing, phantom


@pytest.mark.parametrize(
    ("seed", "requests"), [(1, 120), pytest.param(2, 1000, marks=pytest.mark.long)], ids=["120", "1000"]
)
def test_every_reply_that_showed_a_child_has_its_entry(
    town: Town, requests: int, connect: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    """Searches, results, pages, changes and refusals, mixed at random: nothing missing, nothing invented."""
    began = timezone.now()
    town.live(requests)
    lines = read_ledger(connect, began)
    missing, phantom = reconcile(town.replies, lines)
    showed = [reply for reply in town.replies if reply.shown]
    changed = [reply for reply in town.replies if reply.touched]
    refused = [one for one in lines if one.outcome == "refused"]
    with capsys.disabled():
        print(  # noqa: T201 - a measurement
            f"\n  {len(town.replies)} requests: {len(showed)} showed children, {len(changed)} opened or changed one,"
            f" {len(refused)} refused; {len(lines)} entries; {len(missing)} missing, {len(phantom)} phantom"
        )
    assert (missing, phantom) == ([], [])
    # The mixture was one: without these the test would say nothing.
    assert min(len(showed), len(changed), len(refused)) > requests / 20
    assert {200, 303, 403, 404, 422} <= {reply.status for reply in town.replies}
    assert Counter(one.outcome for one in lines)["failed"] == 0


@pytest.mark.parametrize("seed", [3])
def test_an_entry_that_is_not_written_or_invented_is_noticed(town: Town, connect: Connect) -> None:
    """The reconciliation can fail: take one line away and it is missing, add one and it is a phantom."""
    began = timezone.now()
    town.live(40)
    lines = read_ledger(connect, began)
    one = next(line for line in lines if line.discloses)
    missing, _ = reconcile(town.replies, [line for line in lines if line is not one])
    assert len(missing) == 1
    invented = Line((town.replies[0].began, town.replies[0].account, "child:entry:viewed", "done", [UUID(int=1)]))
    _, phantom = reconcile(town.replies, [*lines, invented])
    assert len(phantom) == 1 or len(reconcile(town.replies, [*lines, invented])[0]) == 1
