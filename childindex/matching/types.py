"""What is decided about records, and what travels between deliveries and the matcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from childindex.kernel.identity import Identity, SourceRecord


class Verdict(StrEnum):
    """What a kept judgement says of a record and a child (R 4.15)."""

    LINKED = "linked"
    NOT_LINKED = "not_linked"
    NEW = "new"
    UNSURE = "unsure"


class Place(StrEnum):
    """Where an incoming record goes."""

    LINK = "link"
    NEW = "new"
    ASK = "ask"
    GUARD = "guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One record that belongs to nobody yet; `id` is the opaque id it keeps for ever."""

    id: UUID
    identity: Identity


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
    """

    id: UUID
    place: Place
    keys: tuple[tuple[int, int], ...]
    child: UUID | None = None
    asked: tuple[Candidate, ...] = ()
    near: tuple[UUID, ...] = ()
    score: float | None = None
    levels: Mapping[str, str]


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
    """A record that waits for a person, and the children it might belong to."""

    id: UUID
    record: SourceRecord
    content: bytes
    asked: tuple[Candidate, ...]
    authority: str


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
