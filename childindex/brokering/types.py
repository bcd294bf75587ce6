"""What somebody who asks to be put in touch, or overrides a shield, is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.cases.types import FamilyKnows

__all__ = [
    "ContactAsked",
    "FamilyKnows",
    "HiddenCarer",
    "HiddenService",
    "HiddenView",
    "Override",
    "OverrideAsked",
    "OverrideGround",
    "OverrideRight",
    "OverrideRights",
    "RightDone",
]

# How long the view of what a shield hides lasts at most, and a right to it (R 3.10; threats.md T14).
VIEW_MINUTES: Final = 10
RIGHT_DAYS: Final = 366


class OverrideGround(StrEnum):
    """Why a shield is overridden. A list, never prose, and there is no "other" (R 3.08; T14)."""

    PROTECTION_ENQUIRY = "protection_enquiry"
    POLICE_PROTECTION = "police_protection"
    EMERGENCY_CARE = "emergency_care"
    COURT_ORDER = "court_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAsked:
    """The request is written down and somebody will answer it: the same for every child, service and shield."""

    receipt: Receipt
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideAsked:
    """That an investigation has been opened and what is hidden is on its way; `until` is when the view ends at the latest."""

    receipt: Receipt
    id: UUID
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One override as its own sitting may see it: encrypted for the key that its browser alone has; None until it is there."""

    id: UUID
    child_id: UUID
    ground: OverrideGround
    case_reference: str
    until: datetime
    ciphertext: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenCarer:
    """A person with care of the child."""

    name: str
    relationship: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenService:
    """A service that is involved, and how to reach it."""

    service: str
    organisation: str
    practitioner: str
    phone: str
    out_of_hours_phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenView:
    """What a shield hides, for whoever has overridden it. `ready` is whether the worker has handed it over yet."""

    receipt: Receipt
    ready: bool
    until: datetime
    addresses: tuple[str, ...] = ()
    carers: tuple[HiddenCarer, ...] = ()
    services: tuple[HiddenService, ...] = ()
    authority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRight:
    """One person's right to override shields, from a day until before another; good once a second person has approved it."""

    id: UUID
    account_id: UUID
    name: str
    valid_from: date
    valid_to: date
    approved: bool
    may_approve: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRights:
    """The rights of one organisation, newest first, and the colleagues who could be given one (R 3.08: listed)."""

    receipt: Receipt
    rights: tuple[OverrideRight, ...]
    colleagues: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RightDone:
    """That a right has been proposed or approved."""

    receipt: Receipt
    id: UUID
