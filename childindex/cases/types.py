"""What is handed out about requests, reports, results and visits: codes, case references and times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.identity import ChildId, Tier
from childindex.kernel.people import Reason


class CaseKind(StrEnum):
    """What somebody is asked to do."""

    CONTACT_REQUEST = "contact_request"
    PHONE_REPORT = "phone_report"
    USE_REVIEW = "use_review"
    OVERRIDE_REVIEW = "override_review"


class CaseCode(StrEnum):
    """What the request or report is about, from a closed list."""

    SENSITIVE_SERVICE = "sensitive_service"
    SHIELDED_CHILD = "shielded_child"
    NUMBER_WRONG = "number_wrong"
    CHILDREN_OPENED = "children_opened"
    ORGANISATION_OPENED = "organisation_opened"
    REFERENCE_REPEATED = "reference_repeated"
    SHIELD_OVERRIDDEN = "shield_overridden"
    OVERRIDES_OFTEN = "overrides_often"
    MISUSE_SUSPECTED = "misuse_suspected"
    COLLEAGUE_SUSPENDED = "colleague_suspended"


class FamilyKnows(StrEnum):
    """Whether the child and parent know that contact is asked for, or telling them would be unsafe (R 6.14)."""

    YES = "yes"
    NO = "no"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Why one person has one child's page open: the reason given, good until `expires_at`, for one sitting only."""

    receipt: Receipt
    handle: str
    child_id: ChildId
    reason: Reason
    opened_at: datetime
    expires_at: datetime


class Found(Protocol):
    """What is kept of a child that a search found: who, the tier at the time, and the codes of what agreed."""

    @property
    def id(self) -> UUID:
        """The child's opaque id."""

    @property
    def tier(self) -> Tier:
        """How far the child is shown."""

    @property
    def agreements(self) -> tuple[str, ...]:
        """Codes `field:level`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResults:
    """The results of one search as they are kept for a quarter of an hour; the terms are not among them.

    `opened` is the child for whom the reason of the search has been used.
    """

    receipt: Receipt
    token: str
    reason: Reason
    children: tuple[ChildId, ...]
    tiers: tuple[Tier, ...]
    agreements: tuple[tuple[str, ...], ...]
    too_many: bool
    opened: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """A request to be put in touch, whole, for the worker alone. `owner` is empty for a child who was shielded when it was made."""

    receipt: Receipt
    id: UUID
    child_id: UUID
    opened_by: UUID
    opened_for: str
    owner: str
    family_knows: FamilyKnows
    case_reference: str
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCase:
    """One's own request as one may see it. `outcome` is empty while nobody has answered."""

    opened_at: datetime
    due_at: datetime
    case_reference: str
    closed_at: datetime | None
    outcome: str
