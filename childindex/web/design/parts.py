"""Frozen values that the parts of a page are drawn from. Plain words and addresses: nothing here knows the domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from childindex.kernel.dates import PartialDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words to follow, and where they lead."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message at the top of a page, after something was done; `success` draws it green and says so."""

    text: str
    success: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """What stands at the foot of every printed sheet: who printed it, when (already in words), the ledger entry."""

    viewer: str
    organisation: str
    at: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityBar:
    """Which child the page is about. `index_number` is already spaced for reading."""

    name: str
    born: PartialDate | date | None
    index_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A number to ring, and whose it is or when it is answered."""

    number: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One candidate: the facts in reading order, and why it is here in words, never a score."""

    name: str
    href: str
    facts: tuple[str, ...]
    match: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One service and how to reach it: `lines` are sentences or names, `source` says where it comes from and as of when."""

    title: str
    tags: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    email: str = ""
    source: str = ""
    first: bool = False
    ended: bool = False


class Standing(StrEnum):
    """What the index can say about one kind of supplier (N 1)."""

    INVOLVED = "involved"
    NOT_INVOLVED = "not-involved"
    NOT_SUPPLIED = "not-supplied"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestyLine:
    """One kind of supplier in this area, and its standing; `as_of` belongs to "not involved" and "involved"."""

    kind: str
    standing: Standing
    as_of: date | None = None
