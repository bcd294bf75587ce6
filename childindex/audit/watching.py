"""The monitor: verifies again and again, what was sealed lately each time, older history piece by piece.

It keeps in memory the root of every full leaf tile it has once seen lead to a cosigned checkpoint, so a tile that changes
afterwards is noticed too, and a checkpoint that does not go on from those is a fork.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from childindex.audit import tree
from childindex.audit.checkpoint import Checkpoint, Policy
from childindex.audit.tiles import WIDTH, Tiles, TilesAltered
from childindex.audit.types import Fault
from childindex.audit.verifying import Report, Verifier

RECENT_SECONDS: Final = 600


@dataclass(slots=True, kw_only=True)
class Watcher:
    """One monitor of one ledger. `entries_a_round` is how much of older history each round reads again."""

    tiles: Callable[[], Tiles]
    policy: Policy
    pause: Callable[[float], None]
    entries_a_round: int
    _tops: list[bytes] = field(default_factory=list)  # roots of full leaf tiles, as they were first seen
    _sizes: deque[tuple[int, int]] = field(default_factory=deque)  # when the tree was seen to have which size, of late
    _next: int = 0  # where older history is read on
    _overdue: set[int] = field(default_factory=set)
    _declared: dict[tuple[int, int], str] = field(default_factory=dict)

    def round(self, *, moment: int) -> Report:
        """One look: tables, checkpoint, witnesses, new tiles, recent entries, a piece of older history."""
        looking = Verifier(tiles=self.tiles(), policy=self.policy, pause=self.pause, declared=self._declared)
        looking.check_tables()
        checkpoint = looking.check_head()
        if checkpoint is not None and self._goes_on(looking, checkpoint):
            recent = self._recent(moment, checkpoint.size)
            self._check(looking, recent, checkpoint.size, checkpoint.size)
            self._older(looking, recent, checkpoint.size)
        late = looking.overdue()
        if late & self._overdue:
            looking.found(Fault.NOT_SEALED, None, len(late & self._overdue))
        self._overdue = late
        return looking.report(checkpoint)

    def _goes_on(self, looking: Verifier, checkpoint: Checkpoint) -> bool:
        """Whether the tiles lead to the checkpoint's root, on top of those that were seen before."""
        full = checkpoint.size // WIDTH
        if full < len(self._tops):
            looking.found(Fault.CHECKPOINT_OLD, checkpoint.size)
            return False
        try:
            tops = [*self._tops, *looking.tops(len(self._tops), checkpoint.size)]
        except TilesAltered as error:
            looking.found(Fault.TILES_CHANGED, error.position)
            return False
        if tree.fold(b"".join(tops)) != checkpoint.root:
            looking.found(Fault.FORKED, len(self._tops) * WIDTH, checkpoint.size - len(self._tops) * WIDTH)
            return False
        self._tops = tops[:full]
        return True

    def _recent(self, moment: int, size: int) -> int:
        """The first position that was sealed in the last minutes."""
        if not self._sizes:
            before = [line.size for line in self.tiles().history() if line.moment <= moment - RECENT_SECONDS]
            self._sizes.append((moment - RECENT_SECONDS, min(size, before[-1] if before else 0)))
        self._sizes.append((moment, size))
        while self._sizes[1][0] <= moment - RECENT_SECONDS:
            self._sizes.popleft()
        return self._sizes[0][1]

    def _older(self, looking: Verifier, recent: int, size: int) -> None:
        """The next piece of what was sealed before; with the last one the search for entries outside the tree."""
        end = min(recent, self._next + self.entries_a_round)
        self._check(looking, min(self._next, end), end, size)
        self._next = end
        if end == recent:
            self._next = 0
            looking.check_orphans()

    def _check(self, looking: Verifier, first: int, end: int, size: int) -> None:
        """Entries against their tiles, and tiles against what they were when they were first seen."""
        number = first // WIDTH
        try:
            for top in looking.tops(number, end // WIDTH * WIDTH):
                if top != self._tops[number]:
                    looking.found(Fault.TILES_CHANGED, number * WIDTH)
                number += 1
        except TilesAltered as error:
            looking.found(Fault.TILES_CHANGED, error.position)
        looking.check_entries(first, end, size)
