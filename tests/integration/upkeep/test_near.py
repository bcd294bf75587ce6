"""Two people say whether an open entry or a held row is a protected child's (R 3.19; T11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from childindex.access.types import Actor
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding.types import Evidence, Ground, NearKind, Said
from childindex.supply.types import BatchReport
from childindex.supply.usecases.settle import release_row
from childindex.upkeep.usecases import near
from childindex.upkeep.usecases.protect import protect_child
from tests.abuse.t11.cast import PEOPLE
from tests.database import AsRole, TestDatabase, filled
from tests.factories.index import AT, DAY, SOUTH, a_record, an_involvement, deliver, rows, set_up_register, worker
from tests.factories.people import People
from tests.integration.lookup.conftest import actor, ledger

__all__ = ["actor", "ledger"]

pytestmark = [pytest.mark.process("worker"), pytest.mark.abuse("T11")]
LATER = DAY + timedelta(days=5)
AMARA, AMIRA = PEOPLE[0], PEOPLE[1]


def put_in(as_role: AsRole) -> None:
    """Twins, one of whom is shielded, and a row that may be hers."""
    with as_role("owner"):
        set_up_register()
    with as_role("worker"):
        deliver(
            a_record("gp", "1", identity=AMARA),
            a_record("gp", "2", identity=AMIRA, involvements=(an_involvement(),)),
        )
        ((number,),) = rows("SELECT index_number FROM children_child WHERE given_name = 'Amara'")
        protect_child(actor=worker(), index_number=str(number), tier=Tier.SHIELDED, ground=Ground.ADOPTED, at=AT)
        deliver(
            a_record(
                "school", "9", identity=replace(AMIRA, given_name="Amirah"), involvements=(an_involvement("school"),)
            )
        )
    People(as_role=as_role).organisation()


template = filled(put_in, scope="module")


@pytest.fixture
def people(database: TestDatabase, as_role: AsRole) -> People:
    """A factory; the council is accredited and open."""
    return People(as_role=as_role)


@pytest.fixture
def first(actor: Callable[..., Actor]) -> Actor:
    """A data steward of the child's authority."""
    return actor(role="data_steward", sitting="first")


@pytest.fixture
def second(actor: Callable[..., Actor]) -> Actor:
    """Another one."""
    return actor(role="data_steward", sitting="second")


@pytest.fixture
def at() -> datetime:
    """Now."""
    return timezone.now()


def pair(kind: NearKind, who: Actor, at: datetime) -> dict[str, UUID]:
    """The pair of a kind that waits."""
    (line,) = (one for one in near.near_list(actor=who, at=at).lines if one.kind is kind)
    return {"child": line.child, "about": line.about}


def judge(which: dict[str, UUID], said: Said, first: Actor, second: Actor, at: datetime) -> None:
    """Two people say the same."""
    near.answer_near(actor=first, **which, said=said, evidence=Evidence.FAMILY, at=at)
    assert near.confirm_near(actor=second, **which, agree=True, at=at).done


def test_what_waits_shows_four_fields_of_either_side(
    first: Actor, at: datetime, ledger: Callable[[], list[Any]]
) -> None:
    """Name, birth date, sex and index number; the ledger has whom it showed (R 3.03)."""
    lines = near.near_list(actor=first, at=at).lines
    assert {(one.kind, one.protected.name, one.other.name) for one in lines} == {
        (NearKind.ENTRY, "Amara Okonkwo", "Amira Okonkwo"),
        (NearKind.ROW, "Amara Okonkwo", "Amirah Okonkwo"),
    }
    assert {bool(one.other.index_number) for one in lines if one.kind is NearKind.ROW} == {False}
    assert ledger()[-1]["event"] == "protection:near:listed"
    assert len(ledger()[-1]["children"]) == 2


def test_another_authority_and_other_roles_are_told_nothing(
    first: Actor, actor: Callable[..., Actor], at: datetime
) -> None:
    """Alike for what is not theirs and for what is not there."""
    elsewhere = replace(first, authority=SOUTH)
    assert near.near_list(actor=elsewhere, at=at).lines == ()
    which = pair(NearKind.ENTRY, first, at)
    with pytest.raises(Denied) as denied:
        near.answer_near(actor=elsewhere, **which, said=Said.DIFFERENT, evidence=Evidence.FAMILY, at=at)
    assert denied.value.refusal is Refusal.NOT_FOUND
    with pytest.raises(Denied) as denied:
        near.near_list(actor=actor(role="social_worker", sitting="third"), at=at)
    assert denied.value.refusal is Refusal.NOT_PERMITTED


def test_one_persons_word_does_nothing_and_is_not_confirmed_by_the_same(
    first: Actor, second: Actor, at: datetime
) -> None:
    """Nor can the row be released, nor answered twice; the database refuses the first person too."""
    which = pair(NearKind.ROW, first, at)
    near.answer_near(actor=first, **which, said=Said.DIFFERENT, evidence=Evidence.FAMILY, at=at)
    for who in (first, second):
        with pytest.raises(Denied):
            near.answer_near(actor=who, **which, said=Said.SAME, evidence=Evidence.FAMILY, at=at)
    with pytest.raises(Denied):
        near.confirm_near(actor=first, **which, agree=True, at=at)
    with pytest.raises(Denied):
        release_row(actor=worker(), row_id=which["about"], at=at)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE guard.near_answer SET confirmed_by = answered_by, confirmed_at = answered_at")
    assert not near.confirm_near(actor=second, **which, agree=False, at=at).done
    assert rows("SELECT count(*) FROM guard.near_answer") == [(0,)]


def test_a_row_that_is_somebody_elses_is_placed_and_stays_so(first: Actor, second: Actor, at: datetime) -> None:
    """It goes to the child's twin, whose it is; sent again it changes nothing, and another name is held anew."""
    which = pair(NearKind.ROW, first, at)
    judge(which, Said.DIFFERENT, first, second, at)
    assert rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'childindex.release_row'") == [(1,)]
    report = release_row(actor=worker(), row_id=which["about"], at=at)
    assert (report.linked, report.new, report.for_review) in {(1, 0, 0), (0, 1, 0), (0, 0, 1)}
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(0,)]
    with pytest.raises(Denied):
        release_row(actor=worker(), row_id=which["about"], at=at)
    again = replace(AMIRA, given_name="Amarah")
    deliver(a_record("school", "9", identity=again, updated_on=LATER))
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]
    assert len([one for one in near.near_list(actor=first, at=at).lines if one.kind is NearKind.ROW]) == 1


def test_a_row_that_is_the_childs_becomes_one_of_their_records(first: Actor, second: Actor, at: datetime) -> None:
    """What it says of the child is known from then on."""
    judge(pair(NearKind.ROW, first, at), Said.SAME, first, second, at)
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NOT NULL") == [(2,)]
    later = a_record("school", "9", identity=AMIRA, updated_on=LATER, involvements=(an_involvement("school"),))
    assert deliver(later) == BatchReport(updated=1)
    assert rows("SELECT count(*) FROM children_sourcerecord WHERE feed = 'school'") == [(0,)]


def test_an_entry_that_is_the_childs_goes_behind_the_same_protection(first: Actor, second: Actor, at: datetime) -> None:
    """Whole, at once, with everybody who works with it."""
    judge(pair(NearKind.ENTRY, first, at), Said.SAME, first, second, at)
    assert rows("SELECT DISTINCT tier, ground FROM guard.protected_child") == [("shielded", "adopted")]
    assert rows("SELECT count(*) FROM children_sourcerecord") == [(0,)]
    assert rows("SELECT count(*) FROM involvement_involvement") == [(0,)]


def test_an_entry_that_is_not_is_asked_about_again_when_there_is_something_new(
    first: Actor, second: Actor, at: datetime
) -> None:
    """Judged, it waits no more; when the child's supplier says the twin's name, it does."""
    which = pair(NearKind.ENTRY, first, at)
    judge(which, Said.DIFFERENT, first, second, at)
    assert {one.kind for one in near.near_list(actor=first, at=at).lines} == {NearKind.ROW}
    with pytest.raises(Exception, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM guard.near_answer")
    deliver(a_record("gp", "1", identity=AMIRA, updated_on=LATER))
    assert NearKind.ENTRY in {one.kind for one in near.near_list(actor=first, at=at).lines}
