"""T01: somebody whose organisation, agreement, check, training or role is not in date uses the index all the same.

Passes when each of 10,000 combinations of the five gates with dates at midnight in England, on 29 February, where the clocks change
and between clocks that disagree is answered with 403, the one generic page, no byte of a child and exactly one entry that names the
failing gates; and when whoever is taken out during a sitting is refused with the next request, in every sitting.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from childindex.access.sign_in import actor_for
from childindex.access.types import Actor, Condition, SignInFacts, StandingState, SuspendedBecause
from childindex.access.usecases import leaving, standing
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from tests.database import filled, type_connection
from tests.factories.index import COUNCIL
from tests.factories.people import Browser, MadeUp, People, sign_in_as
from tests.integration.lookup.conftest import (
    AMARA,
    REASON,
    Connect,
    Index,
    actor,
    at,
    index,
    ledger,
    opened,
    people,
    put_in,
)

__all__ = ["actor", "at", "index", "ledger", "people"]

template = filled(put_in, scope="module")
ENGLAND = ZoneInfo("Europe/London")
Make = Callable[..., Actor]
# A child's name and whereabouts, a carer, a worker, a telephone: whatever of these is in a page is a byte of a child.
OF_A_CHILD = ("Amara", "Okonkwo", "Sam Porter", "0161 496 0100", "M1 1AA", "ci-identity-bar")


# --- five gates and any day, said once more in the plainest words


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The days of one person's papers; None is a paper that is not there."""

    accredited: bool
    opened_on: date | None
    newer_agreement_from: date
    check_issued_on: date
    update_seen_on: date | None
    trained_on: date
    newer_course_from: date
    granted_from: date
    granted_to: date | None


def years_later(day: date, years: int) -> date:
    """The same day of another year; of 29 February, the day before 1 March."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(day.year + years, day.month, last)


def failing(papers: Papers, today: date) -> set[str]:
    """The gates that these papers do not pass on a day in England."""
    found = set()
    if not papers.accredited:
        found.add("organisation_accredited")
    if papers.opened_on is None or today < papers.opened_on:
        found.add("organisation_open")
    if today >= papers.newer_agreement_from:
        found.add("agreement_accepted")
    fresh = papers.update_seen_on is not None and timedelta(0) <= today - papers.update_seen_on <= timedelta(days=7)
    young = today <= years_later(papers.check_issued_on, 3)
    if papers.check_issued_on > today or not (young or fresh):
        found.add("check_in_date")
    late = today > years_later(papers.trained_on, 1) or today >= papers.newer_course_from
    if papers.trained_on > today or late:
        found.add("training_in_date")
    if today < papers.granted_from or (papers.granted_to is not None and today >= papers.granted_to):
        found.add("role_active")
    return found


NASTY = st.sampled_from(
    [
        date(2027, 2, 28),
        date(2027, 3, 1),
        date(2028, 2, 28),
        date(2028, 2, 29),
        date(2028, 3, 1),
        date(2029, 2, 28),
        date(2029, 3, 1),
        date(2031, 2, 28),
        date(2031, 3, 1),
        date(2027, 3, 28),
        date(2027, 10, 31),
        date(2027, 12, 31),
        date(2028, 1, 1),
        date(2027, 3, 29),
        date(2027, 11, 1),
    ]
)
DAYS = st.one_of(NASTY, st.dates(date(2027, 1, 1), date(2029, 12, 31)))
# Just before, at and just after midnight in England, which is another hour elsewhere; the hours of the clock change; noon.
CLOCK = st.sampled_from(
    [
        timedelta(0),
        timedelta(microseconds=1),
        timedelta(hours=1, minutes=30),
        timedelta(hours=2),
        timedelta(hours=12),
        timedelta(hours=23, minutes=59, seconds=59, microseconds=999_999),
    ]
)
NEAR = st.sampled_from([-1, 0, 1])
FAR = timedelta(days=400)


EDGE = st.sampled_from(["state", "opened", "agreement", "check", "update", "trained", "course", "from", "to"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[datetime, Papers]:
    """An instant, and papers that are good on that day but for one or two that are at an edge, good or not."""
    today = draw(DAYS)
    instant = datetime(today.year, today.month, today.day, tzinfo=ENGLAND) + draw(CLOCK)
    edges = {draw(EDGE), draw(EDGE)}

    def near() -> date:
        return today + timedelta(days=draw(NEAR))

    checked = (
        years_later(near(), -3) + timedelta(days=draw(NEAR))
        if edges & {"check", "update"}
        else today - timedelta(days=30)
    )
    papers = Papers(
        accredited="state" not in edges or draw(st.booleans()),
        opened_on=near() if "opened" in edges else today - FAR,
        newer_agreement_from=near() if "agreement" in edges else today + FAR,
        check_issued_on=checked,
        update_seen_on=max(checked, near() - timedelta(days=draw(st.sampled_from([0, 6, 7, 8]))))
        if "update" in edges
        else None,
        trained_on=years_later(near(), -1) + timedelta(days=draw(NEAR))
        if "trained" in edges
        else today - timedelta(days=30),
        newer_course_from=near() if "course" in edges else today + FAR,
        granted_from=near() if "from" in edges else today - FAR,
        granted_to=today + timedelta(days=draw(st.sampled_from([0, 1, 2]))) if "to" in edges else None,
    )
    if papers.granted_to is not None and papers.granted_to <= papers.granted_from:
        papers = Papers(
            **{name: getattr(papers, name) for name in Papers.__slots__}
            | {"granted_to": papers.granted_from + timedelta(days=1)}
        )
    return instant.astimezone(UTC), papers


WRITE = """
UPDATE access_standing SET state = %(state)s, opened_on = %(opened_on)s WHERE organisation_id = %(council)s;
UPDATE access_agreement SET current_from = %(newer_agreement_from)s WHERE version = 2;
UPDATE access_enhancedcheck SET issued_on = %(check_issued_on)s, update_service_current_on = %(update_seen_on)s WHERE account_id = %(account)s;
UPDATE access_trainingrecord SET completed_on = %(trained_on)s WHERE account_id = %(account)s;
UPDATE access_course SET deadline_on = %(newer_course_from)s WHERE version = 2;
UPDATE access_grant SET valid_from = %(granted_from)s, valid_to = %(granted_to)s WHERE account_id = %(account)s;
UPDATE django_session SET expire_date = '2999-01-01'
"""
PREPARE = """
INSERT INTO access_agreement (version, text, text_hash, current_from)
VALUES (2, 'Newer.', encode(sha256(convert_to('Newer.', 'UTF8')), 'hex'), '2199-01-01');
INSERT INTO access_course (version, published_on, deadline_on) VALUES (2, '2020-01-01', '2199-01-01');
UPDATE cases_visit SET opened_at = '2001-01-01', expires_at = '2999-01-01'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Somebody at work with a child's page open, and the owner of the database beside them."""

    me: MadeUp
    browser: Browser
    page: str
    owner: type_connection
    monkeypatch: pytest.MonkeyPatch

    def entries(self) -> list[tuple[Any, ...]]:
        """What the ledger says of them, the oldest first."""
        return self.owner.execute(
            "SELECT event, outcome, children, detail FROM audit_ledgerentry WHERE account_id = %s ORDER BY ctid DESC LIMIT 3",
            [self.me.account_id],
        ).fetchall()

    def count(self) -> int:
        """How many entries there are."""
        [(number,)] = self.owner.execute(
            "SELECT count(*) FROM audit_ledgerentry WHERE account_id = %s", [self.me.account_id]
        ).fetchall()
        return int(number)

    def write(self, papers: Papers) -> None:
        """Make the papers say this."""
        values: dict[str, Any] = {name: getattr(papers, name) for name in Papers.__slots__}
        values |= {
            "state": "accredited" if papers.accredited else "suspended",
            "council": COUNCIL,
            "account": self.me.account_id,
        }
        for statement in WRITE.split(";"):
            self.owner.execute(statement, values)

    def ask(self, path: str, *, at: datetime) -> Any:
        """One request as if it were then."""
        with self.monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda: at)
            return self.browser.get(path)


@pytest.fixture
def desk(index: Index, people: People, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A social worker of the council with Amara's page open."""
    me, browser, owner = people.somebody(), Browser(), connect("owner")
    sign_in_as(browser, me)
    typed = {"family_name": "Okonkwo", "given_name": "Amara", "born-day": "14", "born-month": "3", "born-year": "2015"}
    results = browser.post("/search", {**typed, "reason": "contact"})["Location"]
    page = browser.post(f"{results}/open", {"position": "1"})["Location"]
    for statement in PREPARE.split(";"):
        owner.execute(statement)
    return Desk(me=me, browser=browser, page=page, owner=owner, monkeypatch=monkeypatch)


def generic(html: str) -> str:
    """A page without what is made anew for each."""
    return re.sub(r'(?:nonce|value)="[A-Za-z0-9+/=_-]{16,}"', "", html)


def check_case(desk: Desk, instant: datetime, papers: Papers) -> None:
    """One combination: let in with the child's page, or turned away with nothing of a child and one entry."""
    desk.write(papers)
    expected = failing(papers, instant.astimezone(ENGLAND).date())
    before = desk.count()
    answer = desk.ask(desk.page, at=instant)
    text = answer.content.decode()
    new = desk.entries()[: desk.count() - before]
    if not expected:
        assert (answer.status_code, OF_A_CHILD[0] in text, len(new)) == (200, True, 1)
        return
    assert answer.status_code == 403
    assert [word for word in OF_A_CHILD if word in text] == []
    [(event, outcome, children, detail)] = new
    assert (event, outcome, children) == ("access:gate:refused", "refused", [])
    assert set(detail["because"]) == expected


QUICK = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.abuse("T01")
def test_any_gate_on_any_day(desk: Desk) -> None:
    """Some hundred combinations, through the whole site."""
    seen = []

    @QUICK
    @given(cases())
    def one(case: tuple[datetime, Papers]) -> None:
        seen.append(bool(failing(case[1], case[0].astimezone(ENGLAND).date())))
        check_case(desk, *case)

    one()
    # Both ways often enough: or the test would say nothing.
    assert min(seen.count(True), seen.count(False)) > 15


@pytest.mark.abuse("T01")
@pytest.mark.long
def test_any_gate_on_any_day_ten_thousand_times(desk: Desk) -> None:
    """The same, 10,000 times."""
    settings(QUICK, max_examples=10_000)(given(cases())(lambda case: check_case(desk, *case)))()


@pytest.mark.abuse("T01")
def test_the_page_is_the_same_whatever_was_asked_for(desk: Desk) -> None:
    """A child's page, a search, a page that is for others, results of somebody else: one body for each failing gate."""
    day = date(2028, 2, 29)
    good = Papers(
        accredited=True, opened_on=day - FAR, newer_agreement_from=day + FAR, check_issued_on=day - timedelta(days=9),
        update_seen_on=None, trained_on=day - timedelta(days=500), newer_course_from=day + FAR, granted_from=day - FAR, granted_to=None,
    )  # fmt: skip
    desk.write(good)
    noon = datetime(2028, 2, 29, 12, tzinfo=UTC)
    paths = (desk.page, "/", "/team", "/results/AAAAAAAAAAAAAAAAAAAAAA", "/child/AAAAAAAAAAAAAAAAAAAAAA", "/propose")
    assert len({generic(desk.ask(path, at=noon).content.decode()) for path in paths}) == 1


@pytest.mark.abuse("T01")
@pytest.mark.parametrize(
    "skew", [timedelta(seconds=-2), timedelta(microseconds=-1), timedelta(microseconds=1), timedelta(seconds=2)]
)
def test_clocks_that_disagree_let_nobody_in(desk: Desk, actor: Make, skew: timedelta) -> None:
    """The gate's clock says in date, the use case's does not: the use case reads the facts again, and refuses by its own clock."""
    day = date(2028, 2, 29)
    midnight = datetime(2028, 2, 29, tzinfo=ENGLAND).astimezone(UTC)
    ends_today = Papers(
        accredited=True, opened_on=day - FAR, newer_agreement_from=day + FAR, check_issued_on=day - timedelta(days=9),
        update_seen_on=None, trained_on=day - timedelta(days=9), newer_course_from=day + FAR, granted_from=day - FAR, granted_to=day,
    )  # fmt: skip
    desk.write(ends_today)
    session = SignInFacts(sitting="s", second_factor=True, role=desk.me.role, organisation=desk.me.organisation)
    me = actor_for(desk.me.account_id, session=session, at=midnight - timedelta(hours=1))
    assert me is not None
    assert me.lapsed == ()

    def search(when: datetime) -> None:
        lookup.search(actor=me, terms=AMARA, reason=REASON, at=when)

    if skew < timedelta(0):
        search(midnight + skew)
    else:
        with pytest.raises(Denied) as denied:
            search(midnight + skew)
        assert (denied.value.refusal, denied.value.detail) == (Refusal.CONDITION_LAPSED, (Condition.ROLE_ACTIVE,))


# --- taken out in the middle of a sitting


def by_manager_ending(person: MadeUp, people: People, make: Make) -> None:
    leaving.end_access(actor=make(people.somebody("access_manager")), account_id=person.account_id, at=timezone.now())


def by_manager_suspending(person: MadeUp, people: People, make: Make) -> None:
    manager = make(people.somebody("access_manager"))
    leaving.suspend(actor=manager, account_id=person.account_id, because=SuspendedBecause.BARRED, at=timezone.now())


def by_suspending_the_organisation(person: MadeUp, people: People, make: Make) -> None:
    del person
    people.organisation("gss:E08000099", name="Another Council")
    me = make(people.somebody("index_administrator", organisation="gss:E08000099"))
    standing.move(actor=me, organisation=COUNCIL, to=StandingState.SUSPENDED, at=timezone.now())


TAKEN_OUT = {
    "grant ended": (by_manager_ending, Condition.ROLE_ACTIVE),
    "account suspended": (by_manager_suspending, Condition.ACCOUNT_ACTIVE),
    "organisation suspended": (by_suspending_the_organisation, Condition.ORGANISATION_ACCREDITED),
}


@pytest.mark.abuse("T01")
@pytest.mark.parametrize("how", TAKEN_OUT)
def test_whoever_is_taken_out_is_out_with_the_next_request_in_every_sitting(
    how: str, index: Index, people: People, actor: Make, connect: Connect
) -> None:
    """Two browsers signed in, a child's page open in one: neither shows anything more, and signing in again leads to the gate."""
    take_out, condition = TAKEN_OUT[how]
    person = people.somebody()
    browsers = [Browser(), Browser()]
    sign_in_as(browsers[0], person)
    owner = connect("owner")
    owner.execute("DELETE FROM childindex_cache")  # a code may be used again: it is another sitting, not another test
    sign_in_as(browsers[1], person)
    me = actor(person)
    handle = opened(me, AMARA, at=timezone.now())
    assert [one.get("/my-access").status_code for one in browsers] == [200, 200]
    take_out(person, people, actor)
    for one in browsers:
        for path in ("/", f"/child/{handle}", "/my-access"):
            answer = one.get(path)
            assert (answer.status_code, answer["Location"]) == (302, "/sign-in")
    with pytest.raises(Denied) as denied:
        lookup.view_child(actor=me, handle=handle, at=timezone.now())
    assert (denied.value.refusal, denied.value.detail) == (Refusal.CONDITION_LAPSED, (condition,))
    owner.execute("DELETE FROM childindex_cache")
    sign_in_as(browsers[0], person)
    before = owner.execute("SELECT count(*) FROM audit_ledgerentry").fetchone()
    answer = browsers[0].get(f"/child/{handle}")
    assert answer.status_code == 403
    assert [word for word in OF_A_CHILD if word in answer.content.decode()] == []
    lines = owner.execute("SELECT outcome, detail FROM audit_ledgerentry ORDER BY ctid DESC LIMIT 1").fetchall()
    after = owner.execute("SELECT count(*) FROM audit_ledgerentry").fetchone()
    assert before is not None
    assert after is not None
    assert (after[0] - before[0], lines[0][0], lines[0][1]["because"]) == (1, "refused", [condition.value])


@pytest.mark.abuse("T01")
@pytest.mark.parametrize(
    ("statement", "condition"),
    [
        ("DELETE FROM access_enhancedcheck WHERE account_id = %s", Condition.CHECK_IN_DATE),
        ("DELETE FROM access_trainingrecord WHERE account_id = %s", Condition.TRAINING_IN_DATE),
        ("DELETE FROM access_agreementacceptance WHERE account_id = %s", Condition.AGREEMENT_ACCEPTED),
    ],
    ids=["check", "training", "agreement"],
)
def test_a_paper_that_is_withdrawn_counts_from_the_next_request(
    desk: Desk, statement: str, condition: Condition
) -> None:
    """Nothing is kept from one request to the next."""
    assert desk.browser.get("/my-access").status_code == 200
    desk.owner.execute(statement, [desk.me.account_id])
    before = desk.count()
    answer = desk.browser.get(desk.page)
    assert answer.status_code == 403
    assert desk.count() - before == 1
    assert desk.entries()[0][3]["because"] == [condition.value]
