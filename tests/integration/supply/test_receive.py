"""A file comes in, once, whatever its name; what cannot come in is refused in one line and written down."""

from __future__ import annotations

import gzip
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from childindex.access.types import Actor
from childindex.directory import selectors as directory
from childindex.kernel.refusals import Denied, Refusal
from childindex.supply.models import Delivery
from childindex.supply.types import DeliveryRefused, Kind, Received, State
from childindex.supply.usecases.receive import receive
from tests.integration.supply.conftest import AS_AT, AT, FEED, Ledger
from tests.unit.supply.files import CHILD, write

pytestmark = [pytest.mark.process("worker"), pytest.mark.usefixtures("register")]
RECEIVED = "delivery:file:received"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "Ada Okafor's file.csv", [CHILD])


def _receive(actor: Actor, file: Path, *, feed: str = FEED, as_at: date = AS_AT) -> Received:
    return receive(actor=actor, feed=feed, file=file, as_at=as_at, kind=Kind.SNAPSHOT, at=AT)


def test_a_file_is_kept_under_no_name_for_this_account_alone(
    actor: Actor, file: Path, spool: Path, ledger: Ledger
) -> None:
    received = _receive(actor, file)
    (kept,) = spool.iterdir()
    assert kept.name == str(received.delivery.id)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.stat().st_mode) == 0o700
    assert (received.repeated, received.delivery.state) == (False, State.RECEIVED)
    ((outcome, detail),) = ledger(RECEIVED)
    assert (outcome, detail["feed"], detail["sha256"]) == ("done", FEED, received.delivery.sha256)
    assert "Okafor" not in str(detail)


def test_the_same_content_again_is_the_same_delivery(actor: Actor, file: Path, spool: Path, tmp_path: Path) -> None:
    first = _receive(actor, file)
    packed = tmp_path / "another name.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    for again in (_receive(actor, file), _receive(actor, packed), _receive(actor, file, as_at=date(2026, 5, 1))):
        assert again.repeated
        assert again.delivery == first.delivery
    assert Delivery.objects.count() == len(list(spool.iterdir())) == 1


def test_the_same_content_for_a_later_day_moves_the_day_it_speaks_for(actor: Actor, file: Path) -> None:
    first = _receive(actor, file, as_at=date(2026, 5, 1))
    Delivery.objects.update(state=State.APPLIED)
    again = _receive(actor, file)
    assert (again.repeated, again.delivery.id, again.delivery.as_at) == (True, first.delivery.id, AS_AT)
    assert directory.feeds()[FEED].answered_on == AS_AT


def test_content_that_came_before_the_last_delivery_is_a_new_delivery_of_its_day(
    actor: Actor, file: Path, tmp_path: Path
) -> None:
    _receive(actor, file, as_at=date(2026, 5, 1))
    between = receive(
        actor=actor,
        feed=FEED,
        file=write(tmp_path / "b.csv", [{**CHILD, "sex": "male"}]),
        as_at=date(2026, 5, 8),
        kind=Kind.SNAPSHOT,
        at=AT.replace(hour=10),
    )
    later = receive(
        actor=actor, feed=FEED, file=file, as_at=date(2026, 5, 15), kind=Kind.SNAPSHOT, at=AT.replace(hour=11)
    )
    assert not later.repeated
    assert len({between.delivery.id, later.delivery.id}) == 2


def test_an_unknown_feed_is_refused_with_the_feeds_there_are(
    actor: Actor, file: Path, spool: Path, ledger: Ledger
) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        _receive(actor, file, feed="nobody")
    assert caught.value.refusal is Refusal.FEED_UNKNOWN
    assert "school_census" in caught.value.sentence
    assert not list(spool.glob("*"))
    assert [outcome for outcome, _ in ledger(RECEIVED)] == ["refused"]


def test_a_day_in_the_future_is_refused(actor: Actor, file: Path) -> None:
    with pytest.raises(DeliveryRefused, match="file_unreadable") as caught:
        _receive(actor, file, as_at=date(2026, 6, 2))
    assert "future" in caught.value.sentence


def test_a_file_that_is_not_there_is_refused(actor: Actor, tmp_path: Path, spool: Path, ledger: Ledger) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        _receive(actor, tmp_path / "nothing.csv")
    assert caught.value.detail == ("file_missing",)
    assert Delivery.objects.count() == len(list(spool.glob("*"))) == 0
    assert [outcome for outcome, _ in ledger(RECEIVED)] == ["refused"]


def test_a_paused_feed_is_still_received(actor: Actor, file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_feed SET paused = true")
    assert _receive(actor, file).delivery.state is State.RECEIVED


def test_the_same_file_many_times_at_once_is_one_delivery(actor: Actor, file: Path, spool: Path) -> None:
    def send(_: int) -> Received:
        try:
            return _receive(actor, file)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(16)))
    assert [answer.repeated for answer in answers].count(False) == 1
    assert len({answer.delivery.id for answer in answers}) == 1
    assert Delivery.objects.count() == len(list(spool.iterdir())) == 1


def test_a_web_process_may_not(
    actor: Actor, file: Path, spool: Path, as_role: Callable[[str], AbstractContextManager[None]]
) -> None:
    with as_role("web"), pytest.raises(Denied) as caught:
        _receive(actor, file)
    assert caught.value.refusal is Refusal.NOT_PERMITTED
    assert not list(spool.glob("*"))
