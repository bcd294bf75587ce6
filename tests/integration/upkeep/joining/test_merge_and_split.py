"""Merging two entries and splitting them again: what comes back, what came meanwhile, and who saw the mixed one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import uuid4

from django.utils import timezone

from childindex.access.types import Actor
from childindex.children import merging as entries
from childindex.children import selectors as children
from childindex.involvement import services as involvement
from childindex.involvement.types import Declaration
from childindex.kernel.dates import PartialDate
from childindex.lookup import usecases as lookup
from childindex.lookup.types import SearchTerms
from childindex.matching import joining
from childindex.matching.judging import judged
from childindex.upkeep.joins import NoticeKind, NoticeState
from childindex.upkeep.usecases import splitting
from tests.factories.index import COUNCIL, SCHOOL, a_child, a_receipt, a_record, an_involvement, deliver, rows
from tests.factories.people import People
from tests.integration.lookup.conftest import REASON, AsRole, Ledger
from tests.integration.upkeep.joining.conftest import OTHER, Two
from tests.integration.upkeep.joining.state import HOLDS_A_CHILD, everything, tables

Make = Callable[..., Actor]
LATER = date(2026, 11, 20)


def declaration(**facts: object) -> Declaration:
    """A social worker's own line."""
    given: dict[str, object] = {
        "service_type": "social_work",
        "organisation": COUNCIL,
        "role": "Social worker",
        "practitioner_name": "Jo Field",
        "phone": "0161 496 0009",
        "email": "",
        "started_on": date(2026, 1, 1),
    }
    return Declaration(**{**given, **facts})  # type: ignore[arg-type]


def test_a_merge_and_a_split_leave_everything_as_it_was(two: Two, first: Actor, second: Actor, as_role: AsRole) -> None:
    before = everything(as_role)
    two.merge(first, second)
    assert everything(as_role) != before
    two.split(first, second)
    assert everything(as_role) == before


def test_no_table_that_holds_a_child_is_forgotten(two: Two, as_role: AsRole) -> None:
    """Whatever names a child is compared above, or is one of these, which only grow or are over within hours."""
    grow = {"matching_judgement", "audit_ledgerentry", "children_sharedid"}
    own = {"upkeep_merge", "upkeep_split", "upkeep_notice"}
    grow |= {
        "shield",
        "near_answer",
        "brokering_shieldact",
        "brokering_override",
        "oversight_queueitem",
    }  # what somebody did stays written down
    fleeting = {"cases_visit", "cases_searchresult"}
    compared = {name.rpartition(".")[2] for name in HOLDS_A_CHILD}
    assert {str(table) for _, table, _ in tables(as_role)} - grow - own - fleeting <= compared


def test_while_they_are_one_the_kept_entry_has_everything_and_the_old_number_leads_there(
    two: Two, first: Actor, second: Actor, as_role: AsRole
) -> None:
    two.merge(first, second)
    kept, merged = two.id["Okonkwo"], two.id["Zwilling"]
    [found] = children.by_index_number(two.number["Zwilling"])
    assert (found.id, sorted(found.feeds)) == (kept, ["births", "care", "clinic", "gp", "school"])
    assert children.summaries([merged], receipt=a_receipt()) == {}
    assert entries.now_leads_to([merged, kept]) == {merged: kept}
    with as_role("audit"):
        assert [(one.id, one.since, one.until) for one in entries.every_id(kept)] == sorted(
            [(kept, None, None), (merged, None, None)]
        )
    with as_role("worker"):
        leads = rows("SELECT source FROM involvement_involvement WHERE lead_professional AND child_id = %s", kept)
        assert len(leads) == 1
        # Found by the merged entry's name too: its keys are the kept one's now.
        assert rows("SELECT DISTINCT child_id FROM children_searchkey") == [(kept,)]


def test_both_are_found_again_by_their_own_numbers_and_history_knows_the_mixed_time(
    two: Two, first: Actor, second: Actor, as_role: AsRole
) -> None:
    two.merge(first, second)
    two.split(first, second)
    kept, merged = two.id["Okonkwo"], two.id["Zwilling"]
    assert [one.id for one in children.by_index_number(two.number["Zwilling"])] == [merged]
    with as_role("audit"):
        assert [one.id for one in entries.every_id(kept)] == [kept]
        known = {one.id: one for one in entries.every_id(merged)}
    assert set(known) == {kept, merged}
    [(began, ended)] = rows("SELECT mixed_since, done_at FROM upkeep_split")
    assert (known[kept].since, known[kept].until) == (began, ended)


def test_judgements_are_added_and_none_is_overwritten(two: Two, first: Actor, second: Actor, as_role: AsRole) -> None:
    with as_role("worker"):
        before = rows("SELECT * FROM matching_judgement ORDER BY id")
    two.merge(first, second)
    two.split(first, second)
    kept, merged = two.id["Okonkwo"], two.id["Zwilling"]
    with as_role("worker"):
        after = rows("SELECT * FROM matching_judgement ORDER BY id")
        people = rows(
            "SELECT child_id, verdict, count(*), bool_and(decided_by = %s AND confirmed_by = %s) FROM matching_judgement"
            " WHERE decided_by IS NOT NULL GROUP BY child_id, verdict ORDER BY 2, 3",
            first.ref.account_id,
            second.ref.account_id,
        )
    assert set(before) <= set(after)
    # Two records merged and split, three that stayed: linked with the kept entry twice over, apart from the other.
    assert sorted(people) == sorted(
        [
            (kept, "linked", 5, True),
            (merged, "linked", 2, True),
            (kept, "not_linked", 2, True),
            (merged, "not_linked", 3, True),
        ]
    )


def test_who_saw_the_mixed_entry_and_nobody_before_or_after(
    two: Two, people: People, actor: Make, first: Actor, second: Actor, ledger: Ledger, at: datetime
) -> None:
    """The teacher who looked in the mixed time is listed; the worker who looked before and after is not."""
    people.organisation(SCHOOL)
    teacher, social = actor(role="school_safeguarding_lead", organisation=SCHOOL), actor(sitting="social")
    xaveria = SearchTerms(family_name="Zwilling", given_name="Xaveria", birth_date=PartialDate(2011, 1, 2))

    def look(who: Actor) -> None:
        now = timezone.now()
        token = lookup.search(actor=who, terms=xaveria, reason=REASON, at=now).token
        handle = lookup.open_child(actor=who, token=token, position=1, at=now).handle
        lookup.view_child(actor=who, handle=handle, at=now)

    look(social)
    two.merge(first, second)
    look(teacher)
    split = two.split(first, second)
    look(social)
    shown = splitting.view_split(actor=first, split_id=split, at=timezone.now())
    names = {(one.name, one.organisation) for one in shown.saw if not one.event.startswith("entries:")}
    assert names == {(teacher.name, "Hill School")}
    assert {one.event for one in shown.saw} >= {"child:visit:opened", "child:entry:viewed"}
    # The stewards who took it apart saw it too, and are listed as everybody else.
    assert {one.name for one in shown.saw} == {teacher.name, first.name, second.name}
    seen = [line for line in ledger() if two.id["Okonkwo"] in line["children"] and line["account_id"] is not None]
    assert len(shown.saw) < len(seen)


def test_one_notice_for_each_organisation_and_each_family(two: Two, first: Actor, second: Actor, at: datetime) -> None:
    """Never one for a clinic whose kind of service is named to nobody."""
    two.merge(first, second)
    split = two.split(first, second)
    shown = splitting.view_split(actor=first, split_id=split, at=at)
    organisations = {one.to for one in shown.notices if one.kind is NoticeKind.ORGANISATION}
    assert organisations == {"Hill School", "Mill Surgery", "Northby Council"}
    families = [one for one in shown.notices if one.kind is NoticeKind.FAMILY]
    assert {one.to.replace(" ", "") for one in families} == set(two.number.values())
    for family in families:
        notice = splitting.view_notice(actor=first, notice_id=family.id, at=at)
        # A family reads of their own child alone.
        assert (notice.numbers, notice.people) == ((family.to,), ())
    [council] = [one for one in shown.notices if one.to == "Northby Council"]
    read = splitting.view_notice(actor=first, notice_id=council.id, at=at)
    assert {name for name, _ in read.people} == {first.name, second.name}
    assert read.code.value == "looked"
    for state in (NoticeState.APPROVED, NoticeState.SENT):
        splitting.move_notice(actor=second, notice_id=council.id, to=state, at=at)
    assert splitting.view_notice(actor=first, notice_id=council.id, at=at).state is NoticeState.SENT


def test_what_came_in_the_mixed_time_goes_with_its_record_or_where_somebody_chose(
    two: Two, people: People, first: Actor, second: Actor, as_role: AsRole, at: datetime
) -> None:
    """The school's newer line goes back with the school's record; a new record and a declared line go where they are put."""
    two.merge(first, second)
    kept, merged = two.id["Okonkwo"], two.id["Zwilling"]
    somebody = people.somebody()
    with as_role("owner"):
        rows(
            'INSERT INTO directory_feed SELECT (jsonb_populate_record(f, \'{"name": "practice"}\')).* FROM directory_feed f'
            " WHERE name = 'gp' RETURNING name"
        )
    with as_role("worker"):
        newer = an_involvement("school", involvement_id="school-2", practitioner_name="New Head")
        deliver(a_record("school", "s1", identity=OTHER, involvements=(newer,), updated_on=LATER), as_at=LATER)
        deliver(a_record("practice", "2", identity=OTHER, updated_on=LATER), kind="delta", as_at=LATER)
    declared = [
        involvement.declare(kept, declaration(team=team), by=who, receipt=a_receipt(), at=at)
        for team, who in (("North", somebody.account_id), ("South", people.founders[0]))
    ]
    offer = splitting.prepare_split(actor=first, index_number=two.number["Okonkwo"], at=at)
    assert [one.record_id for one in offer.fixed] == ["b1", "s1"]
    assert {one.id for one in offer.lines} == set(declared)
    [new] = [one.id for one in offer.open if one.record_id == "2"]
    two.split(first, second, records=[new], lines=[declared[0]])
    with as_role("worker"):
        assert rows("SELECT record_id FROM children_sourcerecord WHERE child_id = %s ORDER BY 1", merged) == [
            ("2",),
            ("b1",),
            ("s1",),
        ]
        found = rows("SELECT practitioner_name FROM involvement_involvement WHERE child_id = %s", merged)
        assert sorted(name for (name,) in found) == ["Jo Field", "Kim Day", "New Head"]
        assert rows("SELECT child_id FROM involvement_involvement WHERE id = %s", declared[1]) == [(kept,)]


def test_one_practitioners_line_on_both_entries_is_set_aside_and_goes_on(
    two: Two, people: People, first: Actor, second: Actor, as_role: AsRole, at: datetime
) -> None:
    """A child has one current line of one practitioner for one service: the second is ended as long as they are one."""
    somebody = people.somebody()
    for child in two.id.values():
        involvement.declare(child, declaration(lead=True), by=somebody.account_id, receipt=a_receipt(), at=at)
    before = everything(as_role)
    two.merge(first, second)
    assert rows("SELECT count(*) FROM involvement_involvement WHERE source = 'practitioner' AND ended_on IS NULL") == [
        (1,)
    ]
    two.split(first, second)
    assert everything(as_role) == before


def test_records_linked_by_mistake_go_to_a_new_entry(
    two: Two, first: Actor, second: Actor, as_role: AsRole, at: datetime
) -> None:
    offer = splitting.prepare_split(actor=first, index_number=two.number["Okonkwo"], at=at)
    assert (offer.back, offer.fixed, offer.past) == (None, (), ())
    [care] = [one.id for one in offer.open if one.record_id == "c1"]
    split = two.split(first, second, undo=False, records=[care])
    shown = splitting.view_split(actor=first, split_id=split, at=at)
    [made] = children.by_index_number(shown.line.other_number.replace(" ", ""))
    assert [one.family_name for one in made.identities] == ["Okonkwo"]
    assert made.feeds == ("care",)
    with as_role("worker"):
        assert rows("SELECT source, lead_professional FROM involvement_involvement WHERE child_id = %s", made.id) == [
            ("care", True)
        ]
        # Mixed since the care record came, not since the entry began.
        came = rows("SELECT decided_at FROM matching_judgement WHERE record = %s AND verdict = 'linked'", care)
    assert (shown.mixed_since,) in came
    # The next delivery of the record stays with the new entry.
    with as_role("worker"):
        deliver(a_record("care", "c1", updated_on=LATER), kind="delta", as_at=LATER)
        assert rows("SELECT child_id FROM children_sourcerecord WHERE record_id = 'c1'") == [(made.id,)]


def test_entries_merged_one_into_another_come_apart_in_turn(
    two: Two, first: Actor, second: Actor, as_role: AsRole
) -> None:
    """C into B, B into A: both numbers lead to A; then each split gives back one, exactly."""
    third = a_child(family_name="Quill", given_name="Odo", birth_date=PartialDate(2009, 7, 7), address="", carers=())
    with as_role("worker"):
        deliver(a_record("births", "b9", identity=third), kind="delta")
    two.read()
    states = [everything(as_role)]
    two.merge(first, second, keep="Zwilling", other="Quill")
    states.append(everything(as_role))
    two.merge(first, second)
    a, b, c = (two.id[name] for name in ("Okonkwo", "Zwilling", "Quill"))
    assert entries.now_leads_to([b, c]) == {b: a, c: a}
    with as_role("audit"):
        assert {one.id for one in entries.every_id(a)} == {a, b, c}
    two.split(first, second)
    assert everything(as_role) == states[1]
    two.split(first, second, keep="Zwilling")
    assert everything(as_role) == states[0]


def test_a_record_that_somebody_linked_to_the_merged_entry_goes_to_the_one_that_stayed(
    two: Two, first: Actor, second: Actor, as_role: AsRole
) -> None:
    """And again to the other once they are apart."""
    record, merged = uuid4(), two.id["Zwilling"]
    by = joining.Deciders(first=uuid4(), second=uuid4(), reason="as_shown")
    with as_role("worker"):
        joining.keep_joined([record], linked=merged, by=by, receipt=a_receipt())
    two.merge(first, second)
    with as_role("worker"):
        assert judged([record])[record].linked == two.id["Okonkwo"]
    two.split(first, second)
    with as_role("worker"):
        assert judged([record])[record].linked == merged


def test_a_record_that_somebody_kept_apart_from_the_merged_entry_is_kept_apart_from_the_one_that_stayed(
    two: Two, first: Actor, second: Actor, as_role: AsRole
) -> None:
    """What a person ruled out is not linked by a model because the entry has another number now."""
    record, merged = uuid4(), two.id["Zwilling"]
    by = joining.Deciders(first=uuid4(), second=uuid4(), reason="as_shown")
    with as_role("worker"):
        joining.keep_joined([record], apart=merged, by=by, receipt=a_receipt())
    two.merge(first, second)
    with as_role("worker"):
        assert judged([record])[record].apart == {two.id["Okonkwo"]}
    two.split(first, second)
    with as_role("worker"):
        assert judged([record])[record].apart == {merged}


def test_a_visit_to_the_merged_entry_is_over(
    two: Two, actor: Make, first: Actor, second: Actor, as_role: AsRole, at: datetime
) -> None:
    social = actor(sitting="social")
    xaveria = SearchTerms(family_name="Zwilling", given_name="Xaveria", birth_date=PartialDate(2011, 1, 2))
    token = lookup.search(actor=social, terms=xaveria, reason=REASON, at=at).token
    lookup.open_child(actor=social, token=token, position=1, at=at)
    two.merge(first, second)
    assert rows("SELECT count(*) FROM cases_visit") == [(0,)]


def test_times_are_kept_to_the_microsecond(two: Two, first: Actor, second: Actor, as_role: AsRole) -> None:
    """What was sealed goes through JSON: nothing of a time is lost there."""
    odd = datetime(2026, 11, 1, 10, 11, 12, 345678, tzinfo=UTC)
    with as_role("worker"):
        rows("UPDATE children_child SET created_at = %s, changed_at = %s RETURNING id", odd, odd)
    two.merge(first, second)
    two.split(first, second)
    assert set(rows("SELECT created_at, changed_at FROM children_child")) == {(odd, odd)}
