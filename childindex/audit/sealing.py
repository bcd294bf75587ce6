"""The sealer: gives committed entries their positions in the tree and publishes what the witnesses cosign (R 7.11).

In this order, so that a stop at any point leaves a beginning of the truth and the next start goes on from it:
positions are committed, tiles are on disk, the witnesses have cosigned, the checkpoint takes the old one's place.
A leaf is hashed here from the entry's canonical bytes; what the database says its hash is counts for nothing.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from childindex.audit import restoring, tree
from childindex.audit.checkpoint import Checkpoint, Note, NotTrusted, Policy, SignerKey
from childindex.audit.tiles import Sealed, Tiles, TilesAltered, TileWriter

log = logging.getLogger(__name__)

ENTRIES: Final = 100  # sealed as soon as so many wait,
SECONDS: Final = 10  # or as soon as one has waited so long
_MOST_AT_ONCE: Final = 10_000
_LOCK: Final = 0x7365616C  # "seal": an arbitrary number that every sealer of a database agrees on


class LedgerShortened(Exception):
    """The database has given out fewer positions than were sealed: entries are gone. Goes on only after a declared restore."""


# What the witnesses do with a note, given how to prove that its tree goes on from an earlier size.
Cosign = Callable[[Note, Callable[[int], Sequence[bytes]]], Note]


class Sealer:
    """The one process that adds to a ledger's folder."""

    def __init__(self, *, folder: Path, key: SignerKey, policy: Policy, cosign: Cosign) -> None:
        """Refused with `NotTrusted` or `TilesAltered` where the folder is not as a sealer left it, or another one uses it."""
        if key.verifier != policy.log:
            raise NotTrusted("the policy names another key of the log than the one that would sign")
        self._key, self._policy, self._cosign, self._tiles = key, policy, cosign, Tiles(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._in_use = (folder / "sealer.lock").open("w")
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.published = self._resume()
            self._writer = TileWriter.at(folder, self.published)
        except BlockingIOError as error:
            self.close()
            raise NotTrusted(f"another sealer uses {folder}") from error
        except Exception:
            self.close()
            raise

    def _resume(self) -> int:
        """The size of the published tree, once it is seen to be what was published."""
        written = self._tiles.checkpoint()
        if not written:
            return 0
        checkpoint, _ = self._policy.open(written)
        if self._tiles.root(checkpoint.size) != checkpoint.root:
            raise TilesAltered("the tiles do not lead to the root of the checkpoint", position=0)
        return checkpoint.size

    def close(self) -> None:
        """Lets another process have the folder."""
        self._in_use.close()

    def step(self, *, moment: int, at_once: bool = False) -> int:
        """Seals what is due, or whatever waits if `at_once`; how many entries a new checkpoint covers that none did before.

        Refused with `LedgerShortened` if positions that are sealed are gone, `NotTrusted` without a quorum: then the same
        entries are published by a later step.
        """
        given = self._give_positions(at_once=at_once)
        if given == self.published:
            return 0
        if self._writer.size < given:
            for first in range(self._writer.size, given, _MOST_AT_ONCE):
                self._writer.append(_leaf_hashes(first, min(given, first + _MOST_AT_ONCE)))
        return self._publish(moment)

    def _give_positions(self, *, at_once: bool) -> int:
        """How many positions are given out, after those that are due now got theirs."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute("SELECT coalesce(max(position) + 1, 0) FROM audit_sealedentry")
            given: int = cursor.fetchone()[0]
            if given > self.published:
                return given  # an earlier step was stopped between position and checkpoint
            declared = restoring.declaration_of(first=given, until=self.published) if given < self.published else None
            if given < self.published and declared is None:
                raise LedgerShortened(f"{self.published - given} sealed entries are gone, from position {given} on")
            taken = _take(declared) if at_once or declared is not None or _due() else []
            if taken:
                with cursor.copy("COPY audit_sealedentry (position, entry_id, leaf_hash) FROM STDIN") as copied:
                    for position, (_, entry_id, leaf) in enumerate(taken, start=self.published):
                        copied.write_row((position, entry_id, tree.leaf_hash(leaf)))
                cursor.execute("DELETE FROM audit_waitingentry WHERE arrival = ANY(%s)", [[line[0] for line in taken]])
            return self.published + len(taken)

    def _publish(self, moment: int) -> int:
        """Sign, have it cosigned, and publish it if a quorum did."""
        size = self._writer.size
        node = self._tiles.node(size)
        checkpoint = Checkpoint(origin=self._key.name, size=size, root=tree.root(size, node))
        text = str(checkpoint)
        note = self._cosign(
            Note(text=text, signatures=(self._key.sign(text),)), lambda old: tree.consistency(old, size, node)
        )
        if not self._policy.suffices(self._policy.cosigned(note)):
            raise NotTrusted(f"no quorum of witnesses has cosigned size {size}")
        self._writer.publish(str(note).encode(), Sealed(moment=moment, size=size, root=checkpoint.root))
        before, self.published = self.published, size
        return size - before


def _due() -> bool:
    """Whether a hundred entries wait, or one for ten seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) >= %s OR coalesce(min(queued_at) <= clock_timestamp() - make_interval(secs => %s), false)"
            " FROM (SELECT queued_at FROM audit_waitingentry ORDER BY arrival LIMIT %s) AS first",
            [ENTRIES, SECONDS, ENTRIES],
        )
        return bool(cursor.fetchone()[0])


def _take(declared: int | None) -> list[tuple[int, UUID, bytes]]:
    """The entries that wait, oldest first: arrival, id, leaf. One that has vanished stays in the queue for the monitor to find.

    A declared restore goes alone, before everything that was written since: it stands right behind what it says is lost.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT arrival, entry_id, leaf FROM audit_waitingentry JOIN audit_ledgerentry ON id = entry_id"
            " WHERE %s IS NULL OR arrival = %s ORDER BY arrival LIMIT %s",
            [declared, declared, _MOST_AT_ONCE],
        )
        return [(arrival, entry_id, bytes(leaf)) for arrival, entry_id, leaf in cursor.fetchall()]


def _leaf_hashes(first: int, end: int) -> Iterator[bytes]:
    """The hashes of the leaves at these positions, from the entries themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, leaf FROM audit_sealedentry LEFT JOIN audit_ledgerentry ON id = entry_id"
            " WHERE position >= %s AND position < %s ORDER BY position",
            [first, end],
        )
        rows = cursor.fetchall()
    if [position for position, leaf in rows if leaf is not None] != list(range(first, end)):
        raise LedgerShortened(f"an entry from position {first} on vanished before it was sealed")
    for _, leaf in rows:
        yield tree.leaf_hash(bytes(leaf))


@contextmanager
def sealer(*, folder: Path, key: SignerKey, policy: Policy, cosign: Cosign) -> Iterator[Sealer]:
    """A sealer that lets go of the folder at the end."""
    made = Sealer(folder=folder, key=key, policy=policy, cosign=cosign)
    try:
        yield made
    finally:
        made.close()
