"""Opening a child's page and what is on it: the reason, the order, who sees what, what is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from childindex.access.types import Actor
from childindex.kernel.dates import PartialDate
from childindex.kernel.people import Reason, ReasonCode
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import OpenChildView, SearchTerms, ShieldedChildView
from tests.factories.index import a_child, a_record, an_involvement, deliver

from .conftest import AMARA, CANARIES, REASON, Index, Ledger, opened
from .test_search import JONAH, find

Make = Callable[..., Actor]


def view_of(actor: Actor, terms: SearchTerms, *, at: datetime) -> OpenChildView:
    view = lookup.view_child(actor=actor, handle=opened(actor, terms, at=at), at=at)
    assert isinstance(view, OpenChildView)
    return view


def test_who_works_with_a_child_and_how_to_reach_them(actor: Make, index: Index, at: datetime) -> None:
    view = view_of(actor(), AMARA, at=at)
    assert (view.person.given_name, view.person.family_name) == ("Amara", "Okonkwo")
    assert view.lead is not None
    assert (view.lead.practitioner, view.lead.phone) == ("Sam Porter", "0161 496 0100")
    assert view.ring_first == view.lead
    assert (view.lead.team_phone, view.lead.hours) == ("0161 496 0200", "Monday to Friday, 9 to 5")
    assert view.lead.out_of_hours_phone == "0161 496 0300"
    assert [line.service for line in view.involvements] == ["Social work", "Practice"]
    assert view.lead.origin.source == "Care"
    assert view.sensitive_service
    assert [carer.name for carer in view.carers] == ["Grace Okonkwo"]
    assert [place.postcode for place in view.whereabouts or ()] == ["M1 1AA"]
    standing = {line.kind: line.standing for line in view.honesty}
    assert standing == {
        "Practice": "involved",
        "Social work": "involved",
        "School": "not_involved",
        "Counselling": "withheld",
    }
    assert "Canarynurse" not in repr(view)
    assert "9990000018" not in repr(view)


def test_opening_and_viewing_are_written_down_with_the_reason_and_the_child(
    actor: Make, index: Index, ledger: Ledger, at: datetime
) -> None:
    someone = actor()
    start = len(ledger())
    handle = opened(someone, AMARA, at=at)
    lookup.view_child(actor=someone, handle=handle, at=at)
    lines = ledger()[start:]
    assert [(line["event"], line["outcome"], line["children"]) for line in lines] == [
        ("children:search:made", "done", []),
        ("child:visit:opened", "done", [index.ids["Amara"]]),
        ("child:entry:viewed", "done", [index.ids["Amara"]]),
    ]
    assert {(line["reason"], line["case_reference"]) for line in lines} == {("contact", "CIN/2041")}


def test_schools_are_not_told_of_a_sensitive_service(teacher: Actor, actor: Make, at: datetime) -> None:
    """R 6.11; everybody else gets the one line."""
    assert not view_of(teacher, AMARA, at=at).sensitive_service
    assert view_of(actor(), AMARA, at=at).sensitive_service


def test_schools_see_less_than_health_and_social_care(teacher: Actor, actor: Make, index: Index, at: datetime) -> None:
    """Neither where a child lives, nor who has stopped helping; whom to ring, all the same (R 2.06, 3.24)."""
    with index.as_role("worker"):
        over = an_involvement(
            "social_work", involvement_id="over", started_on=date(2026, 1, 1), ended_on=date(2026, 9, 1)
        )
        deliver(a_record("care", "c1", involvements=(an_involvement("social_work", phone="0161 496 0100"), over)))
    nurse = view_of(actor(), AMARA, at=at)
    school = view_of(teacher, AMARA, at=at)
    assert (bool(nurse.whereabouts), bool(nurse.ended)) == (True, True)
    assert (school.whereabouts, school.ended) == (None, ())
    assert school.ring_first is not None
    assert [one.district for one in find(teacher, AMARA, at=at).candidates] == [""]
    assert [one.district for one in find(actor(), AMARA, at=at).candidates] != [""]


def twins(index: Index) -> SearchTerms:
    """Two children that one search finds."""
    with index.as_role("worker"):
        first = a_child(family_name="Lindqvist", given_name="Maja", birth_date=PartialDate(2016, 6, 1))
        deliver(
            a_record("school", "t1", identity=first),
            a_record("school", "t2", identity=replace(first, given_name="Nils")),
        )
    return SearchTerms(family_name="Lindqvist", birth_date=PartialDate(2016, 6, 1))


def test_the_reason_goes_for_the_first_child_and_is_asked_again_for_another(
    actor: Make, index: Index, ledger: Ledger, at: datetime
) -> None:
    someone = actor()
    token = lookup.search(actor=someone, terms=twins(index), reason=REASON, at=at).token
    assert len(lookup.results(actor=someone, token=token, at=at).candidates) == 2
    first = lookup.open_child(actor=someone, token=token, position=1, at=at)
    assert lookup.open_child(actor=someone, token=token, position=1, at=at).handle != first.handle
    start = len(ledger())
    with pytest.raises(Denied) as denied:
        lookup.open_child(actor=someone, token=token, position=2, at=at)
    assert (denied.value.refusal, denied.value.detail) == (Refusal.REASON_NEEDED, ("contact",))
    [line] = ledger()[start:]
    assert (line["outcome"], line["children"]) == ("refused", [])
    other = Reason(code=ReasonCode.SAFEGUARDING)
    second = lookup.open_child(actor=someone, token=token, position=2, reason=other, at=at)
    view = lookup.view_child(actor=someone, handle=second.handle, at=at)
    assert view.reason == other


def test_a_reason_is_kept_for_the_same_child_for_eight_hours_and_no_longer(
    actor: Make, index: Index, at: datetime
) -> None:
    """From whichever sitting; opening again does not make it last longer."""
    someone = actor()
    crowd = twins(index)
    token = lookup.search(actor=someone, terms=crowd, reason=REASON, at=at).token
    lookup.open_child(actor=someone, token=token, position=1, at=at)
    given = Reason(code=ReasonCode.SAFEGUARDING)
    lookup.open_child(actor=someone, token=token, position=2, reason=given, at=at)
    later = at + timedelta(hours=7, minutes=50)
    evening = replace(someone, sitting="evening")
    again = lookup.search(actor=evening, terms=crowd, reason=REASON, at=later).token
    lookup.open_child(actor=evening, token=again, position=1, at=later)
    kept = lookup.open_child(actor=evening, token=again, position=2, at=later)
    assert lookup.view_child(actor=evening, handle=kept.handle, at=later).reason == given
    for over in (at + timedelta(hours=8), later + timedelta(hours=1)):
        with pytest.raises(Denied) as denied:
            lookup.view_child(actor=evening, handle=kept.handle, at=over)
        assert denied.value.refusal is Refusal.ADDRESS_EXPIRED
        renewed = lookup.search(actor=evening, terms=crowd, reason=REASON, at=over).token
        lookup.open_child(actor=evening, token=renewed, position=1, at=over)
        with pytest.raises(Denied) as denied:
            lookup.open_child(actor=evening, token=renewed, position=2, at=over)
        assert denied.value.refusal is Refusal.REASON_NEEDED


def test_a_handle_is_for_one_sitting_and_one_person(actor: Make, index: Index, ledger: Ledger, at: datetime) -> None:
    """Another sitting, another person, the child's own id and a made-up handle are refused alike, each written down."""
    mine = actor()
    handle = opened(mine, AMARA, at=at)
    assert lookup.view_child(actor=mine, handle=handle, at=at).handle == handle
    other = actor(sitting=mine.sitting)
    start = len(ledger())
    for who, address in (
        (replace(mine, sitting="another"), handle),
        (other, handle),
        (mine, str(index.ids["Amara"])),
        (mine, "A" * 22),
    ):
        with pytest.raises(Denied) as denied:
            lookup.view_child(actor=who, handle=address, at=at)
        assert (denied.value.refusal, denied.value.detail) == (Refusal.ADDRESS_EXPIRED, ())
    assert [(line["outcome"], line["children"]) for line in ledger()[start:]] == [("refused", [])] * 4


def test_a_shielded_childs_view_has_four_fields_and_nowhere_for_more(
    actor: Make, index: Index, ledger: Ledger, at: datetime
) -> None:
    someone = actor()
    assert [candidate.name for candidate in find(someone, JONAH, at=at).candidates] == ["Jonah Fairweather"]
    view = lookup.view_child(actor=someone, handle=opened(someone, JONAH, at=at), at=at)
    assert isinstance(view, ShieldedChildView)
    assert {field.name for field in fields(view)} == {"receipt", "handle", "reason", "person"}
    assert {field.name for field in fields(view.person)} == {
        "receipt",
        "given_name",
        "family_name",
        "birth_date",
        "sex",
        "index_number",
    }
    assert not [canary for canary in CANARIES if canary in repr(view).lower()]
    assert ledger()[-1]["children"] == [index.ids["Jonah"]]


def test_a_page_costs_few_statements(actor: Make, at: datetime) -> None:
    """Whatever is on it."""
    someone = actor()
    for terms, most in ((AMARA, 13), (JONAH, 7)):
        handle = opened(someone, terms, at=at)
        with CaptureQueriesContext(connection) as read:
            lookup.view_child(actor=someone, handle=handle, at=at)
        assert len(read) <= most, [query["sql"][:90] for query in read]
