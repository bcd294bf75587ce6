"""Whether the ledger is what was sealed. Compares checkpoint, witnesses, tiles and database, and names the first position that is not right.

Each believes the next no further than it must: witnesses' signatures are checked, tiles must lead to the checkpoint's root,
leaves are hashed here, columns are held against leaves. Entries that a declared restore lost are said every time (R 7.11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from django.db import connection

from childindex.audit import asking, comparing, tree
from childindex.audit.checkpoint import Checkpoint, NotTrusted, Policy, WitnessAt
from childindex.audit.restoring import incident_of, lost_of
from childindex.audit.tiles import WIDTH, Tiles, TilesAltered
from childindex.audit.types import Fault, Finding, Loss

OVERDUE_SECONDS: Final = 60
_CHUNK: Final = 4_096 * WIDTH  # positions whose hashes are in memory at a time: 32 MB
_PATIENCE: Final = (0.2, 0.8, 2.0)  # how long a sealer may take from the witnesses' word to the published checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one verification found. `sound` if nothing is wrong; a declared restore is no fault, and never silent."""

    size: int
    checked: int
    findings: tuple[Finding, ...]
    losses: tuple[Loss, ...]

    @property
    def sound(self) -> bool:
        """Nothing is wrong."""
        return not self.findings


@dataclass(slots=True, kw_only=True)
class Verifier:
    """One verification of one ledger; `pause` waits for so many seconds."""

    tiles: Tiles
    policy: Policy
    pause: Callable[[float], None]
    findings: list[Finding] = field(default_factory=list)
    declared: dict[tuple[int, int], str] = field(default_factory=dict)  # positions lost, and the incident
    checked: int = 0

    def whole(self) -> Report:
        """Everything, once."""
        self.check_tables()
        checkpoint = self.check_head()
        if checkpoint is not None:
            tops = self.check_tiles(checkpoint)
            for first in range(0, checkpoint.size if tops is not None else 0, _CHUNK):
                self.check_entries(first, min(first + _CHUNK, checkpoint.size), checkpoint.size)
        self.check_orphans()
        self.check_waiting()
        return self.report(checkpoint)

    def report(self, checkpoint: Checkpoint | None) -> Report:
        """What was found, without what declared restores explain."""
        findings = [one for one in dict.fromkeys(self.findings) if not self._is_declared(one)]
        findings.sort(key=lambda one: (one.position is None, one.position or 0))
        losses = [
            Loss(first=first, until=until, incident=incident, minutes=tuple(self._minutes(first, until)))
            for (first, until), incident in sorted(self.declared.items())
        ]
        size = checkpoint.size if checkpoint is not None else 0
        return Report(size=size, checked=self.checked, findings=tuple(findings), losses=tuple(losses))

    def check_head(self) -> Checkpoint | None:
        """The newest checkpoint: signed by log and quorum, no older than what witnesses saw, and going on from it."""
        try:
            checkpoint, _ = self.policy.open(self.tiles.checkpoint())
        except NotTrusted:
            self.found(Fault.CHECKPOINT_NOT_TRUSTED)
            return None
        answered = []
        for name, witness in self.policy.witnesses.items():
            try:
                seen, _ = asking.latest(witness)
            except (asking.Unreachable, NotTrusted):
                continue
            if seen.origin == checkpoint.origin:
                answered.append(name)
                checkpoint = self._check_witness(witness, seen, checkpoint)
        if not self.policy.suffices(dict.fromkeys(answered, 0)):
            self.found(Fault.WITNESSES_SILENT)
        return checkpoint

    def _check_witness(self, witness: WitnessAt, seen: Checkpoint, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint, or the newer one that was published meanwhile."""
        for seconds in _PATIENCE:
            if seen.size <= checkpoint.size:
                break
            self.pause(seconds)
            checkpoint, _ = self.policy.open(self.tiles.checkpoint())
        if seen.size > checkpoint.size:
            self.found(Fault.CHECKPOINT_OLD, checkpoint.size, seen.size - checkpoint.size)
        elif not self._agrees(seen.size, seen.root):
            agreed = self._last_agreed(witness)
            self.found(Fault.FORKED, agreed, checkpoint.size - agreed)
        return checkpoint

    def _agrees(self, size: int, root: bytes) -> bool:
        """Whether the tiles lead to a root that somebody saw."""
        try:
            return self.tiles.root(size) == root
        except TilesAltered:
            return False

    def _last_agreed(self, witness: WitnessAt) -> int:
        """The largest size up to which these tiles are the tree that a witness saw grow."""
        try:
            grown = asking.history(witness)
        except (asking.Unreachable, ValueError):
            return 0
        low, high = 0, len(grown)
        while low < high:
            middle = (low + high) // 2
            if self._agrees(grown[middle].size, grown[middle].root):
                low = middle + 1
            else:
                high = middle
        return grown[low - 1].size if low else 0

    def check_tiles(self, checkpoint: Checkpoint) -> list[bytes] | None:
        """The roots of all leaf tiles, if they lead to the checkpoint's root; else the first tile that differs from the level above."""
        try:
            tops = list(self.tops(0, checkpoint.size))
        except TilesAltered as error:
            self.found(Fault.TILES_CHANGED, error.position)
            return None
        if tree.fold(b"".join(tops)) != checkpoint.root:
            self.found(Fault.TILES_CHANGED, self._first_changed_tile(tops, checkpoint.size) * WIDTH)
        return tops

    def tops(self, first: int, size: int) -> Iterator[bytes]:
        """The root of each leaf tile, from the one numbered `first` on; the last may have less than 256 leaves."""
        for number in range(first, -(-size // WIDTH)):
            yield tree.fold(self.tiles.tile(0, number, min(WIDTH, size - number * WIDTH)))

    def _first_changed_tile(self, tops: Sequence[bytes], size: int) -> int:
        """The first leaf tile that the level above does not know; the last one where that knows all full ones."""
        node = self.tiles.node(size)
        for number in range(size // WIDTH):
            try:
                if node(8, number) != tops[number]:
                    return number
            except TilesAltered:
                return number
        return len(tops) - 1

    def check_entries(self, first: int, end: int, size: int) -> None:
        """The database's entries at these positions against their sealed hashes. `size` tells a lost tail from a lost entry."""
        try:
            sealed = b"".join(self.tiles.hashes(first, end))
        except TilesAltered as error:
            self.found(Fault.TILES_CHANGED, error.position)
            return
        compared = comparing.compare(first, end, sealed)
        self.checked += end - first
        for position, leaf in compared.declarations:
            self._declare(position, leaf)
        self._together(compared.wrong)
        self._missing(compared.there, first, size)

    def _declare(self, position: int, leaf: bytes) -> None:
        """Believe a declaration that was sealed right after what it says was lost, which ended where a checkpoint did.

        The sealer puts one there and goes on only after it: anywhere else it would be somebody's excuse for an entry they took out.
        """
        lost = lost_of(leaf)
        if lost is None:
            return
        first, until = lost
        ends = any(line.size == until for line in self.tiles.history())
        if first < until == position and ends:
            self.declared[lost] = incident_of(leaf)

    def _together(self, wrong: Iterable[tuple[int, Fault]]) -> None:
        """One finding for each kind of fault: the first position and how many."""
        kinds: dict[Fault, list[int]] = {}
        for position, fault in wrong:
            kinds.setdefault(fault, []).append(position)
        for fault, places in kinds.items():
            self.found(fault, min(places), len(places))

    def _missing(self, there: bytearray, first: int, size: int) -> None:
        """Each run of positions that the database does not know."""
        begin = there.find(0)
        while begin != -1:
            end = there.find(1, begin)
            end = len(there) if end == -1 else end
            place = first + begin
            last = self.findings[-1] if self.findings else None
            if last is not None and last.fault is Fault.ENTRY_GONE and (last.position or 0) + last.count == place:
                place = (self.findings.pop().position) or 0  # it began in the part before
            self.found(Fault.ENTRIES_GONE if first + end == size else Fault.ENTRY_GONE, place, first + end - place)
            begin = there.find(0, end)

    def check_tables(self) -> None:
        """The tables are tables: no view, rule or row policy may show this login something that others do not see."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s)"
                " AND relkind = 'r' AND relpersistence = 'p'"
                " AND NOT relrowsecurity AND NOT relhasrules AND NOT relhassubclass AND NOT relispartition",
                [list(comparing.TABLES)],
            )
            if cursor.fetchone()[0] != len(comparing.TABLES):
                self.found(Fault.TABLES_REPLACED)

    def check_orphans(self) -> None:
        """Entries that neither stand in the tree nor wait for it, and places in the queue whose entry is gone."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM public.audit_ledgerentry e"
                " WHERE NOT EXISTS (SELECT FROM public.audit_sealedentry s WHERE s.entry_id = e.id)"
                " AND NOT EXISTS (SELECT FROM public.audit_waitingentry w WHERE w.entry_id = e.id)),"
                " (SELECT count(*) FROM public.audit_waitingentry w"
                " WHERE NOT EXISTS (SELECT FROM public.audit_ledgerentry e WHERE e.id = w.entry_id))"
            )
            unqueued, gone = cursor.fetchone()
        if unqueued:
            self.found(Fault.NEVER_QUEUED, None, unqueued)
        if gone:
            self.found(Fault.GONE_BEFORE_SEALING, None, gone)

    def check_waiting(self) -> None:
        """Entries that the sealer has not taken in a minute, looked at twice: one that was committed late is taken at once."""
        overdue = self.overdue()
        if overdue:
            self.pause(15)
            left = overdue & self.overdue()
            if left:
                self.found(Fault.NOT_SEALED, None, len(left))

    def overdue(self) -> set[int]:
        """What has been waiting for more than a minute."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT arrival FROM public.audit_waitingentry WHERE queued_at < clock_timestamp() - make_interval(secs => %s)",
                [OVERDUE_SECONDS],
            )
            return {arrival for (arrival,) in cursor.fetchall()}

    def _minutes(self, first: int, until: int) -> Iterator[datetime]:
        """The minutes in which these positions were sealed."""
        before, said = 0, None
        for line in self.tiles.history():
            minute = datetime.fromtimestamp(line.moment // 60 * 60, UTC)
            if line.size > first and before < until and minute != said:
                said = minute
                yield minute
            before = line.size

    def _is_declared(self, finding: Finding) -> bool:
        """Whether declared restores lost exactly what is missing."""
        if finding.fault not in {Fault.ENTRIES_GONE, Fault.ENTRY_GONE} or finding.position is None:
            return False
        end = finding.position + finding.count
        return any(first <= finding.position and end <= until for first, until in self.declared)

    def found(self, fault: Fault, position: int | None = None, count: int = 1) -> None:
        """One more thing that is wrong."""
        self.findings.append(Finding(fault=fault, position=position, count=count))
