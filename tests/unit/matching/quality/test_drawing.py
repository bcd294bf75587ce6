"""A sample is of every stratum, the same for one seed, and as likely to hold one decision as another."""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as some

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity
from childindex.matching.quality.drawing import allocate, band_of, draw, groups_of
from childindex.matching.quality.types import Decided, Groups, Kind, Sizes, Stratum

SPACE = UUID(int=2)


def stratum(feed: str = "gp", *, kind: Kind = Kind.LINK, authority: str = "E08000003") -> Stratum:
    return Stratum(kind=kind, authority=authority, feed=feed, band="sure")


def decisions(count: int, of: Stratum) -> list[Decided]:
    return [Decided(record=uuid5(SPACE, f"{of}{n}"), child=UUID(int=n), stratum=of) for n in range(count)]


def test_the_same_seed_draws_the_same_whatever_the_order() -> None:
    frame = [*decisions(40, stratum("gp")), *decisions(5, stratum("births"))]
    sizes = Sizes(links=12, near_misses=0)
    one, again = draw(frame, seed=3, sizes=sizes), draw(reversed(frame), seed=3, sizes=sizes)
    assert one == again != draw(frame, seed=4, sizes=sizes)
    assert [(each.stratum.feed, each.population, len(each.decisions)) for each in one] == [
        ("births", 5, 3),
        ("gp", 40, 9),
    ]
    assert len({decided.record for each in one for decided in each.decisions}) == 12


def test_authorities_and_kinds_each_have_their_own_size() -> None:
    frame = [
        decided
        for authority in ("E08000003", "E06000023")
        for kind in Kind
        for decided in decisions(9, stratum(kind=kind, authority=authority))
    ]
    drawn = draw(frame, seed=1, sizes=Sizes(links=4, near_misses=2))
    assert [(each.stratum.authority, each.stratum.kind, len(each.decisions)) for each in drawn] == [
        ("E06000023", Kind.LINK, 4),
        ("E06000023", Kind.NEAR_MISS, 2),
        ("E08000003", Kind.LINK, 4),
        ("E08000003", Kind.NEAR_MISS, 2),
    ]


def test_every_decision_is_as_likely_as_another() -> None:
    """Three of ten, 2,000 times: each about 600 times (a standard deviation is 20)."""
    frame = decisions(10, stratum())
    taken = Counter(
        decided.child
        for seed in range(2000)
        for each in draw(frame, seed=seed, sizes=Sizes(links=3, near_misses=0))
        for decided in each.decisions
    )
    assert len(taken) == 10
    assert all(500 < count < 700 for count in taken.values())


@given(some.lists(some.integers(1, 500), min_size=1, max_size=12), some.integers(0, 200))
def test_shares_go_by_roots_and_none_is_left_out(populations: list[int], size: int) -> None:
    """No more than there are, at least one of each if any are drawn at all, and all that is asked for where there are so many."""
    those = {stratum(str(number)): population for number, population in enumerate(populations)}
    shares = allocate(those, size)
    assert all(shares[one] <= those[one] for one in those)
    assert min(shares.values()) >= min(size, 1)
    if size >= len(those):
        assert sum(shares.values()) == min(size, sum(populations))
    assert all(shares[one] <= shares[other] + 1 for one in those for other in those if those[one] <= those[other])


def test_a_hundred_times_as_many_have_ten_times_the_share() -> None:
    those = {stratum("large"): 10_000, stratum("small"): 100}
    assert list(allocate(those, 55).values()) == [5, 50]


@pytest.mark.parametrize(
    ("kind", "score", "band"),
    [
        (Kind.LINK, 1.0, "sure"),
        (Kind.LINK, 0.995, "likely"),
        (Kind.LINK, 0.8, "just"),
        (Kind.NEAR_MISS, 0.05, "near"),
        (Kind.NEAR_MISS, 0.000001, "far"),
    ],
)
def test_bands(kind: Kind, score: float, band: str) -> None:
    assert band_of(kind, score) == band


@pytest.mark.parametrize(
    ("who", "age", "name", "number"),
    [
        (Identity(given_name="Amara", family_name="Okonkwo", birth_date=PartialDate(2015, 11, 26)), "5-10", "plain", "without"),
        (Identity(given_name="Jo", family_name="Reed", birth_date=PartialDate(2009, 1), nhs_number="9990000077"), "16-17", "short", "with"),
        (Identity(given_name="", family_name="Reed", birth_date=PartialDate(2027, 1, 2)), "0-4", "one_part", "without"),
        (Identity(given_name="Mary Ann", family_name="Reed", upn="A1"), "not_known", "several_parts", "with"),
        (Identity(given_name="Zoë", family_name="Reed-Day", birth_date=PartialDate(2014, 11, 25)), "11-15", "beyond_az", "without"),
    ],
)  # fmt: skip
def test_groups(who: Identity, age: str, name: str, number: str) -> None:
    """On the day before a birthday a child is a year younger; an unborn child is under five."""
    assert groups_of(who, on=date(2026, 11, 25)) == Groups(age=age, name=name, number=number)
