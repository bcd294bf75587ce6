"""T03: one account crawls the index: dictionary queries, prefixes, dates of birth one after the other, guessed addresses.

Passes when no answer has more than ten rows or a count above them, at most 60 different children are opened in an hour and 200 in a
day, the account is then suspended with its manager told and a case opened in the same transaction, the counts survive a restart,
requests at the same time cannot pass a limit together, and nobody else's limit is touched.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from childindex.access import limits, policies
from childindex.access.policies import Rate, check_rate
from childindex.access.types import Actor, Condition, Limit
from childindex.kernel.dates import PartialDate
from childindex.kernel.people import Reason, ReasonCode
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import SearchTerms
from tests.database import AsRole, TestDatabase, filled
from tests.factories.index import COUNCIL, SCHOOL, rows
from tests.factories.people import Browser, People, sign_in_as
from tests.integration.conftest import quick_passwords
from tests.integration.lookup.conftest import (
    AMARA,
    REASON,
    Connect,
    Index,
    Ledger,
    actor,
    at,
    index,
    ledger,
    people,
    put_in,
)

__all__ = ["actor", "at", "index", "ledger", "people", "quick_passwords"]

template = filled(put_in, scope="module")
CONTACT = Reason(code=ReasonCode.CONTACT)
NOBODY = SearchTerms(family_name="Zzyzx", given_name="Qorvath", birth_date=PartialDate(2011, 2, 3))
ROSA = SearchTerms(family_name="Nightingale", given_name="Rosa", birth_date=PartialDate(2012, 8, 9))
Make = Callable[..., Actor]


def token_for(children: list[UUID], *, me: Actor) -> str:
    """An address of results with these children; what `search` would have kept, good for a year."""
    token = uuid4().hex[:22]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_searchresult (token, sitting, account_id, reason, case_reference, children, tiers, agreements,"
            " too_many, created_at, expires_at) VALUES (%s, %s, %s, 'contact', '', %s::uuid[], %s, %s, false, now(),"
            " now() + interval '1 year')",
            [token, me.sitting, me.ref.account_id, children, ["open"] * len(children), [""] * len(children)],
        )
    return token


def open_child(child: UUID, *, me: Actor, at: datetime, reason: Reason = CONTACT) -> None:
    """Open the page of one child who was found."""
    lookup.open_child(actor=me, token=token_for([child], me=me), position=1, reason=reason, at=at)


def opened_before(me: Actor, times: list[datetime]) -> None:
    """As if so many children had been opened at these times."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_use VALUES (%s, %s, '{}', '{}', '{}', %s, %s, true, 0, 0)",
            [me.ref.account_id, times[-1], list(range(1, len(times) + 1)), times],
        )


def refusal(call: Callable[[], object]) -> Denied:
    """How it was refused."""
    with pytest.raises(Denied) as denied:
        call()
    return denied.value


def search(me: Actor, terms: SearchTerms, at: datetime) -> str:
    """The address of what was found."""
    return lookup.search(actor=me, terms=terms, reason=REASON, at=at).token


# --- the rates, as values


@given(st.lists(st.integers(0, 7200), max_size=120), st.integers(1, 20), st.integers(1, 3600))
def test_within_no_span_is_there_more_than_the_rate(seconds: list[int], most: int, span: int) -> None:
    """Whatever the times, the tries that were let through keep to the rate over every span; and it says rightly when it ends."""
    rate = Rate(limit=Limit.OPENED_AN_HOUR, most=most, within=timedelta(seconds=span))
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)  # the clocks change in the middle
    done: list[datetime] = []
    for second in sorted(seconds):
        now = start + timedelta(seconds=second)
        try:
            check_rate(rate, [*done, now], at=now)
        except Denied as denied:
            again = datetime.fromisoformat(denied.detail[1])
            assert now < again <= now + rate.within
            check_rate(rate, [*done, again], at=again)
        else:
            done.append(now)
    assert all(sum(one - rate.within < other <= one for other in done) <= most for one in done)


# --- one person


@pytest.mark.abuse("T03")
def test_sixty_children_an_hour(index: Index, actor: Make, ledger: Ledger, at: datetime) -> None:
    """The sixty-first is refused and says until when; a child who was open already, and somebody else's children, are not."""
    me, colleague = actor(), actor()
    children = [uuid4() for _ in range(60)]
    for number, child in enumerate(children):
        open_child(child, me=me, at=at + timedelta(seconds=number))
    now = at + timedelta(minutes=2)
    denied = refusal(lambda: open_child(uuid4(), me=me, at=now))
    assert (denied.refusal, denied.detail[0]) == (Refusal.LIMIT_REACHED, Limit.OPENED_AN_HOUR)
    assert datetime.fromisoformat(denied.detail[1]) == (at + timedelta(hours=1)).replace(microsecond=0)
    last = ledger()[-1]
    assert (last["event"], last["outcome"], last["detail"]["because"][0]) == (
        "child:visit:opened",
        "refused",
        "opened_an_hour",
    )
    open_child(children[0], me=me, at=now)
    open_child(uuid4(), me=colleague, at=now)
    # The first was opened again; the second leaves the hour next.
    assert refusal(lambda: open_child(uuid4(), me=me, at=at + timedelta(hours=1))).refusal is Refusal.LIMIT_REACHED
    open_child(uuid4(), me=me, at=at + timedelta(hours=1, seconds=1))


@pytest.mark.abuse("T03")
def test_the_two_hundredth_child_of_a_day_ends_the_account(
    index: Index, actor: Make, ledger: Ledger, at: datetime, as_role: AsRole
) -> None:
    """Within the transaction of its opening: suspended, sittings ended, the manager told, a case opened; nobody else is touched."""
    me, colleague = actor(), actor()
    opened_before(me, [at + timedelta(seconds=61 * number) for number in range(190)])
    for number in range(190, 199):
        open_child(uuid4(), me=me, at=at + timedelta(seconds=61 * number))
    with as_role("owner"):
        [(stamp,)] = rows("SELECT sitting_stamp FROM access_account WHERE id = %s", me.ref.account_id)
        assert rows("SELECT 1 FROM access_suspension") == []
    now = at + timedelta(seconds=61 * 199)
    open_child(uuid4(), me=me, at=now)
    assert ledger()[-1]["detail"] == {"reviews": ["children_opened"]}
    with as_role("owner"):
        [(suspended_at, after)] = rows(
            "SELECT suspended_at, sitting_stamp FROM access_account WHERE id = %s", me.ref.account_id
        )
        assert (suspended_at, stamp == after) == (now, False)
        assert rows("SELECT account_id, because, at, by_id FROM access_suspension") == [
            (me.ref.account_id, "children_opened", now, None)
        ]
        assert rows("SELECT kind, code, owner, opened_by, opened_at FROM cases_case") == [
            ("use_review", "children_opened", COUNCIL, me.ref.account_id, now)
        ]
    for when in (now, now + timedelta(days=2)):
        denied = refusal(lambda when=when: open_child(uuid4(), me=me, at=when))  # type: ignore[misc]
        assert (denied.refusal, denied.detail) == (Refusal.CONDITION_LAPSED, (Condition.ACCOUNT_ACTIVE,))
    open_child(uuid4(), me=colleague, at=now)


@pytest.mark.abuse("T03")
def test_six_hundred_listed_an_hour(index: Index, actor: Make, at: datetime) -> None:
    """Rows of results that were shown, read again or not; an answer with nobody in it costs nothing here and a search there."""
    me = actor()
    child = index.ids["Amara"]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_use VALUES (%s, %s, '{}', %s, %s, '{}', '{}', false, 0, 0)",
            [me.ref.account_id, at, [10] * 59 + [9], [at] * 60],
        )
    token = token_for([child], me=me)
    assert len(lookup.results(actor=me, token=token, at=at).candidates) == 1
    denied = refusal(lambda: lookup.results(actor=me, token=token, at=at + timedelta(minutes=59)))
    assert denied.detail[0] == Limit.LISTED_AN_HOUR
    assert lookup.results(actor=me, token=token_for([], me=me), at=at).candidates == ()
    assert len(lookup.results(actor=me, token=token, at=at + timedelta(minutes=60)).candidates) == 1


@pytest.mark.abuse("T03")
@pytest.mark.parametrize("terms", [AMARA, NOBODY, ROSA], ids=["found", "absent", "sealed"])
def test_searches_count_whatever_they_find(index: Index, actor: Make, terms: SearchTerms, at: datetime) -> None:
    """Two a second and thirty in ten minutes for a child who is there, one who is not, and one who is sealed."""
    me = actor()
    search(me, terms, at)
    search(me, terms, at + timedelta(seconds=0.4))
    denied = refusal(lambda: search(me, terms, at + timedelta(seconds=0.9)))
    assert denied.detail[0] == Limit.SEARCHES_A_SECOND
    for number in range(1, 29):
        search(me, terms, at + timedelta(seconds=number))
    denied = refusal(lambda: search(me, terms, at + timedelta(minutes=5)))
    ends = (at + timedelta(minutes=10)).isoformat(timespec="seconds")
    assert denied.detail == (Limit.SEARCHES_IN_TEN_MINUTES, ends)
    search(me, terms, at + timedelta(minutes=10))


@pytest.mark.abuse("T03")
def test_the_page_is_the_same_whoever_was_looked_for(index: Index, people: People, actor: Make, at: datetime) -> None:
    """429, when it ends, whom to ring; byte for byte the same for a child who is there, one who is not and one who is sealed."""
    somebody = people.somebody()
    me = actor(somebody)
    for number in range(30):
        search(me, NOBODY, at - timedelta(seconds=40 - number))
    browser = Browser()
    sign_in_as(browser, somebody)
    bodies = set()
    for terms in (AMARA, NOBODY, ROSA):
        born = terms.birth_date
        assert born is not None
        typed = {"born-year": str(born.year), "born-month": str(born.month), "born-day": str(born.day)}
        names = {"family_name": terms.family_name, "given_name": terms.given_name}
        answer = browser.post("/search", {**typed, **names, "reason": "contact"})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 500
        bodies.add(re.sub(r'(?:nonce|csrfmiddlewaretoken" value)="[^"]+"', "", answer.content.decode()))
    [body] = bodies
    assert "You can try again from" in body
    assert "Person 1" in body


@pytest.mark.abuse("T03")
def test_a_refused_search_counts_too(index: Index, actor: Make, ledger: Ledger, at: datetime) -> None:
    """Prefixes and names alone are refused, thirty times; then even a whole search is."""
    me = actor()
    for number in range(30):
        terms = SearchTerms(family_name=f"A{number}*")
        denied = refusal(lambda terms=terms, number=number: search(me, terms, at + timedelta(seconds=number)))  # type: ignore[misc]
        assert denied.refusal is Refusal.TOO_FEW_FACTS
    denied = refusal(lambda: search(me, AMARA, at + timedelta(minutes=1)))
    assert denied.detail[0] == Limit.SEARCHES_IN_TEN_MINUTES
    assert [line["outcome"] for line in ledger()[-31:]] == ["refused"] * 31


@pytest.mark.abuse("T03")
def test_requests_at_the_same_time_cannot_pass_together(index: Index, actor: Make, at: datetime) -> None:
    """With 55 children open, sixteen requests at once: five are let through, and the count is 60."""
    me = actor()
    opened_before(me, [at] * 55)
    tokens = [token_for([uuid4()], me=me) for _ in range(16)]
    start = Barrier(len(tokens))

    def try_one(token: str) -> str:
        start.wait()
        try:
            lookup.open_child(actor=me, token=token, position=1, at=at)
        except Denied as denied:
            return denied.detail[0]
        finally:
            connections.close_all()
        return "opened"

    with ThreadPoolExecutor(len(tokens)) as threads:
        ended = list(threads.map(try_one, tokens))
    assert sorted(ended) == sorted(["opened"] * 5 + [Limit.OPENED_AN_HOUR.value] * 11)
    assert rows("SELECT cardinality(opened) FROM access_use WHERE account_id = %s", me.ref.account_id) == [(60,)]


# What a process does that has just been started: it knows an account and nothing else.
BEGIN_ANEW = """
import sys, uuid, django
django.setup()
from datetime import datetime
from childindex.access.sign_in import actor_for
from childindex.access.types import SignInFacts
from childindex.kernel.refusals import Denied
from tests.abuse import test_t03_enumeration as t03
at = datetime.fromisoformat(sys.argv[2])
session = SignInFacts(sitting="another", second_factor=True, role="social_worker", organisation=t03.COUNCIL)
me = actor_for(uuid.UUID(sys.argv[1]), session=session, at=at)
try:
    t03.search(me, t03.NOBODY, at)
except Denied as denied:
    print(*denied.detail)
"""


@pytest.mark.abuse("T03")
def test_a_restart_forgets_nothing(index: Index, actor: Make, database: TestDatabase, at: datetime) -> None:
    """Thirty searches here; the next, in a process that begins anew, is refused."""
    me = actor()
    for number in range(30):
        search(me, NOBODY, at + timedelta(seconds=number))
    now = (at + timedelta(minutes=1)).isoformat()
    ended = subprocess.run(
        [sys.executable, "-c", BEGIN_ANEW, str(me.ref.account_id), now],
        env={**os.environ, "DATABASE_URL": database.url("owner"), "DATABASE_URL_WEB": database.url("web")},
        capture_output=True,
        text=True,
        check=False,
    )
    ends = (at + timedelta(minutes=10)).isoformat(timespec="seconds")
    assert (ended.stdout.split(), ended.stderr) == ([Limit.SEARCHES_IN_TEN_MINUTES.value, ends], "")


# --- organisations and roles


@pytest.mark.abuse("T03")
def test_an_organisation_has_its_share_of_a_day_and_nobody_is_locked_out(
    index: Index, actor: Make, connect: Connect, at: datetime
) -> None:
    """Three times the median of 28 days, at least 300. Beyond it everybody may still open ten children an hour; a case is opened once."""
    me, colleague = actor(), actor()
    owner, today = connect("owner"), policies.england_on(at)
    for ago in range(1, 29):
        owner.execute(
            "INSERT INTO access_organisationuse (organisation_id, day, opened, most) VALUES (%s, %s, %s, 300)",
            [COUNCIL, today - timedelta(days=ago), 120 if ago <= 20 else 4000],
        )
    for _ in range(10):
        open_child(uuid4(), me=me, at=at)
    assert rows("SELECT opened, most FROM access_organisationuse WHERE day = %s", today) == [(10, 360)]
    owner.execute("UPDATE access_organisationuse SET opened = 358 WHERE day = %s", [today])
    again = uuid4()
    open_child(again, me=me, at=at)
    open_child(uuid4(), me=me, at=at)  # the 360th
    cases = "SELECT code FROM cases_case"
    assert owner.execute(cases).fetchall() == [("organisation_opened",)]
    denied = refusal(lambda: open_child(uuid4(), me=me, at=at))
    assert denied.detail[0] == Limit.OPENED_BY_ORGANISATION
    open_child(again, me=me, at=at)
    for _ in range(10):
        open_child(uuid4(), me=colleague, at=at)
    assert refusal(lambda: open_child(uuid4(), me=colleague, at=at)).detail[0] == Limit.OPENED_BY_ORGANISATION
    open_child(uuid4(), me=colleague, at=at + timedelta(minutes=61))
    assert owner.execute(cases).fetchall() == [("organisation_opened",)]


def test_an_organisation_that_is_new_has_the_floor(index: Index, actor: Make, at: datetime) -> None:
    """No days before: 300."""
    open_child(uuid4(), me=actor(), at=at)
    assert rows("SELECT opened, most FROM access_organisationuse") == [(1, policies.ORGANISATION_FLOOR)]


QUOTA = (
    "INSERT INTO access_rolequota (id, role, organisation_id, times, valid_from, valid_to, proposed_by_id, approved_by_id)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)"
)


@pytest.mark.abuse("T03")
def test_more_for_a_role_takes_two_people_and_ends(
    index: Index, actor: Make, people: People, connect: Connect, at: datetime
) -> None:
    """Twice as much from its first day until before its last, for that role at that organisation only, and never by one person."""
    me = actor()
    one, two = people.founders
    owner, today = connect("owner"), policies.england_on(at)
    tomorrow = today + timedelta(days=1)
    opened_before(me, [at] * 60)
    refusal(lambda: open_child(uuid4(), me=me, at=at))
    wrong = [
        ("social_worker", COUNCIL, 2, today, tomorrow, one, None),
        ("social_worker", SCHOOL, 2, today, tomorrow, one, two),
        ("health_visitor", COUNCIL, 2, today, tomorrow, one, two),
        ("social_worker", COUNCIL, 2, today - timedelta(days=9), today, one, two),
        ("social_worker", COUNCIL, 2, tomorrow, tomorrow + timedelta(days=9), one, two),
    ]
    for values in wrong:
        owner.execute(QUOTA, values)
        assert refusal(lambda: open_child(uuid4(), me=me, at=at)).detail[0] == Limit.OPENED_AN_HOUR
    owner.execute(QUOTA, ("social_worker", COUNCIL, 2, today, tomorrow, one, two))
    open_child(uuid4(), me=me, at=at)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(QUOTA, ("social_worker", COUNCIL, 2, today, tomorrow, one, one))


def test_nobody_goes_beyond_the_ceiling_whatever_the_code_does(index: Index, actor: Make, at: datetime) -> None:
    """The table itself refuses more than one beyond a thousand children, and the site cannot delete what it counted."""
    me = actor()
    open_child(uuid4(), me=me, at=at)
    with pytest.raises(IntegrityError, match="use_openings_bounded"), transaction.atomic():
        rows(
            "UPDATE access_use SET opened = array_fill(1::bigint, ARRAY[1002]), opened_at = array_fill(now(), ARRAY[1002])"
            " RETURNING 1"
        )
    assert rows(
        "SELECT has_table_privilege('access_use', 'DELETE'), has_table_privilege('access_organisationuse', 'DELETE')"
    ) == [(False, False)]


# --- a crawler


def crawl(me: Actor, index: Index, queries: int, *, start: datetime) -> tuple[list[tuple[datetime, UUID]], list[int]]:
    """What a program opens and how many rows it is shown, that asks twice a second for whatever a dictionary has."""
    chance = random.Random(7)  # noqa: S311 - the same every time
    found, shown = [], []
    family = ["Okonkwo", "Fairweather", "Nightingale", "Okonkwa", "Smith", "Ok", "O*", "Patel"]
    for number in range(queries):
        now = start + timedelta(seconds=number / 2)
        born = date(2009, 1, 1) + timedelta(days=chance.randrange(6000))
        known = chance.random() < 0.3
        terms = AMARA if known else SearchTerms(
            family_name=chance.choice(family), given_name="Amara", birth_date=PartialDate(born.year, born.month, born.day)
        )  # fmt: skip
        try:
            token = search(me, terms, now)
            shown.append(len(lookup.results(actor=me, token=token, at=now).candidates))
            child = uuid4()
            lookup.open_child(actor=me, token=token_for([child], me=me), position=1, at=now)
            found.append((now, child))
        except Denied:
            continue
    return found, shown


@pytest.mark.abuse("T03")
@pytest.mark.parametrize("queries", [250, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_crawler(index: Index, actor: Make, queries: int, at: datetime, as_role: AsRole) -> None:
    """Never more than ten rows, 60 children an hour and 200 a day; and with its last the account is over."""
    me = actor()
    found, shown = crawl(me, index, queries, start=at)
    assert max(shown) <= 10
    for when, _ in found:
        assert sum(when - timedelta(hours=1) < other <= when for other, _ in found) <= 60
    assert len(found) <= 200
    # No faster than thirty searches in ten minutes, whatever is asked for.
    assert len(shown) <= 30 * (1 + queries // 1200)
    assert len(found) > 10


@pytest.mark.abuse("T03")
@pytest.mark.long
def test_a_patient_crawler_is_suspended(index: Index, actor: Make, at: datetime, as_role: AsRole) -> None:
    """Just below every rate, until the two hundredth child; never a two hundred and first, that day or later."""
    me = actor()
    opened = 0
    for number in range(400):
        try:
            open_child(uuid4(), me=me, at=at + timedelta(seconds=61 * number))
            opened += 1
        except Denied as denied:
            assert denied.refusal is Refusal.CONDITION_LAPSED  # noqa: PT017
    assert opened == 200


@pytest.mark.abuse("T03")
def test_guessed_addresses_find_nothing(index: Index, people: People, actor: Make) -> None:
    """Random tokens and handles, in a browser: 404 every time, whatever is tried."""
    browser = Browser()
    sign_in_as(browser, people.somebody())
    for _ in range(5):
        guess = uuid4().hex[:22]
        for path in (f"/results/{guess}", f"/child/{guess}", f"/child/{index.ids['Amara']}"):
            assert browser.get(path).status_code == 404


def test_worker_forgets_what_no_limit_looks_back_to(index: Index, actor: Make, at: datetime, as_role: AsRole) -> None:
    """After a day nothing says who looked for anybody."""
    me, colleague = actor(), actor()
    search(me, NOBODY, at)
    search(colleague, NOBODY, at + timedelta(minutes=1))
    with as_role("worker"):
        assert settings.PROCESS == "worker"
        assert limits.forget_uses(at=at + timedelta(days=1, seconds=1)) == 1
    assert rows("SELECT account_id FROM access_use") == [(colleague.ref.account_id,)]
