"""Who somebody is to the index at this moment, what they may do, and which of their own conditions have lapsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from childindex.kernel.people import ActorRef


class Permission(StrEnum):
    """What may be done, as area:thing:act, in alphabetical order."""

    ACCESS_ACCOUNT_ESTABLISH = "access:account:establish"
    ACCESS_GRANT_APPROVE = "access:grant:approve"
    ACCESS_GRANT_NOMINATE = "access:grant:nominate"
    ACCESS_QUOTA_GIVE = "access:quota:give"
    ACCESS_STANDING_CHANGE = "access:standing:change"
    ACCESS_STANDING_MOVE = "access:standing:move"
    ACCESS_SUSPENSION_LIFT = "access:suspension:lift"
    ACCESS_TEAM_MANAGE = "access:team:manage"
    CHILD_ENTRY_MERGE = "child:entry:merge"
    CHILD_ENTRY_PROPOSE = "child:entry:propose"
    CHILD_ENTRY_VIEW = "child:entry:view"
    CHILD_HIDDEN_DISCLOSE = "child:hidden:disclose"
    CHILD_HISTORY_VIEW = "child:history:view"
    CHILD_INVOLVEMENT_DECLARE = "child:involvement:declare"
    CHILD_PROTECTION_JUDGE = "child:protection:judge"
    CHILD_PROTECTION_SET = "child:protection:set"
    CHILD_SEARCH_MAKE = "child:search:make"
    CHILD_SHIELD_ASK = "child:shield:ask"
    CHILD_SHIELD_DECIDE = "child:shield:decide"
    CHILD_SHIELD_OVERRIDE = "child:shield:override"
    CHILD_WHEREABOUTS_VIEW = "child:whereabouts:view"
    CONTACT_REQUEST_ANSWER = "contact:request:answer"
    CONTACT_REQUEST_MAKE = "contact:request:make"
    DELIVERY_FILE_APPLY = "delivery:file:apply"
    DIRECTORY_REGISTER_CHANGE = "directory:register:change"
    INDEX_BATCH_MATCH = "index:batch:match"
    INDEX_ENTRIES_JOIN = "index:entries:join"
    INDEX_LINKS_EXPORT = "index:links:export"
    INDEX_TRACES_FORGET = "index:traces:forget"
    MATCHING_QUALITY_VIEW = "matching:quality:view"
    MATCHING_REVIEW_APPLY = "matching:review:apply"
    MATCHING_REVIEW_DECIDE = "matching:review:decide"
    MATCHING_REVIEW_VIEW = "matching:review:view"
    MATCHING_SAMPLE_DRAW = "matching:sample:draw"
    OVERSIGHT_ITEM_ANSWER = "oversight:item:answer"
    OVERSIGHT_LEDGER_SCAN = "oversight:ledger:scan"


class Condition(StrEnum):
    """The conditions everybody must meet on every request (R 2.01, 2.09-2.12, 2.15; T01)."""

    ORGANISATION_ACCREDITED = "organisation_accredited"
    ORGANISATION_OPEN = "organisation_open"
    AGREEMENT_ACCEPTED = "agreement_accepted"
    CHECK_IN_DATE = "check_in_date"
    TRAINING_IN_DATE = "training_in_date"
    ROLE_ACTIVE = "role_active"
    ACCOUNT_ACTIVE = "account_active"
    SECOND_FACTOR = "second_factor"


class StandingState(StrEnum):
    """How far an organisation has come towards letting its staff in (R 2.09)."""

    APPLIED = "applied"
    EVIDENCE_CHECKED = "evidence_checked"
    ACCREDITED = "accredited"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"


MOVES: Final[Mapping[StandingState, frozenset[StandingState]]] = {
    StandingState.APPLIED: frozenset({StandingState.EVIDENCE_CHECKED}),
    StandingState.EVIDENCE_CHECKED: frozenset({StandingState.ACCREDITED, StandingState.APPLIED}),
    StandingState.ACCREDITED: frozenset({StandingState.SUSPENDED, StandingState.LAPSED}),
    StandingState.SUSPENDED: frozenset({StandingState.ACCREDITED, StandingState.LAPSED}),
    StandingState.LAPSED: frozenset({StandingState.APPLIED}),
}


class Limit(StrEnum):
    """How much may be looked up by one person, and by all of an organisation together (T03, T04; threats 1.4)."""

    SEARCHES_A_SECOND = "searches_a_second"
    SEARCHES_IN_TEN_MINUTES = "searches_in_ten_minutes"
    LISTED_AN_HOUR = "listed_an_hour"
    OPENED_AN_HOUR = "opened_an_hour"
    OPENED_A_DAY = "opened_a_day"
    OPENED_BY_ORGANISATION = "opened_by_organisation"


class SuspendedBecause(StrEnum):
    """Why an account was suspended: a limit did it, or somebody."""

    CHILDREN_OPENED = "children_opened"
    LEFT = "left"
    BARRED = "barred"
    MISUSE_SUSPECTED = "misuse_suspected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What opening one child's page comes to: whether it was the last that the day's limit allows, and the case reference's tale.

    `at_the_end` asks for the account to be suspended; `organisation_at_the_end` says that its organisation has now had its
    day's share. `reference_children` is how many children in a row were opened with this very case reference; 0 where none was
    given or this child had been opened before.
    """

    at_the_end: bool
    organisation_at_the_end: bool
    reference_children: int


# How long a second factor that was shown counts for what is dangerous (ASVS 7.5.3).
CONFIRMED_WITHIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who is signed in, or an operator at a command line, as the live facts say at this instant.

    `sitting` is the opaque id of this signed-in session; results and visits are bound to it. `lapsed` names the
    conditions not met: while any is there, `permissions` is empty. `confirmed_at` is when they last showed that it is they.
    """

    ref: ActorRef
    name: str
    role_name: str
    organisation_name: str
    authority: str
    sector: str
    sitting: str
    permissions: frozenset[Permission]
    lapsed: tuple[Condition, ...] = ()
    confirmed_at: datetime | None = None

    def confirmed(self, *, at: datetime) -> bool:
        """Whether something dangerous may be begun without showing the second factor again."""
        return self.confirmed_at is not None and at - self.confirmed_at <= CONFIRMED_WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFacts:
    """What the signed-in session itself says: nothing here is asked of the person again.

    `second_factor` is whether a one-time code, recovery code or passkey was used in this very session. `role` and
    `organisation` are those chosen for it; empty while nothing has been chosen, which is only possible for somebody
    with more than one grant (R 2.27). `confirmed_at` is when the second factor was last used in it.
    """

    sitting: str
    second_factor: bool
    role: str = ""
    organisation: str = ""
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFacts:
    """One role at one organisation from a day until before another; `valid_to` None is without end."""

    role: str
    organisation: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFacts:
    """How an organisation stands, and from which day its staff may look."""

    state: StandingState
    opened_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFacts:
    """One enhanced check. `update_service_current_on` is the last day the Update Service answered "current"."""

    issued_on: date
    barred_list_checked: bool
    update_service_current_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFacts:
    """That a version of the mandatory course was completed on a day."""

    version: int
    completed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """A version of the mandatory course; from `deadline_on` no older version counts."""

    version: int
    deadline_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFacts:
    """A version of the agreement, current from a day, and whether this person has accepted it."""

    version: int
    current_from: date
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the gate looks at, as it stands in the database now. Missing means no."""

    account_active: bool = False
    suspended_at: datetime | None = None
    second_factor: bool = False
    grant: GrantFacts | None = None
    standing: StandingFacts | None = None
    checks: tuple[CheckFacts, ...] = ()
    training: tuple[TrainingFacts, ...] = ()
    courses: tuple[CourseFacts, ...] = ()
    agreements: tuple[AgreementFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What somebody is to the index. `about` is written for a parent to read (R 2.02, 2.03, 2.06).

    `manages` marks the roles that run the index for an organisation: nobody uses one of those and a practitioner's
    role in the same sitting (R 2.27).
    """

    code: str
    name: str
    sector: str
    about: str
    permissions: tuple[Permission, ...]
    manages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChoice:
    """One of several roles a person may use in this sitting."""

    role: str
    role_name: str
    organisation: str
    organisation_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who did something, the way colleagues may see it."""

    name: str
    email: str
    phone: str
    role_name: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLine:
    """One condition of one person: whether it is met now, and the last day on which it will be (None: no end set)."""

    condition: Condition
    met: bool
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePage:
    """What somebody sees who is turned away: their own lapsed conditions and whom to ring. Nothing about any child."""

    lapsed: tuple[Condition, ...]
    managers: tuple[Person, ...]
    organisation_name: str
    organisation_phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MyAccess:
    """A person's own account: who they are to the index, and when each condition runs out."""

    name: str
    username: str
    role: Role | None
    organisation_name: str
    conditions: tuple[ConditionLine, ...]
    passkeys: tuple[Passkey, ...]
    recovery_codes_left: int
    links: tuple[LinkMade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One of a person's own passkeys."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementText:
    """The agreement as it is to be read, with the hash that acceptance binds to. `accepted_at` is this person's."""

    version: int
    text: str
    text_hash: str
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMember:
    """A colleague as their manager sees them."""

    account_id: UUID
    name: str
    username: str
    role_names: tuple[str, ...]
    has_second_factor: bool
    works_elsewhere: bool
    conditions: tuple[ConditionLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMade:
    """That somebody made a one-time link for one's account: when, who, and when it was used, if it was."""

    made_at: datetime
    made_by: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentLink:
    """A one-time link, shown once: only its hash is kept. `token` goes in the address; never in a log."""

    account_id: UUID
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentOffer:
    """Whose account a one-time link opens, so that the page can greet them and name them to the authenticator."""

    account_id: UUID
    name: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody who is to be given an account. `username` is lower case letters, digits, dots and hyphens."""

    username: str
    full_name: str
    email: str
    phone: str
    role: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What has been seen of a person before they are let in."""

    check_issued_on: date
    barred_list_checked: bool
    trained_on: date
    agreement_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A password and a shared secret for one-time codes, only ever for made-up people."""

    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
