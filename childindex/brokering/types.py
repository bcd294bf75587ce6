"""What somebody who asks to be put in touch, or overrides a shield, is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.cases.types import FamilyKnows
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex
from childindex.shielding.types import Ground

__all__ = [
    "ASKED_GROUNDS",
    "Answer",
    "AnswerSent",
    "Asker",
    "ContactAsked",
    "DecisionState",
    "DeskAsked",
    "DeskView",
    "FamilyKnows",
    "Ground",
    "Heard",
    "HiddenCarer",
    "HiddenService",
    "HiddenView",
    "Override",
    "OverrideAsked",
    "OverrideGround",
    "OverrideRight",
    "OverrideRights",
    "OwnRequest",
    "OwnRequests",
    "RequestLine",
    "RequestsView",
    "RightDone",
    "SentLine",
    "ShieldActKind",
    "ShieldActSent",
    "ShieldAsked",
    "ShieldLine",
    "ShieldState",
    "Word",
]

# How long the view of what a shield hides lasts at most, and a right to it (R 3.10; threats.md T14).
VIEW_MINUTES: Final = 10
RIGHT_DAYS: Final = 366
# Why somebody can ask for a shield (R 3.05, 3.16). Adoptions and new identities are sealed, by a procedure of their own (R 3.20,
# 3.21); a supplier's mark comes with its file.
ASKED_GROUNDS: Final = (Ground.SIGNIFICANT_HARM, Ground.HISTORIC_THREAT, Ground.ADOPTION_AT_RISK)


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


class ShieldActKind(StrEnum):
    """What somebody does about a shield."""

    ASK = "ask"
    PROPOSE = "propose"
    SECOND = "second"
    APPEAL = "appeal"
    HEAR = "hear"
    LIFT = "lift"


class Asker(StrEnum):
    """Who asks for a shield, or appeals: anybody may (R 3.11)."""

    CHILD = "child"
    PARENT = "parent"
    RELATIVE = "relative"
    PRACTITIONER = "practitioner"
    REFUGE = "refuge"
    POLICE = "police"
    COURT = "court"


class Heard(StrEnum):
    """Whose views were heard before a decision (R 3.13)."""

    CHILD = "child"
    PARENTS = "parents"
    PRACTITIONERS = "practitioners"


class Word(StrEnum):
    """What two people say of a shield: of a provisional one the first two, at a review the others (R 3.13, 3.15)."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    KEEP = "keep"
    LIFT = "lift"


class ShieldState(StrEnum):
    """How a shield stands. It is on in the first two."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class DecisionState(StrEnum):
    """How far a decision about a shield has come."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    AGREED = "agreed"
    APPEALED = "appealed"
    OVERTURNED = "overturned"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldAsked:
    """That a request is written down and the shield is on its way: the same for every child. `reference` is for whoever asked."""

    receipt: Receipt
    handle: str
    reference: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldActSent:
    """That something is on its way to the worker, which knows whether it holds; the list shows what came of it."""

    receipt: Receipt
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldLine:
    """One shield as an officer sees it: the four fields, the ground, the clocks, and what this officer may do now.

    `word` and `decision` are empty where nothing is being decided.
    """

    id: UUID
    index_number: str
    given_name: str
    family_name: str
    birth_date: PartialDate
    sex: Sex
    ground: str
    asker: str
    case_reference: str
    state: ShieldState
    asked_at: datetime
    review_on: date
    due: bool
    word: Word | None
    decision: DecisionState | None
    heard: tuple[Heard, ...]
    appeal_until: datetime | None
    may: tuple[ShieldActKind, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """One act this officer sent lately and what came of it: `taken`, or the code of why it did not hold; empty while it waits."""

    kind: ShieldActKind
    sent_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAsked:
    """That the worker was asked for an officer's list, which is encrypted for the key of the browser; `until` is when it ends."""

    receipt: Receipt
    id: UUID
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """The shields of an officer's authority: those with something to decide first, then by the day of their review."""

    receipt: Receipt
    ready: bool
    shields: tuple[ShieldLine, ...] = ()
    sent: tuple[SentLine, ...] = ()


class Answer(StrEnum):
    """What a broker answers: never a location, never whether there is anybody (R 1.27, 3.07)."""

    WILL_RING = "will_ring"
    NO_ONE_TO_RING = "no_one_to_ring"
    ASK_POLICE = "ask_police"
    PASSED_ON = "passed_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One request to be put in touch, as the broker of the responsible authority sees it: who asks, by when, and whom to ring.

    `services` are every service that is involved, the sensitive ones too; where the child is stays hidden from brokers as well.
    """

    id: UUID
    index_number: str
    given_name: str
    family_name: str
    birth_date: PartialDate
    sex: Sex
    asker: str
    asker_phone: str
    organisation: str
    family_knows: FamilyKnows
    case_reference: str
    asked_at: datetime
    due_at: datetime
    overdue: bool
    services: tuple[HiddenService, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsView:
    """The requests of a broker's authority that wait for an answer: the one due first, first."""

    receipt: Receipt
    ready: bool
    requests: tuple[RequestLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSent:
    """That an answer is on its way to the worker."""

    receipt: Receipt
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRequest:
    """One request of one's own: when, by when there is an answer, and the answer. It names no child."""

    asked_at: datetime
    due_at: datetime
    case_reference: str
    answered_at: datetime | None
    answer: Answer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRequests:
    """One's own requests of the last ninety days, the newest first."""

    receipt: Receipt
    requests: tuple[OwnRequest, ...]
