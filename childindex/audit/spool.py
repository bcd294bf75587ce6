"""The ledger's second sink: each entry's canonical bytes, appended to a file on the machine that answered, after the commit and before the reply.

Whoever owns the database can take an entry out before it is sealed; this says that it was there. It holds what the tree will hold, opaque
ids and codes, and is deleted once the entries stand in the tree (docs/adr/0017). A page is served while the table alone can be written, never
while the spool alone can: a spool that fails sets off its alarm and nothing else (T15).
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import connection

from childindex.audit.alarm import Alarm
from childindex.audit.tree import leaf_hash

SUFFIX: Final = ".leaves"
# A disk that takes longer than this to make its writes durable is as good as gone.
SYNC_SECONDS: Final = 1.0
# A segment is written for an hour; after two it is nobody's any more.
QUIET_SECONDS: Final = 2 * 60 * 60
_AT_ONCE: Final = 1000


class SyncTooSlow(Exception):
    """What was written a second ago is still not known to be on the disk."""


class Spool:
    """One process's files in a folder, one for each hour, readable by this account alone.

    A line is written in one call before `keep` returns, so it outlives the process; a thread of its own makes it durable at once, for everybody
    who has written meanwhile, and nobody waits for it: against a loss of power there is the table. Safe to use from many threads.
    """

    def __init__(self, folder: Path, alarm: Alarm) -> None:
        self.folder = folder
        self._alarm = alarm
        self._lock = threading.Lock()
        self._file, self._older = -1, -1
        self._opened: tuple[int, str] = (0, "")
        self._torn, self._turned = False, False
        self._unsynced_since = 0.0
        self._written = threading.Event()

    def keep(self, leaf: bytes, *, hour: str) -> None:
        """Append one entry. `hour` names the file (20261125T17). Never fails: whatever goes wrong is for the alarm."""
        # What a full disk left half written stays a line of its own.
        line = (b"\n" if self._torn else b"") + leaf + b"\n"
        try:
            self._torn = os.write(self._file_of(hour), line) != len(line)
            if self._torn:
                raise OSError(errno.ENOSPC, "half a line")
        except OSError as error:
            self._alarm.sound(error)
            return
        now = time.monotonic()
        if not self._unsynced_since:
            self._unsynced_since = now
        elif now - self._unsynced_since > SYNC_SECONDS:
            self._alarm.sound(SyncTooSlow())
        self._written.set()

    def _file_of(self, hour: str) -> int:
        """The open file of this process and hour, or of a later hour that has begun."""
        process = os.getpid()
        with self._lock:
            if self._opened[0] == process and self._opened[1] >= hour:
                return self._file
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = f"{hour}-{process}-{secrets.token_hex(4)}{SUFFIX}"
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            file = os.open(self.folder / name, flags, 0o600)
            if self._opened[0] != process:  # the first, or the first after a fork, which takes no thread along
                threading.Thread(target=self._sync, name="ledger spool", daemon=True).start()
            else:
                if self._older >= 0:
                    os.close(self._older)
                self._older, self._turned = self._file, True  # another thread may be about to write to it
            self._file, self._opened = file, (process, hour)
            return file

    def _sync(self) -> None:
        """Make durable whatever was written since the last time, for ever."""
        while True:
            self._written.wait()
            self._written.clear()
            try:
                if self._turned:
                    self._turned = False
                    os.fdatasync(self._older)
                os.fdatasync(self._file)
            except OSError as error:
                self._alarm.sound(error)
                time.sleep(SYNC_SECONDS)
                continue
            self._unsynced_since = 0.0
            self._alarm.clear()


@dataclass(slots=True, kw_only=True)
class SpoolReport:
    """What a folder of segments and the table say of each other. Half lines are what a full disk or a killed process leaves."""

    segments: int = 0
    entries: int = 0
    half_lines: int = 0
    waiting: int = 0  # not in the tree yet
    missing: list[UUID] = field(default_factory=list)  # not in the table
    altered: list[UUID] = field(default_factory=list)  # in the table with other bytes
    deleted: int = 0  # segments

    @property
    def holds(self) -> bool:
        """Whether every entry that was spooled is in the table as it was written."""
        return not self.missing and not self.altered


def reconcile(folder: Path, *, now: float, purge: bool = False) -> SpoolReport:
    """Compare every segment with the ledger's table, as a login that may read it (T15, T16).

    An entry is spooled only once it is committed, so one that is not in the table was taken out of it, or went with a restore. With `purge`
    segments that nobody writes any more are deleted, where every entry of theirs is in the table and in the tree. `now` is a time since the epoch.
    """
    report = SpoolReport()
    for segment in sorted(folder.glob(f"*{SUFFIX}")):
        report.segments += 1
        faults, waiting = len(report.missing) + len(report.altered), report.waiting
        for lines in _batches(segment):
            _compare(lines, report)
        clean = faults == len(report.missing) + len(report.altered) and waiting == report.waiting
        if purge and clean and now - segment.stat().st_mtime > QUIET_SECONDS:
            segment.unlink()
            report.deleted += 1
    return report


def _batches(segment: Path) -> Iterator[list[bytes]]:
    """The lines of a segment, a thousand at a time."""
    with segment.open("rb") as lines:
        while some := list(islice(lines, _AT_ONCE)):
            yield some


def _compare(lines: list[bytes], report: SpoolReport) -> None:
    """Look one batch up."""
    spooled: dict[UUID, bytes] = {}
    for line in lines:
        leaf = line.rstrip(b"\n")
        if not leaf:
            continue
        try:
            spooled[UUID(json.loads(leaf)["id"])] = leaf_hash(leaf)
        except (ValueError, KeyError, TypeError):
            report.half_lines += 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.leaf, s.position IS NULL FROM audit_ledgerentry e LEFT JOIN audit_sealedentry s ON s.entry_id = e.id"
            " WHERE e.id = ANY(%s)",
            [list(spooled)],
        )
        held = {entry: (leaf_hash(bytes(leaf)), waits) for entry, leaf, waits in cursor.fetchall()}
    report.entries += len(spooled)
    report.waiting += sum(waits for _, waits in held.values())
    report.missing += [entry for entry in spooled if entry not in held]
    report.altered += [entry for entry, digest in spooled.items() if entry in held and held[entry][0] != digest]
