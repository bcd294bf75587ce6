"""What is decided about records, and what travels between deliveries and the matcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from childindex.kernel.identity import Identity, SourceRecord

# Whose the record of a proposed child is, as it reads where a supplier's name stands. No feed of the register has such a name.
PROPOSED: Final = "a practitioner"


class Verdict(StrEnum):
    """What a kept judgement says of a record and a child (R 4.15)."""

    LINKED = "linked"
    NOT_LINKED = "not_linked"
    NEW = "new"
    UNSURE = "unsure"


class Because(StrEnum):
    """Why a person decided as they did: from a list, never prose."""

    AS_SHOWN = "as_shown"
    TWIN_OR_SIBLING = "twin_or_sibling"
    CHECKED_WITH_SUPPLIER = "checked_with_supplier"
    CHECKED_WITH_FAMILY = "checked_with_family"
    TOO_LITTLE_KNOWN = "too_little_known"


class Place(StrEnum):
    """Where an incoming record goes."""

    LINK = "link"
    NEW = "new"
    ASK = "ask"
    GUARD = "guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One record that belongs to nobody yet; `id` is the opaque id it keeps for ever.

    `apart` are the protected children that two people said it is not, as it reads now: of those it is not near (R 3.19).
    """

    id: UUID
    identity: Identity
    apart: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A child a record might belong to: the probability after rivals have had their share, and how each field compared."""

    child: UUID
    score: float
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a record goes and why. `child` is whose it is (LINK); `asked` the children a person is asked about, best first
    (ASK); `near` the protected children it comes near (GUARD). `keys` are the record's own search keys: kind and number.
    `judged` says that a person has decided it, whose judgement is kept already.
    """

    id: UUID
    place: Place
    keys: tuple[tuple[int, int], ...]
    child: UUID | None = None
    asked: tuple[Candidate, ...] = ()
    near: tuple[UUID, ...] = ()
    score: float | None = None
    levels: Mapping[str, str]
    judged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What people have decided of one record: whose it is, if anybody's, and whose it is not."""

    linked: UUID | None
    apart: frozenset[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptJudgement:
    """One decision about one record and one child. Never a value, only ids, codes and a score from 0 to 1."""

    record: UUID
    child: UUID
    verdict: Verdict
    score: float | None
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowForReview:
    """A record that waits for a person, and the children it might belong to.

    `keys` are the numbers of its search keys; `sensitive` says that one of its services is.
    """

    id: UUID
    record: SourceRecord
    content: bytes
    asked: tuple[Candidate, ...]
    authority: str
    keys: tuple[int, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldForReview:
    """What is remembered of a record that waits for a person."""

    id: UUID
    content: bytes
    updated_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A child found for a query, with the probability from 0 to 1 that it is the one, rivals aside."""

    child: UUID
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedRow:
    """A record people have decided about, the delivery or proposal that brought it, and the authority whose people decided."""

    id: UUID
    record: SourceRecord
    content: bytes
    delivery: UUID
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One review that is still open. `answered_by` gave the answer `verdict`, `chosen`, `reason` that a second must confirm."""

    id: UUID
    record: UUID
    candidates: tuple[UUID, ...]
    model_version: str
    feed: str
    opened_at: datetime
    verdict: str
    chosen: UUID | None
    reason: str
    answered_by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRecord:
    """What a steward may be shown of a waiting record; `sensitive` is for the rule of two people, never for a page."""

    identity: Identity
    sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far somebody is through the queue today: `done` and `left` in pairs, and the next one."""

    done: int
    left: int
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person decides of one review: linked to `chosen`, not linked to any, or unsure; and why."""

    verdict: Verdict
    chosen: UUID | None
    because: Because


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A candidate as the model weighs it now: score, levels, and why in one line."""

    candidate: Candidate
    words: str
