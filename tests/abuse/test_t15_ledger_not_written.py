"""T15: Somebody looks up children while the ledger cannot be written.

Passes when, while the table is closed, locked, full, slow or gone, no byte about a child goes out, every page answers 503, a critical line is on
the log within 10 seconds and nothing is done unwritten; and when the pages answer again within 10 seconds of the fault's end, without a restart,
with an entry for every look there was. And when a spool that fails, or is slow, keeps nobody from a page, sets off its own alarm, and holds no
entry that the table does not.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import random
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, close_old_connections, connections
from django.utils import timezone
from psycopg import sql

from childindex.audit import services
from childindex.audit import spool as spooling
from childindex.audit.alarm import COMMIT_SECONDS, LOOK_EVERY_SECONDS, Alarm, Watch
from childindex.audit.types import Event, Outcome
from childindex.kernel.people import ActorRef, Channel
from childindex.project.database import Process, ensure_roles
from tests.abuse.faults import FAULTS
from tests.abuse.wire import Asking, Wire, served
from tests.database import AsRole, TestDatabase
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
        ways: dict[str, Callable[[], Any]] = {
            "search": lambda: self.browser.post("/", {**FORM, **AMARA}),
            "results": lambda: self.browser.get(self.results),
            "open": lambda: self.browser.post(f"{self.results}/open", {"position": "1"}),
            "child": lambda: self.browser.get(self.child),
        }
        for name, way in ways.items():
            close_old_connections()  # which the server does before each request, and Django's test client leaves out
            answer = way()
            yield name, answer.status_code, answer.content + str(answer.headers.get("Location", "")).encode()


@pytest.fixture
def site(
    index: Index, people: People, browser: Browser, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Site:
    """Signed in; waits are cut short, so that the tests need not sit them out, and limits on looking up are another case's (T03)."""
    monkeypatch.setattr(settings, "LIMITS_LIFTED", True)
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
def test_what_cannot_be_written_is_not_shown(
    site: Site, database: TestDatabase, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is wrong with the table: 503 and nothing else on every way to a child, one loud line, and as before once it is over."""
    for name, fault in FAULTS.items():
        caplog.clear()
        # Where an entry fits in but what was typed does not, only the search is closed.
        closed = {"search"} if "typed" in name else {"search", "results", "open", "child"}
        with counted(ledger) as written, fault(database):
            began = time.time()
            answers = {page: (status, body) for page, status, body in site.ask() if page in closed}
            assert time.time() - began < len(closed) * ALERT_SECONDS, name
        assert {page: status for page, (status, _) in answers.items()} == dict.fromkeys(closed, 503), name
        assert [word for _, body in answers.values() for word in CHILD if word in body] == [], name
        assert b"/results/" not in answers["search"][1], name
        assert len(written) == 4 - len(closed), name
        # Where nobody can be asked who it is that asks, no entry is begun: the gate says it then.
        words = "the database failed" if name == "database away" else "ledger sink=table state=down failures=1"
        alerts = [one for one in caplog.records if one.levelno == logging.CRITICAL and words in one.getMessage()]
        assert len(alerts) >= 1, name
        assert alerts[0].created - began < ALERT_SECONDS, name
        check_recovery(site, ledger, name)


def check_recovery(site: Site, ledger: Ledger, name: str) -> None:
    """The same process shows what it showed before, at once, and each look has its entry."""
    with counted(ledger) as written:
        began = time.monotonic()
        shown = list(site.ask())
        assert time.monotonic() - began < ALERT_SECONDS, name
    assert [status for _, status, _ in shown] == [303, 200, 303, 200], name
    assert b"Amara" in shown[1][2], name
    assert b"Okonkwo" in shown[3][2], name
    assert len(written) == len(shown), name


@pytest.mark.abuse("T15")
def test_a_ledger_that_refused_is_not_asked_again(database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for an entry that says so: somebody waits for the page, and has waited as long as one statement may take."""
    asked = []

    def refuse(line: services.Entry, outcome: Outcome) -> None:
        line.leaf = b"begun"
        asked.append(outcome)
        raise OperationalError

    monkeypatch.setattr(services, "_write", refuse)
    actor = ActorRef(account_id=None, role="", organisation="", channel=Channel.WEB)
    with pytest.raises(OperationalError), services.entry(Event.CHILD_VIEWED, actor=actor, at=timezone.now()):
        pass
    assert asked == [Outcome.DONE]


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


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The second sink of this test."""
    monkeypatch.setattr(settings, "LEDGER_SPOOL", tmp_path / "spool")
    return tmp_path / "spool"


def spooled(folder: Path) -> list[bytes]:
    """Every line of every file."""
    return [line for file in sorted(folder.glob("*")) for line in file.read_bytes().split(b"\n") if line]


def report(folder: Path, as_role: AsRole, **options: bool) -> spooling.SpoolReport:
    """What an operator is told."""
    with as_role("monitor"):
        return spooling.reconcile(folder, now=time.time() + 3 * spooling.QUIET_SECONDS, **options)


@pytest.mark.abuse("T15")
def test_the_spool_holds_what_the_table_holds_and_nothing_plain(
    site: Site, spool: Path, as_role: AsRole, connect: Connect
) -> None:
    """Canonical leaves, for this account alone; deleted only when they stand in the tree."""
    assert [status for _, status, _ in site.ask()] == [303, 200, 303, 200]
    leaves = spooled(spool)
    held = {bytes(row[0]) for row in connect("audit").execute("SELECT leaf FROM audit_ledgerentry").fetchall()}
    assert len(leaves) == 4
    assert set(leaves) <= held
    assert not [word for word in CHILD if word in b"".join(leaves)]
    assert {file.stat().st_mode & 0o777 for file in spool.iterdir()} == {0o600}
    assert spool.stat().st_mode & 0o777 == 0o700
    told = report(spool, as_role, purge=True)
    assert (told.holds, told.entries, told.waiting, told.deleted) == (True, 4, 4, 0)
    connect("owner").execute(
        "INSERT INTO audit_sealedentry (position, entry_id, leaf_hash)"
        " SELECT row_number() OVER () - 1, id, leaf_hash FROM audit_ledgerentry"
    )
    told = report(spool, as_role, purge=True)
    assert (told.holds, told.waiting, told.deleted) == (True, 0, 1)
    assert list(spool.iterdir()) == []


@pytest.mark.abuse("T15")
def test_an_entry_taken_out_of_the_table_before_it_was_sealed_is_named(
    site: Site, spool: Path, as_role: AsRole, connect: Connect
) -> None:
    """The window between the commit and the next checkpoint is open to the database's owner, and not to who has no hand on this machine."""
    list(site.ask())
    gone, changed = (json.loads(leaf)["id"] for leaf in spooled(spool)[1:3])
    owner = connect("owner")
    owner.execute("ALTER TABLE audit_ledgerentry DISABLE TRIGGER audit_is_append_only")
    owner.execute("DELETE FROM audit_ledgerentry WHERE id = %s", [gone])
    owner.execute("UPDATE audit_ledgerentry SET leaf = '' WHERE id = %s", [changed])
    told = report(spool, as_role, purge=True)
    assert not told.holds
    assert ([str(one) for one in told.missing], [str(one) for one in told.altered]) == ([gone], [changed])
    assert told.deleted == 0


@pytest.mark.abuse("T15")
def test_what_is_not_in_the_table_is_not_in_the_spool(
    site: Site, spool: Path, database: TestDatabase, as_role: AsRole
) -> None:
    """The spool alone lets nothing out and takes nothing in."""
    for fault in ("grant revoked", "commit fails"):
        with FAULTS[fault](database):
            assert [status for _, status, _ in site.ask()] == [503] * 4
    assert list(site.ask())[3][1] == 200
    assert len(spooled(spool)) == 4
    assert report(spool, as_role).holds


@contextmanager
def _full() -> Iterator[None]:
    """The kernel takes a line and a half, and then no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1200, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _sync(instead: Callable[[int], None]) -> AbstractContextManager[None]:
    """Another answer of the disk to being asked whether it has everything."""

    @contextmanager
    def fault() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fdatasync", instead)
            yield

    return fault()


def _broken(_: int) -> None:
    raise OSError(errno.EIO, "broken")


@pytest.mark.abuse("T15")
@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (_full, "OSError"),
        (lambda: _sync(_broken), "OSError"),
        (lambda: _sync(lambda _: time.sleep(0.4)), "SyncTooSlow"),
    ],
    ids=["full", "broken", "slow"],
)
def test_a_spool_that_fails_keeps_nobody_from_a_page(
    fault: Callable[[], AbstractContextManager[None]],
    cause: str,
    site: Site,
    spool: Path,
    as_role: AsRole,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The table alone serves; the alarm says so, says when it is over, and half a line spoils no other."""
    monkeypatch.setattr(spooling, "SYNC_SECONDS", 0.1)
    with fault():
        for _ in range(2):
            assert [status for _, status, _ in site.ask()] == [303, 200, 303, 200]
            time.sleep(0.15)
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]
    assert f"cause={cause}" in next(line for line in lines if "sink=spool state=down" in line)
    assert not [line for line in lines if "sink=table" in line]
    time.sleep(0.5)
    assert list(site.ask())[3][1] == 200
    deadline = time.monotonic() + ALERT_SECONDS
    while "state=up" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "sink=spool state=up" in caplog.text
    told = report(spool, as_role)
    assert told.holds
    assert told.half_lines == (1 if fault is _full else 0)
    newest = connect("audit").execute("SELECT leaf FROM audit_ledgerentry ORDER BY at DESC LIMIT 4").fetchall()
    assert {bytes(leaf) for (leaf,) in newest} <= set(spooled(spool))


@pytest.mark.abuse("T15")
@pytest.mark.long
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_the_served_site_is_heard_and_recovers_within_ten_seconds(
    people: People, browser: Browser, database: TestDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`childindex serve` with the limits it has: from each fault to the line on its log, and from its end to the first page."""
    ensure_roles(database.address("owner"))
    sign_in_as(browser, people.somebody())
    child = open_first(browser, search(browser, **AMARA))
    log, figures = tmp_path / "log", []
    with served(database, log=log) as port:
        asking = Asking(wire=Wire(port=port, signed_in=browser, chance=random.Random(1), rude=0.0), page=child)  # noqa: S311
        at_it = threading.Thread(target=asking.go_on)
        at_it.start()
        for name, fault in FAULTS.items():
            if "typed" in name:
                continue
            asking.first(200, since=time.monotonic(), within=3 * ALERT_SECONDS)
            said = log.read_text().count("CRITICAL")
            with fault(database):
                began = time.monotonic()
                while log.read_text().count("CRITICAL") == said and time.monotonic() - began < 3 * ALERT_SECONDS:
                    time.sleep(0.05)
                alert = time.monotonic() - began
                asking.first(503, since=began, within=3 * ALERT_SECONDS)
            ended = time.monotonic()
            recovery = asking.first(200, since=ended, within=3 * ALERT_SECONDS)
            assert not [when for when, seen in asking.statuses if seen == 200 and began + 0.5 < when < ended], name
            figures.append((name, round(alert, 1), round(recovery, 1)))
        asking.stopped.set()
        at_it.join()
        asking.wire.close()
    said_of = "\n".join(f"  {name}: heard after {alert} s, shown again after {back} s" for name, alert, back in figures)
    with capsys.disabled():
        print(f"\n{said_of}")  # noqa: T201 - a measurement
    assert max(alert for _, alert, _ in figures) < ALERT_SECONDS
    assert max(back for _, _, back in figures) < ALERT_SECONDS
