"""Two entries of one child, and stewards of two authorities; everything here runs as the web process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from childindex.access.sign_in import operator
from childindex.access.types import Actor
from childindex.kernel.dates import PartialDate
from childindex.kernel.people import Channel
from childindex.upkeep.joins import Ground, State
from childindex.upkeep.usecases import joining, merging, splitting
from tests.database import AsRole, TestDatabase, filled
from tests.factories.index import a_child, a_record, an_involvement, deliver, rows, set_up_register
from tests.factories.people import People
from tests.integration.lookup.conftest import actor, at, ledger

__all__ = ["actor", "at", "ledger"]

# The same girl under another name: nothing of the two records agrees but the sex.
OTHER = a_child(
    family_name="Zwilling",
    given_name="Xaveria",
    birth_date=PartialDate(2011, 1, 2),
    address="3 Far End, Northby",
    carers=(),
)


@dataclass
class Two:
    """The two entries, by index number and id, and what the worker does."""

    as_role: AsRole
    number: dict[str, str] = field(default_factory=dict)
    id: dict[str, UUID] = field(default_factory=dict)

    def read(self) -> None:
        """Learn the numbers and ids."""
        with self.as_role("worker"):
            for name, number, child in rows("SELECT family_name, index_number, id FROM children_child"):
                self.number[str(name)], self.id[str(name)] = str(number), UUID(str(child))

    def carry_out(self, *, merge: UUID | None = None, split: UUID | None = None) -> State | object:
        """What the worker's job does."""
        now = timezone.now()
        who = operator(channel=Channel.WORKER, at=now)
        with self.as_role("worker"):
            if merge is not None:
                return joining.carry_out_merge(actor=who, merge_id=merge, at=now).state
            assert split is not None
            return joining.carry_out_split(actor=who, split_id=split, at=now).state

    def merge(self, first: Actor, second: Actor, *, keep: str = "Okonkwo", other: str = "Zwilling") -> UUID:
        """Propose, confirm and do."""
        now = timezone.now()
        done = merging.propose_merge(
            actor=first, keep=self.number[keep], other=self.number[other], ground=Ground.CHECKED_WITH_FAMILY, at=now
        )
        merging.answer_merge(actor=second, merge_id=done.id, answer=State.CONFIRMED, at=now)
        assert self.carry_out(merge=done.id) is State.DONE
        return done.id

    def split(self, first: Actor, second: Actor, *, keep: str = "Okonkwo", **chosen: Any) -> UUID:
        """Propose, confirm and do."""
        now = timezone.now()
        asked = {"undo": True, "records": (), "lines": (), **chosen}
        done = splitting.propose_split(
            actor=first, index_number=self.number[keep], ground=Ground.REPORTED, at=now, **asked
        )
        splitting.answer_split(actor=second, split_id=done.id, answer=State.CONFIRMED, at=now)
        assert self.carry_out(split=done.id) is State.DONE
        return done.id


def put_in(as_role: AsRole) -> None:
    """Amara Okonkwo, known to a practice, a social worker who leads and a clinic; Xaveria, known to a school and the council;
    and an accredited council in the north.
    """
    with as_role("owner"):
        set_up_register()
    with as_role("worker"):
        deliver(a_record("gp", "1", involvements=(an_involvement(),)))
        deliver(a_record("care", "c1", involvements=(an_involvement("social_work", lead_professional=True),)))
        deliver(a_record("clinic", "k1", involvements=(an_involvement("counselling"),)))
        school = an_involvement("school", lead_professional=True, practitioner_name="Kim Day")
        deliver(a_record("school", "s1", identity=OTHER, involvements=(school,)))
        deliver(a_record("births", "b1", identity=OTHER))
    People(as_role=as_role).organisation()


template = filled(put_in)


@pytest.fixture
def two(database: TestDatabase, as_role: AsRole) -> Two:
    """The two entries."""
    made = Two(as_role=as_role)
    made.read()
    assert set(made.id) == {"Okonkwo", "Zwilling"}
    return made


@pytest.fixture
def people(two: Two, as_role: AsRole) -> People:
    """A factory; the council in the north is accredited and open."""
    return People(as_role=as_role)


@pytest.fixture
def first(people: People, actor: Callable[..., Actor]) -> Actor:
    """A data steward of the north."""
    return actor(role="data_steward", sitting="first")


@pytest.fixture
def second(people: People, actor: Callable[..., Actor]) -> Actor:
    """Another one."""
    return actor(role="data_steward", sitting="second")


@pytest.fixture
def now() -> datetime:
    """Now."""
    return timezone.now()
