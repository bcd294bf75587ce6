"""What merging and splitting take in and hand out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex
from childindex.upkeep.types import Mark


class State(StrEnum):
    """How far a merge or a split has come. Dropped: when the worker came to it, it could no longer be done."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DONE = "done"
    DECLINED = "declined"
    OBJECTED = "objected"
    DROPPED = "dropped"


# What may follow what; the diagram in docs/adr/0013 is this table. Done is undone by a split, never by a state.
MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.PROPOSED: frozenset({State.CONFIRMED, State.DECLINED, State.OBJECTED}),
    State.CONFIRMED: frozenset({State.DONE, State.DROPPED}),
    State.DONE: frozenset(),
    State.DECLINED: frozenset(),
    State.OBJECTED: frozenset(),
    State.DROPPED: frozenset(),
}


class NoticeState(StrEnum):
    """How far a notice has come. Sending is the team's own work: sent means that somebody said so."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    SENT = "sent"


NOTICE_MOVES: Final[Mapping[NoticeState, frozenset[NoticeState]]] = {
    NoticeState.DRAFTED: frozenset({NoticeState.APPROVED}),
    NoticeState.APPROVED: frozenset({NoticeState.SENT}),
    NoticeState.SENT: frozenset(),
}


class Ground(StrEnum):
    """Why somebody merges or splits: from a list, never prose."""

    CHECKED_WITH_SUPPLIER = "checked_with_supplier"
    CHECKED_WITH_FAMILY = "checked_with_family"
    SAME_NUMBER = "same_number"
    TWIN_OR_SIBLING = "twin_or_sibling"
    REPORTED = "reported"
    AS_SHOWN = "as_shown"


class NoticeKind(StrEnum):
    """Whom a notice is for."""

    ORGANISATION = "organisation"
    FAMILY = "family"


class NoticeCode(StrEnum):
    """Which reviewed sentences a notice is made of; an organisation that looked and was shown has the first."""

    LOOKED = "looked"
    SHOWN_WRONGLY = "shown_wrongly"
    FAMILY = "family"


class Row(StrEnum):
    """The kinds of row that move with a child."""

    RECORD = "record"
    LINE = "line"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge as it is kept: opaque ids, codes, people and times. `authority` is the kept entry's, which decides."""

    id: UUID
    kept: UUID
    merged: UUID
    authority: str
    other_authority: str
    ground: Ground
    state: State
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None
    objected_by: UUID | None
    done_at: datetime | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A split as it is kept. `restored` is the entry the rows go to: the one that was merged, or a new one (`merge` None)."""

    id: UUID
    mixed: UUID
    restored: UUID
    merge: UUID | None
    authority: str
    ground: Ground
    records: tuple[UUID, ...]
    lines: tuple[UUID, ...]
    state: State
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None
    mixed_since: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordShown:
    """One supplier's record, as the side-by-side view and the split page show it."""

    id: UUID
    feed: str
    record_id: str
    name: str
    birth_date: PartialDate | None
    postcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    """One involvement that may be shown: never a sensitive one."""

    id: UUID
    service: str
    organisation: str
    declared: bool
    started_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryShown:
    """An open entry as the steward compares it."""

    receipt: Receipt
    index_number: str
    name: str
    other_names: tuple[str, ...]
    birth_date: PartialDate
    sex: Sex
    addresses: tuple[str, ...]
    carers: tuple[str, ...]
    authority: str
    records: tuple[RecordShown, ...]
    lines: tuple[LineShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two entries side by side. `marks` says of the compared fields of `EntryShown` how far they agree."""

    receipt: Receipt
    kept: EntryShown
    other: EntryShown
    marks: Mapping[str, Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One merge or split in a list: whose numbers, how far, and what this reader may do about it."""

    id: UUID
    split: bool
    index_number: str
    other_number: str
    ground: Ground
    state: State
    proposed_by: str
    confirmed_by: str
    at: datetime
    may_confirm: bool
    may_object: bool
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """The merges and splits of an authority, those that wait first; at most a hundred."""

    receipt: Receipt
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeShown:
    """One merge: the line, and the two entries while it waits (None once it is over)."""

    receipt: Receipt
    line: Line
    pair: Pair | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One child's merges and splits, and what a split could move.

    `back` is the merge that a split would undo: the last one that stands; `fixed` are the records that then go back
    whatever is chosen, `open` records and `lines` came since, or belong to no merge, and somebody has to choose.
    """

    receipt: Receipt
    entry: EntryShown
    past: tuple[Line, ...]
    back: UUID | None
    fixed: tuple[RecordShown, ...]
    open: tuple[RecordShown, ...]
    lines: tuple[LineShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saw:
    """One person who saw the mixed entry: who, where, when, and what was done."""

    name: str
    organisation: str
    role: str
    at: datetime
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """One notice in a list; `to` is the organisation's name, or the index number of the child whose family it is for."""

    id: UUID
    kind: NoticeKind
    to: str
    state: NoticeState


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitShown:
    """One split: while it waits, what it would move; once it is done, who saw the mixed entry and the notices drafted."""

    receipt: Receipt
    line: Line
    records: tuple[RecordShown, ...]
    mixed_since: datetime | None
    done_at: datetime | None
    saw: tuple[Saw, ...]
    notices: tuple[NoticeLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeShown:
    """A notice to be read, approved and sent: codes and facts, which the page makes sentences of.

    `numbers` are the index numbers it may name: both to an organisation, one child's own to a family. `people` are an
    organisation's own who looked, with when.
    """

    receipt: Receipt
    id: UUID
    split: UUID
    kind: NoticeKind
    code: NoticeCode
    state: NoticeState
    to: str
    numbers: tuple[str, ...]
    people: tuple[tuple[str, datetime], ...]
    mixed_since: datetime
    done_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It is written down. `id` is the merge, split or notice it was done to; `state` where it is now."""

    receipt: Receipt
    id: UUID
    state: State | NoticeState
