"""The sealer takes every committed entry, once, and leaves a beginning of the truth wherever it is stopped (R 7.11)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import ProgrammingError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from childindex.audit import restoring, sealing, tree
from childindex.audit.checkpoint import Kind, NotTrusted, SignerKey
from childindex.audit.sealing import LedgerShortened
from childindex.audit.tiles import TilesAltered
from tests.factories.ledger import AT, SOMEBODY, Ledger

AN_ENTRY = {
    "id": str(UUID(int=7)),
    "event": "child:entry:viewed",
    "outcome": "done",
    "at": AT.isoformat(),
    "role": "social_worker",
    "organisation": "gss:E08000003",
    "channel": "web",
    "reason": "",
    "case_reference": "",
    "children": [],
    "detail": {},
    "leaf": "\\x00",
    "leaf_hash": "\\x00",
}
Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]


def positions(ledger: Ledger) -> list[tuple[int, UUID, bytes, bytes]]:
    """Every position with its entry, the hash beside it, and the leaf."""
    with ledger.as_role("monitor"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, entry_id, s.leaf_hash, leaf FROM audit_sealedentry s JOIN audit_ledgerentry e ON id = entry_id ORDER BY 1"
        )
        return [(place, entry, bytes(hashed), bytes(leaf)) for place, entry, hashed, leaf in cursor.fetchall()]


def waiting(ledger: Ledger) -> int:
    with ledger.as_role("monitor"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_waitingentry")
        return int(cursor.fetchone()[0])


def check_published(ledger: Ledger) -> int:
    """Whatever is published is cosigned and is a beginning of what the database says; its size."""
    written = ledger.tiles.checkpoint()
    if not written:
        return 0
    checkpoint, times = ledger.policy.open(written)
    leaves = [tree.leaf_hash(leaf) for _, _, _, leaf in positions(ledger)][: checkpoint.size]
    assert len(times) >= 2
    assert tree.root_of(leaves) == checkpoint.root == ledger.tiles.root(checkpoint.size)
    assert list(ledger.tiles.hashes(0, checkpoint.size)) == leaves
    return checkpoint.size


def check_whole(ledger: Ledger, entries: set[UUID]) -> None:
    """Every entry has one position, none is left out, and all of it is published."""
    given = positions(ledger)
    assert [place for place, *_ in given] == list(range(len(given)))
    assert {entry for _, entry, *_ in given} == entries
    assert waiting(ledger) == 0
    assert check_published(ledger) == len(entries)


def test_entries_are_sealed_and_cosigned(ledger: Ledger) -> None:
    entries = set(ledger.write(3))
    with ledger.sealer() as sealer:
        assert sealer.step(moment=1, at_once=True) == 3
        assert sealer.step(moment=2, at_once=True) == 0
        entries |= set(ledger.write(400))
    with ledger.sealer() as sealer:
        assert sealer.published == 3
        assert sealer.step(moment=3) == 400
    check_whole(ledger, entries)
    assert [(line.moment, line.size) for line in ledger.tiles.history()] == [(1, 3), (3, 403)]


def test_a_hundred_at_once_or_one_after_ten_seconds(ledger: Ledger, connect: Connect) -> None:
    ledger.write(99)
    with ledger.sealer() as sealer:
        assert sealer.step(moment=1) == 0
        ledger.write(1)
        with ledger.as_role("sealer"):
            assert sealer.step(moment=1) == 100
        ledger.write(1)
        with ledger.as_role("sealer"):
            assert sealer.step(moment=1) == 0
        connect("owner").execute("UPDATE audit_waitingentry SET queued_at = queued_at - interval '10 seconds'")
        with ledger.as_role("sealer"):
            assert sealer.step(moment=1) == 1


def test_what_commits_late_is_not_missed(ledger: Ledger, connect: Connect) -> None:
    """A long transaction's entry gets its place when it is there, behind those that were sealed meanwhile."""
    late = connect("web")
    late.execute("BEGIN")
    late.execute(
        "INSERT INTO audit_ledgerentry SELECT * FROM jsonb_populate_record(null::audit_ledgerentry, %s)",
        [Jsonb(AN_ENTRY)],
    )
    entries = set(ledger.write(2))
    ledger.seal()
    late.execute("COMMIT")
    ledger.seal()
    given = positions(ledger)
    assert len(given) == 3
    assert given[2][1] == UUID(int=7)
    assert entries < {entry for _, entry, *_ in given}


def test_the_leaf_is_hashed_and_not_what_the_database_says_of_it(ledger: Ledger, connect: Connect) -> None:
    """An owner who has put another hash beside an entry finds the entry's own in the tree."""
    ledger.write(1)
    owner = connect("owner")
    owner.execute("ALTER TABLE audit_ledgerentry DISABLE TRIGGER ALL")
    owner.execute("UPDATE audit_ledgerentry SET leaf_hash = decode(repeat('00', 32), 'hex')")
    ledger.seal()
    [(_, _, hashed, leaf)] = positions(ledger)
    assert hashed == tree.leaf_hash(leaf) == next(ledger.tiles.hashes(0, 1))


def test_without_a_quorum_nothing_is_published_and_nothing_is_lost(ledger: Ledger) -> None:
    ledger.down = {"council", "charity"}
    entries = set(ledger.write(2))
    with ledger.sealer() as sealer:
        for _ in range(2):
            with pytest.raises(NotTrusted, match="quorum"):
                sealer.step(moment=1, at_once=True)
        assert ledger.tiles.checkpoint() == b""
        ledger.down = {"council"}
        assert sealer.step(moment=1, at_once=True) == 2
    ledger.down = set()
    ledger.seal()
    check_whole(ledger, entries)


def test_a_witness_that_was_away_catches_up(ledger: Ledger) -> None:
    ledger.seal([3])
    ledger.down = {"charity"}
    ledger.seal([300, 5])
    ledger.down = {"council"}
    ledger.seal([1])
    assert ledger.policy.open(ledger.tiles.checkpoint())[0].size == 309


def test_one_sealer_a_folder(ledger: Ledger) -> None:
    with ledger.sealer(), pytest.raises(NotTrusted, match="another sealer"), ledger.sealer():
        pass


def test_a_key_that_the_policy_does_not_name_is_refused(ledger: Ledger) -> None:
    policy = ledger.policy
    other = SignerKey.generate(policy.log.name, Kind.LOG)
    with pytest.raises(NotTrusted, match="another key"):
        sealing.Sealer(folder=ledger.log, key=other, policy=policy, cosign=lambda note, _: note)


def test_a_folder_that_was_changed_is_not_gone_on_from(ledger: Ledger) -> None:
    ledger.seal([300])
    tile = ledger.log / "tile/0/001.p/44"
    tile.write_bytes(bytes(len(tile.read_bytes())))
    with pytest.raises(TilesAltered), ledger.sealer():
        pass


def test_a_lost_folder_is_made_again_if_the_witnesses_agree(ledger: Ledger) -> None:
    entries = set(ledger.write(300))
    ledger.seal()
    ledger.log.rename(ledger.folder / "lost")
    entries |= set(ledger.write(1))
    ledger.seal([0, 0])
    check_whole(ledger, entries)


def test_a_rewritten_database_is_not_sealed_again_over_a_lost_folder(ledger: Ledger, connect: Connect) -> None:
    """The witnesses remember, so that losing the folder is no way to a new past."""
    ledger.seal([3])
    owner = connect("owner")
    owner.execute("ALTER TABLE audit_ledgerentry DISABLE TRIGGER ALL")
    owner.execute("UPDATE audit_ledgerentry SET leaf = leaf || ' '")
    ledger.log.rename(ledger.folder / "lost")
    with ledger.sealer() as sealer, pytest.raises(NotTrusted, match="quorum"):
        sealer.step(moment=1, at_once=True)
    assert ledger.state("council").with_name("council.state.refused").exists()


def set_back(connect: Connect, *, to: int) -> None:
    """What restoring an older backup does to the ledger."""
    owner = connect("owner")
    for table in ("audit_ledgerentry", "audit_sealedentry"):
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
    owner.execute(
        "DELETE FROM audit_ledgerentry WHERE id IN (SELECT entry_id FROM audit_sealedentry WHERE position >= %s)", [to]
    )
    owner.execute("DELETE FROM audit_sealedentry WHERE position >= %s", [to])
    for table in ("audit_ledgerentry", "audit_sealedentry"):
        owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_is_append_only".encode())
    owner.execute("ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_awaits_sealing")


def test_a_database_that_was_set_back_is_not_sealed_until_that_is_declared(ledger: Ledger, connect: Connect) -> None:
    ledger.seal([5, 5])
    set_back(connect, to=5)
    ledger.write(2)
    with ledger.sealer() as sealer, pytest.raises(LedgerShortened, match="5 sealed entries are gone, from position 5"):
        sealer.step(moment=1, at_once=True)
    with ledger.as_role("audit"):
        assert restoring.declare(actor=SOMEBODY, incident="INC-1", sealed=10, at=AT) == (5, 10)
    ledger.seal()
    assert restoring.lost_of(positions(ledger)[5][3]) == (5, 10), "before what was written since"
    ledger.seal()
    assert [place for place, *_ in positions(ledger)] == [0, 1, 2, 3, 4, 10, 11, 12]
    assert ledger.policy.open(ledger.tiles.checkpoint())[0].size == 13
    ledger.seal([1])
    assert ledger.policy.open(ledger.tiles.checkpoint())[0].size == 14


def test_nothing_to_declare(ledger: Ledger) -> None:
    ledger.seal([5])
    with ledger.as_role("audit"), pytest.raises(restoring.NothingLost):
        restoring.declare(actor=SOMEBODY, incident="INC-1", sealed=5, at=AT)


def test_an_entry_gone_between_position_and_checkpoint_stops_the_sealer(ledger: Ledger, connect: Connect) -> None:
    ledger.down = set(ledger.keys)
    ledger.write(2)
    with ledger.sealer() as sealer, pytest.raises(NotTrusted):
        sealer.step(moment=1, at_once=True)
    ledger.down = set()
    owner = connect("owner")
    owner.execute("ALTER TABLE audit_ledgerentry DISABLE TRIGGER ALL")
    owner.execute(
        "DELETE FROM audit_ledgerentry WHERE id = (SELECT entry_id FROM audit_sealedentry WHERE position = 1)"
    )
    with ledger.sealer() as sealer, pytest.raises(LedgerShortened, match="vanished"):
        sealer.step(moment=1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_sealedentry SET position = position + 1",
        "DELETE FROM audit_sealedentry",
        "TRUNCATE audit_sealedentry",
        "SELECT account_id FROM audit_ledgerentry",
        "SELECT * FROM audit_sealedterms",
        "DELETE FROM audit_ledgerentry",
        "INSERT INTO audit_waitingentry DEFAULT VALUES",
    ],
)
def test_the_sealer_can_take_nothing_back_and_read_nothing_else(ledger: Ledger, statement: str) -> None:
    with ledger.as_role("sealer"), connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute(statement)


@pytest.mark.parametrize("process", ["web", "family", "worker", "audit", "monitor"])
def test_nobody_else_gives_positions_or_empties_the_queue(process: str, ledger: Ledger, connect: Connect) -> None:
    ledger.write(1)
    for statement in (
        "INSERT INTO audit_sealedentry VALUES (0, gen_random_uuid(), '')",
        "DELETE FROM audit_waitingentry",
        "UPDATE audit_waitingentry SET queued_at = now()",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(process).execute(statement.encode())


class Killed(BaseException):
    """The sealer was killed here."""


def check_kills(ledger: Ledger, runs: list[tuple[int, int, bool]]) -> None:
    """For each run: write entries, kill the sealer at the n-th time that it or a witness puts something on disk, start all again.

    Half-written files included. Whatever is published holds at every moment, and one quiet step at the end seals the rest.
    The ledger may have grown before.
    """
    entries = {entry for _, entry, *_ in positions(ledger)}
    for count, deaths, torn in runs:
        entries |= set(ledger.write(count))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", _dying(deaths, torn=torn))
            with suppress(Killed, NotTrusted), ledger.sealer() as sealer:
                sealer.step(moment=ledger.moment, at_once=True)
        ledger.start_witnesses()
        check_published(ledger)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", _dying(10_000, torn=False))
        ledger.seal([0, 0])
    check_whole(ledger, entries)
    sizes = [line.size for line in ledger.tiles.history()]
    assert all(before <= after for before, after in pairwise(sizes))


def test_killed_at_each_point_it_goes_on_from_a_beginning_of_the_truth(ledger: Ledger) -> None:
    """Eighteen times that something is put on disk is more than a step has; the fifth run begins a second tile."""
    check_kills(ledger, [(252 if deaths == 5 else 2, deaths, deaths % 2 == 0) for deaths in range(18)])


@pytest.mark.long
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(0, 40) | st.sampled_from([255, 256, 300]), st.integers(0, 20), st.booleans()), max_size=5
    )
)
def test_killed_again_and_again(ledger: Ledger, runs: list[tuple[int, int, bool]]) -> None:
    """Any number of entries, any points, one kill upon the other; the ledger grows from one example to the next."""
    check_kills(ledger, runs)


def _dying(after: int, *, torn: bool) -> Callable[[int], None]:
    """A disk that takes so many writes; the last one may be cut in half."""
    left = [after]

    def fsync(handle: int) -> None:
        if left[0] == 0:
            if torn:
                with suppress(OSError):  # a folder, which cannot be cut short
                    os.ftruncate(handle, os.fstat(handle).st_size - 7)
            raise Killed
        left[0] -= 1

    return fsync


def test_times_are_those_it_is_given(ledger: Ledger) -> None:
    """Nothing below the command reads the clock."""
    ledger.write(1)
    later = int((AT + timedelta(days=1)).timestamp())
    ledger.moment = later
    ledger.seal()
    assert [line.moment for line in ledger.tiles.history()] == [later]
    assert ledger.policy.open(ledger.tiles.checkpoint())[1] == [later] * 3
