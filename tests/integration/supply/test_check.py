"""A received file is checked: bad rows are kept by place and code, bad files are held, and nothing else changes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from childindex.access.types import Actor
from childindex.kernel.refusals import Denied, Refusal
from childindex.supply import selectors
from childindex.supply.models import Delivery, HeldRecord, RejectedRow
from childindex.supply.types import Checked, DeliveryRefused, Kind, MoveNotAllowed, State
from childindex.supply.usecases.check import check
from childindex.supply.usecases.receive import receive
from tests.integration.supply.conftest import AS_AT, AT, FEED, Ledger
from tests.unit.supply.files import CHILD, SCHOOL, write

pytestmark = [pytest.mark.process("worker"), pytest.mark.usefixtures("register")]
CHECKED = "delivery:file:checked"


def _check(actor: Actor, file: Path, *, kind: Kind = Kind.SNAPSHOT, removals_agreed: bool = False) -> Checked:
    """Receive a file and check it."""
    received = receive(actor=actor, feed=FEED, file=file, as_at=AS_AT, kind=kind, at=AT)
    return check(actor=actor, delivery_id=received.delivery.id, at=AT, removals_agreed=removals_agreed)


def _children(count: int) -> list[dict[str, str]]:
    return [{**CHILD, "record_id": f"A{number}"} for number in range(count)]


def test_bad_rows_are_kept_by_place_and_code(actor: Actor, tmp_path: Path, ledger: Ledger) -> None:
    rows = [{**CHILD, **SCHOOL, "given_name": "Ada"}, {**CHILD, "record_id": "A2", "birth_date": "2027-01-01"}]
    checked = _check(actor, write(tmp_path / "f.csv", [*rows, {**CHILD, "record_id": "A3", "service_type": "chess"}]))
    assert (checked.delivery.state, checked.records, checked.held) == (State.CHECKED, 1, "")
    assert checked.rejected == {"birth_in_future": 1, "service_unknown": 1}
    assert [(one.row, one.column) for one in checked.problems] == [(3, "birth_date"), (4, "service_type")]
    assert set(RejectedRow.objects.values_list("row", "column", "code")) == {
        (3, "birth_date", "birth_in_future"),
        (4, "service_type", "service_unknown"),
    }
    ((outcome, detail),) = ledger(CHECKED)
    assert (outcome, detail["rows"], detail["rejected_birth_in_future"]) == ("done", 3, 1)
    assert "Okafor" not in str(detail)


def test_columns_outside_the_licence_are_counted(actor: Actor, tmp_path: Path) -> None:
    checked = _check(actor, write(tmp_path / "f.csv", [{**CHILD, "nhs_number": "1", "shoe_size": "3"}]))
    assert (checked.unlicensed_columns, checked.unknown_columns, checked.records) == (1, 1, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"a;b;c\n", "delimiter"),
        (b"record_id,family_name\nA1,X\n", "missing_column"),
        (b"\xff\xfea", "encoding"),
    ],
)
def test_a_file_that_cannot_be_read_is_held(
    actor: Actor, tmp_path: Path, ledger: Ledger, content: bytes, code: str
) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(content)
    checked = _check(actor, file)
    assert checked.held.endswith(".")
    assert (checked.delivery.state, checked.delivery.held_code) == (State.HELD, code)
    assert RejectedRow.objects.count() == 0
    ((outcome, detail),) = ledger(CHECKED)
    assert (outcome, detail["held"]) == ("done", code)


def test_a_snapshot_that_leaves_out_more_than_agreed_is_held_unless_a_steward_agrees(
    actor: Actor, tmp_path: Path, ledger: Ledger
) -> None:
    HeldRecord.objects.bulk_create(HeldRecord(feed=FEED, record_id=f"A{number}") for number in range(20))
    within = _check(actor, write(tmp_path / "19.csv", _children(19)))
    assert within.held == ""
    beyond = write(tmp_path / "18.csv", _children(18))
    held = _check(actor, beyond)
    assert "2 of 20 are missing; 5 % are agreed" in held.held
    assert _check(actor, beyond, removals_agreed=True).held == ""
    assert [detail["removals_agreed"] for _, detail in ledger(CHECKED)] == [False, False, True]


def test_a_delta_leaves_out_whatever_it_likes(actor: Actor, tmp_path: Path) -> None:
    HeldRecord.objects.bulk_create(HeldRecord(feed=FEED, record_id=f"A{number}") for number in range(20))
    assert _check(actor, write(tmp_path / "1.csv", _children(1)), kind=Kind.DELTA).held == ""


def test_a_rejected_row_is_not_a_missing_record(actor: Actor, tmp_path: Path) -> None:
    HeldRecord.objects.bulk_create(HeldRecord(feed=FEED, record_id=f"A{number}") for number in range(3))
    rows = [{**row, "sex": "?"} for row in _children(3)]
    assert _check(actor, write(tmp_path / "f.csv", rows)).held == ""


def test_where_a_rows_record_cannot_be_told_nobody_is_taken_as_gone(actor: Actor, tmp_path: Path) -> None:
    HeldRecord.objects.bulk_create(HeldRecord(feed=FEED, record_id=f"A{number}") for number in range(40))
    path = write(tmp_path / "f.csv", _children(39))
    checked = _check(actor, path)
    delivery, _, file = selectors.opened(checked.delivery.id, mapping=None)
    whole = file.look()
    assert selectors.absent(delivery, whole) == ["A39"]
    assert selectors.absent(delivery, dataclasses.replace(whole, unreadable=1)) == []
    assert selectors.absent(dataclasses.replace(delivery, kind=Kind.DELTA), whole) == []


def test_a_snapshot_older_than_the_last_applied_one_is_held(actor: Actor, tmp_path: Path) -> None:
    newer = _check(actor, write(tmp_path / "new.csv", _children(2)))
    Delivery.objects.filter(id=newer.delivery.id).update(state=State.APPLIED)
    received = receive(
        actor=actor,
        feed=FEED,
        file=write(tmp_path / "old.csv", _children(1)),
        as_at=AS_AT.replace(month=5),
        kind=Kind.SNAPSHOT,
        at=AT,
    )
    assert check(actor=actor, delivery_id=received.delivery.id, at=AT).delivery.held_code == "older"


def test_a_paused_feed_stops_here(actor: Actor, tmp_path: Path, ledger: Ledger) -> None:
    file = write(tmp_path / "f.csv", [CHILD])
    received = receive(actor=actor, feed=FEED, file=file, as_at=AS_AT, kind=Kind.SNAPSHOT, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_feed SET paused = true")
    with pytest.raises(DeliveryRefused) as caught:
        check(actor=actor, delivery_id=received.delivery.id, at=AT)
    assert caught.value.refusal is Refusal.FEED_PAUSED
    assert [outcome for outcome, _ in ledger(CHECKED)] == ["refused"]
    found = selectors.delivery(received.delivery.id)
    assert found is not None
    assert found.state is State.RECEIVED


def test_a_delivery_or_file_that_is_not_there(actor: Actor, tmp_path: Path, spool: Path) -> None:
    received = receive(
        actor=actor, feed=FEED, file=write(tmp_path / "f.csv", [CHILD]), as_at=AS_AT, kind=Kind.SNAPSHOT, at=AT
    )
    (spool / str(received.delivery.id)).unlink()
    with pytest.raises(DeliveryRefused, match="file_unreadable"):
        check(actor=actor, delivery_id=received.delivery.id, at=AT)
    Delivery.objects.filter(id=received.delivery.id).update(feed="another")
    with pytest.raises(Denied, match="not_found"):
        check(actor=actor, delivery_id=received.delivery.id, at=AT)


def test_an_applied_delivery_is_never_checked_again(actor: Actor, tmp_path: Path) -> None:
    checked = _check(actor, write(tmp_path / "f.csv", _children(1)))
    Delivery.objects.update(state=State.APPLIED)
    with pytest.raises(MoveNotAllowed):
        check(actor=actor, delivery_id=checked.delivery.id, at=AT)
    with pytest.raises(Denied, match="not_found"):
        check(actor=actor, delivery_id=UUID(int=0), at=AT)
