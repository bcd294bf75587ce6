"""T17: Something is looked at and the ledger does not know: by aborting, hanging up, asking again, or by an entry that lacks a child.

Passes when of mixed requests, with outages, hang-ups and retries, every answer that showed or changed a child, on a list of results too, has one
entry with exactly those children, every refusal that was answered has a refused entry, and no entry is without a request that made it; an entry
whose answer never arrived is right, an answer without an entry is the failure.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections
from django.http import HttpResponse
from django.utils import timezone

from tests.abuse.wire import HUNG_UP, Wire, served
from tests.database import AsRole, TestDatabase
from tests.factories.people import Browser, People, sign_in_as
from tests.integration.test_reconciliation import SCHOOL, Connect, Line, children, read_ledger, reconcile
from tests.integration.visits import Known, Person, Reply, Town

__all__ = ["children"]

ANSWER_SECONDS = 60  # how long a request that was hung up on may still be worked on


def crowd(as_role: AsRole, *, people: int) -> list[Person]:
    """As many people of two organisations, signed in; one in eight has let the training lapse."""
    made = People(as_role=as_role)
    made.organisation()
    made.organisation(SCHOOL, name="Hill School")
    long_ago = timezone.now().date() - timedelta(days=4000)
    everybody = []
    for number in range(people):
        facts: dict[str, Any] = {"trained_on": long_ago} if number % 8 == 7 else {}
        if number % 3 == 2:
            facts |= {"role": "school_safeguarding_lead", "organisation": SCHOOL}
        somebody, browser = made.somebody(**facts), Browser()
        sign_in_as(browser, somebody)
        everybody.append(Person(account=somebody.account_id, browser=browser))
    return everybody


@contextmanager
def expiring(database: TestDatabase) -> Iterator[Callable[[str], None]]:
    """Lets an address of results or of a child run out."""
    lock = threading.Lock()

    def expire(address: str) -> None:
        past = timezone.now() - timedelta(days=1)
        with lock:
            for table, key, began in (
                ("cases_searchresult", "token", "created_at"),
                ("cases_visit", "handle", "opened_at"),
            ):
                owner.execute(
                    f"UPDATE {table} SET {began} = %s, expires_at = %s WHERE {key} = %s".encode(),  # noqa: S608
                    [past - timedelta(minutes=15), past, address],
                )

    with database.address("owner").connect() as owner:
        yield expire


def reconcile_rude(replies: list[Reply], lines: list[Line]) -> tuple[list[str], list[str]]:
    """The same as `reconcile` for people who do not wait: a request hung up on may be worked on while the next is answered.

    An answer needs an entry of its own, begun while it was waited for. What is left over must be no more than the requests that were hung up on.
    """
    missing, phantom = [], []
    everybodys: dict[UUID | None, list[Line]] = {}
    for line in lines:
        everybodys.setdefault(line.account, []).append(line)
    hung_up = Counter(reply.account for reply in replies if reply.status == HUNG_UP)
    for reply in replies:
        theirs = everybodys.get(reply.account, [])
        expected = reply.shown or reply.touched
        if not expected and reply.status not in {403, 404, 429}:
            continue
        mine = next((line for line in theirs if _accounts_for(line, reply, set(expected))), None)
        if mine is None:
            missing.append(f"{reply.kind} {reply.status}: {len(expected)} children")
        else:
            theirs.remove(mine)
    quiet = Counter(reply.account for reply in replies if _writes_nothing_of_a_child(reply))
    for account, theirs in everybodys.items():
        shown = [line for line in theirs if line.discloses]
        if len(shown) > hung_up[account]:
            phantom.append(f"{len(shown)} entries with children left, {hung_up[account]} requests hung up on")
        if len(theirs) > hung_up[account] + quiet[account]:
            phantom.append(
                f"{len(theirs)} entries left, {hung_up[account]} hung up on and {quiet[account]} without a child"
            )
    return missing, phantom


def _accounts_for(line: Line, reply: Reply, expected: set[UUID]) -> bool:
    began: datetime = line.at
    told = set(line.children) if line.outcome == "done" else set()
    return reply.began <= began <= reply.ended and (told == expected if expected else line.outcome == "refused")


def _writes_nothing_of_a_child(reply: Reply) -> bool:
    """Answered, and rightly written without a child: a search for nobody, a form."""
    return reply.status != HUNG_UP and not reply.shown and not reply.touched and reply.status not in {403, 404, 429}


class RudeTown(Town):
    """People who hang up, and then as often as not ask the same again."""

    def ask(
        self, person: Person, kind: str, path: str, data: dict[str, str] | None = None, *, about: UUID | None = None
    ) -> HttpResponse:
        reply = super().ask(person, kind, path, data, about=about)
        while reply.status_code == HUNG_UP and self.chance.random() < 0.5:
            reply = super().ask(person, f"{kind}, again", path, data, about=about)
        return reply


def live_rudely(
    database: TestDatabase, known: dict[str, Known], everybody: list[Person], *, requests: int, seed: int, log: Path
) -> list[Reply]:
    """As many requests over HTTP, four people at a time, a fifth of them hung up on; the server has finished them all."""
    with expiring(database) as expire, served(database, log=log) as port:

        def live(number: int, some: list[Person]) -> list[Reply]:
            chance = random.Random(seed * 1000 + number)  # noqa: S311 - the same every time
            people = [
                Person(account=one.account, browser=Wire(port=port, signed_in=one.browser, chance=chance, rude=0.2))  # type: ignore[arg-type]
                for one in some
            ]
            town = RudeTown(chance=chance, children=known, people=people, expire=expire)
            town.live(requests // 4)
            for one in people:
                one.browser.close()  # type: ignore[attr-defined]
            return town.replies

        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(live, range(4), [everybody[quarter::4] for quarter in range(4)]))
    return [reply for replies in told for reply in replies]


def check_mixture(replies: list[Reply], lines: list[Line]) -> str:
    """The mixture was one: without these a reconciliation would say nothing. Gives the figures in words."""
    showed = sum(bool(reply.shown) for reply in replies)
    changed = sum(bool(reply.touched) for reply in replies)
    refused = sum(line.outcome == "refused" for line in lines)
    hung_up = sum(reply.status == HUNG_UP for reply in replies)
    assert min(showed, changed, refused) > len(replies) / 100
    return f"{len(replies)} requests: {showed} showed children, {changed} changed one, {hung_up} hung up on; {len(lines)} entries, {refused} refused"


@pytest.mark.abuse("T17")
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("requests", "people"), [(280, 8), pytest.param(6000, 40, marks=pytest.mark.long)], ids=["280", "6000"]
)
def test_every_answer_of_the_served_site_has_its_entry_whoever_hangs_up(
    requests: int,
    people: int,
    database: TestDatabase,
    children: dict[str, Known],
    as_role: AsRole,
    connect: Connect,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Over HTTP, against `childindex serve`: aborted requests, answers nobody read, the same asked again."""
    everybody = crowd(as_role, people=people)
    began = timezone.now()
    replies = live_rudely(database, children, everybody, requests=requests, seed=5, log=tmp_path / "log")
    lines = read_ledger(connect, began)
    missing, phantom = reconcile_rude(replies, lines)
    with capsys.disabled():
        print(f"\n  {check_mixture(replies, lines)}; {len(missing)} missing, {len(phantom)} phantom")  # noqa: T201
    assert sum(reply.status == HUNG_UP for reply in replies) > requests / 20
    assert (missing, phantom) == ([], [])
    # Somebody's answer was never delivered and yet is written.
    delivered = sum(bool(reply.shown or reply.touched) for reply in replies)
    assert sum(line.discloses for line in lines) > delivered


@dataclass(slots=True, kw_only=True)
class Outage:
    """The ledger closed for the length of one action."""

    database: TestDatabase

    def during(self, action: Callable[[], None]) -> None:
        """Revoked, done, granted again."""
        with self.database.address("owner").connect() as owner:
            owner.execute("REVOKE INSERT ON audit_ledgerentry FROM childindex_web")
            action()
            owner.execute("GRANT INSERT ON audit_ledgerentry TO childindex_web")


class StormyTown(Town):
    """One action in a hundred meets a ledger that cannot be written."""

    outage: Outage

    def live(self, requests: int) -> None:
        while len(self.replies) < requests:
            if self.chance.random() < 0.01:
                self.outage.during(lambda: super(StormyTown, self).live(len(self.replies) + 1))
            else:
                super().live(len(self.replies) + 1)


def _live_apart(
    database: TestDatabase, known: dict[str, Known], some: list[Person], how: tuple[int, int], answers: SimpleQueue[Any]
) -> None:
    """One of two processes: its own connections, its own people."""
    requests, seed = how
    chance = random.Random(seed)  # noqa: S311 - the same every time
    with expiring(database) as expire:
        town = StormyTown(chance=chance, children=known, people=some, expire=expire)
        town.outage = Outage(database=database)
        for one in some:
            one.browser.raise_request_exception = False
        town.live(requests)
    connections.close_all()
    answers.put(town.replies)


@pytest.mark.abuse("T17")
@pytest.mark.long
def test_a_hundred_thousand_mixed_requests_reconcile(
    database: TestDatabase,
    children: dict[str, Known],
    as_role: AsRole,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In two processes that call the site without a socket, with the ledger closed every now and then; limits on looking up lifted."""
    monkeypatch.setattr(settings, "LIMITS_LIFTED", True)
    everybody = crowd(as_role, people=48)
    began = timezone.now()
    connections.close_all()  # what is forked may not share a connection
    fork = multiprocessing.get_context("fork")
    answers = fork.SimpleQueue()
    at_work = [
        fork.Process(target=_live_apart, args=(database, children, everybody[half::2], (50_000, 60 + half), answers))
        for half in (0, 1)
    ]
    for process in at_work:
        process.start()
    replies = [reply for _ in at_work for reply in answers.get()]
    for process in at_work:
        process.join(ANSWER_SECONDS)
    lines = read_ledger(connect, began)
    missing, phantom = reconcile(replies, lines)
    closed = sum(reply.status == 503 for reply in replies)
    said = (
        f"{check_mixture(replies, lines)}; {closed} met a closed ledger; {len(missing)} missing, {len(phantom)} phantom"
    )
    with capsys.disabled():
        print(f"\n  {said}")  # noqa: T201 - a measurement
    assert closed > len(replies) / 1000
    assert (missing, phantom) == ([], [])
