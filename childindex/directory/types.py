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
    """An organisation and how to reach it; `hours` is how its opening hours are read out."""

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
    """One supplier's standing delivery and what it answers for."""

    name: str
    supplier: str
    organisation: str
    kinds: tuple[str, ...]
    authorities: tuple[str, ...]
    fields: frozenset[str]
    rank: int
    precedence: Mapping[str, int]
    paused: bool
    answered_on: date | None

    def rank_of(self, field: str) -> int:
        """How far this source is believed for a field: the lowest number wins (R 4.22)."""
        return self.precedence.get(field, self.rank)
