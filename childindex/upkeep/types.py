"""What keeping an entry right takes in and hands out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, Sex, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChoice:
    """A kind of service that somebody may say they give."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationForm:
    """What the page for declaring an involvement shows: whose it is, and the kinds of service there are to choose from."""

    receipt: Receipt
    handle: str
    name: str
    birth_date: PartialDate
    index_number: str
    services: tuple[ServiceChoice, ...]
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """It is done. `involvement` is the line it was done to."""

    receipt: Receipt
    handle: str
    involvement: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChild:
    """Who somebody could not find: what they know of the child, in the same form as any source gives it."""

    family_name: str
    given_name: str
    birth_date: PartialDate
    sex: Sex
    postcode: str = ""
    nhs_number: str = ""

    def identity(self) -> Identity:
        """As a record that can be compared with others."""
        return Identity(
            family_name=self.family_name,
            given_name=self.given_name,
            birth_date=self.birth_date,
            sex=self.sex,
            postcode=self.postcode,
            nhs_number=self.nhs_number,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Received, a steward will confirm: the answer whoever was proposed and whatever the index holds (R 1.33; T09)."""

    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMatched:
    """A proposal has been compared with the index by the worker and waits for a steward."""

    receipt: Receipt
    proposal: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A child is behind a shield or seal. `near` are index numbers of open entries that may be second entries of theirs."""

    receipt: Receipt
    tier: Tier
    near: tuple[str, ...]
