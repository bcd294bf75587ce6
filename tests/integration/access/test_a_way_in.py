"""Journey C on pages: put forward, welcomed, approved by another, in; ended and suspended. Each refusal beside what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from childindex.access.nominating import Nominee, Shown
from childindex.access.sign_in import actor_for
from childindex.access.types import Actor, Condition, SignInFacts, StandingState, SuspendedBecause
from childindex.access.usecases import allowances, leaving, mine, nominations, standing
from childindex.kernel.refusals import Denied, Refusal
from tests.factories.people import COUNCIL, PASSWORD, Browser, MadeUp, People, code_now, sign_in_as

from .conftest import Connect, Ledger

Make = Callable[[MadeUp], Actor]


@pytest.fixture
def acting(people: People) -> Make:
    """Somebody signed in a moment ago."""

    def make(person: MadeUp) -> Actor:
        at = timezone.now()
        session = SignInFacts(
            sitting="s", second_factor=True, role=person.role, organisation=person.organisation, confirmed_at=at
        )
        made = actor_for(person.account_id, session=session, at=at)
        assert made is not None
        return made

    return make


def nominee(**facts: Any) -> Nominee:
    today = timezone.localdate()
    given: dict[str, Any] = {
        "username": "nina.new",
        "full_name": "Nina New",
        "email": "n@example.org",
        "phone": "+441632960001",
    }
    given |= {"role": "social_worker", "valid_from": today, "valid_to": today + timedelta(days=90)}
    return Nominee(**(given | facts))


def shown(**facts: Any) -> Shown:
    today = timezone.localdate()
    given: dict[str, Any] = {
        "check_issued_on": today - timedelta(days=30),
        "barred_list_checked": True,
        "trained_on": today,
    }
    return Shown(**(given | facts))


def refused(call: Callable[[], object]) -> tuple[Refusal, tuple[str, ...]]:
    with pytest.raises(Denied) as denied:
        call()
    return denied.value.refusal, denied.value.detail


def ready(people: People, acting: Make, *, role: str = "social_worker", **facts: Any) -> tuple[Actor, Any, MadeUp]:
    """A manager, a nomination of theirs with everything shown, and the person, who had a role that ended."""
    manager = acting(people.somebody("access_manager"))
    person = people.somebody("health_visitor", organisation=people.organisation("ods:R0A", name="Trust"))
    made = nominations.nominate(actor=manager, nominee=nominee(username=person.username, role=role), at=timezone.now())
    me = acting(person)
    nominations.show_evidence(actor=me, shown=shown(**facts), at=timezone.now())
    return manager, made.id, person


def test_the_whole_way_on_pages(people: People, acting: Make, ledger: Ledger, connect: Connect) -> None:
    """Nominated with a link, enrolled, welcomed, approved by a second manager who shows it is them, and in."""
    first, second = people.somebody("access_manager"), people.somebody("data_steward")
    one, two, new = Browser(), Browser(), Browser()
    sign_in_as(one, first)
    typed = {"full_name": "Nina New", "username": "nina.new", "email": "n@example.org", "phone": "01632 960001"}
    assert one.post("/team/nominate", typed).status_code == 422
    answer = one.post("/team/nominate", {**typed, "role": "social_worker", "months": "3"}).content.decode()
    link = re.search(r"/enrol/[\w-]+", answer)
    assert link is not None
    new.get(link.group())
    page = new.get("/enrol/set-up").content.decode()
    secret = re.search(r"<strong[^>]*>([A-Z2-7 ]{30,})</strong>", page)
    assert secret is not None
    base32 = secret[1].replace(" ", "")
    code = code_now(base32)
    done = new.post("/enrol/set-up", {"password": PASSWORD, "again": PASSWORD, "code": code})
    assert done.status_code == 200
    connect("owner").execute("DELETE FROM childindex_cache")
    new.post("/sign-in", {"login": "nina.new", "password": PASSWORD})
    new.post("/sign-in/code", {"code": code_now(base32)})
    closed = new.get("/")
    assert (closed.status_code, 'href="/welcome"' in closed.content.decode()) == (403, True)
    assert "Person" in new.get("/welcome").content.decode()
    digest = re.search(r'name="text_hash" value="([0-9a-f]{64})"', new.get("/agreement").content.decode())
    assert digest is not None
    assert new.post("/agreement", {"text_hash": digest[1], "accept": "on"})["Location"] == "/welcome"
    day = timezone.localdate()
    dates = {
        f"{name}-{part}": str(getattr(day, part)) for name in ("check_issued_on", "trained_on") for part in ("day", "month", "year")
    }  # fmt: skip
    assert new.post("/welcome", {**dates, "check_issued_on-year": "2199"}).status_code == 422
    assert new.post("/welcome", {**dates, "barred_list_checked": "on"})["Location"] == "/welcome"
    sign_in_as(two, second)
    listed = two.get("/team/nominations").content.decode()
    place = re.search(r"/team/nominations/[0-9a-f-]{36}", listed)
    assert place is not None
    assert "Nina New" in listed
    own = one.get(place.group()).content.decode()
    assert "Somebody other than you must answer" in own
    assert "must answer" in one.post(place.group(), {"answer": "yes", "seen": "on"}).content.decode()
    assert two.post(place.group(), {"answer": "yes"}).status_code == 422
    assert two.post(place.group(), {"answer": "yes", "seen": "on"})["Location"] == "/team/nominations"
    connect("owner").execute("DELETE FROM childindex_cache")
    new.post("/sign-out")
    new.post("/sign-in", {"login": "nina.new", "password": PASSWORD})
    new.post("/sign-in/code", {"code": code_now(base32)})
    assert new.get("/").status_code == 200
    events = [line["event"] for line in ledger() if line["event"].startswith("access:nomination")]
    assert events[0] == "access:nomination:made"
    assert "access:nomination:answered" in events


def test_who_may_not_answer_and_what_stands_in_the_way(people: People, acting: Make, connect: Connect) -> None:
    """Not the nominator, not the person, not another organisation; not without agreement, check, training, standing or room."""
    manager, number, person = ready(people, acting, check_issued_on=timezone.localdate() - timedelta(days=1200))
    second = acting(people.somebody("access_manager"))
    now = timezone.now()

    def answer(who: Actor) -> Callable[[], None]:
        return lambda: nominations.answer(actor=who, nomination_id=number, approved=True, at=now)

    assert refused(answer(manager)) == (Refusal.NOT_PERMITTED, ("nominator",))
    assert refused(answer(acting(person)))[0] is Refusal.NOT_PERMITTED
    elsewhere = acting(people.somebody("access_manager", organisation="ods:R0A"))
    assert refused(answer(elsewhere)) == (Refusal.NOT_FOUND, ("nomination",))
    assert refused(answer(replace(second, confirmed_at=now - timedelta(minutes=6))))[0] is Refusal.CONFIRM_AGAIN
    assert refused(answer(second)) == (Refusal.CONDITION_LAPSED, (Condition.CHECK_IN_DATE,))
    me = acting(person)
    nominations.show_evidence(actor=me, shown=shown(barred_list_checked=False), at=now)
    assert refused(answer(second)) == (Refusal.CONDITION_LAPSED, (Condition.CHECK_IN_DATE,))
    nominations.show_evidence(actor=me, shown=shown(trained_on=timezone.localdate() - timedelta(days=500)), at=now)
    assert refused(answer(second)) == (Refusal.CONDITION_LAPSED, (Condition.TRAINING_IN_DATE,))
    nominations.show_evidence(actor=me, shown=shown(), at=now)
    owner = connect("owner")
    owner.execute("DELETE FROM access_agreementacceptance WHERE account_id = %s", [person.account_id])
    assert refused(answer(second)) == (Refusal.CONDITION_LAPSED, (Condition.AGREEMENT_ACCEPTED,))
    agreement = mine.read_agreement(actor=me, at=now)
    mine.accept_agreement(actor=me, text_hash=agreement.text_hash, at=now)
    owner.execute("UPDATE access_standing SET most_grants = 2 WHERE organisation_id = %s", [COUNCIL])
    assert refused(answer(second)) == (Refusal.NOT_PERMITTED, ("cap",))
    owner.execute("UPDATE access_standing SET most_grants = 3 WHERE organisation_id = %s", [COUNCIL])
    answer(second)()
    assert refused(answer(second)) == (Refusal.NOT_FOUND, ("nomination",))


def test_who_may_not_be_put_forward(people: People, acting: Make) -> None:
    """Oneself, for a role of another sector, for longer than a year, twice; nor an administrator by somebody who is none."""
    somebody = people.somebody("access_manager")
    manager, today, now = acting(somebody), timezone.localdate(), timezone.now()
    worker = acting(people.somebody())
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"username": somebody.username}, "oneself"),
        ({"role": "health_visitor"}, "role"),
        ({"role": "headteacher"}, "role"),
        ({"role": "index_administrator"}, "role"),
        ({"valid_to": today}, "dates"),
        ({"valid_to": today + timedelta(days=370)}, "dates"),
        ({"valid_from": today - timedelta(days=1)}, "dates"),
        ({"username": "Not plain"}, "username"),
    ]
    for facts, code in wrong:
        ask = nominee(**facts)
        assert refused(lambda ask=ask: nominations.nominate(actor=manager, nominee=ask, at=now)) == (  # type: ignore[misc]
            Refusal.NOT_PERMITTED,
            (code,),
        )
    assert refused(lambda: nominations.nominate(actor=worker, nominee=nominee(), at=now))[0] is Refusal.NOT_PERMITTED
    nominations.nominate(actor=manager, nominee=nominee(), at=now)
    assert refused(lambda: nominations.nominate(actor=manager, nominee=nominee(), at=now))[1] == ("waiting",)
    assert refused(lambda: nominations.show_evidence(actor=worker, shown=shown(), at=now))[0] is Refusal.NOT_FOUND


def test_a_no_gives_nothing(people: People, acting: Make) -> None:
    """And they may be put forward again."""
    manager, number, person = ready(people, acting)
    second = acting(people.somebody("access_manager"))
    nominations.answer(actor=second, nomination_id=number, approved=False, at=timezone.now())
    assert actor_for(
        person.account_id,
        session=SignInFacts(sitting="s", second_factor=True, role="social_worker", organisation=COUNCIL),
        at=timezone.now(),
    ).lapsed  # type: ignore[union-attr]
    nominations.nominate(actor=manager, nominee=nominee(username=person.username), at=timezone.now())


def test_a_managers_page_ends_and_suspends(people: People, acting: Make, connect: Connect) -> None:
    """On the page of one colleague; who is suspended stands at the top of the team, and another than its owner lifts it."""
    manager, leaver, suspect = people.somebody("access_manager"), people.somebody(), people.somebody()
    browser = Browser()
    sign_in_as(browser, manager)
    assert browser.get(f"/team/{leaver.account_id}/leave").status_code == 200
    assert browser.post(f"/team/{leaver.account_id}/leave", {}).status_code == 422
    assert browser.post(f"/team/{leaver.account_id}/leave", {"what": "ends"})["Location"] == "/team"
    browser.post(f"/team/{suspect.account_id}/leave", {"what": "misuse_suspected"})
    team = browser.get("/team").content.decode()
    assert f"{suspect.username}, is suspended since" in team
    assert leaver.username not in team
    assert acting(leaver).lapsed == (Condition.ROLE_ACTIVE,)
    assert acting(suspect).lapsed == (Condition.ACCOUNT_ACTIVE,)
    me = acting(manager)
    assert refused(lambda: leaving.end_access(actor=me, account_id=me.ref.person, at=timezone.now()))[1] == ("oneself",)
    assert refused(lambda: leaving.end_access(actor=me, account_id=leaver.account_id, at=timezone.now()))[0] is (
        Refusal.NOT_FOUND
    )

    def lift(who: Actor) -> None:
        leaving.lift_suspension(actor=who, account_id=suspect.account_id, at=timezone.now())

    assert refused(lambda: lift(me))[0] is Refusal.NOT_PERMITTED
    lift(acting(people.somebody("index_administrator")))
    assert acting(suspect).lapsed == ()


def test_an_organisation_is_let_in_by_two_and_closed_by_one(people: People, acting: Make, connect: Connect) -> None:
    """Applied, proof looked at, and by another accredited; suspended at once; back only by another again; and its cap."""
    code = people.organisation("urn:300001", name="New School", to="")
    one, two = (people.somebody("index_administrator") for _ in range(2))
    first, second = Browser(), Browser()
    sign_in_as(first, one)
    sign_in_as(second, two)
    place = f"/organisations/{code}"
    assert "New School" in first.get("/organisations").content.decode()
    for step in ("applied", "evidence_checked"):
        assert first.post(place, {"step": step})["Location"] == place
    assert first.post(place, {"step": "suspended"}).status_code == 422
    own = first.post(place, {"step": "accredited"})
    assert (own.status_code, "Another administrator" in own.content.decode()) == (422, True)
    assert second.post(place, {"step": "accredited"})["Location"] == place
    assert first.post(place, {"most_grants": "0"}).status_code == 422
    assert first.post(place, {"most_grants": "3"})["Location"] == place
    state = "SELECT state, most_grants, opened_on FROM access_standing WHERE organisation_id = %s"
    assert connect("owner").execute(state, [code]).fetchall() == [("accredited", 3, timezone.localdate())]
    administrator = acting(two)
    standing.move(actor=administrator, organisation=code, to=StandingState.SUSPENDED, at=timezone.now())

    def again(who: Actor) -> None:
        standing.move(actor=who, organisation=code, to=StandingState.ACCREDITED, at=timezone.now())

    assert refused(lambda: again(administrator))[1] == ("same_person",)
    with pytest.raises(IntegrityError, match="standing_accredited_by_two"), transaction.atomic():
        connect_as_web(code, administrator)
    again(acting(one))
    assert refused(lambda: standing.standings(actor=acting(people.somebody("access_manager")), at=timezone.now()))[
        0
    ] is (Refusal.NOT_PERMITTED)


def connect_as_web(code: str, who: Actor) -> None:
    """The site trying to pass one administrator for two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE access_standing SET state = 'accredited', moved_by_id = %s, before_by_id = NULL WHERE organisation_id = %s",
            [who.ref.account_id, code],
        )


def test_more_for_a_role_by_two_administrators_and_a_suspension_lifted(
    people: People, acting: Make, connect: Connect
) -> None:
    """One proposes, another approves, within its bounds; and on the same page somebody who was suspended is let in again."""
    one, two = (people.somebody("index_administrator") for _ in range(2))
    suspect, first, second = people.somebody(), Browser(), Browser()
    sign_in_as(first, one)
    sign_in_as(second, two)
    place = f"/organisations/{COUNCIL}/limits"
    assert first.post(place, {"role": "health_visitor", "times": "2", "days": "7"}).status_code == 422
    assert first.post(place, {"role": "social_worker", "times": "9", "days": "7"}).status_code == 422
    assert first.post(place, {"role": "social_worker", "times": "2", "days": "7"})["Location"] == place
    button = re.compile(rf"{place}/([0-9a-f-]{{36}})")
    assert button.search(first.get(place).content.decode()) is None
    approve = button.search(second.get(place).content.decode())
    assert approve is not None
    assert first.post(approve.group()).status_code == 403
    times = "SELECT access_role_times('social_worker', %s, current_date)"
    assert connect("owner").execute(times, [COUNCIL]).fetchone() == (1,)
    assert second.post(approve.group())["Location"] == place
    assert connect("owner").execute(times, [COUNCIL]).fetchone() == (2,)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"role": "access_manager"}, "role"),
        ({"times": 6}, "times"),
        ({"valid_to": timezone.localdate() + timedelta(days=400)}, "dates"),
    ]
    today = timezone.localdate()
    good = {"role": "social_worker", "times": 2, "valid_from": today, "valid_to": today + timedelta(days=7)}
    for facts, code in wrong:
        ask = good | facts
        assert refused(
            lambda ask=ask: allowances.propose_quota(  # type: ignore[misc]
                actor=acting(one), organisation=COUNCIL, at=timezone.now(), **ask
            )
        ) == (Refusal.NOT_PERMITTED, (code,))
    manager = acting(people.somebody("access_manager"))
    because = SuspendedBecause.CHILDREN_OPENED
    leaving.suspend(actor=manager, account_id=suspect.account_id, because=because, at=timezone.now())
    assert first.post(f"/organisations/{COUNCIL}/suspended/{suspect.account_id}")["Location"] == place
    assert acting(suspect).lapsed == ()
