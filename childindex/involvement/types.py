"""What is handed out about who works with a child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.identity import AssessmentState, SuppliedInvolvement


@dataclass(frozen=True, slots=True, kw_only=True)
class InvolvementLine:
    """One service's involvement, complete: journeys decide what of it may be shown to whom.

    Dates are days. `as_of` is the day the source speaks for; `confirmed_on` the day somebody last said it still holds;
    `phone_reported_on` the day a caller said the number is wrong (N 2). `source` is a feed's name or "practitioner".
    """

    receipt: Receipt
    id: UUID
    source: str
    service_type: str
    sensitive: bool
    organisation: str
    team: str
    practitioner_name: str
    practitioner_role: str
    phone: str
    email: str
    out_of_hours_phone: str
    started_on: date | None
    ended_on: date | None
    lead_professional: bool
    assessment: AssessmentState
    assessment_on: date | None
    as_of: date
    confirmed_on: date | None
    phone_reported_on: date | None
    recorded_by: UUID | None
    consent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """That an organisation is or was involved with a child, as oversight asks it: which service it was is not here.

    `as_of` is the day it was last said; `declared_by` whose account declared it on the child's page, None for a supplier's.
    """

    child: UUID
    organisation: str
    started_on: date | None
    ended_on: date | None
    as_of: date
    declared_by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a practitioner says of their own work with a child: which service, of which organisation, and how to be reached.

    `started_on` is a day that has been. `lead` claims to be the lead professional (R 1.19).
    """

    service_type: str
    organisation: str
    role: str
    practitioner_name: str
    phone: str
    email: str
    started_on: date
    team: str = ""
    out_of_hours_phone: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliedLine:
    """One involvement of a delivery, ready to be kept: whose it is, from which record, and the decision that allows it.

    `consent_id` must be there where `sensitive` is true: the database refuses the line otherwise (R 1.24).
    """

    id: UUID
    child: UUID
    source: str
    record_id: str
    supplied: SuppliedInvolvement
    sensitive: bool
    consent_id: UUID | None
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLine:
    """One involvement on its way to the guard: as its source gave it, and every column it had here."""

    child: UUID
    source: str
    record_id: str
    supplied: SuppliedInvolvement
    columns: Mapping[str, str | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesChanged:
    """How many involvements a batch started and ended."""

    started: int
    ended: int


class Standing(StrEnum):
    """The four things the honesty line can say of a kind of service (N 1)."""

    INVOLVED = "involved"
    NOT_INVOLVED = "not_involved"
    NOT_SUPPLIED = "not_supplied"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestyLine:
    """What the index knows of one kind of service in a child's area, and as of which day."""

    kind: str
    standing: Standing
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What may be shown of a child's involvements to one reader on one day.

    `current` and `ended` hold no sensitive service; `sensitive_service` says that at least one is involved now and no
    more. `unconfirmed` has the day somebody last said it holds, for those longer ago than six months (R 1.34).
    """

    receipt: Receipt
    current: tuple[InvolvementLine, ...]
    ended: tuple[InvolvementLine, ...]
    sensitive_service: bool
    unconfirmed: Mapping[UUID, date]
    honesty: tuple[HonestyLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """What the register says of a child's area: the kind of each service type, and each supplier's kinds and last answer.

    `sensitive_kinds` are those with a sensitive service type among them.
    """

    kind_of: Mapping[str, str]
    sensitive_kinds: frozenset[str]
    answers: tuple[tuple[tuple[str, ...], date | None], ...]
