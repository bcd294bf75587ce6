"""One batch of a delivery, applied: new, linked, changed, unchanged, asked about, withdrawn; and who may."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, Sex
from childindex.kernel.refusals import Denied
from childindex.supply.types import BatchReport
from childindex.supply.usecases.apply import apply_batch
from tests.database import type_connection
from tests.factories.index import (
    AT,
    DAY,
    NORTH,
    SOUTH,
    a_child,
    a_delivery,
    a_record,
    an_involvement,
    deliver,
    leave_out,
    rows,
    set_up_register,
    worker,
)

LATER = date(2026, 11, 15)
pytestmark = pytest.mark.process("worker")


@pytest.fixture(autouse=True)
def index(database: object, as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    """An index with a register and no child."""
    with as_role("owner"):
        set_up_register()


def children() -> list[tuple[Any, ...]]:
    """Who is in the index."""
    return rows("SELECT family_name, given_name, birth_date, responsible_authority FROM children_child ORDER BY 1, 2")


def test_a_child_nobody_knew_is_entered_and_found_by_keys() -> None:
    """One entry, one authority from the residence, one record, search keys, one judgement and one ledger entry."""
    report = deliver(a_record(involvements=(an_involvement(),)))
    assert report == BatchReport(new=1, started=1)
    assert children() == [("Okonkwo", "Amara", "2015-03-14", NORTH)]
    assert rows("SELECT verdict FROM matching_judgement") == [("new",)]
    assert rows("SELECT count(*) > 8 FROM children_searchkey") == [(True,)]


def test_another_suppliers_record_of_the_same_child_is_linked() -> None:
    """Spelt another way, with a former name: one child, two records, the better source's spelling shown."""
    deliver(a_record("gp"))
    report = deliver(a_record("school", identity=a_child(given_name="Amarah", upn="", postcode="BS1 4DJ")))
    assert (report.linked, report.new) == (1, 0)
    # School is believed before the practice for names; the practice before the school for the address.
    assert children() == [("Okonkwo", "Amarah", "2015-03-14", NORTH)]


def test_a_twin_is_a_child_of_her_own() -> None:
    """Same date of birth, address, carers and family name; another given name."""
    deliver(a_record("gp"))
    report = deliver(a_record("school", identity=a_child(given_name="Ngozi")))
    assert (report.linked, report.new + report.for_review) == (0, 1)


def test_the_same_content_again_changes_nothing_but_its_day() -> None:
    """The second delivery only says that it is still so."""
    record = a_record(involvements=(an_involvement(),))
    deliver(record)
    before = children()
    assert deliver(record, as_at=LATER) == BatchReport(unchanged=1)
    assert children() == before
    assert rows("SELECT as_of FROM involvement_involvement") == [(LATER,)]


def test_newer_values_replace_older_ones_and_never_the_other_way_about() -> None:
    """The keys follow: the old name no longer finds the child, unless another source gives it."""
    deliver(a_record(identity=a_child(family_name="Smith")))
    newer = a_record(identity=a_child(family_name="Adeyemi"), updated_on=LATER)
    assert deliver(newer, as_at=LATER).updated == 1
    keys = rows("SELECT key FROM children_searchkey ORDER BY 1")
    older = a_record(identity=a_child(family_name="Jones"), updated_on=date(2026, 10, 1))
    assert deliver(older, as_at=LATER).unchanged == 1
    assert [name for name, *_ in children()] == ["Adeyemi"]
    assert rows("SELECT key FROM children_searchkey ORDER BY 1") == keys


def test_the_school_says_whose_child_a_boarder_is() -> None:
    """No English home: the authority of the school (R 1.02)."""
    boarder = a_record("school", identity=a_child(postcode="", address=""), involvements=(an_involvement("school"),))
    deliver(boarder)
    assert children()[0][3] == SOUTH


def test_what_a_whole_record_no_longer_names_has_ended() -> None:
    """A snapshot ends it, a delta does not, and neither does a record of which a row was rejected."""
    both = (an_involvement("social_work"), an_involvement("social_work", involvement_id="second"))
    deliver(a_record("care", involvements=both))
    fewer = a_record("care", involvements=both[:1], updated_on=LATER)
    assert deliver(fewer, as_at=LATER, kind="delta").ended == 0
    incomplete = a_record("care", involvements=both[:1], updated_on=date(2026, 11, 16), complete=False)
    assert deliver(incomplete, as_at=LATER).ended == 0
    assert deliver(a_record("care", involvements=both[:1], updated_on=date(2026, 11, 17)), as_at=LATER).ended == 1
    assert rows("SELECT reference FROM involvement_involvement WHERE ended_on IS NOT NULL") == [("second",)]


def test_a_record_left_out_of_a_snapshot_ends_and_stays_as_last_known() -> None:
    """The child stays, the involvement has ended; given again, it goes on."""
    record = a_record(involvements=(an_involvement(),))
    deliver(record)
    assert leave_out("gp", ["1"], as_at=LATER) == BatchReport(removed=1, ended=1)
    assert len(children()) == 1
    assert rows("SELECT removed_on FROM children_sourcerecord") == [(LATER,)]
    assert deliver(record, as_at=date(2026, 11, 20)) == BatchReport(updated=1, started=1)
    assert rows("SELECT removed_on FROM children_sourcerecord") == [(None,)]


def test_a_record_that_may_be_one_of_two_waits_for_a_person() -> None:
    """It is in no search and on no page; its second coming changes nothing; changed, it is decided afresh."""
    deliver(a_record("gp", "1"))
    unsure = a_record("school", identity=a_child(given_name="", sex=Sex.UNKNOWN, address="40 Station Road, Northby"))
    assert deliver(unsure).for_review == 1
    assert rows("SELECT count(*) FROM children_sourcerecord") == [(1,)]
    assert rows("SELECT authority FROM matching_review WHERE decided_at IS NULL") == [(NORTH,)]
    assert deliver(unsure, as_at=LATER) == BatchReport(unchanged=1)
    assert deliver(a_record("school", updated_on=LATER), as_at=LATER).linked == 1
    assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
    assert rows("SELECT count(*) FROM matching_review WHERE decided_at IS NULL") == [(0,)]


def test_two_rows_of_one_feed_never_share_a_child() -> None:
    """A supplier that gives the same child under two ids gets two, or a person decides: never a silent join."""
    deliver(a_record("gp", "1"))
    report = deliver(a_record("gp", "2"))
    assert report.linked == 0
    assert rows("SELECT count(*) FROM children_sourcerecord GROUP BY child_id") == [(1,)] * (1 + report.new)


def test_the_lead_who_started_last_leads_and_the_prior_one_is_kept() -> None:
    """At most one current lead for a child (R 1.19)."""
    first = an_involvement("social_work", lead_professional=True, started_on=date(2024, 1, 1))
    deliver(a_record("care", involvements=(first,)))
    deliver(
        a_record(
            "school", involvements=(an_involvement("school", lead_professional=True, started_on=date(2025, 1, 1)),)
        )
    )
    claims = "SELECT source, lead_professional FROM involvement_involvement WHERE claims_lead ORDER BY started_on"
    assert rows(claims) == [("care", False), ("school", True)]
    ended = an_involvement("school", lead_professional=True, started_on=date(2025, 1, 1), ended_on=DAY)
    deliver(a_record("school", involvements=(ended,), updated_on=LATER), as_at=LATER)
    assert rows(claims) == [("care", True), ("school", False)]


def test_a_sensitive_involvement_stands_on_a_decision() -> None:
    """Kept with who decided; delivered again it is the same decision."""
    record = a_record("clinic", involvements=(an_involvement("counselling"),))
    deliver(record)
    deliver(a_record("clinic", involvements=(an_involvement("counselling"),), updated_on=LATER), as_at=LATER)
    assert rows("SELECT basis, decided_by FROM consent_decision") == [("child", "Amara Okonkwo")]
    assert rows("SELECT sensitive, consent_id IS NOT NULL FROM involvement_involvement") == [(True, True)]
    undecided = an_involvement("counselling", consent=None)
    assert deliver(a_record("clinic", "2", identity=a_child(given_name="Ben"), involvements=(undecided,))).started == 0


def test_a_batch_is_one_entry_with_counts_and_no_child(connect: Callable[[str], type_connection]) -> None:
    """Bulk work writes counts; whose records they were is in the judgements."""
    deliver(
        a_record("gp", "1"),
        a_record("gp", "2", identity=a_child(given_name="Zed", birth_date=PartialDate.parse("2011-01-02"))),
    )
    (entry,) = connect("audit").execute("SELECT outcome, children, detail FROM audit_ledgerentry").fetchall()
    assert entry[:2] == ("done", [])
    assert entry[2]["new"] == 2
    assert not any("Okonkwo" in str(value) for value in entry[2].values())


def test_a_batch_that_fails_changes_nothing() -> None:
    """A feed that is not on the register: refused, rolled back, and the delivery stays where it was."""
    delivery = a_delivery("gp")
    with pytest.raises(Denied):
        apply_batch(actor=worker(), delivery_id=delivery, records=[a_record()], as_at=LATER, row=1, at=AT)
    assert children() == []
    assert rows("SELECT state, row FROM supply_delivery") == [("checked", 0)]


@pytest.mark.process("web")
def test_a_process_that_serves_pages_applies_nothing(as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    """The same actor and the same batch, refused."""
    with as_role("owner"):
        delivery = a_delivery("gp")
    with pytest.raises(Denied):
        apply_batch(actor=worker(), delivery_id=delivery, records=[a_record()], as_at=DAY, row=1, at=AT)


def moved() -> Identity:
    """The child at another address."""
    return a_child(address="3 Park Road, Southby", postcode="BS1 4DJ")


@pytest.mark.parametrize("shielded", [False, True])
def test_a_delta_for_an_earlier_day_without_dates_overwrites_nothing(shielded: bool) -> None:
    """Its rows count as unchanged, in the guard as in the open; one for a later day is taken."""
    deliver(a_record(updated_on=None, confidential=shielded, involvements=(an_involvement(),)), as_at=LATER)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE supply_delivery SET state = 'applied', closed_at = received_at")
    late = a_record(updated_on=None, identity=moved())
    assert deliver(late, as_at=DAY, kind="delta") == BatchReport(unchanged=1)
    assert deliver(replace(late, removed=True), as_at=DAY, kind="delta") == BatchReport(unchanged=1)
    assert deliver(late, as_at=LATER, kind="delta") == BatchReport(updated=1)


@pytest.mark.parametrize("shielded", [False, True])
def test_an_older_removal_ends_nothing(shielded: bool) -> None:
    """The record is still its feed's, so that a later snapshot that leaves it out ends it."""
    record = a_record(confidential=shielded, involvements=(an_involvement(),))
    deliver(record)
    older = replace(record, removed=True, updated_on=date(2026, 10, 1), involvements=())
    assert deliver(older, kind="delta") == BatchReport(unchanged=1)
    assert rows("SELECT record_id FROM supply_heldrecord") == [("1",)]
    assert rows("SELECT count(*) FROM children_sourcerecord WHERE removed_on IS NOT NULL") == [(0,)]
    assert leave_out("gp", ["1"], as_at=LATER) == BatchReport(removed=1, ended=1)


def test_an_older_row_does_not_speak_for_the_delivery_s_day() -> None:
    """What it says was overtaken; only what is given again as it is kept is still so."""
    deliver(a_record(involvements=(an_involvement(),)))
    assert deliver(a_record(updated_on=date(2026, 1, 1)), as_at=LATER) == BatchReport(unchanged=1)
    assert rows("SELECT as_of, ended_on FROM involvement_involvement") == [(DAY, None)]
