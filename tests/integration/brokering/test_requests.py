"""A broker's queue: whose a request is, its clock, four answers, and what the asker sees of them (R 1.27, 3.07; T12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection
from nacl.public import PrivateKey

from childindex.access.sign_in import operator
from childindex.access.types import Actor
from childindex.brokering.types import Answer, FamilyKnows, OwnRequest, RequestsView
from childindex.brokering.usecases import contact, requests
from childindex.kernel.people import Channel
from childindex.kernel.refusals import Denied, Refusal
from tests.database import AsRole
from tests.factories.index import rows
from tests.factories.people import MadeUp, People
from tests.integration.brokering.shield_life import officer
from tests.integration.lookup.conftest import AMARA, Ledger, opened
from tests.integration.lookup.test_search import JONAH

HIDDEN = ("77 canary road", "m1 1aa", "12 mill lane")


@pytest.fixture
def broker(people: People) -> MadeUp:
    return people.somebody("safeguarding_broker")


@pytest.fixture
def elsewhere(people: People, as_role: AsRole) -> MadeUp:
    with as_role("owner"):
        rows(
            "INSERT INTO directory_organisation (code, name, kind, sector, authority_id, phone, out_of_hours_phone, hours)"
            " VALUES ('gss:E06000023', 'Southby Council', 'council', 'social_care', 'E06000023', '', '', '') RETURNING code"
        )
    people.organisation("gss:E06000023")
    return people.somebody("safeguarding_broker", organisation="gss:E06000023")


def queue(as_role: AsRole, who: MadeUp, *, at: datetime) -> RequestsView:
    """What a broker sees."""
    key, actor = PrivateKey.generate(), officer(who, at=at)
    asked = requests.ask_requests(actor=actor, public_key=bytes(key.public_key), at=at)
    assert not requests.view_requests(actor=actor, desk_id=asked.id, private_key=bytes(key), at=at).ready
    with as_role("worker"):
        requests.fill_requests(actor=operator(channel=Channel.WORKER, at=at), desk_id=asked.id, at=at)
    return requests.view_requests(actor=actor, desk_id=asked.id, private_key=bytes(key), at=at)


def reply(as_role: AsRole, who: MadeUp, case: UUID, said: Answer, *, at: datetime) -> bool:
    """Send an answer and have it taken."""
    sent = requests.answer(actor=officer(who, at=at), case_id=case, said=said, at=at)
    with as_role("worker"):
        return requests.take_answer(actor=operator(channel=Channel.WORKER, at=at), answer_id=sent.id, at=at)


def test_asked_queued_answered_and_seen(
    actor: Callable[..., Actor], broker: MadeUp, elsewhere: MadeUp, as_role: AsRole, at: datetime, ledger: Ledger
) -> None:
    someone = actor()
    for terms in (AMARA, JONAH):
        handle = opened(someone, terms, at=at)
        contact.ask(actor=someone, handle=handle, family_knows=FamilyKnows.UNSAFE, case_reference="CIN/2041", at=at)
    found = queue(as_role, broker, at=at)
    by_name = {one.given_name: one for one in found.requests}
    assert set(by_name) == {"Amara", "Jonah"}
    assert {one.service for one in by_name["Amara"].services} == {"Practice", "Social work", "Counselling"}
    assert {one.practitioner for one in by_name["Jonah"].services} == {"Canaryteacher"}
    assert not any(mark in repr(found).lower() for mark in HIDDEN)
    assert (by_name["Amara"].asker, by_name["Amara"].overdue) == (someone.name, False)
    late = at + timedelta(hours=25)
    assert all(one.overdue for one in queue(as_role, broker, at=late).requests)
    # Another authority's broker sees none, and their answer changes nothing.
    assert queue(as_role, elsewhere, at=at).requests == ()
    assert not reply(as_role, elsewhere, by_name["Jonah"].id, Answer.NO_ONE_TO_RING, at=at)
    assert [one.answer for one in requests.own_requests(actor=someone, at=at).requests] == [None, None]
    assert reply(as_role, broker, by_name["Jonah"].id, Answer.WILL_RING, at=at)
    assert not reply(as_role, broker, by_name["Jonah"].id, Answer.ASK_POLICE, at=at)
    assert {one.given_name for one in queue(as_role, broker, at=at).requests} == {"Amara"}
    own = requests.own_requests(actor=someone, at=at).requests
    assert sorted(str(one.answer) for one in own) == ["None", "will_ring"]
    closed = [line for line in ledger() if line["event"] == "contact:request:answered"]
    assert [line["detail"]["closed"] for line in closed] == [False, True, False]


def test_a_request_without_an_authority_is_that_of_the_open_entry(
    actor: Callable[..., Actor], broker: MadeUp, elsewhere: MadeUp, as_role: AsRole, at: datetime
) -> None:
    """As one is that was made while the child was shielded, once the shield is off."""
    someone = actor()
    contact.ask(actor=someone, handle=opened(someone, AMARA, at=at), family_knows=FamilyKnows.YES, at=at)
    with as_role("owner"):
        rows("UPDATE cases_case SET owner = '' RETURNING 1")
    assert [one.given_name for one in queue(as_role, broker, at=at).requests] == ["Amara"]
    assert queue(as_role, elsewhere, at=at).requests == ()


def test_what_an_asker_sees_names_no_child_and_no_place(actor: Callable[..., Actor], at: datetime) -> None:
    assert {field.name for field in fields(OwnRequest)} == {
        "asked_at",
        "due_at",
        "case_reference",
        "answered_at",
        "answer",
    }
    assert requests.own_requests(actor=actor(), at=at).requests == ()


def test_who_may_not(actor: Callable[..., Actor], broker: MadeUp, people: People, at: datetime) -> None:
    someone, shields = actor(), officer(people.somebody("shield_officer"), at=at)
    for who in (someone, shields):
        with pytest.raises(Denied) as denied:
            requests.ask_requests(actor=who, public_key=bytes(32), at=at)
        assert denied.value.refusal is Refusal.NOT_PERMITTED
        with pytest.raises(Denied) as denied:
            requests.answer(actor=who, case_id=uuid4(), said=Answer.PASSED_ON, at=at)
        assert denied.value.refusal is Refusal.NOT_PERMITTED
    with pytest.raises(Denied) as denied:
        requests.ask_requests(actor=officer(broker, at=at, fresh=False), public_key=bytes(32), at=at)
    assert denied.value.refusal is Refusal.CONFIRM_AGAIN
    with pytest.raises(Denied) as denied:
        requests.own_requests(actor=officer(broker, at=at), at=at)
    assert denied.value.refusal is Refusal.NOT_PERMITTED


def test_the_site_reads_neither_whose_a_request_is_nor_what_about(broker: MadeUp) -> None:
    for columns in ("child_id", "owner", "code", "closed_by"):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM cases_case")  # noqa: S608
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM brokering_contactanswer")
