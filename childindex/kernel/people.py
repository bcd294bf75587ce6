"""Who is asking, and why. Nothing here says whether they may."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from childindex.kernel.refusals import Denied, Refusal

CASE_REFERENCE = re.compile(r"[A-Z0-9/-]{3,30}")


class Channel(StrEnum):
    """The way in; the same decision and the same entry whichever it is (R 2.18)."""

    WEB = "web"
    API = "api"
    COMMAND = "command"
    WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorRef:
    """Who acts, by opaque ids and codes only: what a ledger entry keeps of a person."""

    account_id: UUID | None
    role: str
    organisation: str
    channel: Channel

    @property
    def person(self) -> UUID:
        """The account of somebody who is signed in; a process has none: raises Denied(NOT_PERMITTED)."""
        if self.account_id is None:
            raise Denied(Refusal.NOT_PERMITTED)
        return self.account_id


class LawfulPurpose(StrEnum):
    """The purposes for which the index may be used (R 2.07)."""

    COOPERATION = "Children Act 2004 s.10"
    SAFEGUARDING = "Children Act 2004 s.11"
    SCHOOL_WELFARE = "Education Act 2002 s.175"
    MISSING_EDUCATION = "Education Act 1996 s.436A"


class ReasonCode(StrEnum):
    """Why a practitioner looks. A list, never prose, and there is no "other" (R 2.20)."""

    CONTACT = "contact"
    NEW_REFERRAL = "new_referral"
    URGENT_CARE = "urgent_care"
    SAFEGUARDING = "safeguarding"
    ASSESSMENT = "assessment"
    MOVED = "moved"
    SCHOOL_WELFARE = "school_welfare"
    MISSING_EDUCATION = "missing_education"


PURPOSE_OF: dict[ReasonCode, LawfulPurpose] = {
    ReasonCode.CONTACT: LawfulPurpose.COOPERATION,
    ReasonCode.NEW_REFERRAL: LawfulPurpose.COOPERATION,
    ReasonCode.URGENT_CARE: LawfulPurpose.SAFEGUARDING,
    ReasonCode.SAFEGUARDING: LawfulPurpose.SAFEGUARDING,
    ReasonCode.ASSESSMENT: LawfulPurpose.COOPERATION,
    ReasonCode.MOVED: LawfulPurpose.COOPERATION,
    ReasonCode.SCHOOL_WELFARE: LawfulPurpose.SCHOOL_WELFARE,
    ReasonCode.MISSING_EDUCATION: LawfulPurpose.MISSING_EDUCATION,
}


class NotACaseReference(ValueError):
    """A case reference is 3 to 30 capital letters, digits, '/' and '-'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, from the list, with the case reference the practitioner's own system uses, if any."""

    code: ReasonCode
    case_reference: str = ""

    def __post_init__(self) -> None:
        """Refuse anything that could hold prose; raises NotACaseReference."""
        if self.case_reference and not CASE_REFERENCE.fullmatch(self.case_reference):
            raise NotACaseReference(self.case_reference[:30])

    @property
    def purpose(self) -> LawfulPurpose:
        """The lawful purpose the reason maps to."""
        return PURPOSE_OF[self.code]
