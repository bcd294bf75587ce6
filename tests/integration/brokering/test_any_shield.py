"""Any entries at all, shielded and opened again in any order, come back exactly as they were; and what came meanwhile is not lost."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from childindex.brokering import models
from childindex.involvement import lifting
from childindex.involvement import services as involvement
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding.types import Ground, Protection
from tests.database import AsRole, TestDatabase, filled
from tests.factories.index import DAY, a_child, a_receipt, a_record, an_involvement, deliver, rows
from tests.factories.people import People
from tests.integration.upkeep.joining.state import everything
from tests.integration.upkeep.joining.test_any_entries import nobody, put_in

template = filled(nobody, scope="module")


def shield(child: UUID, *, at: datetime) -> None:
    """Put a shield on, and have two people agree that it goes."""
    protection = Protection(
        child=child,
        tier=Tier.SHIELDED,
        ground=Ground.SIGNIFICANT_HARM,
        provisional=True,
        decided_at=at,
        review_on=at.date() + timedelta(days=182),
    )
    with transaction.atomic():
        involvement.move_to_guard([protection], receipt=a_receipt())
    kept = models.Shield.objects.create(
        child_id=child,
        authority=b"0",
        ground="significant_harm",
        asked_at=at,
        state="provisional",
        review_on=at.date(),
    )
    models.ShieldDecision.objects.create(
        shield_id=kept.id,
        word="refuse",
        heard=[],
        state="agreed",
        proposed_by=uuid4(),
        proposed_at=at,
        second_by=uuid4(),
        second_at=at,
    )


def lift(child: UUID) -> None:
    """Take it off, as the worker does."""
    with transaction.atomic():
        lifting.open_again(child, receipt=a_receipt())
        models.Shield.objects.filter(child_id=child).delete()


@pytest.mark.parametrize("seed", [1, 2])
def test_any_shields_lifted_in_any_order_leave_every_table_as_it_was(
    seed: int, database: TestDatabase, as_role: AsRole, at: datetime
) -> None:
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    people = People(as_role=as_role)
    put_in(chance, [people.somebody().account_id, uuid4()], as_role)
    before = everything(as_role)
    with as_role("worker"):
        children = [child for (child,) in rows("SELECT id FROM children_child ORDER BY id")]
        for _ in range(2):
            chosen = chance.sample(children, 4)
            for child in chosen:
                shield(child, at=at)
            assert everything(as_role) != before
            for child in chance.sample(chosen, 4):
                lift(child)
            assert everything(as_role) == before


def test_what_a_supplier_says_meanwhile_is_there_afterwards(
    database: TestDatabase, as_role: AsRole, at: datetime
) -> None:
    """A new address is taken in; the new number of a service comes with its supplier's next row, even an equal one."""
    record = a_record("gp", "1", involvements=(an_involvement(),))
    moved = replace(
        record,
        identity=a_child(address="9 New Street, Northby"),
        involvements=(an_involvement(phone="0161 496 0099"),),
        updated_on=DAY + timedelta(days=2),
    )
    with as_role("worker"):
        deliver(record)
        [(child,)] = rows("SELECT id FROM children_child")
        shield(child, at=at)
        deliver(moved, as_at=DAY + timedelta(days=2))
        assert rows("SELECT * FROM children_sourcerecord") == []
        lift(child)
        assert rows("SELECT address FROM children_sourcerecord") == [("9 New Street, Northby",)]
        deliver(moved, as_at=DAY + timedelta(days=3))
        assert rows("SELECT phone FROM involvement_involvement") == [("0161 496 0099",)]


def test_what_came_near_waits_for_a_steward(database: TestDatabase, as_role: AsRole, at: datetime) -> None:
    """A row that was held beside the child goes to a person; one that its supplier marked keeps the shield on."""
    with as_role("worker"):
        deliver(a_record("gp", "1"))
        [(child,)] = rows("SELECT id FROM children_child")
        shield(child, at=at)
        deliver(a_record("school", "7"))
        assert rows("SELECT * FROM matching_heldrow") == []
        [(row,)] = rows("SELECT id FROM guard.guarded_row WHERE child_id IS NULL")
        lift(child)
        assert rows("SELECT record, candidates FROM matching_review") == [(row, [child])]
        assert rows("SELECT * FROM guard.guarded_row") == []


def test_a_marked_record_beside_a_child_keeps_the_shield_on(
    database: TestDatabase, as_role: AsRole, at: datetime
) -> None:
    with as_role("worker"):
        deliver(a_record("gp", "1"))
        [(child,)] = rows("SELECT id FROM children_child")
        shield(child, at=at)
        deliver(a_record("school", "7", confidential=True))
        before = everything(as_role)
        with pytest.raises(Denied) as denied:
            lift(child)
        assert denied.value.refusal is Refusal.NOT_ACCEPTED
        assert everything(as_role) == before
