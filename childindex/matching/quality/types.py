"""What a sample is made of, and what its judging tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What was decided without a person: a record was linked, or made new although somebody was near."""

    LINK = "link"
    NEAR_MISS = "near_miss"


class Said(StrEnum):
    """What a person says of a sampled pair."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


# What is wrong with which kind: a link of two children, and a child who was entered twice.
WRONG = {Kind.LINK: Said.DIFFERENT, Kind.NEAR_MISS: Said.SAME}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Stratum:
    """Decisions that are sampled together: of one kind, authority and feed, with scores of one band."""

    kind: Kind
    authority: str
    feed: str
    band: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One automatic decision: whose the record became, as it still stands."""

    record: UUID
    child: UUID
    stratum: Stratum


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many pairs of each kind a week brings the stewards of one authority."""

    links: int
    near_misses: int

    def of(self, kind: Kind) -> int:
        """The one for a kind."""
        return self.links if kind is Kind.LINK else self.near_misses


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Of the `population` decisions of a stratum, the ones that were drawn."""

    stratum: Stratum
    population: int
    decisions: tuple[Decided, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """What figures are told apart by, as codes: a band of age, the form of the name, whether a national number was given.

    Nothing of a special category, and nothing that stands for one: see docs/matching/quality-panel.md.
    """

    age: str
    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPair:
    """One pair to be judged: a record, whose it is (`own`), and the child it is to be compared with.

    For a link these two are one child, and the record is set beside the child's other records. `authority` is the one whose
    stewards judge: that of `child`.
    """

    record: UUID
    own: UUID
    child: UUID
    authority: str
    groups: Groups


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledPair:
    """One pair of a sample; `said` and what follows once somebody has judged it."""

    id: UUID
    kind: Kind
    record: UUID
    own: UUID
    child: UUID
    said: Said | None = None
    judged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Pairs of one stratum and one set of groups, counted: how many, how many judged either way, and how many of those wrong.

    A stratum none of whose pairs is left has a line without groups and with no pairs: its decisions count all the same.
    """

    stratum: UUID
    kind: Kind
    feed: str
    band: str
    until: datetime
    population: int
    groups: Groups | None
    pairs: int
    judged: int
    wrong: int
    unsure: int
