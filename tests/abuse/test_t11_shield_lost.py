"""T11: a feed, a duplicate, a new name or a decision makes a second, open entry of a protected child, as in March 2009.

Passes when after every one of 50,000 steps no other open entry is a likely match (probability 0.01 or more, every entry compared
with every identity, by no search key) of a shielded or sealed child unless two people judged the pair different.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from childindex.access.models import Account
from childindex.access.sign_in import actor_for
from childindex.access.types import Actor, SignInFacts
from childindex.kernel.identity import SourceRecord, Tier
from childindex.shielding.types import Ground
from tests.abuse.t11.cast import PEOPLE, VARIANTS, written
from tests.abuse.t11.logins import Logins
from tests.abuse.t11.world import World
from tests.database import AsRole, TestDatabase, filled
from tests.factories.index import COUNCIL, DAY, a_record, an_involvement, set_up_register
from tests.factories.people import People

_STEPS_A_MACHINE = 50
_SHORT = 12
_PARTS = 10
_DEEDS = {"deliver", "leave out", "protect", "propose", "judge", "judge near", "merge", "split"}
_SERVICE = {"gp": "gp", "school": "school", "care": "social_work", "births": "social_work"}
_DAYS = 6


def put_in(as_role: AsRole) -> None:
    """A register, and a council whose stewards may act."""
    with as_role("owner"):
        set_up_register()
    people = People(as_role=as_role)
    people.organisation()
    for name in ("first", "second"):
        people.somebody("data_steward", username=name)
    people.somebody("social_worker", username="third")


template = filled(put_in, scope="module")


@pytest.fixture
def world(database: TestDatabase) -> Iterator[World]:
    """An index that nobody is in yet."""
    logins = Logins(database)
    at = timezone.now()
    with logins.enter("worker"):
        first, second = (_signed_in(name, "data_steward", at) for name in ("first", "second"))
        yield World(
            logins=logins,
            stewards=(first, second),
            practitioner=_signed_in("third", "social_worker", at),
            begun=at,
        )
    logins.close()


def _signed_in(name: str, role: str, at: datetime) -> Actor:
    """Somebody who has just shown that it is they."""
    session = SignInFacts(sitting=name, second_factor=True, role=role, organisation=COUNCIL, confirmed_at=at)
    actor = actor_for(Account.objects.get(username=name).id, session=session, at=at)
    assert actor is not None
    assert actor.lapsed == ()
    return actor


people = st.integers(0, len(PEOPLE) - 1)
variants = st.sampled_from(list(VARIANTS))
feeds = st.sampled_from(list(_SERVICE))
days = st.integers(0, _DAYS)
places = st.integers(0, 30)
# A record is mostly of the child it was first of; a supplier may give its number to another child.
rows = st.lists(
    st.tuples(
        st.integers(0, 2 * len(PEOPLE) - 1),
        st.sampled_from([0] * 9 + [1, 2, 5]),
        variants,
        variants,
        st.sampled_from([True] + [False] * 14),
        st.one_of(st.none(), days),
        st.sampled_from([True] + [False] * 19),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row[0],
)


def a_row(
    feed: str, slot: int, other: int, one: str, two: str, marked: bool, day: int | None, removed: bool
) -> SourceRecord:
    """A record of a feed. Of two record numbers of a feed that are one child's the second is a duplicate."""
    return a_record(
        feed,
        f"{slot}",
        identity=written((slot + other) % len(PEOPLE), one, two),
        involvements=(an_involvement(_SERVICE[feed], involvement_id=f"{slot}-1"),),
        confidential=marked,
        removed=removed,
        updated_on=None if day is None else DAY + timedelta(days=day),
    )


class ShieldKept(RuleBasedStateMachine):
    """Any steps in any order; the invariant is looked at after each."""

    world: World

    @initialize(
        feed=feeds,
        how=st.lists(variants, min_size=len(PEOPLE), max_size=len(PEOPLE)),
        who=people,
        tier=st.sampled_from([Tier.SHIELDED, Tier.SEALED]),
        ground=st.sampled_from(list(Ground)),
    )
    def begin(self, feed: str, how: list[str], who: int, tier: Tier, ground: Ground) -> None:
        """One supplier knows everybody; then somebody is protected."""
        self.world.begin()
        records = [a_row(feed, slot, 0, one, "as_is", False, 0, False) for slot, one in enumerate(how)]
        self.world.deliver(records, as_at=DAY, kind="snapshot")
        self.world.protect(who, tier, ground)

    @rule(feed=feeds, batch=rows, day=days, kind=st.sampled_from(["snapshot", "delta"]))
    def deliver(self, feed: str, batch: list[Any], day: int, kind: str) -> None:
        """A batch of a feed, for any day, late or not."""
        self.world.deliver([a_row(feed, *row) for row in batch], as_at=DAY + timedelta(days=day), kind=kind)

    @rule(feed=feeds, one=st.tuples(people, variants, variants), day=days)
    def duplicate(self, feed: str, one: tuple[int, str, str], day: int) -> None:
        """A child again, under a record number of the feed that nobody had."""
        person, first, second = one
        record = a_row(feed, 100 + self.world.turn, 0, first, second, False, day, False)
        self.world.deliver(
            [replace(record, identity=written(person, first, second))], as_at=DAY + timedelta(days=day), kind="delta"
        )

    @rule(place=places, day=days, kind=st.sampled_from(["snapshot", "delta"]))
    def replay(self, place: int, day: int, kind: str) -> None:
        """A record that was sent before, once more."""
        if self.world.sent:
            record = self.world.sent[-1 - place % len(self.world.sent)]
            self.world.deliver([record], as_at=DAY + timedelta(days=day), kind=kind)

    @rule(feed=feeds, those=st.lists(st.integers(0, 2 * len(PEOPLE) - 1), min_size=1, max_size=3), day=days)
    def leave_out(self, feed: str, those: list[int], day: int) -> None:
        """A snapshot that has not everybody."""
        self.world.leave_out(feed, [str(slot) for slot in those], as_at=DAY + timedelta(days=day))

    @rule(place=places, tier=st.sampled_from([Tier.SHIELDED, Tier.SEALED]), ground=st.sampled_from(list(Ground)))
    def protect(self, place: int, tier: Tier, ground: Ground) -> None:
        """Somebody is shielded or sealed."""
        if len(self.world.now.protected) < 4:
            self.world.protect(place, tier, ground)

    @rule(person=people, one=variants, two=variants)
    def propose(self, person: int, one: str, two: str) -> None:
        """A practitioner finds nobody and proposes a child."""
        self.world.propose(person, one, two)

    @rule(place=places, link=st.booleans(), apply=st.booleans())
    def judge(self, place: int, link: bool, apply: bool) -> None:
        """A steward decides about a record that waits."""
        self.world.judge(place, link=link, apply=apply)

    @rule(place=places, same=st.booleans(), release=st.booleans())
    def judge_near(self, place: int, same: bool, release: bool) -> None:
        """Two stewards decide about a pair near a protected child, rightly or not."""
        self.world.judge_near(place, same=same, release=release)

    @rule(part=st.booleans(), undo=st.booleans(), one=places, other=places)
    def join_or_part(self, part: bool, undo: bool, one: int, other: int) -> None:
        """Stewards merge two entries, rightly or not, or take one apart. One rule: what is merged is there to be split."""
        if part:
            self.world.split(one, undo=undo, records=other)
        else:
            self.world.merge(one, other)

    @invariant()
    def nothing_is_exposed(self) -> None:
        """The pass criterion, and what it rests on."""
        found = self.world.truth.violations(self.world.now)
        assert not found, "\n".join(found)


def run(world: World, *, machines: int, shrink: bool = False) -> None:
    """Run so many machines of fifty steps each in one database."""
    ShieldKept.world = world
    run_state_machine_as_test(
        ShieldKept,
        settings=settings(
            max_examples=machines,
            stateful_step_count=_STEPS_A_MACHINE,
            derandomize=not shrink,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.abuse("T11")
@pytest.mark.process("worker")
def test_no_step_makes_a_protected_child_visible_again(world: World) -> None:
    """The short form: six hundred steps and more, always the same ones."""
    run(world, machines=_SHORT)
    assert world.steps >= 360
    assert not _DEEDS - world.done.keys(), "some deeds were never done: what they might break was not tried"


@pytest.mark.long
@pytest.mark.abuse("T11")
@pytest.mark.process("worker")
@pytest.mark.parametrize("part", range(_PARTS))
def test_fifty_thousand_steps(world: World, part: int) -> None:
    """The full figure, in parts that may run beside each other, each in its own database and with other steps every time."""
    while world.steps < 50_000 // _PARTS:
        run(world, machines=100, shrink=True)
    print(f"T11: {world.steps} steps, {sum(world.done.values())} of them done, 0 violations; {dict(world.done)}")  # noqa: T201
