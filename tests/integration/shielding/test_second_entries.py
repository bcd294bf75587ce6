"""Second entries of protected children: each way one came into the open while any steps were tried in any order (T11; R 3.19, 3.20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, Tier
from childindex.matching import nearness
from childindex.shielding.types import Ground
from childindex.supply.types import BatchReport
from childindex.upkeep.joins import State
from childindex.upkeep.usecases import joining
from childindex.upkeep.usecases.protect import protect_child
from tests.abuse.t11.cast import PEOPLE, number, written
from tests.database import AsRole, TestDatabase
from tests.factories.index import AT, DAY, NORTH, a_record, deliver, rows, set_up_register, worker

pytestmark = [pytest.mark.process("worker"), pytest.mark.abuse("T11")]
LATER = DAY + timedelta(days=5)
AMARA = written(0, "numbered")
ADOPTED = written(0, "adopted")
STRANGER = written(7)


@pytest.fixture(autouse=True)
def index(database: TestDatabase, as_role: AsRole) -> None:
    """An index with a register and no child."""
    with as_role("owner"):
        set_up_register()


def entries() -> dict[str, UUID]:
    """Open children by the name shown."""
    return dict(rows("SELECT given_name || ' ' || family_name, id FROM children_child WHERE tier = 'open'"))


def protect(name: str, tier: Tier = Tier.SHIELDED) -> UUID:
    """Protect the child of a name."""
    given, family = name.split()
    ((child, index_number),) = rows(
        "SELECT id, index_number FROM children_child WHERE given_name = %s AND family_name = %s", given, family
    )
    protect_child(actor=worker(), index_number=str(index_number), tier=tier, ground=Ground.ADOPTED, at=AT)
    return UUID(str(child))


def near() -> set[tuple[UUID, UUID]]:
    """The pairs of a protected child and an open entry that wait for two people."""
    return {(row[0], row[1]) for row in rows("SELECT child_id, open_id FROM guard.near_entry")}


def held() -> int:
    """How many rows are held near protected children."""
    return int(rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL")[0][0])


def test_whoever_comes_near_when_a_child_is_protected_is_kept_for_two_people() -> None:
    """By an operator as by a supplier's mark."""
    deliver(a_record("gp", "1", identity=PEOPLE[0]), a_record("gp", "2", identity=PEOPLE[1]))
    child = protect("Amara Okonkwo")
    assert near() == {(child, entries()["Amira Okonkwo"])}


def test_who_shares_one_fact_is_not_passed_over_for_a_twin_who_shares_a_dozen() -> None:
    """A second entry under the adopted name, found by the NHS number alone."""
    adopted = replace(ADOPTED, nhs_number=number(0), given_name="Zoe", birth_date=PartialDate(2009, 1, 2))
    deliver(*(a_record("gp", str(n), identity=who) for n, who in enumerate([AMARA, PEOPLE[1], adopted])))
    child = protect("Amara Okonkwo")
    assert near() == {(child, entries()["Amira Okonkwo"]), (child, entries()["Zoe Hughes"])}


@pytest.mark.parametrize("tier", [Tier.SHIELDED, Tier.SEALED])
def test_a_protected_child_who_is_renamed_is_known_by_the_old_name_too(tier: Tier) -> None:
    """The only supplier goes over to the new identity; another still sends the birth name."""
    deliver(a_record("gp", "1", identity=AMARA))
    protect("Amara Okonkwo", tier)
    renamed = a_record("gp", "1", identity=written(0, "new_identity"), updated_on=LATER)
    assert deliver(renamed) == BatchReport(updated=1)
    assert deliver(a_record("school", "9", identity=AMARA)).new == 1
    assert (entries(), held()) == ({}, 1)


def test_a_newer_version_that_was_held_does_not_take_the_old_name_away() -> None:
    """A record came near somebody and was held; then its own child is protected, under both names."""
    jan = written(6)
    deliver(a_record("gp", "1", identity=AMARA), a_record("gp", "2", identity=jan))
    protect("Amara Okonkwo")
    deliver(a_record("gp", "2", identity=AMARA, updated_on=LATER))
    assert held() == 1
    protect("Mohammed Hussain")
    deliver(a_record("school", "9", identity=jan))
    assert entries() == {}


def test_a_name_that_comes_late_is_a_name_all_the_same() -> None:
    """An older version of a record of a protected child changes nothing, and is known from then on."""
    deliver(a_record("gp", "1", identity=ADOPTED, updated_on=LATER))
    protect("Amara Hughes", Tier.SEALED)
    assert deliver(a_record("gp", "1", identity=AMARA)) == BatchReport(unchanged=1)
    deliver(a_record("school", "9", identity=AMARA))
    assert (entries(), held()) == ({}, 1)


def test_what_the_guard_learns_is_looked_for_among_open_entries() -> None:
    """An entry that was near nobody is near once the supplier says the child's new name."""
    deliver(a_record("gp", "1", identity=PEOPLE[0]), a_record("gp", "2", identity=STRANGER))
    child = protect("Amara Okonkwo")
    assert near() == set()
    deliver(a_record("gp", "1", identity=replace(STRANGER, given_name="Anna"), updated_on=LATER))
    assert near() == {(child, entries()["Ana Silva-Costa"])}


def test_what_the_guard_learns_takes_waiting_records_out_of_the_worklist() -> None:
    """So does a record that waits for a steward."""
    unsure = replace(STRANGER, given_name="Baby")
    deliver(a_record("gp", "1", identity=PEOPLE[0]), a_record("gp", "2", identity=STRANGER))
    protect("Amara Okonkwo")
    assert deliver(a_record("school", "3", identity=unsure)).for_review == 1
    deliver(a_record("gp", "1", identity=replace(STRANGER, given_name="Anna"), updated_on=LATER))
    assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
    assert held() == 1


def test_in_a_small_index_who_shares_no_search_key_is_compared() -> None:
    """One twentieth of a chance of being the child, and not one key of a nation's in common, either way about."""
    tola = replace(PEOPLE[3], birth_date=PartialDate(2012))
    adopted = written(3, "adopted")
    deliver(a_record("gp", "1", identity=tola))
    deliver(a_record("gp", "2", identity=adopted))
    child = protect("Tola Okonkwo")
    assert near() == {(child, entries()["Tola Hughes"])}
    assert deliver(a_record("gp", "3", identity=adopted)).new == 1
    assert (len(entries()), held()) == (1, 1)


def test_two_entries_that_come_near_only_together_are_not_merged(as_role: AsRole) -> None:
    """A name of one and a home of the other: two stewards' merge is given up as if one of them had gone."""
    deliver(a_record("gp", "1", identity=written(6, "adopted")))
    protect("Mohammed Lowe")
    one, other = written(6, "year_only"), replace(PEOPLE[8], given_name="Otto", sex=PEOPLE[6].sex)
    deliver(a_record("gp", "2", identity=one), a_record("gp", "3", identity=other))
    assert set(entries()) == {"Mohammed Hussain", "Otto Zhang"}
    assert carried_out(as_role, entries()["Mohammed Hussain"], entries()["Otto Zhang"]) is State.DROPPED
    assert set(entries()) == {"Mohammed Hussain", "Otto Zhang"}


def carried_out(as_role: AsRole, kept: UUID, merged: UUID) -> State | object:
    """What the worker does about a merge that two stewards have agreed on."""
    merge = uuid4()
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO upkeep_merge (id, kept_id, merged_id, authority, other_authority, ground, state, proposed_by, proposed_at,"
            " confirmed_by, confirmed_at) VALUES (%s, %s, %s, %s, %s, 'as_shown', 'confirmed', %s, %s, %s, %s)",
            [merge, kept, merged, NORTH, NORTH, uuid4(), AT, uuid4(), AT],
        )
    return joining.carry_out_merge(actor=worker(), merge_id=merge, at=AT).state


def test_the_question_goes_on_with_the_entry_that_stays(as_role: AsRole) -> None:
    """Whoever was near the merged entry is asked about the kept one."""
    deliver(a_record("gp", "1", identity=PEOPLE[0]), a_record("gp", "2", identity=PEOPLE[1]))
    deliver(a_record("births", "3", identity=written(5)))
    child = protect("Amara Okonkwo")
    kept, merged = entries()["Deniz Kaya"], entries()["Amira Okonkwo"]
    assert carried_out(as_role, kept, merged) is State.DONE
    assert (child, kept) in near()


def test_near_is_the_same_whichever_is_compared_with_which() -> None:
    """An open entry of two records near by one, and a protected child of two near by one."""
    identities: list[Identity] = [PEOPLE[0], ADOPTED]
    deliver(a_record("gp", "1", identity=PEOPLE[0]))
    child = protect("Amara Okonkwo")
    deliver(a_record("gp", "1", identity=ADOPTED, updated_on=LATER))
    with transaction.atomic():
        for who in identities:
            assert nearness.near_entry([who]) == {child}
        assert nearness.near_entry([written(5), replace(ADOPTED, nhs_number="")]) == {child}
