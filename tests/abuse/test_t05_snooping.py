"""T05: somebody who may look up children looks up their own household, family, a colleague's or neighbour's child, an ex, a celebrity.

Passes when at least 0.90 of what people do in 17 or more scenarios waits for an audit officer and at least 0.94 of honest looks are
explained without one, what can be seen at once is in the queue within 15 minutes, a look into one's own household is stopped before
the child is opened, and one act suspends, tells the manager and opens the investigation.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test import RequestFactory, override_settings

from childindex.access.sign_in import operator
from childindex.access.types import Actor, Condition
from childindex.kernel.dates import PartialDate
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import SearchTerms
from childindex.oversight.types import Explanation, Signal
from childindex.oversight.usecases import answering, scanning
from childindex.project import processes
from childindex.project.database import DatabaseError, Process, mark_demo
from childindex.web.design.pages import Chrome, render
from childindex.web.practitioner.household_page import HouseholdPage
from tests.database import AsRole, TestDatabase, filled
from tests.factories.index import COUNCIL, NORTH, SCHOOL, rows
from tests.factories.misuse import BEGIN, DAYS, NOT_TO_BE_TOLD, SCENARIOS, SEEN_LATER, Month
from tests.factories.people import People
from tests.integration.conftest import quick_passwords
from tests.integration.lookup.conftest import (
    AMARA,
    REASON,
    Index,
    Ledger,
    actor,
    at,
    index,
    ledger,
    opened,
    people,
    put_in,
)

__all__ = ["actor", "at", "index", "ledger", "people", "quick_passwords"]

Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]
Make = Callable[..., Actor]
template = filled(put_in, scope="module")
JONAH = SearchTerms(family_name="Fairweather", given_name="Jonah", birth_date=PartialDate(2013, 5, 6))
# How often the auditors' process reads the ledger: `childindex oversight`.
EVERY = timedelta(minutes=10)
FLOOR_RECALL, FLOOR_EXPLAINED = 0.90, 0.94


@dataclass(frozen=True)
class Score:
    """How much misuse waits for an officer, how much honest work does not, and which scenarios were caught how often."""

    recall: float
    explained: float
    by_scenario: dict[str, float]


def score(month: Month) -> Score:
    """Compare the queue with the truth; as the auditors' process."""
    waiting = set(rows("SELECT account_id, child_id, day FROM oversight_queueitem WHERE state = 'waiting'"))
    caught: dict[str, list[bool]] = defaultdict(list)
    for misuse in month.misuses:
        caught[misuse.scenario].append(bool(misuse.keys & waiting))
    every = [one for ones in caught.values() for one in ones]
    return Score(
        recall=sum(every) / len(every),
        explained=1 - len(month.honest & waiting) / len(month.honest),
        by_scenario={name: sum(ones) / len(ones) for name, ones in caught.items()},
    )


def scan(at: datetime) -> None:
    """The auditors' process reads the ledger."""
    scanning.scan(actor=operator(at=at), at=at)


def scan_the_month(step: timedelta) -> None:
    """From the first look until the time for an involvement is over for the last one."""
    now, end = BEGIN, BEGIN + timedelta(days=2 * DAYS + 1)
    while now <= end:
        now += step
        scan(now)


def check(found: Score) -> None:
    """The floors, and that nothing is caught by luck."""
    assert found.explained >= FLOOR_EXPLAINED, found
    assert found.recall >= FLOOR_RECALL, found
    assert {name for name, share in found.by_scenario.items() if share < 1} <= NOT_TO_BE_TOLD, found.by_scenario


@pytest.mark.process("audit")
@pytest.mark.abuse("T05")
def test_snooping_waits_for_an_officer_and_work_does_not(index: Index, connect: Connect) -> None:
    """A month of some two thousand looks, read as it goes on, once a week."""
    month = Month(chance=random.Random(5), authorities=3, people=60)  # noqa: S311 - the same every time
    month.live(1_000)
    month.misbehave(2)
    month.put_in(connect("owner"))
    scan_the_month(timedelta(days=7))
    assert len(SCENARIOS) >= 17
    check(score(month))


@pytest.mark.long
@pytest.mark.process("audit")
@pytest.mark.abuse("T05")
def test_a_million_entries(index: Index, connect: Connect, capsys: pytest.CaptureFixture[str]) -> None:
    """The same in a ledger of a million, read every day."""
    month = Month(chance=random.Random(5), authorities=20, people=20_000)  # noqa: S311 - the same every time
    month.live(450_000)
    month.misbehave(200)
    month.put_in(connect("owner"))
    assert len(month.lines) >= 1_000_000
    connect("owner").execute("ANALYZE audit_ledgerentry, involvement_involvement")
    began, worked = perf_counter(), process_time()
    scan_the_month(timedelta(days=1))
    wall, own = perf_counter() - began, process_time() - worked
    found = score(month)
    with capsys.disabled():
        print(  # noqa: T201 - figures
            f"\n  T05: {len(month.lines):,} entries, {len(month.misuses):,} misuses: recall {found.recall:.4f}, explained"
            f" {found.explained:.4f}; 57 readings {wall:.0f} s, {own:.0f} s of processor; not always caught:"
            f" { {name: share for name, share in found.by_scenario.items() if share < 1} }"
        )
    check(found)


@pytest.mark.process("audit")
@pytest.mark.abuse("T05")
def test_what_can_be_seen_at_once_waits_within_a_quarter_of_an_hour(index: Index, connect: Connect) -> None:
    """Every sign but the lack of an involvement: with readings ten minutes apart, the first after the act has it."""
    month = Month(chance=random.Random(7), authorities=2, people=20)  # noqa: S311 - the same every time
    month.misbehave(1, leave_out=SEEN_LATER | NOT_TO_BE_TOLD)
    month.put_in(connect("owner"))
    moments = sorted({line[3] for line in month.lines})
    scan(moments[0] - EVERY)
    for moment in moments:
        scan(moment + EVERY)
    found = {
        (account, child, day): found_at - max(times)
        for account, child, day, found_at, times in rows(
            "SELECT account_id, child_id, day, found_at, times FROM oversight_queueitem"
        )
    }
    for misuse in month.misuses:
        assert any(found.get(key, timedelta.max) <= timedelta(minutes=15) for key in misuse.keys), misuse.scenario


@pytest.mark.abuse("T05")
def test_a_look_into_ones_own_household_is_stopped(
    index: Index, actor: Make, ledger: Ledger, at: datetime, as_role: AsRole
) -> None:
    """A name and a telephone number of a child's carer that are one's own: refused before anything is opened, and in the queue."""
    mother = actor()
    called(mother, "Grace Okonkwo-Reed", phone="+44 161 496 0001", as_role=as_role)
    token = lookup.search(actor=mother, terms=AMARA, reason=REASON, at=at).token
    with pytest.raises(Denied) as denied:
        lookup.open_child(actor=mother, token=token, position=1, at=at)
    assert denied.value.refusal is Refusal.OWN_HOUSEHOLD
    last = ledger()[-1]
    assert (last["event"], last["outcome"], last["children"]) == ("child:visit:opened", "refused", [index.ids["Amara"]])
    assert rows("SELECT 1 FROM cases_visit") == []
    with as_role("audit"):
        scan(at + EVERY)
        assert rows("SELECT account_id, child_id, signals FROM oversight_queueitem") == [
            (mother.ref.person, index.ids["Amara"], [Signal.OWN_HOUSEHOLD])
        ]


@pytest.mark.abuse("T05")
def test_a_name_alone_stops_nobody_and_comes_first(index: Index, actor: Make, at: datetime, as_role: AsRole) -> None:
    """Nor does a telephone number alone. The namesake's organisation works with the child, which explains nothing here."""
    namesake, neighbour, stranger = actor(), actor(), actor(organisation=COUNCIL)
    called(namesake, "Ade Okonkwo", phone="0161 496 9999", as_role=as_role)
    called(neighbour, "Nina Neighbour", phone="0161 496 0001", as_role=as_role)
    for who in (stranger, neighbour, namesake):
        opened(who, AMARA, at=at)
    with as_role("audit"):
        scan(at + EVERY)
        assert rows("SELECT account_id, signals FROM oversight_queueitem") == [
            (namesake.ref.person, [Signal.OWN_SURNAME])
        ]


@pytest.mark.abuse("T05")
def test_being_stopped_says_nothing_of_a_protected_child(
    index: Index, actor: Make, at: datetime, as_role: AsRole
) -> None:
    """A shielded child's father, whom the shield is against, has the page of four fields that everybody has, and is first in the queue."""
    father = actor()
    called(father, "Canarycarer Fairweather", phone="0161 496 0777", as_role=as_role)
    opened(father, JONAH, at=at)
    with as_role("audit"):
        scan(at + EVERY)
        [(signals,)] = rows("SELECT signals FROM oversight_queueitem")
        assert signals[0] == Signal.OWN_SURNAME


def called(who: Actor, name: str, *, phone: str, as_role: AsRole) -> None:
    """As if whoever put them forward had said so."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE access_account SET full_name = %s, phone = %s WHERE id = %s", [name, phone, who.ref.person]
        )


@pytest.fixture
def officer(index: Index, actor: Make) -> Actor:
    """An audit officer of Northby."""
    return actor(role="audit_officer")


@pytest.fixture
def waiting(index: Index, actor: Make, at: datetime, as_role: AsRole) -> tuple[Actor, UUID]:
    """Somebody who has looked up a namesake, and the item of the queue."""
    namesake = actor()
    called(namesake, "Ade Okonkwo", phone="", as_role=as_role)
    opened(namesake, AMARA, at=at)
    with as_role("audit"):
        scan(at + EVERY)
        [(item,)] = rows("SELECT id FROM oversight_queueitem")
    return namesake, item


@pytest.mark.abuse("T05")
def test_one_act_suspends_tells_the_manager_and_opens_the_investigation(
    officer: Actor, waiting: tuple[Actor, UUID], at: datetime, as_role: AsRole
) -> None:
    """In one transaction: the next request is refused, and there are two cases, each with whom has to answer."""
    somebody, item = waiting
    [line] = answering.queue(actor=officer, at=at).lines
    assert (line.id, line.person, line.signals) == (item, "Ade Okonkwo", (Signal.OWN_SURNAME,))
    done = answering.investigate(actor=officer, item_id=item, at=at)
    assert done.suspended
    assert refusal(lambda: opened(somebody, AMARA, at=at)).detail == (Condition.ACCOUNT_ACTIVE,)
    with as_role("owner"):
        assert rows("SELECT account_id, because, by_id FROM access_suspension") == [
            (somebody.ref.person, "misuse_suspected", officer.ref.person)
        ]
        assert sorted(rows("SELECT id = %s, owner, code FROM cases_case", done.case_id)) == [
            (False, COUNCIL, "colleague_suspended"),
            (True, COUNCIL, "misuse_suspected"),
        ]
        assert rows("SELECT state, case_id, decided_by FROM oversight_queueitem") == [
            ("investigated", done.case_id, officer.ref.person)
        ]
    assert answering.queue(actor=officer, at=at).lines == ()
    again = refusal(lambda: answering.investigate(actor=officer, item_id=item, at=at))
    assert (again.refusal, again.detail) == (Refusal.NOT_PERMITTED, ("answered",))


@pytest.mark.abuse("T05")
def test_an_explanation_is_from_the_list_and_stays(
    officer: Actor, waiting: tuple[Actor, UUID], at: datetime, as_role: AsRole
) -> None:
    """An officer cannot say what only the computer finds; what was answered is not raised again by the same look."""
    _, item = waiting
    by_computer = refusal(
        lambda: answering.explain(actor=officer, item_id=item, explanation=Explanation.INVOLVED, at=at)
    )
    assert by_computer.refusal is Refusal.REASON_NEEDED
    answering.explain(actor=officer, item_id=item, explanation=Explanation.NAMESAKE, at=at)
    with as_role("audit"):
        scan(at + EVERY + timedelta(minutes=1))
        assert rows("SELECT state, explanation FROM oversight_queueitem") == [("explained", "namesake")]


@pytest.mark.abuse("T05")
def test_officers_look_up_nobody_and_judge_neither_themselves_nor_another_area(
    officer: Actor, waiting: tuple[Actor, UUID], people: People, actor: Make, at: datetime, as_role: AsRole
) -> None:
    """And nobody but an officer reads the queue; the site cannot read the ledger, nor the auditors' process answer."""
    somebody, item = waiting
    assert (
        refusal(lambda: lookup.search(actor=officer, terms=AMARA, reason=REASON, at=at)).refusal
        is Refusal.NOT_PERMITTED
    )
    assert refusal(lambda: answering.queue(actor=somebody, at=at)).refusal is Refusal.NOT_PERMITTED
    people.organisation(SCHOOL)
    elsewhere = actor(role="audit_officer", organisation=SCHOOL)
    assert elsewhere.authority != NORTH
    assert answering.queue(actor=elsewhere, at=at).lines == ()
    assert refusal(lambda: answering.item(actor=elsewhere, item_id=item, at=at)).refusal is Refusal.NOT_FOUND
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("UPDATE oversight_queueitem SET account_id = %s", [officer.ref.person])
    assert answering.queue(actor=officer, at=at).lines == ()
    own = refusal(lambda: answering.explain(actor=officer, item_id=item, explanation=Explanation.NAMESAKE, at=at))
    assert own.refusal is Refusal.NOT_FOUND
    assert refusal(lambda: scan(at)).refusal is Refusal.NOT_PERMITTED


@pytest.mark.process("worker")
@pytest.mark.abuse("T05")
def test_training_mode_refuses_a_database_that_may_hold_real_children(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training mode is the demonstration: none of its processes goes on in a database without the mark, and each does with it."""
    monkeypatch.setattr(processes, "become", lambda _: None)
    monkeypatch.setenv("DATABASE_URL", "")
    with override_settings(DEMO=True, OWN_ADDRESS=database.address("worker").text):
        with pytest.raises(DatabaseError, match="may hold real children"):
            processes.enter_alone(Process.WORKER)
        mark_demo(database.address("owner"))
        monkeypatch.setenv("DATABASE_URL_WORKER", "")
        processes.enter_alone(Process.WORKER)


@pytest.mark.abuse("T05")
def test_who_is_stopped_is_shown_training_mode() -> None:
    """On the page that stops them, and at the foot of every page; on pages of the demonstration it is said what they are."""
    page = HouseholdPage(title="Stopped", chrome=Chrome(demo=True), training="https://training.example.org")
    shown = render(RequestFactory().get("/"), "account/own_household.html", page).content.decode()
    assert 'href="https://training.example.org"' in shown
    assert "training: every child and every person here is made up" in shown
    with override_settings(TRAINING_URL="https://training.example.org"):
        assert [link.href for link in Chrome().footer] == ["https://training.example.org"]


def refusal(call: Callable[[], object]) -> Denied:
    """How it was refused."""
    with pytest.raises(Denied) as denied:
        call()
    return denied.value
