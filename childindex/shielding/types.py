"""What the guard hands out, to the worker alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, Sex, SourceRecord, Tier


class Ground(StrEnum):
    """Why a child is protected. A list, never prose (R 3.05, 3.16, 3.20, 3.21, 3.23)."""

    SIGNIFICANT_HARM = "significant_harm"
    HISTORIC_THREAT = "historic_threat"
    ADOPTION_AT_RISK = "adoption_at_risk"
    ADOPTED = "adopted"
    NEW_IDENTITY = "new_identity"
    SUPPLIER_MARKED = "supplier_marked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """A child's shield or seal: how far, why, since when, and when it is looked at again. A missed review lifts nothing (R 3.15)."""

    child: UUID
    tier: Tier
    ground: Ground
    provisional: bool
    decided_at: datetime
    review_on: date

    def of(self, child: UUID) -> Protection:
        """The same for another child."""
        return replace(self, child=child)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedIdentity:
    """What the matcher may compare of one protected child: every identity their sources gave."""

    child: UUID
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedRow:
    """What the guard remembers of a delivered row: of a protected child's record, or of a row held near one.

    `digest` is the keyed hash of its content; `child` is empty for a held row.
    """

    id: UUID
    child: UUID | None
    near: tuple[UUID, ...]
    digest: bytes
    updated_on: date | None
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """What a guarded row last said, and who its supplier said the child was before: a new name never makes an old one safe (R 3.20)."""

    record: SourceRecord
    earlier: tuple[Identity, ...]

    def earlier_than(self, identity: Identity) -> tuple[Identity, ...]:
        """What is earlier once the row says `identity`."""
        every = dict.fromkeys((*self.earlier, self.record.identity))
        return tuple(one for one in every if one != identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowToHold:
    """A row on its way into the guard: of a protected child, or held near some (then `child` is empty).

    `digest` is the keyed hash of the row as delivered; `earlier` is who its supplier said before that the child was.
    """

    id: UUID
    record: SourceRecord
    digest: bytes
    child: UUID | None = None
    near: tuple[UUID, ...] = ()
    earlier: tuple[Identity, ...] = ()


class NearKind(StrEnum):
    """What comes near a protected child: an entry that is open, or a row that is held."""

    ENTRY = "entry"
    ROW = "row"


class Said(StrEnum):
    """What a person says of such a pair."""

    SAME = "same"
    DIFFERENT = "different"


class Evidence(StrEnum):
    """How they know. A list, never prose."""

    SUPPLIER = "checked_with_supplier"
    FAMILY = "checked_with_family"
    DOCUMENTS = "documents_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class NearQuestion:
    """A pair that waits for two people, or for the second: `answer`, `said` and `answered_by` are the first one's, if any.

    `about` is the open entry's id or the row's; `digest` what the row says, or of an entry which question it is.
    """

    kind: NearKind
    child: UUID
    about: UUID
    noticed_at: datetime
    digest: bytes
    answer: UUID | None
    said: Said | None
    answered_by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowApart:
    """That two people said a row is not a protected child's: how they know, who, when."""

    evidence: str
    answered_by: UUID
    answered_at: datetime
    confirmed_by: UUID
    confirmed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FourFields:
    """All that anybody is shown of either side of a pair (R 3.03). A row has no index number."""

    name: str
    birth_date: PartialDate | None
    sex: Sex
    index_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """A held row that has left the guard: the day it came, and whether its supplier holds it no longer."""

    id: UUID
    as_of: date
    removed: bool
