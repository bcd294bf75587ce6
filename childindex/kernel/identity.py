"""What one record says about who a child is. The same shape for a supplier's row, a search and a held entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType
from uuid import UUID

from childindex.kernel.dates import PartialDate

ChildId = NewType("ChildId", UUID)


class Sex(StrEnum):
    """Gender as suppliers code it; never blank (R 1.08)."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class Tier(StrEnum):
    """How far a child's entry can be seen (R 3.01-3.06).

    Open: by every authorised practitioner. Shielded: four fields, found only by those. Sealed: as if not there.
    """

    OPEN = "open"
    SHIELDED = "shielded"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carer:
    """One person with parental responsibility or care (R 1.12, 1.13)."""

    name: str
    relationship: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a child is, as one source holds it. An empty text is "not given"; nothing here is normalised.

    `postcode` is canonical ('AB1 2CD'); `nhs_number` and `upn` have passed their checks where
    they come from a delivery or a search.
    """

    family_name: str = ""
    given_name: str = ""
    middle_names: str = ""
    known_as: str = ""
    former_family_name: str = ""
    birth_date: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    nhs_number: str = ""
    upn: str = ""
    address: str = ""
    postcode: str = ""
    uprn: str = ""
    carers: tuple[Carer, ...] = ()


class AssessmentState(StrEnum):
    """Whether a common assessment exists; never the assessment (R 1.18)."""

    NONE = "none"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"


class ConsentBasis(StrEnum):
    """On what ground an additional or sensitive service may be listed (R 1.24, 1.25)."""

    CHILD = "child"
    PARENT = "parent"
    SIGNIFICANT_HARM = "significant_harm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A decision that a service may be listed: on what basis, by whom, when."""

    basis: ConsentBasis
    by: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliedInvolvement:
    """One involvement of a supplier's service with a child, as its row says (R 1.16)."""

    involvement_id: str
    service_type: str
    organisation_id: str
    team: str = ""
    practitioner_name: str = ""
    practitioner_role: str = ""
    phone: str = ""
    email: str = ""
    out_of_hours_phone: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    lead_professional: bool = False
    assessment: AssessmentState = AssessmentState.NONE
    assessment_on: date | None = None
    consent: Consent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """Everything one supplier says about one child in one delivery.

    `row` is the number of its first row in the file, for answers to the supplier. `removed` is true in a delta where
    the supplier no longer holds the record. `complete` is false where a row of the record was rejected: what the record
    then lacks must not be taken as ended.
    """

    feed: str
    record_id: str
    row: int
    identity: Identity
    unborn: bool = False
    updated_on: date | None = None
    removed: bool = False
    confidential: bool = False
    deceased_on: date | None = None
    left_england: str = ""
    involvements: tuple[SuppliedInvolvement, ...] = ()
    complete: bool = True
