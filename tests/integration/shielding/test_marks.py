"""A supplier's confidential mark shields its child at once, whatever else is true of the row (R 3.13, 3.19, 3.23; T11)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Tier
from childindex.shielding.types import Ground
from childindex.supply.types import BatchReport
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import (
    AT,
    DAY,
    a_child,
    a_record,
    an_involvement,
    deliver,
    leave_out,
    rows,
    set_up_register,
    worker,
)

pytestmark = pytest.mark.process("worker")
AMARA = a_child(nhs_number="9990000018")
TWINS = a_child(), a_child(given_name="Amira")
LATER = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def index(database: object, as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    """An index with a register and no child."""
    with as_role("owner"):
        set_up_register()


def tiers() -> dict[str, str]:
    """The tier of each child by given name."""
    return dict(rows("SELECT given_name, tier FROM children_child"))


def protect(given_name: str) -> None:
    """Shield the child of a given name."""
    ((number,),) = rows("SELECT index_number FROM children_child WHERE given_name = %s", given_name)
    protect_child(actor=worker(), index_number=str(number), tier=Tier.SHIELDED, ground=Ground.ADOPTED, at=AT)


def twins() -> None:
    """Two open children who differ in the given name alone."""
    deliver(a_record("gp", "1", identity=TWINS[0]), a_record("gp", "2", identity=TWINS[1]))
    assert tiers() == {"Amara": "open", "Amira": "open"}


def test_a_mark_shields_although_the_row_comes_near_another_protected_child() -> None:
    """The twin of a shielded child is marked: she is shielded too, and her supplier is told of an update."""
    twins()
    protect("Amara")
    marked = a_record("gp", "2", identity=TWINS[1], confidential=True, updated_on=LATER)
    assert deliver(marked) == BatchReport(updated=1)
    assert tiers() == {"Amara": "shielded", "Amira": "shielded"}
    assert rows("SELECT count(*) FROM children_sourcerecord") == [(0,)]
    assert deliver(marked) == BatchReport(unchanged=1)


def test_a_mark_shields_although_an_earlier_version_of_the_row_is_held() -> None:
    """A row that came near a protected child is in the guard while its record is still open; then it is marked."""
    twins()
    protect("Amara")
    closer = replace(TWINS[1], given_name="Amara", nhs_number="9990000018")
    deliver(a_record("gp", "2", identity=closer, updated_on=LATER))
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]
    deliver(a_record("gp", "2", identity=closer, updated_on=LATER, confidential=True))
    assert tiers() == {"Amara": "shielded", "Amira": "shielded"}


def test_twins_marked_in_one_batch_are_both_shielded() -> None:
    """Neither mark hides the other."""
    twins()
    marked = [a_record("gp", str(n), identity=who, confidential=True) for n, who in enumerate(TWINS, start=1)]
    assert deliver(*marked) == BatchReport(updated=2)
    assert tiers() == {"Amara": "shielded", "Amira": "shielded"}


@pytest.mark.parametrize("marked_first", [True, False])
def test_a_duplicate_in_the_batch_of_a_marked_row_is_not_opened(marked_first: bool) -> None:
    """Both are reported as new; one child is shielded and the other row is held near it."""
    marked = a_record("gp", "c1", identity=AMARA, confidential=True)
    double = a_record("gp", "c2", identity=replace(AMARA, address="", carers=()), involvements=(an_involvement(),))
    assert deliver(*((marked, double) if marked_first else (double, marked))) == BatchReport(new=2, started=1)
    assert tiers() == {"Amara": "shielded"}
    assert rows("SELECT count(*) FROM children_sourcerecord") == [(0,)]
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]


def test_a_row_of_the_batch_that_becomes_like_a_marked_one_is_held() -> None:
    """A known child's new values are those of a child marked further down the file."""
    jan = a_child(family_name="Nowak", given_name="Jan", birth_date=PartialDate.parse("2012-07-09"), postcode="")
    deliver(a_record("gp", "1", identity=AMARA), a_record("gp", "2", identity=jan))
    report = deliver(
        a_record("gp", "2", identity=replace(AMARA, carers=()), updated_on=LATER),
        a_record("gp", "1", identity=AMARA, confidential=True),
    )
    assert report == BatchReport(updated=2)
    assert tiers() == {"Amara": "shielded", "Jan": "open"}


def test_a_new_name_that_comes_with_the_mark_is_guarded_in_the_same_batch() -> None:
    """The marked row changes the name; a stranger of the new name is held."""
    deliver(a_record("gp", "1", identity=AMARA))
    renamed = replace(AMARA, family_name="Hughes", nhs_number="9990000042")
    deliver(
        a_record("gp", "2", identity=replace(renamed, carers=())),
        a_record("gp", "1", identity=renamed, confidential=True, updated_on=LATER),
    )
    assert tiers() == {"Amara": "shielded"}


@pytest.mark.parametrize(
    ("facts", "report"),
    [
        ({"updated_on": DAY - timedelta(days=9)}, BatchReport(unchanged=1)),
        ({"removed": True}, BatchReport(removed=1, ended=1)),
    ],
)
def test_an_older_mark_and_a_mark_on_a_removed_row_shield(facts: dict[str, Any], report: BatchReport) -> None:
    """Its values are ignored or gone; the mark holds."""
    record = a_record("gp", "1", identity=AMARA, involvements=(an_involvement(),))
    deliver(record)
    assert deliver(replace(record, confidential=True, **facts), kind="delta") == report
    assert tiers() == {"Amara": "shielded"}
    assert rows("SELECT count(*) FROM involvement_involvement") == [(0,)]


def test_an_older_mark_takes_a_waiting_row_out_of_the_worklist() -> None:
    """Newer content without the mark waits where stewards see it."""
    deliver(a_record("school", "1", identity=a_child(nhs_number="")))
    unsure = a_child(given_name="", address="40 Station Road, Northby", carers=())
    assert deliver(a_record("care", "u", identity=unsure)).for_review == 1
    deliver(a_record("care", "u", identity=unsure, confidential=True, updated_on=DAY - timedelta(days=9)))
    assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]


def test_a_mark_is_in_the_ledger_with_its_child(as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    """By the child's opaque id and a count; the supplier's report says nothing of it."""
    deliver(a_record("gp", "1", identity=AMARA), a_record("gp", "2", identity=a_child(family_name="Zhang")))
    ((child,),) = rows("SELECT id FROM children_child WHERE family_name = 'Okonkwo'")
    deliver(a_record("gp", "1", identity=AMARA, confidential=True))
    with as_role("audit"):
        kept = rows("SELECT children, detail->>'shielded' FROM audit_ledgerentry WHERE children <> '{}'")
    assert kept == [([child], "1")]


def test_an_open_entry_near_a_marked_child_is_kept_for_somebody_to_look_at(
    as_role: Callable[[str], AbstractContextManager[None]],
) -> None:
    """Perhaps a second entry of the child: named in the guard by opaque ids, counted in the ledger, not told to the supplier."""
    twins()
    assert deliver(a_record("gp", "1", identity=TWINS[0], confidential=True)) == BatchReport(updated=1)
    near = rows("SELECT id FROM children_child WHERE given_name = 'Amira'")
    assert rows("SELECT open_id FROM guard.near_entry") == near
    with as_role("audit"):
        assert rows("SELECT detail->>'near' FROM audit_ledgerentry WHERE children <> '{}'") == [("1",)]


def test_withdrawing_a_marked_child_opens_nothing() -> None:
    """The row leaves its supplier's file; the same child comes again from another."""
    deliver(a_record("gp", "1", identity=AMARA, confidential=True))
    leave_out("gp", ["1"], as_at=DAY)
    assert deliver(a_record("care", "1", identity=AMARA)) == BatchReport(new=1)
    assert tiers() == {"Amara": "shielded"}


def test_an_open_twin_beside_a_protected_child_goes_on() -> None:
    """As near as before is not new: a changed telephone and address are taken; a name that comes nearer is held."""
    twins()
    protect("Amara")
    twin = a_record(
        "gp",
        "2",
        identity=replace(TWINS[1], address="14 Mill Lane, Northby"),
        involvements=(an_involvement(phone="0161 496 0999"),),
        updated_on=LATER,
    )
    assert deliver(twin) == BatchReport(updated=1, started=1)
    assert rows("SELECT phone FROM involvement_involvement") == [("0161 496 0999",)]
    assert rows("SELECT address FROM children_sourcerecord") == [("14 Mill Lane, Northby",)]
    nearer = replace(twin, identity=TWINS[0], updated_on=LATER + timedelta(days=1))
    assert deliver(nearer) == BatchReport(updated=1)
    assert rows("SELECT given_name FROM children_sourcerecord") == [("Amira",)]
