"""What giving people access takes in and hands out: who is put forward, what they have shown, how organisations stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from childindex.access.types import AgreementText, EnrolmentLink, StandingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominee:
    """Who is to have a role from a day until before another. Name, e-mail and telephone are those of a new account."""

    username: str
    full_name: str
    email: str
    phone: str
    role: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What somebody has shown of their enhanced check and training (R 2.10, 2.11)."""

    check_issued_on: date
    barred_list_checked: bool
    trained_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Nomination:
    """One person put forward for one role. `shown` is None until they have shown their check and training."""

    id: UUID
    account_id: UUID
    name: str
    username: str
    role: str
    role_name: str
    organisation: str
    organisation_name: str
    valid_from: date
    valid_to: date
    nominated_by: UUID
    nominated_by_name: str
    nominated_at: datetime
    shown: Shown | None
    agreement_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominated:
    """That somebody was put forward; the one-time link for a new account, shown once, None for one that there was."""

    id: UUID
    link: EnrolmentLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What somebody who has been put forward has still to do, and the agreement they have or have not accepted."""

    name: str
    agreement: AgreementText | None
    nominations: tuple[Nomination, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationStanding:
    """How one organisation stands, from which day its staff may look, and how many of the grants it may have it has.

    `state` is None for one that never applied; `moved_by` made the last step, empty where a command did.
    """

    code: str
    name: str
    sector: str
    state: StandingState | None
    opened_on: date | None
    most_grants: int | None
    grants: int
    moved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """That people of a role at an organisation may look up so many times as much, from a day until before another (T03)."""

    id: UUID
    role: str
    role_name: str
    times: int
    valid_from: date
    valid_to: date
    proposed_by: UUID
    proposed_by_name: str
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """Who of an organisation is suspended, and what more its roles may look up."""

    organisation: str
    name: str
    suspended: tuple[Suspended, ...]
    quotas: tuple[Quota, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """A colleague who is suspended: since when, why (a code), and by whom; empty where a limit did it."""

    account_id: UUID
    name: str
    username: str
    because: str
    at: datetime
    by: str
