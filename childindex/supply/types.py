"""What a delivery is and how it went, for the faces. No child, no value from a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.directory.types import Changes
from childindex.kernel.identity import Identity
from childindex.kernel.refusals import Denied, Refusal

Progress = Callable[[int, int], None]


def no_progress(done: int, rows: int) -> None:
    """Where nobody watches."""


class Kind(StrEnum):
    """Everything the supplier holds on a day, or only what has changed since the last delivery."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"


class State(StrEnum):
    """Where a delivery is on its way."""

    RECEIVED = "received"
    CHECKED = "checked"
    HELD = "held"
    APPLYING = "applying"
    APPLIED = "applied"


# The allowed moves. A held file may be checked again: the register may have changed, or a steward have agreed to the
# removals. An applied delivery stays applied.
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.RECEIVED: frozenset({State.CHECKED, State.HELD}),
        State.HELD: frozenset({State.CHECKED, State.HELD}),
        State.CHECKED: frozenset({State.CHECKED, State.HELD, State.APPLYING, State.APPLIED}),
        State.APPLYING: frozenset({State.APPLYING, State.APPLIED}),
        State.APPLIED: frozenset(),
    }
)


class MoveNotAllowed(Exception):
    """A delivery cannot go from its state to that one."""


class DeliveryRefused(Denied):
    """A delivery or a set-up that goes no further, with the sentence a face prints."""

    def __init__(self, refusal: Refusal, code: str, sentence: str) -> None:
        """`code` goes into the ledger; the sentence goes to whoever sent the file."""
        super().__init__(refusal, code)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery as it stands. `row` is the last row of the file whose record has been applied."""

    id: UUID
    feed: str
    kind: Kind
    as_at: date
    sha256: str
    state: State
    held_code: str
    rows: int
    rejected: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The answer to a file that came in. `repeated`: the same content was received before, and this is that delivery."""

    delivery: Delivery
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One rejected row for the supplier."""

    row: int
    column: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found. `held` is empty, or the sentence that says why the file as a whole goes no further.

    `rejected` counts rows by code; `problems` are the first of them, in the order of the file.
    """

    delivery: Delivery
    held: str
    records: int
    rejected: Mapping[str, int]
    problems: tuple[RowProblem, ...]
    unknown_columns: int
    unlicensed_columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """What became of a batch of records. A record held because of a shield is counted as new, like any other.

    `started` and `ended` count involvements.
    """

    unchanged: int = 0
    linked: int = 0
    new: int = 0
    for_review: int = 0
    updated: int = 0
    removed: int = 0
    started: int = 0
    ended: int = 0

    def plus(self, other: BatchReport) -> BatchReport:
        """Both together."""
        return BatchReport(**{name: getattr(self, name) + getattr(other, name) for name in BatchReport.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """How a delivery went. Its parts add up: every record is unchanged, updated, linked, new, for review or removed.

    `repeated`: this content came before; `was_applied`: it was applied then, so that nothing was done now.
    """

    delivery: Delivery
    repeated: bool
    was_applied: bool
    held: str
    rejected: Mapping[str, int]
    problems: tuple[RowProblem, ...]
    outcome: BatchReport
    unknown_columns: int = 0
    unlicensed_columns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """What setting up the register changed, by part."""

    parts: Mapping[str, Changes]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """What a file would be answered if it were delivered; nothing of it is kept. `score` is the percentage of good rows.

    `filled` is the share of good records, from 0 to 1, that give each column about the child.
    """

    held: str
    rows: int
    records: int
    score: float
    rejected: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()
    filled: Mapping[str, float] = field(default_factory=dict)
    unknown_columns: int = 0
    unlicensed_columns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksExported:
    """How many links a file of links holds, and how many children they lead to."""

    receipt: Receipt
    links: int
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One row of a file of queries: what is known of a child, and the id its answers are given under."""

    query_id: str
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryMatch:
    """One answer to a query: the child's place, index number, probability from 0 to 1 and records, and how long it took."""

    query_id: str
    rank: int
    index_number: str
    score: float
    records: tuple[str, ...]
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueriesMatched:
    """Every answer to a file of queries, in its order, best first."""

    receipt: Receipt
    matches: tuple[QueryMatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """How many decisions the worker has been asked once more to apply."""

    receipt: Receipt
    reviews: int
