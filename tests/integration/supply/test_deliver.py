"""One delivery from file to index, whatever stops it on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from childindex.access.types import Actor
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Refusal
from childindex.supply.models import Delivery, HeldRecord
from childindex.supply.types import BatchReport, DeliveryRefused, DeliveryReport, Kind, State
from childindex.supply.usecases import deliver as delivering
from childindex.supply.usecases.apply import apply_batch
from childindex.supply.usecases.deliver import deliver
from childindex.supply.usecases.receive import receive
from tests.integration.supply.conftest import AS_AT, AT, FEED, Ledger
from tests.unit.supply.files import SCHOOL, write

pytestmark = [pytest.mark.process("worker"), pytest.mark.usefixtures("register")]
# Names and days far enough apart that no two of them could be one child.
NAMES = [
    "Okafor",
    "Lindqvist",
    "Mazur",
    "Tanaka",
    "Fernandes",
    "Hughes",
    "Petrov",
    "Adeyemi",
    "Castellano",
    "Zielinski",
]


def _rows(count: int) -> list[dict[str, str]]:
    """Children of one feed, each at a school."""
    return [
        {
            "record_id": f"A{number}",
            "family_name": NAMES[number % len(NAMES)] + "abcdefgh"[number // len(NAMES)],
            "given_name": NAMES[-number % len(NAMES)],
            "birth_date": str(date(2010, 1, 1) + timedelta(days=97 * number)),
            **SCHOOL,
            "involvement_id": f"I{number}",
        }
        for number in range(count)
    ]


def _deliver(
    actor: Actor, file: Path, *, as_at: date = AS_AT, kind: Kind = Kind.SNAPSHOT, at: datetime = AT, **more: Any
) -> DeliveryReport:
    return deliver(actor=actor, feed=FEED, file=file, as_at=as_at, kind=kind, at=at, **more)


def _open_involvements() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM involvement_involvement WHERE ended_on IS NULL")
        return int(cursor.fetchone()[0])


def test_a_delivery_adds_up_and_leaves_nothing_in_the_spool(
    actor: Actor, tmp_path: Path, spool: Path, ledger: Ledger
) -> None:
    seen: list[tuple[int, int]] = []
    rows = [*_rows(4), {**_rows(5)[4], "given_name": "?5"}]
    report = _deliver(actor, write(tmp_path / "f.csv", rows), progress=lambda done, all_: seen.append((done, all_)))
    assert (report.delivery.state, report.repeated, report.held) == (State.APPLIED, False, "")
    assert report.outcome == BatchReport(new=4, started=4)
    assert report.rejected == {"no_letter": 1}
    assert report.delivery.rows == sum(report.rejected.values()) + report.outcome.new
    assert list(spool.iterdir()) == []
    assert seen[-1] == (6, 5)
    for event in ("file:received", "file:checked", "batch:applied", "file:closed"):
        assert [outcome for outcome, _ in ledger(f"delivery:{event}")] == ["done"]


def test_the_same_content_again_is_answered_with_the_first_report(actor: Actor, tmp_path: Path, ledger: Ledger) -> None:
    file = write(tmp_path / "f.csv", _rows(3))
    first, again = _deliver(actor, file), _deliver(actor, file)
    assert (again.repeated, again.was_applied, again.outcome) == (True, True, first.outcome)
    assert len(ledger("delivery:batch:applied")) == 1


def test_an_interrupted_delivery_goes_on_after_its_last_batch(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: Ledger
) -> None:
    monkeypatch.setattr(delivering, "BATCH", 2)
    file = write(tmp_path / "f.csv", _rows(5))
    real = apply_batch

    def breaks_down(**given: Any) -> BatchReport:
        if given["row"] > 3:
            raise RuntimeError("power cut")
        return real(**given)

    monkeypatch.setattr(delivering, "apply_batch", breaks_down)
    with pytest.raises(RuntimeError):
        _deliver(actor, file)
    assert Delivery.objects.get().state == State.APPLYING
    monkeypatch.setattr(delivering, "apply_batch", real)
    report = _deliver(actor, file)
    assert report.outcome == BatchReport(new=5, started=5)
    assert [detail["records"] for _, detail in ledger("delivery:batch:applied")] == [2, 2, 1]
    assert len(ledger("delivery:file:checked")) == 1


def test_a_snapshot_ends_what_it_leaves_out_within_the_agreed_share(actor: Actor, tmp_path: Path) -> None:
    _deliver(actor, write(tmp_path / "1.csv", _rows(20)), as_at=AS_AT.replace(month=5))
    report = _deliver(actor, write(tmp_path / "2.csv", _rows(19)))
    assert (report.outcome.unchanged, report.outcome.removed, report.outcome.ended) == (19, 1, 1)
    assert _open_involvements() == 19
    assert HeldRecord.objects.count() == 19


def test_a_snapshot_that_leaves_out_too_much_changes_nothing(actor: Actor, tmp_path: Path, spool: Path) -> None:
    _deliver(actor, write(tmp_path / "1.csv", _rows(20)), as_at=AS_AT.replace(month=5))
    half = write(tmp_path / "2.csv", _rows(14))
    report = _deliver(actor, half)
    assert "6 of 20 are missing" in report.held
    assert (_open_involvements(), HeldRecord.objects.count()) == (20, 20)
    assert list(spool.iterdir()) == []
    assert directory.feeds()[FEED].answered_on == AS_AT.replace(month=5)
    agreed = _deliver(actor, half, removals_agreed=True)
    assert (agreed.held, agreed.repeated, agreed.outcome.removed) == ("", True, 6)
    assert _open_involvements() == 14


def test_a_delta_ends_nothing_it_does_not_name(actor: Actor, tmp_path: Path) -> None:
    _deliver(actor, write(tmp_path / "1.csv", _rows(4)), as_at=AS_AT.replace(month=5))
    gone = {**_rows(2)[1], "removed": "true"}
    report = _deliver(actor, write(tmp_path / "2.csv", [gone]), kind=Kind.DELTA)
    assert report.outcome.ended == 1
    assert _open_involvements() == 3


def test_a_file_of_nothing_but_bad_rows_is_applied_and_changes_nothing(actor: Actor, tmp_path: Path) -> None:
    report = _deliver(actor, write(tmp_path / "f.csv", [{**row, "given_name": "?5"} for row in _rows(3)]))
    assert (report.delivery.state, report.outcome) == (State.APPLIED, BatchReport())
    assert report.rejected == {"no_letter": 3}


def test_a_mapping_file_is_used_on_the_way(actor: Actor, tmp_path: Path, ledger: Ledger) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\nfamily_name = "Surname"\n')
    rows = [{("Surname" if name == "family_name" else name): value for name, value in row.items()} for row in _rows(2)]
    file = write(tmp_path / "f.csv", rows)
    assert _deliver(actor, file, mapping=mapping).outcome.new == 2
    with pytest.raises(DeliveryRefused) as caught:
        _deliver(actor, file, mapping=tmp_path / "nothing.toml")
    assert caught.value.detail == ("mapping",)
    assert [outcome for outcome, _ in ledger("delivery:batch:applied")] == ["done", "refused"]


def test_two_deliveries_of_one_feed_do_not_run_at_once(
    actor: Actor, tmp_path: Path, connect: Callable[[str], psycopg.Connection[Any]], ledger: Ledger
) -> None:
    file = write(tmp_path / "f.csv", _rows(1))
    other = connect("worker")
    from childindex.supply import services  # noqa: PLC0415 - what the other process would hold

    other.execute("SELECT pg_advisory_lock(%s, %s)", [services._LOCK_SPACE, services._lock_key(FEED)])
    with pytest.raises(DeliveryRefused) as caught:
        _deliver(actor, file)
    assert caught.value.refusal is Refusal.FEED_BUSY
    assert [outcome for outcome, _ in ledger("delivery:batch:applied")] == ["refused"]
    # a connection that closes lets its locks go a moment later
    other.execute("SELECT pg_advisory_unlock_all()")
    assert _deliver(actor, file).outcome.new == 1


def test_a_delivery_that_was_applied_while_this_one_waited_is_answered(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "f.csv", _rows(1))
    stale = receive(actor=actor, feed=FEED, file=file, as_at=AS_AT, kind=Kind.SNAPSHOT, at=AT)
    _deliver(actor, file)
    monkeypatch.setattr(delivering, "receive", lambda **_: stale)
    assert _deliver(actor, file).was_applied


def test_a_pause_stops_a_delivery_at_the_next_batch(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: Ledger, spool: Path
) -> None:
    monkeypatch.setattr(delivering, "BATCH", 2)
    file = write(tmp_path / "f.csv", _rows(4))

    def pause(done: int, rows: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE directory_feed SET paused = true")

    with pytest.raises(DeliveryRefused, match="feed_paused"):
        _deliver(actor, file, progress=lambda done, rows: pause(done, rows) if done == 3 else None)
    assert [outcome for outcome, _ in ledger("delivery:batch:applied")] == ["done", "refused"]
    assert len(list(spool.iterdir())) == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_feed SET paused = false")
    assert _deliver(actor, file).outcome.new == 4


def test_only_a_snapshot_read_nearly_whole_answers_for_its_feed(actor: Actor, tmp_path: Path) -> None:
    """ "Not involved" speaks for the day of the last such file: a delta names a few, an unread row may be anybody's (N 1)."""
    whole, later = AS_AT.replace(month=4), AS_AT.replace(month=5)
    _deliver(actor, write(tmp_path / "1.csv", _rows(51)), as_at=whole)
    assert directory.feeds()[FEED].answered_on == whole
    delta = write(tmp_path / "2.csv", _rows(1))
    _deliver(actor, delta, as_at=later, kind=Kind.DELTA)
    _deliver(actor, delta, as_at=AS_AT, kind=Kind.DELTA)
    assert directory.feeds()[FEED].answered_on == whole
    unread = [{**row, "given_name": "?5"} if number < 2 else row for number, row in enumerate(_rows(51))]
    assert not _deliver(actor, write(tmp_path / "3.csv", unread), as_at=later).held
    assert directory.feeds()[FEED].answered_on == whole
    assert not _deliver(actor, write(tmp_path / "4.csv", [*_rows(51)[1:], unread[0]]), as_at=AS_AT).held
    assert directory.feeds()[FEED].answered_on == AS_AT
