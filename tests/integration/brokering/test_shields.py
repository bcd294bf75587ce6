"""A shield's life: on the same day, decided by two, reviewed, appealed, lifted exactly; and everything that is refused (R 3.11-3.16)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection
from nacl.public import PrivateKey

from childindex.access.sign_in import operator
from childindex.access.types import Actor
from childindex.brokering.types import Asker, ShieldActKind, ShieldState, Word
from childindex.brokering.usecases import desk, shields
from childindex.kernel.dates import PartialDate
from childindex.kernel.people import Channel
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup.types import SearchTerms
from childindex.shielding.types import Ground
from tests.database import AsRole
from tests.factories.index import rows
from tests.factories.people import MadeUp, People
from tests.integration.brokering.shield_life import Life, officer
from tests.integration.lookup.conftest import AMARA, Connect, Ledger, opened
from tests.integration.upkeep.joining.state import everything

JONAH = SearchTerms(family_name="Fairweather", given_name="Jonah", birth_date=PartialDate(2013, 5, 6))


@dataclass
class Office:
    """Three officers of the authority, one of another, and the practitioner who asks."""

    life: Life
    one: MadeUp
    other: MadeUp
    third: MadeUp
    elsewhere: MadeUp
    asker: Actor


@pytest.fixture
def office(people: People, actor: Callable[..., Actor], as_role: AsRole, at: datetime) -> Office:
    one, other, third = (people.somebody("shield_officer") for _ in range(3))
    with as_role("owner"):
        rows(
            "INSERT INTO directory_organisation (code, name, kind, sector, authority_id, phone, out_of_hours_phone, hours)"
            " VALUES ('gss:E06000023', 'Southby Council', 'council', 'social_care', 'E06000023', '', '', '') RETURNING code"
        )
    people.organisation("gss:E06000023")
    elsewhere = people.somebody("shield_officer", organisation="gss:E06000023")
    return Office(
        life=Life(as_role=as_role, make=actor, at=at),
        one=one,
        other=other,
        third=third,
        elsewhere=elsewhere,
        asker=actor(),
    )


def tiers(as_role: AsRole) -> dict[str, str]:
    with as_role("owner"):
        return dict(rows("SELECT given_name, tier FROM children_child"))


def shielded(office: Office) -> UUID:
    """Amara, shielded at a practitioner's word."""
    assert office.life.ask(office.asker, AMARA) == "taken"
    return office.life.line(office.one, "Amara").id


def test_a_shield_is_on_the_same_day_and_confirmed_by_two(office: Office, as_role: AsRole, ledger: Ledger) -> None:
    life = office.life
    shield = shielded(office)
    assert tiers(as_role)["Amara"] == "shielded"
    line = life.line(office.one, "Amara")
    assert (line.state, line.ground, line.asker, line.due) == (
        ShieldState.PROVISIONAL,
        "significant_harm",
        "parent",
        True,
    )
    assert (line.family_name, str(line.birth_date), line.sex) == ("Okonkwo", "2015-03-14", "female")
    assert (line.may, line.words) == ((ShieldActKind.PROPOSE,), (Word.CONFIRM, Word.REFUSE))
    life.agree(office.one, office.other, shield, Word.CONFIRM)
    line = life.line(office.third, "Amara")
    assert (line.state, line.decision, line.due) == (ShieldState.CONFIRMED, None, False)
    assert line.review_on == life.at.date() + timedelta(days=182)
    with as_role("worker"):
        [(provisional,)] = rows(
            "SELECT p.provisional FROM guard.protected_child p JOIN guard.shield s USING (child_id) WHERE s.id = %s",
            shield,
        )
    assert provisional is False
    taken = [line for line in ledger() if line["event"] == "shield:act:taken"]
    assert [line["detail"]["outcome"] for line in taken] == ["taken"] * 3
    assert all(line["children"] for line in taken)


def test_the_first_is_not_the_second_nor_the_asker_either(office: Office) -> None:
    life = office.life
    shield = shielded(office)
    assert life.send(office.one, shield, ShieldActKind.PROPOSE, word=Word.CONFIRM) == "taken"
    assert life.line(office.one, "Amara").may == ()
    assert life.send(office.one, shield, ShieldActKind.SECOND, agrees=True) == "not_now"
    assert life.line(office.other, "Amara").may == (ShieldActKind.SECOND,)
    assert life.send(office.other, shield, ShieldActKind.SECOND, agrees=True) == "taken"


def test_who_asked_decides_nothing_of_their_request(office: Office, as_role: AsRole) -> None:
    life = office.life
    asking = officer(office.one, at=life.at)
    assert life.ask(asking, AMARA) == "taken"
    line = life.line(office.one, "Amara")
    assert line.may == ()
    assert life.send(office.one, line.id, ShieldActKind.PROPOSE, word=Word.CONFIRM) == "not_now"
    assert life.send(office.other, line.id, ShieldActKind.PROPOSE, word=Word.CONFIRM) == "taken"
    assert life.send(office.one, line.id, ShieldActKind.SECOND, agrees=True) == "not_now"
    assert life.send(office.third, line.id, ShieldActKind.SECOND, agrees=True) == "taken"


def test_another_authority_sees_and_decides_nothing(office: Office) -> None:
    life = office.life
    shield = shielded(office)
    assert life.desk(office.elsewhere).shields == ()
    assert life.send(office.elsewhere, shield, ShieldActKind.PROPOSE, word=Word.REFUSE) == "not_there"
    assert life.send(office.one, uuid4(), ShieldActKind.PROPOSE, word=Word.REFUSE) == "not_there"
    assert [one.outcome for one in life.desk(office.elsewhere).sent] == ["not_there"]


def test_no_day_lifts_a_shield(office: Office, as_role: AsRole) -> None:
    life = office.life
    shield = shielded(office)
    life.agree(office.one, office.other, shield, Word.CONFIRM)
    life.at += timedelta(days=300)
    with as_role("owner"):  # whoever still works there a year later has had new training
        rows("UPDATE access_trainingrecord SET completed_on = %s RETURNING 1", life.at.date())
    assert tiers(as_role)["Amara"] == "shielded"
    line = life.line(office.one, "Amara")
    assert (line.due, line.words) == (True, (Word.KEEP, Word.LIFT))
    life.agree(office.other, office.third, shield, Word.KEEP)
    assert life.line(office.one, "Amara").review_on == life.at.date() + timedelta(days=182)


def test_an_appeal_is_heard_by_a_third_and_the_shield_stays_on(office: Office, as_role: AsRole) -> None:
    life = office.life
    shield = shielded(office)
    life.agree(office.one, office.other, shield, Word.REFUSE)
    assert life.send(office.one, shield, ShieldActKind.LIFT) == "not_now"
    assert life.send(office.third, shield, ShieldActKind.APPEAL) == "not_now"
    assert life.send(office.third, shield, ShieldActKind.APPEAL, asker=Asker.PARENT) == "taken"
    life.at += timedelta(days=20)
    assert life.send(office.one, shield, ShieldActKind.LIFT) == "not_now"
    assert life.send(office.other, shield, ShieldActKind.HEAR, agrees=False) == "not_now"
    assert tiers(as_role)["Amara"] == "shielded"
    assert life.send(office.third, shield, ShieldActKind.HEAR, agrees=True) == "taken"
    line = life.line(office.one, "Amara")
    assert (line.state, line.decision) == (ShieldState.PROVISIONAL, None)
    assert life.send(office.one, shield, ShieldActKind.LIFT) == "not_now"
    # A second decision, appealed in vain, does lift it: at somebody's word and not before.
    life.agree(office.one, office.other, shield, Word.REFUSE)
    assert life.send(office.one, shield, ShieldActKind.APPEAL, asker=Asker.CHILD) == "taken"
    assert life.send(office.third, shield, ShieldActKind.HEAR, agrees=False) == "taken"
    assert tiers(as_role)["Amara"] == "shielded"
    assert life.line(office.one, "Amara").may == (ShieldActKind.LIFT,)
    assert life.send(office.one, shield, ShieldActKind.LIFT) == "taken"
    assert tiers(as_role)["Amara"] == "open"


def test_protecting_and_lifting_leave_every_table_as_it_was(office: Office, as_role: AsRole) -> None:
    life = office.life
    before = everything(as_role)
    shield = shielded(office)
    assert everything(as_role) != before
    life.agree(office.one, office.other, shield, Word.REFUSE)
    life.at += timedelta(days=15)
    assert tiers(as_role)["Amara"] == "shielded"
    assert life.send(office.third, shield, ShieldActKind.LIFT) == "taken"
    assert everything(as_role) == before
    assert {line.given_name for line in life.desk(office.one).shields} == {"Jonah"}
    opened(office.asker, AMARA, at=life.at)


def test_a_second_request_changes_nothing(office: Office, as_role: AsRole) -> None:
    shielded(office)
    before = everything(as_role)
    assert office.life.ask(office.asker, AMARA) == "already"
    assert everything(as_role) == before
    # One that an operator put on is on the list too, with no request.
    assert office.life.line(office.one, "Jonah").asker == ""
    assert office.life.ask(office.asker, JONAH) == "already"


def test_a_danger_told_of_while_a_shield_is_about_to_go_keeps_it_on(office: Office, as_role: AsRole) -> None:
    """It counts as an appeal: nobody lifts on the old decision, and a third person hears it."""
    life, shield = office.life, shielded(office)
    life.agree(office.one, office.other, shield, Word.REFUSE)
    assert life.ask(office.asker, AMARA) == "taken"
    life.at += timedelta(days=15)
    assert life.send(office.third, shield, ShieldActKind.LIFT) == "not_now"
    assert tiers(as_role)["Amara"] == "shielded"
    assert life.line(office.third, "Amara").may == (ShieldActKind.HEAR,)


def test_the_worker_believes_no_row_that_names_somebody_without_the_right(office: Office, connect: Connect) -> None:
    """Whoever has taken the site over writes a row in anybody's name; what is handed over goes by the facts (T18)."""
    life, key = office.life, PrivateKey.generate()
    desk_id = uuid4()
    connect("web").execute(
        "INSERT INTO brokering_desk (id, kind, account_id, sitting, organisation, authority, public_key, asked_at, until)"
        " VALUES (%s, 'shields', %s, 's', 'gss:E08000003', 'E08000003', %s, %s, %s)",
        [desk_id, office.asker.ref.account_id, bytes(key.public_key), life.at, life.at + timedelta(minutes=9)],
    )
    with life.as_role("worker"), pytest.raises(Denied) as denied:
        desk.fill_desk(actor=operator(channel=Channel.WORKER, at=life.at), desk_id=desk_id, at=life.at)
    assert denied.value.detail == ("named",)


def test_sealed_children_are_on_no_list(office: Office) -> None:
    assert {line.given_name for line in office.life.desk(office.one).shields} == {"Jonah"}


def test_who_may_not(office: Office, actor: Callable[..., Actor], at: datetime, ledger: Ledger) -> None:
    shield = shielded(office)
    for person, confirmed, refusal in (
        (office.one, False, Refusal.CONFIRM_AGAIN),
        (office.asker, True, Refusal.NOT_PERMITTED),
    ):
        who = person if isinstance(person, Actor) else officer(person, at=at, fresh=confirmed)
        with pytest.raises(Denied) as denied:
            shields.send(actor=who, shield_id=shield, kind=ShieldActKind.PROPOSE, word=Word.CONFIRM, at=at)
        assert denied.value.refusal is refusal
    with pytest.raises(Denied) as denied:
        desk.ask_desk(actor=office.asker, public_key=bytes(32), at=at)
    assert denied.value.refusal is Refusal.NOT_PERMITTED
    with pytest.raises(Denied) as denied:
        shields.take(actor=officer(office.one, at=at), act_id=uuid4(), at=at)
    assert denied.value.refusal is Refusal.NOT_PERMITTED
    refused = [line["event"] for line in ledger() if line["outcome"] == "refused"]
    assert refused == ["shield:act:sent", "shield:act:sent", "desk:list:asked", "shield:act:taken"]


def test_the_site_reads_no_act_back(office: Office) -> None:
    shielded(office)
    for table in ("brokering_shieldact", "guard.shield", "guard.shield_decision"):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608


def test_a_list_is_for_one_sitting_key_and_ten_minutes(office: Office, as_role: AsRole) -> None:
    life, key = office.life, PrivateKey.generate()
    actor = officer(office.one, at=life.at)
    asked = desk.ask_desk(actor=actor, public_key=bytes(key.public_key), at=life.at)
    with as_role("worker"):
        desk.fill_desk(actor=operator(channel=Channel.WORKER, at=life.at), desk_id=asked.id, at=life.at)
    for who, private, at in (
        (officer(office.other, at=life.at), bytes(key), life.at),
        (actor, bytes(PrivateKey.generate()), life.at),
        (actor, bytes(key), life.at + timedelta(minutes=10)),
    ):
        with pytest.raises(Denied) as denied:
            desk.view_desk(actor=who, desk_id=asked.id, private_key=private, at=at)
        assert denied.value.refusal is Refusal.ADDRESS_EXPIRED
    assert desk.view_desk(actor=actor, desk_id=asked.id, private_key=bytes(key), at=life.at).ready


def test_lost_acts_are_found(office: Office, as_role: AsRole) -> None:
    life = office.life
    asked = shields.ask_shield(
        actor=office.asker,
        handle=opened(office.asker, AMARA, at=life.at),
        ground=Ground.HISTORIC_THREAT,
        asker=Asker.REFUGE,
        case_reference="CP/8",
        at=life.at,
    )
    later = life.at + timedelta(minutes=6)
    with as_role("worker"):
        assert shields.left_behind(actor=operator(at=life.at), at=life.at) == []
        assert shields.left_behind(actor=operator(at=later), at=later) == [asked.reference]
    assert life.take(asked.reference) == "taken"
    with as_role("worker"), pytest.raises(Denied):
        shields.take(actor=operator(at=later), act_id=asked.reference, at=later)


def test_the_database_lets_no_child_go_without_two(office: Office, connect: Connect) -> None:
    shield = shielded(office)
    worker = connect("worker")
    with pytest.raises(psycopg.errors.CheckViolation, match="two people"):
        worker.execute("DELETE FROM guard.protected_child")
    office.life.send(office.one, shield, ShieldActKind.PROPOSE, word=Word.REFUSE)
    with pytest.raises(psycopg.errors.CheckViolation, match="two people"):
        worker.execute("DELETE FROM guard.protected_child")
    for change, name in (
        ("state = 'agreed'", "takes_two"),
        ("state = 'agreed', second_by = proposed_by, second_at = now()", "second_is_not_first"),
        (
            "state = 'agreed', second_by = gen_random_uuid(), second_at = now(), appealed_at = now(), heard_by = proposed_by, upheld = false",
            "heard_by_a_third",
        ),
    ):
        with pytest.raises(psycopg.errors.CheckViolation, match=name):
            worker.execute(f"UPDATE guard.shield_decision SET {change}")  # noqa: S608
