"""Who somebody is to the index at this moment, what they may do, and which of their own conditions have lapsed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from childindex.kernel.people import ActorRef


class Permission(StrEnum):
    """What may be done, as area:thing:act, in alphabetical order."""

    ACCESS_TEAM_MANAGE = "access:team:manage"
    CHILD_ENTRY_PROPOSE = "child:entry:propose"
    CHILD_ENTRY_VIEW = "child:entry:view"
    CHILD_INVOLVEMENT_DECLARE = "child:involvement:declare"
    CHILD_PROTECTION_SET = "child:protection:set"
    CHILD_SEARCH_MAKE = "child:search:make"
    CONTACT_REQUEST_MAKE = "contact:request:make"
    DELIVERY_FILE_APPLY = "delivery:file:apply"
    DIRECTORY_REGISTER_CHANGE = "directory:register:change"
    INDEX_BATCH_MATCH = "index:batch:match"
    INDEX_LINKS_EXPORT = "index:links:export"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who is signed in, or an operator at a command line, as the live facts say at this instant.

    `sitting` is the opaque id of this signed-in session; results and visits are bound to it. `lapsed` names the
    conditions not met: while any is there, `permissions` is empty.
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
