"""What verifying compares: every column, in whatever letters; and that what is only in flight is no fault. The attacks are in tests/abuse/test_t16."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from childindex.audit import comparing
from childindex.audit import services as audit
from childindex.audit.models import LedgerEntry
from childindex.audit.types import Event, Fault, Finding
from childindex.kernel.people import Channel
from tests.factories.attacks import Owner
from tests.factories.ledger import AT, SOMEBODY, Ledger

Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]


def test_every_column_of_an_entry_is_compared() -> None:
    """A column that somebody adds must stand in the leaf, and here."""
    columns = {field.attname for field in LedgerEntry._meta.fields}
    assert {name for name in columns if f"e.{name}" not in comparing._QUERY} == set()


def test_letters_that_json_writes_otherwise_are_the_same_letters(ledger: Ledger, connect: Connect) -> None:
    """Quotes, backslashes and letters beyond ASCII take the slow way, and a change there is found as well."""
    odd = replace(SOMEBODY, account_id=None, role='rôle "x"', organisation="gss:\\é", channel=Channel.COMMAND)
    with ledger.as_role("web"), audit.entry(Event.DELIVERY_RECEIVED, actor=odd, at=AT) as entry:
        entry.about([uuid4(), uuid4()])
        entry.note(feed="naïve", rows=12, repeated=False, codes=["a", 'b"'])
    ledger.seal()
    assert ledger.verify().sound
    Owner.of(connect("owner")).run("UPDATE audit_ledgerentry SET role = 'role \"x\"'")
    assert ledger.verify().findings == (Finding(fault=Fault.COLUMNS_CHANGED, position=0),)


def test_an_entry_whose_leaf_no_version_wrote_is_found(ledger: Ledger, connect: Connect) -> None:
    """Put in by hand, it is sealed like any other; its columns have nothing to agree with."""
    connect("web").execute(
        "INSERT INTO audit_ledgerentry VALUES (gen_random_uuid(), 'x', 'done', now(), null, '', '', 'web', '', '', '{}', '{}', 'x', sha256('\\x0078'))"
    )
    ledger.seal()
    assert ledger.verify().findings == (Finding(fault=Fault.COLUMNS_CHANGED, position=0),)


def test_nothing_is_sealed_yet(ledger: Ledger) -> None:
    """Before the first checkpoint there is nobody's word to compare with."""
    assert [one.fault for one in ledger.verify().findings] == [Fault.CHECKPOINT_NOT_TRUSTED]


def test_a_checkpoint_that_is_on_its_way_is_no_fault(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Witnesses have cosigned what the sealer has not published yet: looked at again, it has."""
    ledger.seal([3])
    before = ledger.tiles.checkpoint()
    ledger.seal([2])
    after = ledger.tiles.checkpoint()
    path = ledger.log / "checkpoint"
    path.write_bytes(before)
    monkeypatch.setattr("tests.factories.ledger._no_pause", lambda _: path.write_bytes(after))
    report = ledger.verify()
    assert (report.sound, report.size) == (True, 5)


def test_more_than_one_piece(ledger: Ledger, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces are read ahead of the comparison, and a loss that spans them is one finding."""
    monkeypatch.setattr(comparing, "_AT_A_TIME", 3)
    monkeypatch.setattr("childindex.audit.verifying._CHUNK", 4)
    ledger.seal([14])
    assert ledger.verify().sound
    owner = Owner.of(connect("owner"))
    owner.run("DELETE FROM audit_sealedentry WHERE position BETWEEN 2 AND 9")
    owner.run("DELETE FROM audit_ledgerentry WHERE id NOT IN (SELECT entry_id FROM audit_sealedentry)")
    assert ledger.verify().findings == (Finding(fault=Fault.ENTRY_GONE, position=2, count=8),)


def test_a_witness_of_another_log_says_nothing_of_this_one(ledger: Ledger) -> None:
    ledger.seal([3])
    other = Ledger(folder=ledger.folder / "other", as_role=ledger.as_role, keys=ledger.keys)
    other.key = type(other.key).generate("other.example.org/ledger", other.key.kind)
    other.start_witnesses()
    ledger.stop()
    ledger.witnesses.update(other.witnesses)
    assert [one.fault for one in ledger.verify().findings] == [Fault.WITNESSES_SILENT]
