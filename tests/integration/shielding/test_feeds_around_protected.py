"""The failure of 2009 case by case: a feed about a protected child must never make an open record (T11; R 3.19, 3.20).

Any steps in any order are in `tests/abuse/test_t11_shield_lost.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.children import selectors as children
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, Tier
from childindex.kernel.numbers import is_nhs_number
from childindex.kernel.refusals import Denied
from childindex.matching.engine.decide import near_protected
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import standardise
from childindex.matching.engine.scorer import Candidate, score
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
NUMBERS = [str(n) for n in range(9990000000, 9990000400) if is_nhs_number(str(n))]
PROTECTED = a_child(nhs_number=NUMBERS[0], former_family_name="Bello", given_name="Amara", known_as="Mara")


@pytest.fixture(autouse=True)
def index(database: object, as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    """An index with one child from two suppliers, and one who has nothing to do with them."""
    with as_role("owner"):
        set_up_register()
    deliver(
        a_record("gp", "p", identity=PROTECTED, involvements=(an_involvement(),)),
        a_record(
            "gp",
            "other",
            identity=a_child(family_name="Nowak", given_name="Jan", birth_date=PartialDate.parse("2012-07-09")),
        ),
    )
    deliver(a_record("school", "p", identity=PROTECTED, involvements=(an_involvement("school"),)))


def protect(tier: Tier, family_name: str = "Okonkwo") -> Any:
    """Protect the child of a family name."""
    ((number,),) = rows("SELECT index_number FROM children_child WHERE family_name = %s", family_name)
    return protect_child(actor=worker(), index_number=str(number), tier=tier, ground=Ground.ADOPTED, at=AT)


def violations(protected: Identity) -> list[str]:
    """Records anybody may see that come near the protected child, weighed as the index would."""
    model = load_model().for_population(children.about_how_many())
    held = children.held([row[0] for row in rows("SELECT id FROM children_child WHERE tier = 'open'")])
    open_ones = [Candidate(key=str(one.id), records=tuple(map(standardise, one.identities))) for one in held]
    return [str(match.key) for match in near_protected(model, score(model, standardise(protected), open_ones))]


def variants() -> list[Identity]:
    """What suppliers may send of the same child: spelling, dates, numbers, addresses, birth and adopted surname."""
    new_home: dict[str, Any] = {"address": "3 Park Road, Southby", "postcode": "BS1 4DJ", "carers": ()}
    one: list[dict[str, Any]] = [
        {},
        {"given_name": "Amarah"},
        {"given_name": "Mara"},
        {"given_name": "Okonkwo", "family_name": "Amara"},
        {"family_name": "Okonkwu"},
        {"family_name": "Bello"},
        {"birth_date": PartialDate.parse("2015-03-15")},
        {"birth_date": PartialDate.parse("2015-03")},
        {"nhs_number": ""},
    ]
    two = [{}, {"nhs_number": NUMBERS[1]}, new_home, {"nhs_number": "", "upn": ""}]
    made = [replace(PROTECTED, **{**first, **second}) for first, second in itertools.product(one, two)]
    return list(dict.fromkeys(made))


@pytest.mark.parametrize("tier", [Tier.SHIELDED, Tier.SEALED])
def test_no_variant_of_a_protected_child_becomes_an_open_record(tier: Tier) -> None:
    """Each variant as a stranger from another feed: reported as new, held in the guard, nothing open comes near the child."""
    protect(tier)
    open_before = rows("SELECT count(*) FROM children_sourcerecord")
    those = [
        a_record("care", f"v{n}", identity=who, involvements=(an_involvement("social_work"),))
        for n, who in enumerate(variants())
    ]
    report = deliver(*those)
    assert violations(PROTECTED) == []
    held = rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL")[0][0]
    opened = rows("SELECT count(*) FROM children_sourcerecord")[0][0] - open_before[0][0]
    assert report == BatchReport(new=len(those), started=len(those))
    assert held + opened == len(those)
    # Only what is too far from the child for the model's low threshold may be an entry of its own.
    assert held >= len(those) * 0.9


def test_the_report_is_the_one_a_stranger_would_get() -> None:
    """The same file where no child is protected and where one is: word for word the same counts, first, again and changed."""
    near = a_record(
        "care", "x", identity=replace(PROTECTED, given_name="Amarah"), involvements=(an_involvement("social_work"),)
    )
    stranger = a_record(
        "care",
        "y",
        identity=a_child(
            family_name="Zhang", given_name="Wei", birth_date=PartialDate.parse("2010-10-10"), postcode=""
        ),
    )
    stranger = replace(stranger, involvements=near.involvements)
    protect(Tier.SHIELDED)
    for change in ({}, {}, {"updated_on": DAY + timedelta(days=1)}, {"updated_on": DAY, "unborn": True}):
        assert deliver(replace(near, **change)) == deliver(replace(stranger, **change))
    fewer: dict[str, Any] = {"updated_on": DAY + timedelta(days=2), "involvements": ()}
    assert deliver(replace(near, **fewer)) == deliver(replace(stranger, **fewer)) == BatchReport(updated=1, ended=1)
    assert leave_out("care", ["x"], as_at=DAY) == leave_out("care", ["y"], as_at=DAY)


@pytest.mark.parametrize("tier", [Tier.SHIELDED, Tier.SEALED])
def test_known_rows_of_a_protected_child_stay_in_the_guard(tier: Tier) -> None:
    """The suppliers go on as before and are answered as before; nothing of it is open, changed name and number or not."""
    before = deliver(
        a_record(
            "gp",
            "other",
            identity=a_child(family_name="Nowak", given_name="Jan", birth_date=PartialDate.parse("2012-07-09")),
        )
    )
    protect(tier)
    same = deliver(a_record("gp", "p", identity=PROTECTED, involvements=(an_involvement(),)))
    assert same == before == BatchReport(unchanged=1)
    adopted = replace(PROTECTED, family_name="Hughes", former_family_name="", nhs_number=NUMBERS[2])
    later = a_record("gp", "p", identity=adopted, involvements=(an_involvement(),), updated_on=DAY + timedelta(days=3))
    assert deliver(later) == BatchReport(updated=1)
    assert deliver(later) == BatchReport(unchanged=1)
    older = replace(later, updated_on=DAY, identity=PROTECTED)
    assert deliver(older) == BatchReport(unchanged=1)
    assert rows("SELECT count(*) FROM children_sourcerecord WHERE record_id = 'p'") == [(0,)]
    # The adopted name is guarded from now on too.
    assert deliver(a_record("care", "h", identity=adopted)).new == 1
    assert rows("SELECT count(*) FROM children_sourcerecord WHERE feed = 'care'") == [(0,)]


def test_an_open_childs_row_that_comes_near_is_held() -> None:
    """A known record whose newer values are nearly the protected child's: the open entry keeps its old ones."""
    protect(Tier.SHIELDED)
    moved = a_record("gp", "other", identity=PROTECTED, updated_on=DAY + timedelta(days=1))
    assert deliver(moved) == BatchReport(updated=1)
    assert deliver(moved) == BatchReport(unchanged=1)
    assert rows("SELECT family_name FROM children_child WHERE tier = 'open'") == [("Nowak",)]
    assert violations(PROTECTED) == []


def test_a_shielded_child_keeps_four_fields_and_the_keys_of_three() -> None:
    """Nothing else is anywhere the web can read (R 3.03, 3.06)."""
    protect(Tier.SHIELDED)
    with audit.entry(Event.CHILD_VIEWED, actor=worker().ref, at=AT) as entry:
        ((child,),) = rows("SELECT id FROM children_child WHERE tier = 'shielded'")
        summary = children.summaries([child], receipt=entry.receipt)[child]
        assert (summary.given_name, summary.family_name, str(summary.birth_date)) == ("Amara", "Okonkwo", "2015-03-14")
        assert (summary.district, summary.responsible_authority) == ("", "")
        assert children.entry_of(child, receipt=entry.receipt) is None
    visible = standardise(
        Identity(
            family_name="Okonkwo", given_name="Amara", birth_date=PartialDate.parse("2015-03-14"), sex=PROTECTED.sex
        )
    )
    kept = {row[0] for row in rows("SELECT key FROM children_searchkey WHERE child_id = %s", child)}
    # Not one key of the former name, the known-as name, the address, the telephone or the number.
    assert kept == {key.value for key in search_keys(visible)}


def test_the_guard_holds_nothing_that_can_be_read_or_moved() -> None:
    """No name, number or postcode in plain bytes; a payload moved to another row does not open."""
    protect(Tier.SEALED)
    stored = b"".join(
        bytes(row[0])
        for row in rows("SELECT payload FROM guard.guarded_row UNION ALL SELECT payload FROM guard.protected_child")
    )
    for secret in (b"Okonkwo", b"Amara", NUMBERS[0].encode(), b"M1 1AA", b"2015-03-14"):
        assert secret not in stored
    ids = rows("SELECT id FROM guard.guarded_row ORDER BY id")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE guard.guarded_row a SET payload = b.payload FROM guard.guarded_row b WHERE a.id = %s AND b.id = %s",
            [ids[0][0], ids[1][0]],
        )
    with pytest.raises(ValueError, match="not sealed for"):
        deliver(a_record("care", "n", identity=PROTECTED))


@pytest.mark.parametrize("known", [False, True])
def test_a_confidential_mark_shields_at_once(known: bool) -> None:
    """A new child is entered shielded, a known one is moved: in no moment is there an open record (R 3.23)."""
    who = (
        PROTECTED
        if known
        else a_child(family_name="Silva", given_name="Rui", birth_date=PartialDate.parse("2016-06-06"), postcode="")
    )
    report = deliver(
        a_record("care", "c", identity=who, confidential=True, involvements=(an_involvement("social_work"),))
    )
    assert (report.linked, report.new, report.started) == ((1, 0, 1) if known else (0, 1, 1))
    assert rows("SELECT tier FROM children_child WHERE family_name = %s", who.family_name) == [("shielded",)]
    assert rows("SELECT ground, provisional FROM guard.protected_child") == [("supplier_marked", True)]
    assert rows("SELECT count(*) FROM children_sourcerecord WHERE family_name = %s", who.family_name) == [(0,)]
    assert rows("SELECT count(*) FROM involvement_involvement WHERE service_type = 'social_work'") == [(0,)]
    assert violations(who) == []


def test_a_mark_on_a_record_nobody_is_sure_of_keeps_it_out_of_the_worklist() -> None:
    """It waits in the guard, not among rows that other stewards see."""
    unsure = replace(PROTECTED, given_name="", nhs_number="", known_as="", former_family_name="", address="9 New Road")
    assert deliver(a_record("care", "u", identity=unsure, confidential=True)).for_review == 1
    assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]


def test_protecting_takes_rows_that_wait_for_a_decision_along() -> None:
    """A worklist that names the child would tell of them."""
    unsure = replace(PROTECTED, given_name="", nhs_number="", known_as="", former_family_name="", address="9 New Road")
    assert deliver(a_record("care", "u", identity=unsure)).for_review == 1
    protect(Tier.SEALED)
    assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
    assert rows("SELECT count(*) FROM matching_review WHERE decided_at IS NULL") == [(0,)]
    assert deliver(a_record("care", "u", identity=unsure)) == BatchReport(unchanged=1)


def test_an_open_entry_near_a_newly_protected_child_is_named_to_the_operator() -> None:
    """Perhaps a second entry of theirs: somebody has to look. A practice has two patients who differ in the given name."""
    who = a_child(family_name="Kaya", given_name="Deniz", birth_date=PartialDate.parse("2014-02-02"), nhs_number="")
    twin = replace(who, given_name="Denis")
    deliver(a_record("gp", "b", identity=who), a_record("gp", "c", identity=twin))
    named = dict(rows("SELECT given_name, index_number FROM children_child WHERE family_name = 'Kaya'"))
    assert set(named) == {"Deniz", "Denis"}
    facts: dict[str, Any] = {"tier": Tier.SHIELDED, "ground": Ground.SIGNIFICANT_HARM, "at": AT}
    done = protect_child(actor=worker(), index_number=named["Deniz"], **facts)
    assert done.near == (named["Denis"],)
    assert protect_child(actor=worker(), index_number=_number(), **facts).near == ()


def test_protecting_is_refused_to_pages_and_never_opens(as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    """Unknown numbers and lower tiers are refused; a shielded child may be sealed."""
    ((number,),) = rows("SELECT index_number FROM children_child WHERE family_name = 'Okonkwo'")
    facts: dict[str, Any] = {"actor": worker(), "ground": Ground.ADOPTED, "at": AT}
    with as_role("web"), pytest.raises(Denied):
        protect_child(index_number=str(number), tier=Tier.SHIELDED, **facts)
    with pytest.raises(Denied):
        protect_child(index_number="2345678923", tier=Tier.SHIELDED, **facts)
    with pytest.raises(Denied):
        protect_child(index_number=str(number), tier=Tier.OPEN, **facts)
    protect_child(index_number=str(number), tier=Tier.SHIELDED, **facts)
    protect_child(index_number=str(number), tier=Tier.SEALED, **facts)
    assert rows("SELECT count(*) FROM children_child WHERE family_name = 'Okonkwo'") == [(0,)]
    assert rows("SELECT tier FROM guard.protected_child") == [("sealed",)]


def _number() -> str:
    """The index number of the child that the practice's record belongs to."""
    found = rows(
        "SELECT c.index_number FROM children_child c JOIN children_sourcerecord s ON s.child_id = c.id"
        " WHERE s.feed = 'gp' AND s.record_id = 'p'"
    )
    return str(found[0][0])


def strangers() -> dict[str, Identity]:
    """Two children who have nothing to do with anybody; one of them becomes the protected child's namesake."""
    return {
        "n": a_child(family_name="Adeyemi", given_name="Tola", birth_date=PartialDate.parse("2011-01-09"), postcode=""),
        "z": a_child(family_name="Zhang", given_name="Wei", birth_date=PartialDate.parse("2010-10-10"), postcode=""),
    }


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_a_known_row_that_comes_near_is_reported_as_any_other_update(kind: str) -> None:
    """One open child's row becomes near, another's changes far away: the same counts, now, later and when withdrawn."""
    protect(Tier.SEALED)
    two = (an_involvement(), an_involvement("social_work"))
    for record_id, who in strangers().items():
        deliver(a_record("care", record_id, identity=who, involvements=two))
    become = {"n": replace(PROTECTED, given_name="Amarah"), "z": replace(strangers()["z"], given_name="Weiwei")}
    ended = replace(two[0], ended_on=DAY)
    new = an_involvement("school")
    for day, involvements in enumerate([two, (ended, new), (new,), (*two, new)], start=1):
        reports = {
            record_id: deliver(
                a_record(
                    "care",
                    record_id,
                    identity=who,
                    involvements=involvements,
                    updated_on=DAY + timedelta(days=day),
                ),
                kind=kind,
            )
            for record_id, who in become.items()
        }
        assert reports["n"] == reports["z"], f"day {day}"
    assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]
    assert leave_out("care", ["n"], as_at=DAY) == leave_out("care", ["z"], as_at=DAY) == BatchReport(removed=1, ended=3)
    assert rows("SELECT count(*) FROM involvement_involvement WHERE ended_on IS NULL AND source = 'care'") == [(0,)]
