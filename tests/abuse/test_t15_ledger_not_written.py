"""T15: Somebody looks up children while the ledger cannot be written.

Passes when, while the table is closed, locked, full, slow or gone, no byte about a child goes out, every page answers 503, a critical line is on
the log within 10 seconds and nothing is done unwritten; and when the pages answer again within 10 seconds of the fault's end, without a restart,
with an entry for every look there was.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connections
from psycopg import sql

from childindex.audit import services
from childindex.audit.alarm import COMMIT_SECONDS, LOOK_EVERY_SECONDS, Alarm, Watch
from childindex.project.database import Process, ensure_roles
from tests.abuse.faults import FAULTS
from tests.database import TestDatabase
from tests.factories.people import Browser, People, sign_in_as
from tests.integration.lookup.conftest import (
    Connect,
    Index,
    Ledger,
    browser,
    index,
    ledger,
    people,
    template,
)
from tests.integration.lookup.test_pages import AMARA, FORM, open_first, search

__all__ = ["browser", "index", "ledger", "people", "template"]

ALERT_SECONDS = 10
# What the pages below say of her when they may.
CHILD = (b"Amara", b"Okonkwo", b"Sam Porter", b"0161 496 0100")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Somebody signed in who has looked a child up, with the addresses they were given."""

    browser: Browser
    results: str
    child: str

    def ask(self) -> Iterator[tuple[str, int, bytes]]:
        """Every way to a child: the search, its results, opening one, the page."""
        for name, answer in (
            ("search", self.browser.post("/", {**FORM, **AMARA})),
            ("results", self.browser.get(self.results)),
            ("open", self.browser.post(f"{self.results}/open", {"position": "1"})),
            ("child", self.browser.get(self.child)),
        ):
            yield name, answer.status_code, answer.content + str(answer.headers.get("Location", "")).encode()


@pytest.fixture
def site(index: Index, people: People, browser: Browser, database: TestDatabase) -> Site:
    """Signed in; waits are cut short, so that the tests need not sit them out."""
    sign_in_as(browser, people.somebody())
    results = search(browser, **AMARA)
    made = Site(browser=browser, results=results, child=open_first(browser, results))
    with database.address("owner").connect() as owner:
        for name, value in (("statement_timeout", "400ms"), ("lock_timeout", "200ms")):
            owner.execute(
                sql.SQL("ALTER ROLE childindex_web IN DATABASE {} SET {} = {}").format(
                    sql.Identifier(database.name), sql.Identifier(name), sql.Literal(value)
                )
            )
    connections.close_all()
    browser.raise_request_exception = False
    return made


@pytest.fixture(autouse=True)
def _fresh_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm that no other test has set off, and a short watch."""
    table = Alarm("table")
    monkeypatch.setattr(services, "_TABLE", table)
    monkeypatch.setattr(services, "_WATCH", Watch(table))
    monkeypatch.setattr("childindex.audit.alarm.COMMIT_SECONDS", 0.2)
    monkeypatch.setattr("childindex.audit.alarm.LOOK_EVERY_SECONDS", 0.1)


@contextmanager
def counted(ledger: Ledger) -> Iterator[list[str]]:
    """The events of the entries that were added meanwhile."""
    before, added = len(ledger()), list[str]()
    yield added
    added.extend(line["event"] for line in ledger()[before:])


@pytest.mark.abuse("T15")
@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_written_is_not_shown(
    fault: str, site: Site, database: TestDatabase, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """503 and nothing else on every way to a child; one loud line; and as before once the fault is over."""
    pages = {"search"} if "typed" in fault else {"search", "results", "open", "child"}
    with counted(ledger) as written, FAULTS[fault](database):
        began = time.monotonic()
        answers = {name: (status, body) for name, status, body in site.ask() if name in pages}
        took = time.monotonic() - began
    assert {name: status for name, (status, _) in answers.items()} == dict.fromkeys(pages, 503)
    assert [word for _, body in answers.values() for word in CHILD if word in body] == []
    assert b"/results/" not in answers["search"][1]
    # Where entries fit in but what was typed does not, the other three pages are written and shown.
    assert len(written) == 4 - len(pages)
    alerts = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "state=down" in alerts[0].getMessage() or "database" in alerts[0].getMessage()
    assert alerts[0].created - (time.time() - (time.monotonic() - began)) < ALERT_SECONDS
    assert took < len(pages) * ALERT_SECONDS
    with counted(ledger) as written:
        began = time.monotonic()
        shown = list(site.ask())
        assert time.monotonic() - began < ALERT_SECONDS
    assert [status for _, status, _ in shown] == [303, 200, 303, 200]
    assert b"Amara" in shown[1][2]
    assert b"Okonkwo" in shown[3][2]
    assert len(written) == len(shown)


@pytest.mark.abuse("T15")
def test_no_site_waits_longer_than_the_alert(connect: Connect, database: TestDatabase) -> None:
    """The waits that the test above cuts short: what the database holds each site's login to, and the watch over a commit."""
    assert COMMIT_SECONDS + LOOK_EVERY_SECONDS < ALERT_SECONDS
    ensure_roles(database.address("owner"))  # the clone of a database does not take them along
    for process in (Process.WEB, Process.FAMILY):
        held_to = connect(process.value).execute(
            "SELECT current_setting('statement_timeout')::interval, current_setting('lock_timeout')::interval"
        )
        [(statement, lock)] = held_to.fetchall()
        assert timedelta(0) < lock < timedelta(seconds=ALERT_SECONDS)
        assert timedelta(0) < statement < timedelta(seconds=ALERT_SECONDS)


@pytest.mark.abuse("T15")
def test_the_alarm_says_when_it_began_that_it_goes_on_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line at once, one every ten seconds with how many, one at the end; never a word of the error."""
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    alarm = Alarm("table")
    alarm.clear()
    for second in range(25):
        clock[0] = 100.0 + second
        alarm.sound(ValueError("Amara Okonkwo"))
    alarm.clear()
    alarm.clear()
    said = [record.getMessage() for record in caplog.records]
    assert [line.split("failures=")[1].split()[0] for line in said] == ["1", "11", "21", "25"]
    assert ["state=up" in line for line in said] == [False, False, False, True]
    assert not [line for line in said if "Okonkwo" in line]
