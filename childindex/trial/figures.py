"""The figures of a trial, as values. `childindex evaluate --json` prints exactly these, and `--against` reads them again.

Names are stable: gates and frozen runs point at them by path, such as `pairs.cross.recall.share`.
"""

from __future__ import annotations

from dataclasses import dataclass

from childindex.trial.intervals import Share


@dataclass(frozen=True)
class Counts:
    """Records that were read, and what became of them."""

    records: int  # in the truth and in the trial
    persons: int
    clusters: int
    held: int  # absent from links.csv because of a shield: left out of everything below
    missing: int  # absent and not shielded: each stands alone and costs recall
    unknown: int  # in links.csv but not in the truth: left out of everything below


@dataclass(frozen=True)
class Pairs:
    """Pairs of records: `true` of one person, `found` in one cluster, `right` both."""

    true: int
    found: int
    right: int
    precision: Share
    recall: Share
    f1: float | None


@dataclass(frozen=True)
class PairsBothWays:
    """`cross` counts pairs of different suppliers only, which is what linking is about; `all` counts every pair."""

    cross: Pairs
    all: Pairs


@dataclass(frozen=True)
class Clusters:
    """Clusters against persons. A cluster is exact when it holds all records of one person and no others."""

    exact: int
    precision: Share  # exact of clusters
    recall: Share  # exact of persons
    f1: float | None
    mixed: int  # persons who share a cluster with another person
    mixed_per_100_000: float | None
    split: Share  # of persons with two records or more, those in more than one cluster
    split_percent: float | None


@dataclass(frozen=True)
class BeforeAndAfter:
    """As linked, and after a person who is always right has answered every pair in review.csv."""

    before: Clusters
    after: Clusters


@dataclass(frozen=True)
class Review:
    """What people would be asked, and what their right answers would bring."""

    pairs: int
    right: int  # pairs of one person
    unknown: int  # pairs with a record that the truth does not have
    pairs_per_100_true: float | None
    records: Share  # records with a question
    records_percent: float | None
    after: PairsBothWays


@dataclass(frozen=True)
class Twins:
    """Wrong links between two children of one multiple birth."""

    cross: int
    all: int
    by_birth_date: bool  # False: no supply files were given, so any two twins in one cluster count


@dataclass(frozen=True)
class Forbidden:
    """Two identities of one child that nobody may join."""

    pairs: int  # with both records in the trial
    linked: int
    in_review: int


@dataclass(frozen=True)
class Group:
    """The figures of pairs and records that touch one value of one group, between suppliers."""

    value: str
    records: int
    true: int
    found: int
    right: int
    precision: Share
    recall: Share
    f1: float | None
    recall_after_review: Share
    review_pairs: int
    review_pairs_per_100_true: float | None
    records_in_review: Share
    persons: int
    mixed_per_100_000: float | None
    split_percent: float | None
    below_whole: float | None  # points of recall below the whole; negative is better than the whole
    small: bool  # fewer than 100 true pairs: read with care, and not part of the largest gap


@dataclass(frozen=True)
class Gap:
    """The group whose recall is furthest below the whole; `points` is 0 where none is below."""

    column: str
    value: str
    points: float


@dataclass(frozen=True)
class Groups:
    """For each group column its values, largest gap first named."""

    columns: dict[str, dict[str, Group]]
    largest_gap: Gap


@dataclass(frozen=True)
class Point:
    """Linking every pair at or above a score would find this."""

    posterior: float | None  # None on the curve over bits
    bits: float
    precision: float
    recall: float


@dataclass(frozen=True)
class Curve:
    """Precision and recall over every threshold of one score, pairs of different suppliers."""

    score: str  # posterior or bits: pairs as they are; clusters: by posterior, with all pairs that hang together through linked ones
    best_f1: float | None
    best_f1_at: Point | None
    recall_at_precision_0_999: float | None
    recall_at_precision_0_9999: float | None
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Bin:
    """Pairs whose posterior lies in low-high: what was said on average, and how often it was so."""

    low: float
    high: float
    said: float
    seen: Share


@dataclass(frozen=True)
class Calibration:
    """Whether a posterior may be called a probability."""

    pairs: int
    expected_error: float | None  # mean distance of said and seen over equal bins, weighted by pairs
    expected_error_between: float | None  # the same over pairs said to be 0.01 to 0.99 alone
    bins: tuple[Bin, ...]  # ten equal bins
    log_odds_bins: tuple[Bin, ...]  # two bits wide; low and high are posteriors


@dataclass(frozen=True)
class Trial:
    """One trial."""

    version: int
    counts: Counts
    pairs: PairsBothWays
    clusters: BeforeAndAfter
    review: Review
    twins: Twins | None  # None: the truth does not say who is a twin
    forbidden: Forbidden
    groups: Groups
    curves: tuple[Curve, ...]  # empty without pairs.parquet
    calibration: Calibration | None
    link: dict[str, object] | None  # report.json of the run, as it stands
