"""What is handed out about who works with a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.identity import AssessmentState


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
