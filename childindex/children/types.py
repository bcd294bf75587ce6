"""What the entry hands out. Nothing with a child in it can be built without a receipt from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import ChildId, Identity, Sex, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a value came from: the feed, and the day it speaks for (R 1.32)."""

    source: str
    as_of: date


class NameKind(StrEnum):
    """A name's standing (R 1.04)."""

    CURRENT = "current"
    KNOWN_AS = "known_as"
    FORMER = "former"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of a child, in the order given then family, and where it came from."""

    kind: NameKind
    given_name: str
    family_name: str
    provenance: Provenance


class WhereaboutsKind(StrEnum):
    """The four things that can be known of where a child is (R 1.05, 1.06)."""

    CURRENT = "current"
    LAST_KNOWN = "last_known"
    NONE_KNOWN = "none_known"
    LEFT_ENGLAND = "left_england"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """One address, or that there is none. `returning` only where the child has left England."""

    kind: WhereaboutsKind
    address: str = ""
    postcode: str = ""
    returning: str = ""
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerEntry:
    """One person with parental responsibility or care, and where that came from (R 1.12)."""

    name: str
    relationship: str
    phone: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSummary:
    """The four fields anybody authorised may see, and for an open child the postcode district and the authority.

    Of a shielded child `district` and `responsible_authority` are empty: both would say where the child is (T12).
    """

    receipt: Receipt
    id: ChildId
    tier: Tier
    index_number: str
    given_name: str
    family_name: str
    birth_date: PartialDate
    sex: Sex
    district: str
    responsible_authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEntry:
    """The whole entry of one open child, each value with its source, conflicts settled by precedence (R 4.22)."""

    receipt: Receipt
    summary: ChildSummary
    names: tuple[Name, ...]
    birth_date_provenance: Provenance
    whereabouts: tuple[Whereabouts, ...]
    carers: tuple[CarerEntry, ...]
    deceased_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """One supplier's record of one child as it is kept, for services and the guard; never shown as it is.

    `content` is the hash of the row as delivered; `authority` where its postcode lies, or empty; `removed_on` the day
    its supplier no longer held it.
    """

    id: UUID
    child: UUID
    feed: str
    record_id: str
    identity: Identity
    unborn: bool
    deceased_on: date | None
    left_england: str
    updated_on: date | None
    removed_on: date | None
    authority: str
    received_at: datetime
    delivery_id: UUID
    content: bytes

    @property
    def as_of(self) -> date:
        """The day it speaks for: the supplier's own, else the day it came."""
        return self.updated_on or self.received_at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """What the index remembers of a delivered row: enough to tell whether it says anything new."""

    id: UUID
    child: UUID
    content: bytes
    updated_on: date | None
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChild:
    """A child about to be entered: the visible fields come from the record that made the entry."""

    id: UUID
    authority: str
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldIdentity:
    """What the matcher may compare of one held child: every identity their sources gave, or the visible fields alone.

    Not for showing: it carries no receipt and journeys hand out only what they build from a summary or an entry.
    """

    id: ChildId
    tier: Tier
    identities: tuple[Identity, ...]
    feeds: tuple[str, ...] = ()
    record_ids: tuple[UUID, ...] = ()

    def identities_but(self, record: UUID | None) -> tuple[Identity, ...]:
        """The identities of every record but one."""
        if record not in self.record_ids:
            return self.identities
        return tuple(who for who, of in zip(self.identities, self.record_ids, strict=True) if of != record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whose a supplier's record is now, and of which authority that open child is."""

    child: UUID
    feed: str
    authority: str
