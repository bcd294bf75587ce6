"""T16: whoever owns the database deletes, edits, shortens, rewrites or sets back the ledger.

Passes when each of the six attacks is found within 60 seconds by the running monitor and by the offline verifier, with the first position that
is not right, and no more than 100 entries or 10 seconds are unprotected at any time.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from childindex.audit import proving, restoring, sealing, tree
from childindex.audit import services as audit
from childindex.audit.checkpoint import Checkpoint, Note, NotTrusted
from childindex.audit.sealing import LedgerShortened
from childindex.audit.types import Event, Fault, Finding
from tests.database import AsRole, TestDatabase, filled
from tests.factories import attacks
from tests.factories.attacks import SIX, Owner
from tests.factories.ledger import AT, NOON, SOMEBODY, Ledger, made_ledger
from tools import verify_receipt

Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]
pytestmark = pytest.mark.abuse("T16")

OLD = 7  # an entry of long ago
LAST_NIGHT, NOW = 300, 320  # sealed until last night, and until now
ROUNDS = 6  # of ten seconds: a minute
# Where each attack is made, and what must be found first.
FOUND = {
    "delete": (OLD, Finding(fault=Fault.ENTRY_GONE, position=OLD)),
    "edit": (OLD, Finding(fault=Fault.ENTRY_CHANGED, position=OLD)),
    "truncate": (NOW - 4, Finding(fault=Fault.ENTRIES_GONE, position=NOW - 4, count=4)),
    "rewrite": (OLD, Finding(fault=Fault.ENTRY_CHANGED, position=OLD, count=NOW - OLD)),
    "swap": (LAST_NIGHT, Finding(fault=Fault.CHECKPOINT_OLD, position=LAST_NIGHT, count=NOW - LAST_NIGHT)),
    "rollback": (LAST_NIGHT, Finding(fault=Fault.ENTRIES_GONE, position=LAST_NIGHT, count=NOW - LAST_NIGHT)),
}


def put_in(as_role: AsRole) -> None:
    """The entries that every test starts from; each seals them in a folder of its own."""
    Ledger(folder=Path("/nonexistent"), as_role=as_role).write(NOW)


template = filled(put_in, scope="module")


@pytest.fixture
def ledger(
    database: TestDatabase, tmp_path: Path, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ledger]:
    """A ledger until last night, and what came since."""
    del database
    with made_ledger(tmp_path, as_role, monkeypatch) as made:
        with monkeypatch.context() as patch:
            patch.setattr(sealing, "_MOST_AT_ONCE", LAST_NIGHT)
            made.seal()
        made.moment += 36_000
        made.seal()
        yield made


@pytest.fixture
def owner(ledger: Ledger, connect: Connect) -> Owner:
    """Whoever owns the database, with its triggers off; until now all was well."""
    assert ledger.verify().sound
    return Owner.of(connect("owner"))


@pytest.mark.parametrize("name", SIX)
def test_each_attack_is_found_by_monitor_and_verifier(name: str, ledger: Ledger, owner: Owner) -> None:
    """The monitor reads a fifth of the history in each round, as it does of a million; what is new in every one."""
    place, expected = FOUND[name]
    monitor = ledger.watcher(entries_a_round=NOW // 5)
    for _ in range(ROUNDS):
        assert ledger.look(monitor).sound
    SIX[name](owner, ledger, place)

    found: tuple[Finding, ...] = ()
    rounds = 0
    while not found and rounds < ROUNDS:
        found, rounds = ledger.look(monitor).findings, rounds + 1
    assert found, f"the monitor has not found it in {ROUNDS} rounds"
    assert found[0].fault == expected.fault
    assert ledger.verify().findings[0] == expected


@pytest.mark.parametrize("name", ["truncate", "rollback"])
def test_a_shortened_ledger_is_not_gone_on_from(name: str, ledger: Ledger, owner: Owner) -> None:
    SIX[name](owner, ledger, LAST_NIGHT)
    with ledger.sealer() as sealer, pytest.raises(LedgerShortened):
        sealer.step(moment=ledger.moment, at_once=True)


def test_a_monitor_that_starts_afterwards_finds_it_too(ledger: Ledger, owner: Owner) -> None:
    attacks.edit_row(owner, ledger, NOW - 1)
    assert ledger.look(ledger.watcher(entries_a_round=10)).findings[0] == Finding(
        fault=Fault.ENTRY_CHANGED, position=NOW - 1
    )


# --- Stronger than the owner of the database -----------------------------------------------------------------------


def test_with_the_sealer_s_folder_and_key_too_the_witnesses_remember(ledger: Ledger, owner: Owner) -> None:
    """New tiles and a checkpoint signed by the log and by two bribed witnesses; the third was not asked."""
    attacks.rewrite_folder_too(owner, ledger, NOW - 1)
    assert ledger.verify().findings[0] == Finding(fault=Fault.FORKED, position=LAST_NIGHT, count=NOW - LAST_NIGHT)


def test_a_witness_cosigns_no_other_past(ledger: Ledger, owner: Owner) -> None:
    """Signed by the log's own key: another tree of the same size, a larger one that does not go on from it, a smaller one."""
    del owner
    before = Checkpoint.parse(Note.parse(ledger.tiles.checkpoint()).text)
    witness = ledger.witnesses["charity"]
    for size, old, status in [
        (NOW, NOW, 409),
        (NOW + 1, NOW, 422),
        (LAST_NIGHT, NOW, 400),
        (LAST_NIGHT, LAST_NIGHT, 409),
    ]:
        text = str(Checkpoint(origin=before.origin, size=size, root=tree.leaf_hash(b"another past")))
        note = Note(text=text, signatures=(ledger.key.sign(text),))
        proof = base64.b64encode(before.root).decode() + "\n" if size > old else ""
        answer = witness.add_checkpoint(f"old {old}\n{proof}\n{note}".encode(), moment=ledger.moment)
        assert answer.status == status, (size, old)
    ledger.start_witnesses()
    seen = Checkpoint.parse(Note.parse(ledger.witnesses["charity"].latest(moment=1).body).text)
    assert seen == before
    assert "another past" not in ledger.state("charity").read_text()
    assert ledger.state("charity").with_name("charity.state.refused").read_text().count(before.origin) > 0


def test_a_checkpoint_needs_a_quorum(ledger: Ledger, owner: Owner) -> None:
    """One witness is not enough, whoever signs beside it."""
    del owner
    note = Note.parse(ledger.tiles.checkpoint())
    one = Note(text=note.text, signatures=note.signatures[:2])
    (ledger.log / "checkpoint").write_bytes(str(one).encode())
    assert ledger.verify().findings[0].fault == Fault.CHECKPOINT_NOT_TRUSTED


def test_witnesses_that_do_not_answer_are_no_witnesses(ledger: Ledger, owner: Owner) -> None:
    del owner
    ledger.down = {"council"}
    assert ledger.verify().sound
    ledger.down = {"council", "charity"}
    assert [one.fault for one in ledger.verify().findings] == [Fault.WITNESSES_SILENT]


@pytest.mark.parametrize(("tile", "place"), [("tile/0/000", 0), ("tile/0/001.p/64", 256)])
def test_a_changed_tile_is_found(tile: str, place: int, ledger: Ledger, owner: Owner) -> None:
    del owner
    path = ledger.log / tile
    held = bytearray(path.read_bytes())
    monitor = ledger.watcher()
    assert ledger.look(monitor).sound
    held[40] ^= 1
    path.write_bytes(held)
    changed = Finding(fault=Fault.TILES_CHANGED, position=place)
    assert changed in ledger.verify().findings
    found = ledger.look(monitor).findings
    assert found[0].position in {place, place + 1}


def test_tile_and_entry_changed_alike_are_found(ledger: Ledger, owner: Owner) -> None:
    """By whoever has the folder as well: the tile no longer leads to what was cosigned."""
    monitor = ledger.watcher()
    assert ledger.look(monitor).sound
    attacks.edit_row(owner, ledger, OLD)
    row = owner.connection.execute("SELECT leaf_hash FROM audit_sealedentry WHERE position = %s", [OLD]).fetchone()
    assert row is not None
    path = ledger.log / "tile/0/000"
    held = bytearray(path.read_bytes())
    held[OLD * 32 : (OLD + 1) * 32] = row[0]
    path.write_bytes(held)
    changed = Finding(fault=Fault.TILES_CHANGED, position=0)
    assert ledger.verify().findings[0] == changed
    assert changed in ledger.look(monitor).findings


# --- Smaller, but no less a lie ------------------------------------------------------------------------------------

COLUMNS: dict[str, LiteralString] = {
    "account_id": "account_id = gen_random_uuid()",
    "no account_id": "account_id = NULL",
    "event": "event = 'child:visit:opened'",
    "outcome": "outcome = 'refused'",
    "at": "at = at + interval '1 second'",
    "role": "role = 'teacher'",
    "organisation": "organisation = 'gss:E08000001'",
    "channel": "channel = 'worker'",
    "reason": "reason = 'moved'",
    "no reason": "reason = ''",
    "case_reference": "case_reference = 'MA/124'",
    "children": "children = children || gen_random_uuid()",
    "no children": "children = '{}'",
    "detail": "detail = '{\"shown\": 2}'",
}


def test_a_column_beside_its_leaf_is_found(ledger: Ledger, owner: Owner) -> None:
    """Readers read columns; the tree covers the leaf. Each column by itself, each at an entry of its own."""
    for place, change in enumerate(COLUMNS.values()):
        update = sql.SQL(
            "UPDATE audit_ledgerentry SET {} WHERE id = (SELECT entry_id FROM audit_sealedentry WHERE position = %s)"
        )
        owner.connection.execute(update.format(sql.SQL(change)), [place])
    assert ledger.verify().findings == (Finding(fault=Fault.COLUMNS_CHANGED, position=0, count=len(COLUMNS)),)


@pytest.mark.parametrize(
    "update",
    [
        "UPDATE audit_sealedentry SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE position = 7",
        "UPDATE audit_ledgerentry e SET leaf_hash = s.entry_id::text::bytea FROM audit_sealedentry s WHERE e.id = entry_id AND position = 7",
    ],
)
def test_a_hash_beside_its_leaf_is_found(update: LiteralString, ledger: Ledger, owner: Owner) -> None:
    owner.run(update)
    assert ledger.verify().findings == (Finding(fault=Fault.HASH_CHANGED, position=OLD),)


def test_a_leaf_beside_its_hashes_is_found(ledger: Ledger, owner: Owner) -> None:
    attacks.edit_leaf(owner, ledger, OLD)
    assert ledger.verify().findings == (Finding(fault=Fault.ENTRY_CHANGED, position=OLD),)


def test_search_terms_may_be_purged_but_not_changed(ledger: Ledger, owner: Owner) -> None:
    owner.run("ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_awaits_sealing")
    with ledger.as_role("web"), audit.entry(Event.CHILDREN_SEARCHED, actor=SOMEBODY, at=AT) as entry:
        entry.searched_for({"family_name": "Okonkwo"})
    ledger.seal()
    owner.run("UPDATE audit_sealedterms SET ciphertext = ciphertext || '\\x00'::bytea")
    assert ledger.verify().findings == (Finding(fault=Fault.TERMS_CHANGED, position=NOW),)
    owner.run("DELETE FROM audit_sealedterms")
    assert ledger.verify().sound


def test_an_entry_that_was_kept_out_of_the_queue_is_found(ledger: Ledger, owner: Owner) -> None:
    """What is never sealed could be deleted unnoticed later on."""
    del owner  # its triggers are off
    ledger.write(2)
    assert ledger.verify().findings == (Finding(fault=Fault.NEVER_QUEUED, count=2),)
    assert Fault.NEVER_QUEUED in {one.fault for one in ledger.look(ledger.watcher()).findings}


def test_an_entry_that_is_deleted_before_it_is_sealed_is_found(ledger: Ledger, connect: Connect) -> None:
    [entry] = ledger.write(1)
    Owner.of(connect("owner")).run("DELETE FROM audit_ledgerentry WHERE id = %s", entry)
    assert Finding(fault=Fault.GONE_BEFORE_SEALING) in ledger.verify().findings


def test_a_sealer_that_does_not_seal_is_found(ledger: Ledger, connect: Connect) -> None:
    ledger.write(1)
    monitor = ledger.watcher()
    assert ledger.look(monitor).sound
    connect("owner").execute("UPDATE audit_waitingentry SET queued_at = queued_at - interval '61 seconds'")
    assert ledger.verify().findings == (Finding(fault=Fault.NOT_SEALED),)
    assert ledger.look(monitor).sound  # it may have been committed this instant
    assert ledger.look(monitor).findings == (Finding(fault=Fault.NOT_SEALED),)


@pytest.mark.parametrize(
    "trick",
    [
        "ALTER TABLE audit_ledgerentry ENABLE ROW LEVEL SECURITY",
        """ALTER TABLE audit_ledgerentry RENAME TO real; CREATE VIEW audit_ledgerentry AS SELECT * FROM real;
        GRANT SELECT ON audit_ledgerentry TO childindex_monitor""",
        "CREATE RULE quiet AS ON INSERT TO audit_ledgerentry WHERE NEW.role = 'teacher' DO INSTEAD NOTHING",
    ],
)
def test_the_monitor_is_shown_what_everybody_is_shown(trick: LiteralString, ledger: Ledger, owner: Owner) -> None:
    owner.connection.execute(trick)
    assert Fault.TABLES_REPLACED in {one.fault for one in ledger.verify().findings}


# --- What is unprotected, and what is handed out -------------------------------------------------------------------


def test_no_more_than_a_hundred_entries_or_ten_seconds_are_unprotected(ledger: Ledger, connect: Connect) -> None:
    assert (sealing.ENTRIES, sealing.SECONDS) == (100, 10)
    ledger.write(100)
    with ledger.sealer() as sealer:
        assert sealer.step(moment=ledger.moment) == 100
        ledger.write(1)
        connect("owner").execute("UPDATE audit_waitingentry SET queued_at = queued_at - interval '10 seconds'")
    with ledger.sealer() as sealer:
        assert sealer.step(moment=ledger.moment) == 1


def test_what_is_sealed_is_the_leaf_whatever_stands_beside_it(ledger: Ledger, connect: Connect) -> None:
    """Between position and checkpoint the owner puts another hash into the table of positions."""
    ledger.down = set(ledger.keys)
    ledger.write(1)
    with ledger.sealer() as sealer, pytest.raises(NotTrusted):
        sealer.step(moment=ledger.moment, at_once=True)
    ledger.down = set()
    with ledger.sealer() as sealer:
        Owner.of(connect("owner")).run(
            "UPDATE audit_sealedentry SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE position = 320"
        )
        sealer.step(moment=ledger.moment, at_once=True)
    with ledger.as_role("monitor"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT leaf FROM audit_ledgerentry JOIN audit_sealedentry ON entry_id = id WHERE position = 320"
        )
        assert list(ledger.tiles.hashes(NOW, NOW + 1)) == [tree.leaf_hash(bytes(cursor.fetchone()[0]))]


def receipt_of(ledger: Ledger, position: int) -> dict[str, Any]:
    """What the index hands out for an entry."""
    with ledger.as_role("audit"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT entry_id FROM audit_sealedentry WHERE position = %s", [position])
            [entry_id] = cursor.fetchone()
        return proving.receipt(actor=SOMEBODY, entry_id=entry_id, tiles=ledger.tiles, policy=ledger.policy, at=AT)


def test_a_receipt_proves_the_entry_without_the_index(ledger: Ledger, owner: Owner, tmp_path: Path) -> None:
    """And after the entry was rewritten the receipt of before still does, while no new one is handed out."""
    receipt = receipt_of(ledger, OLD)
    attacks.edit_row(owner, ledger, OLD)
    file, policy = tmp_path / "receipt.json", tmp_path / "policy"
    file.write_text(json.dumps(receipt))
    policy.write_text(ledger.policy_text)
    assert verify_receipt.main([str(file), str(policy)]) == 0
    entry, times = verify_receipt.verify(receipt, ledger.policy_text)
    assert entry["account"] == str(SOMEBODY.account_id)
    assert {int(moment.timestamp()) for moment in times.values()} == {NOON + 36_010}
    with pytest.raises(proving.NotSealed):
        receipt_of(ledger, OLD)


def test_a_forged_receipt_proves_nothing(ledger: Ledger, owner: Owner, tmp_path: Path) -> None:
    """Each part changed by itself: leaf, place, proof, checkpoint, signatures."""
    del owner
    receipt = receipt_of(ledger, OLD)
    leaf = base64.b64decode(receipt["leaf"])
    note = Note.parse(receipt["checkpoint"].encode())
    forged = {
        "leaf": base64.b64encode(leaf.replace(b"social_worker", b"family_worker")).decode(),
        "position": OLD + 1,
        "proof": receipt["proof"][:-1],
        "checkpoint": receipt["checkpoint"].replace("\n320\n", "\n321\n"),
    }
    cases = [{**receipt, name: value} for name, value in forged.items()]
    for signatures in (note.signatures[:2], note.signatures[1:], note.signatures[:1]):
        cases += [{**receipt, "checkpoint": str(Note(text=note.text, signatures=signatures))}]
    policy = tmp_path / "policy"
    policy.write_text(ledger.policy_text)
    for case in cases:
        file = tmp_path / "forged.json"
        file.write_text(json.dumps(case))
        assert verify_receipt.main([str(file), str(policy)]) == 1


# --- A restore -----------------------------------------------------------------------------------------------------


def test_a_declared_restore_is_said_every_time(ledger: Ledger, owner: Owner) -> None:
    """How many entries, from where, and in which minutes they had been sealed; and nothing else is covered by it."""
    attacks.roll_back(owner, ledger, LAST_NIGHT)
    assert not ledger.verify().sound
    with ledger.as_role("audit"):
        restoring.declare(actor=SOMEBODY, incident="INC-2026-7", sealed=NOW, at=AT)
    assert not ledger.verify().sound, "what is not sealed declares nothing"
    ledger.seal()
    ledger.seal()
    monitor = ledger.watcher()
    for report in (ledger.verify(), ledger.look(monitor), ledger.look(monitor)):
        assert report.sound
        [loss] = report.losses
        assert (loss.first, loss.until, loss.incident) == (LAST_NIGHT, NOW, "INC-2026-7")
        assert [minute.isoformat() for minute in loss.minutes] == ["2026-09-01T19:30:00+00:00"]
    attacks.delete_row(owner, ledger, NOW + 1)
    assert ledger.verify().findings == (Finding(fault=Fault.ENTRY_GONE, position=NOW + 1),)
