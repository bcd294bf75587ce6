"""What the register hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A local authority, and the telephone number of its safeguarding broker."""

    gss: str
    name: str
    broker_phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An organisation and how to reach it. `hours` is how its opening hours are read out; a national body has no authority."""

    code: str
    name: str
    kind: str
    sector: str
    authority: str
    phone: str
    out_of_hours_phone: str
    hours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceType:
    """A recordable kind of service. `kind` groups service types for the honesty line; sensitive ones are never named."""

    code: str
    name: str
    kind: str
    sector: str
    coverage: str
    sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One supplier's standing delivery and what it answers for.

    `legal_basis` and `duty` (must, may or agreed) say why it may be given; `fields` are the columns it is licensed to
    give (R 4.01); `removals_percent` how much of it may be missing from a snapshot.
    """

    name: str
    supplier: str
    organisation: str
    legal_basis: str
    duty: str
    cadence_days: int
    kinds: tuple[str, ...]
    authorities: tuple[str, ...]
    fields: frozenset[str]
    rank: int
    precedence: Mapping[str, int]
    removals_percent: int = 5
    paused: bool = False
    answered_on: date | None = None

    def rank_of(self, field: str) -> int:
        """How far this source is believed for a field: the lowest number wins (R 4.22)."""
        return self.precedence.get(field, self.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Everything `childindex setup` reads: what exists, and in which authority each postcode lies."""

    organisations: tuple[Organisation, ...]
    service_types: tuple[ServiceType, ...]
    feeds: tuple[Feed, ...]
    postcodes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many lines of one part of the register are new, changed and as they were."""

    new: int
    changed: int
    same: int
