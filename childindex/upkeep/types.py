"""What keeping an entry right takes in and hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, Sex, Tier

# What a page says when somebody decides.
from childindex.matching.types import Answer as Answer  # noqa: PLC0414 - handed on
from childindex.matching.types import Because as Because  # noqa: PLC0414 - handed on
from childindex.matching.types import Verdict as Verdict  # noqa: PLC0414 - handed on
from childindex.shielding.types import FourFields, NearKind, Said


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChoice:
    """A kind of service that somebody may say they give."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationForm:
    """What the page for declaring an involvement shows: whose it is, and the kinds of service there are to choose from."""

    receipt: Receipt
    handle: str
    name: str
    birth_date: PartialDate
    index_number: str
    services: tuple[ServiceChoice, ...]
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """It is done. `involvement` is the line it was done to."""

    receipt: Receipt
    handle: str
    involvement: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChild:
    """Who somebody could not find: what they know of the child, in the same form as any source gives it."""

    family_name: str
    given_name: str
    birth_date: PartialDate
    sex: Sex
    postcode: str = ""
    nhs_number: str = ""

    def identity(self) -> Identity:
        """As a record that can be compared with others."""
        return Identity(
            family_name=self.family_name,
            given_name=self.given_name,
            birth_date=self.birth_date,
            sex=self.sex,
            postcode=self.postcode,
            nhs_number=self.nhs_number,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Received, a steward will confirm: the answer whoever was proposed and whatever the index holds (R 1.33; T09)."""

    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMatched:
    """A proposal has been compared with the index by the worker and waits for a steward."""

    receipt: Receipt
    proposal: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A child is behind a shield or seal. `near` are index numbers of open entries that may be second entries of theirs,
    `household` those of other open children of the same home.
    """

    receipt: Receipt
    tier: Tier
    near: tuple[str, ...]
    household: tuple[str, ...]


class Mark(StrEnum):
    """How far two values of a fact agree, as a steward is told it."""

    SAME = "same"
    CLOSE = "close"
    DIFFERS = "differs"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCell:
    """What is held of a child for one fact, every value any source gave, and how far it agrees with the record.

    `level` is the model's code for how; empty where the model does not compare the fact.
    """

    values: tuple[str, ...]
    mark: Mark
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One fact side by side: what the record says, and a cell for each child."""

    fact: str
    given: str
    cells: tuple[FactCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChild:
    """A child beside a record: a candidate with the model's score from 0 to 1 and why, or a neighbour without either."""

    receipt: Receipt
    id: UUID
    name: str
    birth_date: PartialDate
    index_number: str
    score: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairShown:
    """One record beside the children it may belong to. `answer` is what a first steward decided, for a second to confirm.

    `mine` says that the first was the reader. `done` and `left` count pairs: the reader's today, and those still to do.
    """

    receipt: Receipt
    review: UUID
    supplier: str
    opened_at: datetime
    model_version: str
    name: str
    facts: tuple[FactRow, ...]
    candidates: tuple[NamedChild, ...]
    neighbours: tuple[NamedChild, ...]
    answer: tuple[str, UUID | None, str] | None
    mine: bool
    done: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One pair that waits: nothing of whom it is about."""

    review: UUID
    supplier: str
    opened_at: datetime
    children: int
    second: bool
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueShown:
    """What waits for the stewards of an authority, oldest first. `next` is the pair the reader should look at."""

    receipt: Receipt
    lines: tuple[QueueLine, ...]
    done: int
    left: int
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDecided:
    """It is kept. `second` says that nothing happens until a second person confirms; `next` is the next pair."""

    receipt: Receipt
    second: bool
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLine:
    """A pair that waits: four fields of the protected child and of whoever comes near. `said` is what a first person answered."""

    receipt: Receipt
    child: UUID
    about: UUID
    kind: NearKind
    protected: FourFields
    other: FourFields
    said: Said | None
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NearList:
    """What waits for the officers of an authority; at most a hundred pairs."""

    receipt: Receipt
    lines: tuple[NearLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearAnswered:
    """It is kept. `done` says that two people have said the same."""

    receipt: Receipt
    done: bool
