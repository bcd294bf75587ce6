"""What the panel of match quality and its sampled pairs hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.matching.quality.estimating import ENOUGH_JUDGED, Estimate, Figure
from childindex.matching.quality.types import Kind, Said, Sizes
from childindex.upkeep.types import FactRow, NamedChild

__all__ = ["ENOUGH_JUDGED", "Estimate", "Figure", "Kind", "Said", "Sizes"]


class By(StrEnum):
    """What figures are told apart by."""

    SUPPLIER = "supplier"
    AGE = "age"
    NAME = "name"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDrawn:
    """How many decisions there were and how many pairs people are asked about; none of either where it was too early."""

    receipt: Receipt
    decisions: int
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledShown:
    """One record beside one child, of whom neither name nor number is told apart from the facts: nothing says what was decided."""

    receipt: Receipt
    pair: UUID
    facts: tuple[FactRow, ...]
    neighbours: tuple[NamedChild, ...]
    done: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledJudged:
    """It is kept. `otherwise` says that the index has it otherwise; `next` is the next pair."""

    receipt: Receipt
    otherwise: bool
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight:
    """What was judged otherwise than the index has it: a record to be taken out of an entry, or two entries to be one."""

    kind: Kind
    judged_on: date
    number: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How often automatic decisions about one authority's children were wrong, over the last weeks.

    `by` has the figures of suppliers (by name) and groups (by code), `weeks` those of samples by the day they end. `more` says that
    there is more to be put right than is listed.
    """

    receipt: Receipt
    whole: Figure
    by: dict[By, dict[str, Figure]]
    weeks: dict[date, Figure]
    left: int
    next: UUID | None
    put_right: tuple[PutRight, ...]
    more: bool
