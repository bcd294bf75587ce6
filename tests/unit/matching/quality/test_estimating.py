"""Rates are weighted by what strata hold, and their intervals hold the truth as often as they say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from childindex.matching.quality.estimating import Estimate, Judged, estimate, exact_limits, figure, figures_by
from childindex.matching.quality.types import Groups, Kind, Line

OLD = Groups(age="11-15", name="plain", number="with")
YOUNG = Groups(age="0-4", name="plain", number="with")


def a_stratum(population: float, judged: int, wrong: int, *, band: str = "sure") -> Judged:
    return Judged(band=band, population=population, judged=judged, wrong=wrong)


STRATA = some.lists(
    some.tuples(some.integers(1, 10_000), some.integers(0, 60), some.floats(0, 1), some.sampled_from("ab")).map(
        lambda drawn: a_stratum(drawn[0], drawn[1], round(drawn[1] * drawn[2]), band=drawn[3])
    ),
    min_size=1,
    max_size=8,
)


def test_a_stratum_counts_for_as_much_as_it_holds() -> None:
    """One of ten wrong in a stratum of 900, five of ten in one of 100: 0.9 x 0.1 + 0.1 x 0.5."""
    found = estimate([a_stratum(900, 10, 1), a_stratum(100, 10, 5)])
    assert found.rate == pytest.approx(0.14)
    assert (found.judged, found.wrong, found.covered) == (20, 6, 1.0)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 5
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0000, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_limits_are_the_published_ones(hits: int, of: int, low: float, high: float) -> None:
    assert exact_limits(hits, of) == pytest.approx((low, high), abs=5e-5)
    assert exact_limits(of - hits, of) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_of_one_stratum_the_interval_is_the_exact_one() -> None:
    found = estimate([a_stratum(400, 29, 1)])
    assert (found.low, found.high) == pytest.approx(exact_limits(1, 29))


def test_the_interval_of_two_bands() -> None:
    """Distances to the limits, added as squares: Zou, Huang and Zhang 2009, with weights of a half each."""
    found = estimate([a_stratum(1, 80, 7), a_stratum(1, 70, 0, band="just")])
    (low, high), (_, zero_high) = exact_limits(7, 80), exact_limits(0, 70)
    assert found.low == pytest.approx(0.04375 - 0.5 * (0.0875 - low))
    assert found.high == pytest.approx(0.04375 + 0.5 * ((high - 0.0875) ** 2 + zero_high**2) ** 0.5)


@given(STRATA)
def test_an_interval_holds_the_rate_and_stays_between_0_and_1(strata: list[Judged]) -> None:
    found = estimate(strata)
    if found.rate is None:
        assert found.judged == 0
        assert (found.low, found.high, found.enough) == (None, None, False)
        return
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.rate <= found.high <= 1 + 1e-12
    assert found.covered == pytest.approx(
        sum(one.population for one in strata if one.judged) / sum(one.population for one in strata)
    )


def test_within_a_band_the_size_that_counts_is_the_effective_one() -> None:
    """20 pairs of 900 decisions and 20 of 100 tell as much as 24 of all 1,000: 1 / (0.81 / 20 + 0.01 / 20)."""
    found = estimate([a_stratum(900, 20, 0), a_stratum(100, 20, 0)])
    assert found.high == pytest.approx(exact_limits(0, 24)[1])


@pytest.mark.parametrize(
    "truth", [(0.0005, 0.02, 0.2), (0.01, 0.01, 0.01), (0.05, 0.05, 0.05), (0.0, 0.3, 0.5)], ids=str
)
def test_intervals_hold_the_truth_about_nineteen_times_in_twenty(truth: Sequence[float]) -> None:
    """400 samples of three bands of three suppliers, as small and unequal as those of a week; unweighted rates would be far off."""
    bands = list(zip(("sure", "likely", "just"), truth, strict=True))
    sizes = [(9_000, 12), (900, 8), (100, 5)]
    chance = random.Random(20261125)  # noqa: S311 - not a secret
    true_rate = sum(truth) / 3
    spread = sum((of / 30_000) ** 2 * rate * (1 - rate) / n for of, n in sizes for rate in truth) ** 0.5
    held = 0
    total = 0.0
    for _ in range(400):
        found = estimate(
            [
                a_stratum(of, n, sum(chance.random() < rate for _ in range(n)), band=band)
                for of, n in sizes
                for band, rate in bands
            ]
        )
        assert found.rate is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true_rate <= found.high
        total += found.rate
    assert held / 400 >= 0.945  # 0.95, less half a standard error of 400 tries
    # Unbiased: the mean of the estimates is within four standard errors of the truth.
    assert total / 400 == pytest.approx(true_rate, abs=4 * spread / 400**0.5 + 1e-12)


def line(stratum: int, kind: Kind, *, groups: Groups | None = OLD, feed: str = "gp", **counts: int) -> Line:
    given = {"population": 100, "pairs": 10, "judged": 0, "wrong": 0, "unsure": 0, **counts}
    until = datetime(2026, 11, 22, tzinfo=UTC)
    return Line(stratum=UUID(int=stratum), kind=kind, feed=feed, band="sure", until=until, groups=groups, **given)


def test_missed_links_are_a_share_of_all_there_were_to_make() -> None:
    """2 of 10 near misses were misses: 20 of 100, beside 180 links that were made."""
    found = figure([line(1, Kind.LINK, population=180), line(2, Kind.NEAR_MISS, judged=10, wrong=2)])
    low, high = exact_limits(2, 10)
    assert (found.links, found.false.rate) == (180, None)
    assert found.missed.rate == pytest.approx(20 / 200)
    assert found.missed.low == pytest.approx(100 * low / (100 * low + 180))
    assert found.missed.high == pytest.approx(100 * high / (100 * high + 180))


def test_a_group_stands_for_its_part_of_a_stratum() -> None:
    """3 of 10 pairs are of young children: of the stratum's 100 decisions, 30 are."""
    lines = [
        line(1, Kind.LINK, groups=OLD, pairs=7, judged=7, wrong=0),
        line(1, Kind.LINK, groups=YOUNG, pairs=3, judged=2, wrong=1),
        line(2, Kind.LINK, groups=YOUNG, population=10, pairs=1, judged=1, wrong=0),
    ]
    by_age = figures_by(lines, lambda one: one.groups.age if one.groups else None)
    assert {age: one.links for age, one in by_age.items()} == {"11-15": 70, "0-4": 40}
    assert by_age["0-4"].false.rate == pytest.approx(0.75 * 0.5)


def test_a_stratum_of_which_nothing_is_left_is_not_covered() -> None:
    """Its decisions count all the same, and in no group."""
    lines = [line(1, Kind.LINK, judged=40, pairs=40), line(2, Kind.LINK, groups=None, pairs=0, population=900)]
    found = figure(lines)
    assert (found.links, found.false.covered, found.false.enough) == (1000, 0.1, False)
    assert set(figures_by(lines, lambda one: one.groups.age if one.groups else None)) == {"11-15"}


@pytest.mark.parametrize(("judged", "covered", "enough"), [(30, 0.8, True), (29, 1.0, False), (500, 0.79, False)])
def test_what_may_be_shown(judged: int, covered: float, enough: bool) -> None:
    found = Estimate(rate=0.1, low=0.0, high=0.2, judged=judged, wrong=1, unsure=0, covered=covered)
    assert found.enough is enough


def test_nothing_at_all() -> None:
    assert figures_by([], lambda _: "") == {}
    assert figure([]).links == 0
