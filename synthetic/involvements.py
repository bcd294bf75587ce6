"""Which service is involved with each recorded child, who to ring, since when; and the rows of the file that say so."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from synthetic.births import YEAR, ages
from synthetic.names import Ints
from synthetic.organisations import Directory
from synthetic.population import Population
from synthetic.records import Records
from synthetic.suppliers import Supplier
from synthetic.vocabulary import NONE, Flags

SERVICE_TYPES = (
    "school",
    "general_practice",
    "health_visiting",
    "childrens_social_care",
    "early_help",
    "youth_justice",
    "sexual_health",
)
SCHOOL, PRACTICE, HEALTH_VISITING, SOCIAL_CARE, EARLY_HELP, YOUTH_JUSTICE, CLINIC = range(len(SERVICE_TYPES))
ASSESSMENTS = ("none", "in_progress", "complete")
CONSENTS = ("child", "parent", "significant_harm")
CONSENT_SHARES = (0.88, 0.08, 0.04)
STARTS_SCHOOL, STARTS_SECONDARY = 4, 11
#: A service may be involved this many days before a birth.
BEFORE_BIRTH = 200


@dataclass(frozen=True, slots=True)
class Involvements:
    """One row an involvement. record: position in the supplier's records; post: who to ring; 0 or `NONE` where there is nothing.
    The last four are None where the kind of service has no such thing.
    """

    record: Ints
    number: Ints
    service: Ints
    post: Ints
    started: Ints
    ended: Ints
    lead: Ints | None = None
    assessment: Ints | None = None
    assessed: Ints | None = None
    consent: Ints | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the file: which record, which involvement (`NONE` for none), and whether the carer is the second one."""

    record: Ints
    involvement: Ints
    second_carer: Ints


def rows(
    rng: np.random.Generator, *, records: Records, involvements: Involvements | None, second_carers: Flags, share: float
) -> Rows:
    """One row a record, one more for each further involvement, and one for the second carer.

    second_carers: which records can name one; `share` of those that have no other row do.
    """
    count = len(records.who)
    first = np.full(count, NONE, dtype=np.int64)
    if involvements is None:
        more = np.empty(0, dtype=np.int64)
    else:
        one = np.flatnonzero(involvements.number == 1)
        first[involvements.record[one]] = one
        more = np.flatnonzero(involvements.number > 1)
    further = more if involvements is None else involvements.record[more]
    once = np.ones(count, dtype=np.bool_)
    once[further] = False
    carers = np.flatnonzero(once & second_carers & (rng.random(count) < share))
    record = np.concatenate([np.arange(count), further, carers])
    involvement = np.concatenate([first, more, np.full(len(carers), NONE, dtype=np.int64)])
    second = np.r_[np.zeros(count, dtype=np.int64), np.ones(len(more) + len(carers), dtype=np.int64)]
    order = np.argsort(record, kind="stable")
    return Rows(record=record[order], involvement=involvement[order], second_carer=second[order])


def build(
    rng: np.random.Generator, *, population: Population, directory: Directory, supplier: Supplier, records: Records
) -> Involvements | None:
    """The involvements the supplier reports; None where it reports none."""
    makers: dict[str, Callable[[_Case], Involvements]] = {
        "school_census": _schools,
        "gp_list": _practices,
        "health_visiting": _health_visitors,
        "social_care": _social_care,
        "youth_justice": _youth_justice,
        "sexual_health": _clinic,
    }
    make = makers.get(supplier.name)
    return (
        _possible(make(_Case(rng, population, directory, records)), records, today=population.today) if make else None
    )


def _possible(made: Involvements, records: Records, *, today: int) -> Involvements:
    """Dates held against the birth date as the supplier wrote it, whose mistakes it has to live with."""
    born = np.minimum(records.day[made.record] - BEFORE_BIRTH, today)
    started = np.maximum(made.started, born)
    return replace(
        made,
        started=started,
        ended=np.where(made.ended > 0, np.maximum(made.ended, started), 0),
        assessed=None if made.assessed is None else np.where(made.assessed > 0, np.maximum(made.assessed, started), 0),
    )


class _Case:
    """What every kind of involvement is made from."""

    def __init__(
        self, rng: np.random.Generator, population: Population, directory: Directory, records: Records
    ) -> None:
        self.rng, self.population, self.directory, self.records = rng, population, directory, records
        self.count, self.today = len(records.who), population.today
        self.family = population.born.family[records.who]
        self.authority = population.families.authority[self.family]
        self.born = np.minimum(population.born.day[records.who], self.today)
        self.age = ages(population.born.day[records.who], self.today)

    def by_family(self, salt: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """A number in [0, 1) that brothers and sisters share."""
        mixed = ((self.family + 1) * 2_654_435_761 + salt * 97_531) & 0xFFFFFF
        return mixed / float(0x1000000)

    def between(self, start: Ints, end: Ints | int, skew: float = 1.0) -> Ints:
        """A day between two, nearer the end the larger the skew."""
        share = self.rng.random(len(start)) ** (1 / skew)
        found: Ints = start + ((np.maximum(end, start) - start) * share).astype(np.int64)
        return found

    def recently(self, years: float) -> Ints:
        """A day of the last years, and of the child's life."""
        return self.between(np.maximum(self.born, self.today - int(years * YEAR)), self.today)

    def all(self) -> Ints:
        """Every record."""
        return np.arange(self.count)

    def post(self, kind: str, share: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
        """Somebody of this kind in each child's authority."""
        return self.directory.pick(kind, authority=self.authority, share=share)


def _september(year: Ints) -> Ints:
    months = ((year - 1970) * 12 + 8).astype("datetime64[M]")
    days: Ints = months.astype("datetime64[D]").astype(np.int64)
    return days


def _schools(case: _Case) -> Involvements:
    """The pupil's school; pupils who have just changed school have the former one too, ended."""
    cohort = (case.born + 122).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    enters = np.minimum(_september(cohort + STARTS_SCHOOL), case.today)
    changes = _september(cohort + STARTS_SECONDARY)
    secondary = changes <= case.today
    elsewhere = np.where(case.rng.random(case.count) < 0.1, case.rng.random(case.count), case.by_family(1))
    primary_post, secondary_post = case.post("primary", elsewhere), case.post("secondary", case.by_family(2))
    started = np.where(secondary, changes, enters)
    late = case.rng.random(case.count) < 0.15
    started = np.where(late, case.between(started, case.today), started)
    moved = np.flatnonzero(secondary & (changes > case.today - 365))
    return Involvements(
        record=np.r_[case.all(), moved],
        number=np.r_[np.ones(case.count, dtype=np.int64), np.full(len(moved), 2)],
        service=np.full(case.count + len(moved), SCHOOL),
        post=np.r_[np.where(secondary, secondary_post, primary_post), primary_post[moved]],
        started=np.r_[started, enters[moved]],
        ended=np.r_[np.zeros(case.count, dtype=np.int64), np.maximum(changes[moved] - 40, enters[moved])],
    )


def _practices(case: _Case) -> Involvements:
    since = np.where(
        case.rng.random(case.count) < 0.5, np.minimum(case.born + 20, case.today), case.between(case.born, case.today)
    )
    return _one_each(case, service=PRACTICE, post=case.post("gp", case.by_family(3)), started=since)


def _health_visitors(case: _Case) -> Involvements:
    expected = case.population.facts.unborn[case.records.who]
    started = np.where(
        expected, case.today - case.rng.integers(0, 40, case.count), np.minimum(case.born + 11, case.today)
    )
    return _one_each(
        case, service=HEALTH_VISITING, post=case.post("health_visiting", case.by_family(4)), started=started
    )


def _one_each(case: _Case, *, service: int, post: Ints, started: Ints) -> Involvements:
    nothing = np.zeros(case.count, dtype=np.int64)
    return Involvements(
        record=case.all(), number=nothing + 1, service=nothing + service, post=post, started=started, ended=nothing
    )


def _social_care(case: _Case) -> Involvements:
    """A social worker or family support worker; one child in five has had both. At most one is lead professional."""
    shielded = case.population.facts.shielded[case.records.who]
    early_help = (case.rng.random(case.count) < 0.35) & ~shielded
    posts = {kind: case.post(kind, case.rng.random(case.count)) for kind in ("social_care", "early_help")}
    started = case.recently(2.5)
    over = (case.rng.random(case.count) < 0.2) & ~shielded
    ended = np.where(over, case.between(np.maximum(started, case.today - 500), case.today), 0)
    both = np.flatnonzero((case.rng.random(case.count) < 0.2) & ~shielded)
    total = case.count + len(both)
    second_start = case.between(np.maximum(case.born[both], case.today - int(3 * YEAR)), case.today)
    second_end = np.where(
        case.rng.random(len(both)) < 0.6, case.between(np.maximum(second_start, case.today - 400), case.today), 0
    )
    ended = np.r_[ended, second_end]
    luck = case.rng.random(total)
    assessment = np.select([luck < 0.55, luck < 0.75], [2, 1], 0)
    started = np.r_[started, second_start]
    return Involvements(
        record=np.r_[case.all(), both],
        number=np.r_[np.ones(case.count, dtype=np.int64), np.full(len(both), 2)],
        service=np.where(np.r_[early_help, ~early_help[both]], EARLY_HELP, SOCIAL_CARE),
        post=np.r_[
            np.where(early_help, posts["early_help"], posts["social_care"]),
            np.where(early_help, posts["social_care"], posts["early_help"])[both],
        ],
        started=started,
        ended=ended,
        lead=np.r_[(case.rng.random(case.count) < 0.5) & ~over, np.zeros(len(both), dtype=np.bool_)].astype(np.int64),
        assessment=assessment,
        assessed=np.where(assessment > 0, np.minimum(started + 25, case.today), 0),
    )


def _youth_justice(case: _Case) -> Involvements:
    started = case.recently(1.2)
    over = case.rng.random(case.count) < 0.3
    ended = np.where(over, case.between(np.maximum(started, case.today - 330), case.today), 0)
    made = _one_each(
        case, service=YOUTH_JUSTICE, post=case.post("youth_justice", case.rng.random(case.count)), started=started
    )
    return Involvements(
        record=made.record, number=made.number, service=made.service, post=made.post, started=started, ended=ended
    )


def _clinic(case: _Case) -> Involvements:
    """Listed only with consent, mostly the young person's own, or because significant harm is feared."""
    made = _one_each(
        case, service=CLINIC, post=case.post("sexual_health", case.rng.random(case.count)), started=case.recently(1.5)
    )
    consent = case.rng.choice(len(CONSENTS), size=case.count, p=CONSENT_SHARES)
    return Involvements(
        record=made.record,
        number=made.number,
        service=made.service,
        post=made.post,
        started=made.started,
        ended=made.ended,
        consent=consent,
    )
