"""What somebody searches for, and what they are shown of it. Nothing with a child in it comes without a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import AssessmentState, Identity, Sex, Tier
from childindex.kernel.people import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerms:
    """What was typed. `postcode` is canonical, the numbers have passed their checks; an empty text is "not given"."""

    family_name: str = ""
    given_name: str = ""
    birth_date: PartialDate | None = None
    postcode: str = ""
    nhs_number: str = ""
    index_number: str = ""

    def typed(self) -> Mapping[str, str]:
        """What was given, by field, for the sealed part of the ledger and nowhere else (R 7.03)."""
        given = {
            "family_name": self.family_name,
            "given_name": self.given_name,
            "birth_date": str(self.birth_date or ""),
            "postcode": self.postcode,
            "nhs_number": self.nhs_number,
            "index_number": self.index_number,
        }
        return {name: value for name, value in given.items() if value}

    def identity(self) -> Identity:
        """The terms as a record that can be compared with others."""
        return Identity(
            family_name=self.family_name,
            given_name=self.given_name,
            birth_date=self.birth_date,
            nhs_number=self.nhs_number,
            postcode=self.postcode,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One child that may be the one searched for: how many bits speak for it, and codes of what agrees.

    For ranking alone. It carries no receipt because it is never handed out.
    """

    id: UUID
    tier: Tier
    bits: float
    agreements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """Where the answer of a search can be read, once."""

    receipt: Receipt
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One row of the results: all that may be shown of a child before a reason was given for them (R 2.23).

    `district` is empty for a shielded child and for one whose postcode is not known. `agreements` says
    in words what agrees with the search and what does not, what identifies a child first. `position` counts from 1.
    """

    receipt: Receipt
    position: int
    name: str
    birth_year: int
    district: str
    agreements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The answer of one search: at most ten candidates, or that there are too many to show. Never how many."""

    receipt: Receipt
    token: str
    candidates: tuple[Candidate, ...]
    too_many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A child's page is open, at this handle."""

    receipt: Receipt
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The four fields that may be seen of every child that can be found (R 3.03). `index_number` is spaced."""

    receipt: Receipt
    given_name: str
    family_name: str
    birth_date: PartialDate
    sex: Sex
    index_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value came from and the day it speaks for. `by` is the practitioner who recorded it, else empty."""

    source: str
    as_of: date
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvolvementView:
    """One service and how to reach it, as it may be shown.

    `team_phone`, `hours` and, where the service has none of its own, `out_of_hours_phone` are the organisation's.
    `unconfirmed_since` is the day somebody last said it holds, once that is more than six months ago (R 1.34).
    `own` is whether it is an involvement of the reader's own organisation, who may confirm and end it.
    """

    receipt: Receipt
    id: UUID
    service: str
    organisation: str
    team: str
    practitioner: str
    role: str
    phone: str
    team_phone: str
    hours: str
    out_of_hours_phone: str
    email: str
    started_on: date | None
    ended_on: date | None
    lead: bool
    origin: Origin
    confirmed_on: date | None
    unconfirmed_since: date | None
    phone_reported_on: date | None
    own: bool

    @property
    def can_be_rung(self) -> bool:
        """Whether there is any number at all."""
        return bool(self.phone or self.team_phone or self.out_of_hours_phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentView:
    """That a common assessment exists, who holds it and since when; never the assessment (R 1.18)."""

    receipt: Receipt
    state: AssessmentState
    holder: str
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName:
    """A former or known-as name; `kind` is `known_as` or `former`."""

    kind: str
    name: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class CarerView:
    """One person with parental responsibility or care."""

    name: str
    relationship: str
    phone: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereaboutsView:
    """One address, or that there is none. `kind` and `returning` are codes."""

    receipt: Receipt
    kind: str
    address: str
    postcode: str
    returning: str
    origin: Origin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOfKind:
    """What the index can say of one kind of service in this child's area, by the kind's name; `standing` is a code (N 1)."""

    kind: str
    standing: str
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChildView:
    """The page of an open child, in the order it is read.

    `ring_first` is the one to ring now: the lead professional where one can be rung, else the service most likely to
    know the child. `sensitive_service` is whether the one constant line is shown; it says nothing of how many or which.
    `whereabouts` is None for a role that does not see where children live, and `ended` empty for one that sees no history.
    """

    receipt: Receipt
    handle: str
    reason: Reason
    person: Person
    deceased_on: date | None
    other_names: tuple[OtherName, ...]
    lead: InvolvementView | None
    ring_first: InvolvementView | None
    involvements: tuple[InvolvementView, ...]
    ended: tuple[InvolvementView, ...]
    sensitive_service: bool
    assessments: tuple[AssessmentView, ...]
    carers: tuple[CarerView, ...]
    whereabouts: tuple[WhereaboutsView, ...] | None
    honesty: tuple[KnownOfKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldedChildView:
    """The page of a shielded child: four fields, and that contact can be asked for. Nothing else is even here (R 3.03)."""

    receipt: Receipt
    handle: str
    reason: Reason
    person: Person


ChildView = OpenChildView | ShieldedChildView
