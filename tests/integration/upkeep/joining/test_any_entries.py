"""Any entries at all, merged and split in any nesting, come back exactly as they were (R 4.19; T24)."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from childindex.access.types import Actor
from childindex.involvement import services as involvement
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity, Sex, SuppliedInvolvement
from tests.database import AsRole, TestDatabase, filled
from tests.factories.index import (
    FEEDS,
    NORTH,
    a_child,
    a_receipt,
    a_record,
    an_involvement,
    deliver,
    rows,
    set_up_register,
)
from tests.factories.people import People
from tests.integration.upkeep.joining.conftest import Two
from tests.integration.upkeep.joining.state import everything
from tests.integration.upkeep.joining.test_merge_and_split import declaration

SYLLABLES = (
    "ba",
    "cor",
    "dim",
    "fel",
    "gur",
    "hop",
    "jat",
    "kim",
    "lup",
    "mar",
    "nox",
    "pim",
    "qua",
    "rit",
    "sul",
    "tev",
)
OF_FEED = {"gp": "gp", "care": "social_work", "clinic": "counselling", "school": "school", "births": "gp"}
CHILDREN, ROUNDS = 6, 8


def a_name(chance: random.Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(4)).title()


def somebody(chance: random.Random) -> Identity:
    """A child like no other, with and without an address."""
    born = date(2009, 1, 1) + timedelta(days=chance.randrange(5_000))
    return a_child(
        family_name=a_name(chance),
        given_name=a_name(chance),
        birth_date=PartialDate(born.year, born.month, born.day),
        sex=chance.choice([Sex.MALE, Sex.FEMALE, Sex.UNKNOWN]),
        address=f"{chance.randrange(1, 200)} {a_name(chance)} Road",
        postcode=chance.choice(["M1 1AA", "M1 1AA", ""]),
        carers=tuple(Carer(name=f"{a_name(chance)} {a_name(chance)}") for _ in range(chance.randrange(3))),
    )


def lines(chance: random.Random, feed: str) -> tuple[SuppliedInvolvement, ...]:
    """None, one or two involvements: leading or not, current or ended."""
    made = []
    for number in range(chance.randrange(3)):
        begun = date(2019, 1, 1) + timedelta(days=chance.randrange(2_000))
        ended = begun + timedelta(days=30) if chance.random() < 0.3 else None
        lead = chance.random() < 0.5
        one = an_involvement(
            OF_FEED[feed], involvement_id=f"i{number}", started_on=begun, ended_on=ended, lead_professional=lead
        )
        made.append(one)
    return tuple(made)


def put_in(chance: random.Random, accounts: list[UUID], as_role: AsRole) -> None:
    """As many children as that, each known to some of the feeds, and lines that practitioners declared of some of them."""
    known = [(somebody(chance), chance.sample(sorted(FEEDS), chance.randrange(1, 5))) for _ in range(CHILDREN)]
    with as_role("worker"):
        for feed in FEEDS:
            those = [
                a_record(feed, f"{feed}{place}", identity=who, involvements=lines(chance, feed))
                for place, (who, feeds) in enumerate(known)
                if feed in feeds
            ]
            if those:
                deliver(*those)
    for (child,) in rows("SELECT id FROM children_child ORDER BY index_number"):
        for account in chance.sample(accounts, chance.randrange(3)):
            line = involvement.declare(
                child, declaration(lead=chance.random() < 0.5), by=account, receipt=a_receipt(), at=timezone.now()
            )
            if chance.random() < 0.3:
                involvement.end(line, on=timezone.now().date(), receipt=a_receipt())


def nobody(as_role: AsRole) -> None:
    """The register, and an accredited council."""
    with as_role("owner"):
        set_up_register()
    People(as_role=as_role).organisation()


template = filled(nobody, scope="module")


@pytest.fixture
def two(database: TestDatabase, as_role: AsRole) -> Two:
    """No entries yet."""
    return Two(as_role=as_role)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_any_merges_undone_in_turn_leave_every_table_as_it_was(
    seed: int, two: Two, people: People, first: Actor, second: Actor, as_role: AsRole
) -> None:
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    accounts = [people.somebody().account_id for _ in range(2)]
    put_in(chance, [*accounts, uuid4()], as_role)
    two.read()
    assert len(two.id) == CHILDREN
    stack: list[tuple[str, str, dict[str, list[str]]]] = []
    merged = 0
    for step in range(ROUNDS):
        left = [name for name in two.id if name not in {other for _, other, _ in stack}]
        with as_role("worker"):
            ours = {
                str(number)
                for (number,) in rows("SELECT index_number FROM children_child WHERE responsible_authority = %s", NORTH)
            }
        keeps = [name for name in left if two.number[name] in ours]
        if keeps and len(left) > 2 and (not stack or chance.random() < 0.6) and step < ROUNDS - 1:
            keep = chance.choice(keeps)
            other = chance.choice([name for name in left if name != keep])
            stack.append((keep, other, everything(as_role)))
            two.merge(first, second, keep=keep, other=other)
            merged += 1
        elif stack:
            keep, _, before = stack.pop()
            two.split(first, second, keep=keep)
            assert everything(as_role) == before
    while stack:  # the rest, last first
        keep, _, before = stack.pop()
        two.split(first, second, keep=keep)
        assert everything(as_role) == before
    assert merged >= 2
