"""What the guard hands out, to the worker alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from childindex.kernel.identity import Identity, SourceRecord, Tier


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
