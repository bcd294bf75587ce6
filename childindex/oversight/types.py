"""What an audit officer is shown: signs of misuse as codes, never a child; and what the officer says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from childindex.audit.types import Receipt


class Signal(StrEnum):
    """What may mean misuse, strongest first: the order is the queue's (R 7.06-7.08; T04, T05)."""

    OWN_HOUSEHOLD = "own_household"
    OWN_SURNAME = "own_surname"
    SHIELD_OVERRIDDEN = "shield_overridden"
    LIMIT_REACHED = "limit_reached"
    MANY_USERS = "many_users"
    FRUITLESS_SEARCHES = "fruitless_searches"
    BRIEF_INVOLVEMENT = "brief_involvement"
    RETURNED = "returned"
    OUT_OF_AREA = "out_of_area"
    OUT_OF_HOURS = "out_of_hours"
    NO_INVOLVEMENT = "no_involvement"


Key = tuple[UUID, UUID | None, date]

# What no involvement of the looker's organisation explains: somebody has to say what it was.
STANDING: Final = frozenset(
    {
        Signal.OWN_HOUSEHOLD,
        Signal.OWN_SURNAME,
        Signal.SHIELD_OVERRIDDEN,
        Signal.LIMIT_REACHED,
        Signal.FRUITLESS_SEARCHES,
        Signal.BRIEF_INVOLVEMENT,
    }
)


class Explanation(StrEnum):
    """Why a look was all right. The first four are found by the computer; an officer gives any of the others."""

    INVOLVED = "involved"
    LATER_INVOLVEMENT = "later_involvement"
    URGENT_CARE = "urgent_care"
    WORKED_ON = "worked_on"
    TEAM_COVER = "team_cover"
    DUTY_ENQUIRY = "duty_enquiry"
    NAMESAKE = "namesake"
    SUPPORT_OR_TRAINING = "support_or_training"
    AGREED_BY_MANAGER = "agreed_by_manager"


GIVEN_BY_OFFICERS: Final = (
    Explanation.TEAM_COVER,
    Explanation.DUTY_ENQUIRY,
    Explanation.NAMESAKE,
    Explanation.SUPPORT_OR_TRAINING,
    Explanation.AGREED_BY_MANAGER,
)


class ItemState(StrEnum):
    """How far an item of the queue is."""

    WAITING = "waiting"
    EXPLAINED = "explained"
    INVESTIGATED = "investigated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that one account did with one child on one day in England, as the ledger has it.

    `child` is None for what concerns the account's whole day. `noted` are codes that were written down at the time, `reasons` those
    given. `entries` are the ledger's, for whoever investigates.
    """

    account: UUID
    child: UUID | None
    day: date
    organisation: str
    role: str
    times: tuple[datetime, ...]
    entries: tuple[UUID, ...]
    reasons: frozenset[str] = frozenset()
    noted: frozenset[Signal] = frozenset()

    @property
    def key(self) -> Key:
        """What there is one item of in the queue."""
        return self.account, self.child, self.day


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else there is to know of a look. `users` are the accounts that opened the child within a week and cannot be explained."""

    explanation: Explanation | None
    in_passing: bool
    other_days: int = 0
    users: int = 0
    brief: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What one reading of the ledger came to: up to when, how many looks, how many new items, how many explained by now."""

    receipt: Receipt
    until: datetime
    looks: int
    raised: int
    explained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One item as an audit officer sees it: whose account, when, which signs. Which child stays with the ledger."""

    id: UUID
    person: str
    role_name: str
    organisation_name: str
    day: date
    signals: tuple[Signal, ...]
    waiting_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The items that wait for an answer in the officer's area, the likeliest misuse first; `more` where not all are here."""

    receipt: Receipt
    lines: tuple[QueueLine, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """One item in full. `entries` are ids of the ledger; `case_id` the investigation, if there is one."""

    receipt: Receipt
    line: QueueLine
    state: ItemState
    explanation: Explanation | None
    times: tuple[datetime, ...]
    entries: tuple[UUID, ...]
    suspended: bool
    case_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an officer did with an item; `suspended` is whether the account was let in until now."""

    receipt: Receipt
    case_id: UUID | None = None
    suspended: bool = False
