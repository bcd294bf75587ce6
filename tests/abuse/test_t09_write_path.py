"""T09: somebody writes about a child, twice, at once or straight into the database, and learns from the refusal that the child is there.

Passes when whatever is written about a sealed child has the same status, text and side effects as about a child who was never there; no conflict and
no unique violation reaches a user; ids are random; and receipts of deliveries near a protected child equal those of a new one.
"""

from __future__ import annotations

import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
from django.utils import timezone
from psycopg import sql

from childindex.access.sign_in import operator
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, SourceRecord, Tier
from childindex.kernel.numbers import new_index_number
from childindex.kernel.people import Channel
from childindex.upkeep.usecases import judge, proposals
from tests.abuse import canaries, crawl, protected_index, same
from tests.abuse.protected_index import Made
from tests.database import AsRole
from tests.factories.index import a_record, deliver, leave_out
from tests.factories.people import Browser

template = protected_index.template
Connect = Callable[[str], "psycopg.Connection[tuple[Any, ...]]"]
ABSENT: Final = replace(
    canaries.identity(Tier.SEALED),
    family_name="Zqabsentfam",
    given_name="Zqabsentgiv",
    middle_names="Zqabsentmid",
    known_as="Zqabsentknw",
    former_family_name="Zqabsentfor",
    birth_date=PartialDate(2011, 4, 23),
    nhs_number=canaries.ABSENT_NHS[0],
    upn="",
    uprn="",
    address="9 Zqabsent Lane",
    postcode="M1 1AA",
    carers=(),
)


# --- what is written, and what it leaves behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Rows added to each table, jobs asked for, and the shape of what was written in the ledger."""

    rows: tuple[tuple[str, int], ...]
    jobs: tuple[str, ...]
    ledger: tuple[tuple[str, str, str, int], ...]


class Watch:
    """Sees everything that a request leaves behind, as the database's owner."""

    def __init__(self, connect: Connect) -> None:
        self._owner = connect("owner")
        self._tables = [
            str(name)
            for (name,) in self._owner.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'guard')"
                " AND tablename NOT IN ('django_session', 'childindex_cache')"
            ).fetchall()
        ]
        self._all = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(name), sql.SQL(name)) for name in self._tables
        )

    def _counts(self) -> Counter[str]:
        return Counter({str(name): int(many) for name, many in self._owner.execute(self._all).fetchall()})

    def effects(self, act: Callable[[], same.Answer]) -> tuple[same.Answer, Effects]:
        """Does something and says what it left."""
        before, began = self._counts(), timezone.now()
        answer = act()
        after = self._counts()
        changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
        ledger = self._owner.execute(
            "SELECT event, outcome, detail::text, cardinality(children) FROM audit_ledgerentry WHERE at >= %s ORDER BY at, event",
            [began],
        ).fetchall()
        jobs = self._owner.execute(
            "SELECT task_name FROM procrastinate_jobs ORDER BY id DESC LIMIT %s",
            [changed.get("public.procrastinate_jobs", 0)],
        )
        return answer, Effects(
            rows=tuple(sorted(changed.items())),
            jobs=tuple(str(name) for (name,) in jobs.fetchall()),
            ledger=tuple((event, outcome, same.without_lots(detail), many) for event, outcome, detail, many in ledger),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One child as somebody outside may try to name it."""

    identity: Identity
    number: str
    token: str
    handle: str
    ids: tuple[str, ...]


def targets(made: Made) -> tuple[Target, Target]:
    """The sealed child, by everything that once led to them, and one who was never there by what never led anywhere."""
    sealed = made.children[Tier.SEALED]
    ids = [sealed.ids["line social_work"], made.asked[1]]
    there = Target(
        identity=canaries.identity(Tier.SEALED),
        number=sealed.number,
        token=made.left[Tier.SEALED].token,
        handle=made.left[Tier.SEALED].handle,
        ids=tuple(str(one) for one in ids),
    )
    never = Target(
        identity=ABSENT,
        number=new_index_number(),
        token=secrets.token_urlsafe(16),
        handle=secrets.token_urlsafe(16),
        ids=tuple(str(uuid4()) for _ in ids),
    )
    return there, never


def _day(who: Identity) -> dict[str, str]:
    day = who.birth_date
    assert day is not None
    return {"born-day": str(day.day), "born-month": str(day.month), "born-year": str(day.year)}


def writes(target: Target, other: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every way to write about a child: what it is, the address, and what is sent. `other` is an open child's number."""
    who, place = target.identity, f"/child/{target.handle}"
    names = {"family_name": who.family_name, "given_name": who.given_name, **_day(who)}
    day = {"day-day": "1", "day-month": "2", "day-year": "2025"}
    yield "search", "/search", {**names, "reason": "contact"}
    yield "create", "/propose", {**names, "sex": "male", "nhs_number": who.nhs_number}
    yield "open", f"/results/{target.token}/open", {"position": "1", "reason": "contact"}
    yield "declare", f"{place}/involvement", {"service_type": "social_work", **day}
    yield "contact", f"{place}/contact", {"family_knows": "no", "case_reference": ""}
    for line in target.ids:
        yield "end", f"{place}/involvement/{line}/end", day
        yield "confirm", f"{place}/involvement/{line}/confirm", {}
        yield "phone", f"{place}/involvement/{line}/phone", {}
        yield "judge", f"/matches/{line}", {"verdict": "linked", "chosen": line, "because": "as_shown"}
        yield "merge answered", f"/merges/{line}/answer", {"answer": "confirm"}
        yield "split answered", f"/splits/{line}/answer", {"answer": "confirm"}
        yield "notice", f"/notices/{line}/move", {"state": "approved"}
        yield "sampled", f"/quality/{line}", {"said": "same"}
    for keep, gone in ((target.number, other), (other, target.number)):
        yield "merge", "/merges/propose", {"keep": keep, "other": gone, "ground": "checked_with_family"}
    yield "split", "/splits/propose", {"number": target.number, "how": "new", "ground": "reported"}


HEADERS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Idempotency-Key": "the-same-key-for-both", "If-None-Match": "*"},
    {"Idempotency-Key": "the-same-key-for-both", "If-Match": '"1"'},
)


@pytest.mark.abuse("T09")
@pytest.mark.parametrize("role", ["social_worker", "data_steward"])
def test_writing_about_a_sealed_child_is_as_writing_about_nobody(made: Made, connect: Connect, role: str) -> None:
    """By every address that writes, twice with the same key, the answer and everything it leaves behind are the same."""
    browser = protected_index.browser_of(made.people[role])
    watch, refresh = Watch(connect), protected_index.unlimited(connect)
    open_number = (
        connect("owner").execute("SELECT index_number FROM children_child WHERE given_name = 'Amara'").fetchone()
    )
    assert open_number is not None
    browser.post("/search", {"family_name": "Nobody", "given_name": "Atall", "born-year": "2015", "reason": "contact"})
    there, never = (list(writes(one, open_number[0])) for one in targets(made))
    done: Counter[int] = Counter()
    for (what, address, sent), (_, elsewhere, otherwise) in zip(there, never, strict=True):
        for headers in HEADERS[: 3 if what == "create" else 1]:
            both = []
            for where, typed in ((address, sent), (elsewhere, otherwise)):
                refresh()
                both.append(watch.effects(partial(_sent, browser, where, typed, headers)))
            assert both[0] == both[1], (what, role)
            done[both[0][0].status] += 1
    assert not set(done) & {409, 412, 428, 500, 503}, done
    assert done[404] > 6
    if role == "social_worker":
        assert done[303] >= 2


def _sent(browser: Browser, address: str, sent: dict[str, str], headers: dict[str, str]) -> same.Answer:
    reply: Any = browser.post(address, sent, headers=headers)
    assert not {"ETag", "Last-Modified"} & set(reply.headers)
    return same.answer(reply, tuple(sent.values()))


@pytest.mark.abuse("T09")
def test_a_proposal_near_a_sealed_child_waits_as_one_near_nobody(made: Made, connect: Connect, as_role: AsRole) -> None:
    """The worker compares both; what a steward may see and what is written down is the same."""
    browser = protected_index.browser_of(made.people["social_worker"])
    watch, refresh = Watch(connect), protected_index.unlimited(connect)
    seen = []
    for target in targets(made):
        refresh()
        browser.post(
            "/search", {"family_name": "Nobody", "given_name": "Atall", "born-year": "2015", "reason": "contact"}
        )
        who = target.identity
        browser.post(
            "/propose", {"family_name": who.family_name, "given_name": who.given_name, **_day(who), "sex": "male"}
        )
        found = connect("owner").execute("SELECT id FROM upkeep_proposal WHERE matched_at IS NULL").fetchall()
        [(proposal,)] = found

        def compare(proposal: UUID = proposal) -> same.Answer:
            now = timezone.now()
            with as_role("worker"):
                proposals.match_proposal(actor=operator(channel=Channel.WORKER, at=now), proposal_id=proposal, at=now)
            with as_role("web"):
                waiting = judge.queue(actor=protected_index.actor(made.people["data_steward"]), at=timezone.now())
            return same.Answer(status=0, headers=(), cookies=(), body=str(len(waiting.lines)), length=0)

        seen.append(watch.effects(compare))
    assert seen[0] == seen[1]


# --- straight into the database


@pytest.mark.abuse("T09")
def test_no_unique_index_that_the_site_writes_knows_a_protected_child(made: Made, connect: Connect) -> None:
    """What is not in an index cannot be answered by it: of every unique index of every table that the site's login adds to."""
    owner, marks = connect("owner"), [*made.words(), *made.ids(), *_shielded_ids(made)]
    indexes = owner.execute(
        "SELECT format('%I.%I', n.nspname, c.relname), i.indexrelid::regclass::text,"
        " (SELECT array_agg(quote_ident(a.attname)) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(i.indkey)),"
        " coalesce(pg_get_expr(i.indpred, i.indrelid), 'true')"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE i.indisunique AND has_any_column_privilege('childindex_web', c.oid, 'INSERT')"
    ).fetchall()
    assert {"merge_proposed_once", "involvement_involvement_pkey"} <= {index for _, index, *_ in indexes}
    told = {}
    for table, index, columns, where in indexes:
        keys = sql.SQL("SELECT ROW({})::text FROM {} WHERE {}").format(
            sql.SQL(", ".join(columns)), sql.SQL(table), sql.SQL(where)
        )
        kept = "\n".join(str(key) for (key,) in owner.execute(keys).fetchall())
        if seen := canaries.found_in(kept, marks):
            told[index] = seen
    assert told == {}


def _shielded_ids(made: Made) -> list[canaries.Canary]:
    return canaries.ids_of(Tier.SHIELDED, {"id": made.children[Tier.SHIELDED].id})


_LINE: Final = (
    "INSERT INTO involvement_involvement (id, child_id, tier, source, record_id, reference, service_type, sensitive, organisation, team,"
    " practitioner_name, practitioner_role, phone, email, out_of_hours_phone, claims_lead, lead_professional, assessment, as_of, recorded_by)"
    " VALUES (%(new)s, %(child)s, 'open', %(source)s, %(record)s, %(reference)s, 'social_work', false, 'gss:E08000003', '', '', '', '', '', '',"
    " false, false, 'none', now(), %(by)s)"
)
_CASE: Final = (
    "INSERT INTO cases_case (id, kind, child_id, opened_for, owner, code, family_knows, case_reference, opened_at, due_at, outcome)"
    " VALUES (%(new)s, 'contact_request', %(child)s, '', '', 'shielded_child', 'no', '', now(), now(), '')"
)
_MERGE: Final = (
    "INSERT INTO upkeep_merge (id, kept_id, merged_id, authority, other_authority, ground, state, proposed_by, proposed_at)"
    " VALUES (%(new)s, %(by)s, %(child)s, 'E08000003', 'E08000003', 'checked_with_family', 'proposed', %(by)s, now())"
)
_VISIT: Final = (
    "INSERT INTO cases_visit (handle, sitting, account_id, role, organisation, child_id, reason, case_reference, opened_at, expires_at)"
    " VALUES (left(%(new)s::text, 30), 's', %(by)s, '', '', %(child)s, 'contact', '', now(), now() + interval '1 hour')"
)


@pytest.mark.abuse("T09")
@pytest.mark.parametrize("statement", [_LINE, _CASE, _MERGE, _VISIT], ids=["line", "case", "merge", "visit"])
def test_the_sites_login_is_answered_alike_by_the_database(made: Made, connect: Connect, statement: str) -> None:
    """Somebody who has the site's own login and knows a sealed child's ids learns nothing from what the database answers."""
    sealed, line = made.children[Tier.SEALED], canaries.involvement(Tier.SEALED, "social_work")
    by = uuid4()
    answers = []
    for child, record, reference in (
        (sealed.id, canaries.mark(Tier.SEALED, "care record_id"), line.involvement_id),
        (uuid4(), "never", "never"),
    ):
        values = {"new": uuid4(), "child": child, "source": "care", "record": record, "reference": reference, "by": by}
        try:
            connect("web").execute(statement, values)
            answers.append("done")
        except psycopg.Error as error:
            answers.append(f"{error.sqlstate} {error.diag.constraint_name}")
    assert answers[0] == answers[1]
    assert not answers[0].startswith("23505")


# --- ids


@pytest.mark.abuse("T09")
def test_ids_say_nothing_of_how_many_there_are_or_who_came_when(made: Made, connect: Connect) -> None:
    """No child's id or number follows another; the site's login reads no counter that children move."""
    drawn = [new_index_number() for _ in range(400)]
    rises = sum(one < other for one, other in itertools.pairwise(drawn))
    assert len(set(drawn)) == len(drawn)
    assert 150 < rises < 250
    ids = [UUID(str(one)) for (one,) in connect("owner").execute("SELECT id FROM children_child").fetchall()]
    assert {one.version for one in ids} == {4}
    counters = connect("owner").execute(
        "SELECT relname FROM pg_class WHERE CASE relkind WHEN 'S' THEN has_sequence_privilege('childindex_web', oid, 'USAGE, SELECT') END"
    )
    # Sign-in's own and those of jobs, which everything that a page does alike asks for alike; none of a table that holds a child.
    kinds = {str(name).split("_")[0] for (name,) in counters.fetchall()}
    assert kinds <= {"account", "mfa", "axes", "procrastinate", "access"}


# --- receipts of deliveries


def steps(who: Identity, record_id: str) -> Iterator[Callable[[], object]]:
    """A supplier's record: first, again, changed, in a later file, and no longer."""

    def row(**facts: Any) -> SourceRecord:
        return a_record("births", record_id, identity=replace(who, **facts))

    yield lambda: deliver(row(), kind="delta")
    yield lambda: deliver(row(), kind="delta")
    yield lambda: deliver(
        replace(row(address="1 New Road"), updated_on=date(2026, 11, 6)), as_at=date(2026, 11, 6), kind="delta"
    )
    yield lambda: deliver(
        replace(row(given_name="Other"), updated_on=date(2026, 11, 7)), as_at=date(2026, 11, 7), kind="delta"
    )
    yield lambda: leave_out("births", [record_id], as_at=date(2026, 11, 9))


@pytest.mark.abuse("T09")
@pytest.mark.process("worker")
@pytest.mark.parametrize("tier", protected_index.PROTECTED)
def test_a_receipt_near_a_protected_child_is_that_of_a_new_one(made: Made, tier: Tier) -> None:
    """Every count a supplier is given is what a stranger's row gives, first, again, changed and withdrawn."""
    near = replace(canaries.identity(tier), carers=(), address="2 Elsewhere Road")
    pairs = zip(steps(near, "near"), steps(ABSENT, "stranger"), strict=True)
    for number, (one, other) in enumerate(pairs):
        assert one() == other(), number


def test_the_watch_sees_what_differs(made: Made, connect: Connect) -> None:
    """Writing about an open child leaves something else behind than writing about nobody: the comparison can see."""
    browser = protected_index.browser_of(made.people["social_worker"])
    watch, visitor = Watch(connect), crawl.Visitor(browser=browser, role="", canaries=[])
    handle = visitor.open_child(visitor.search({"family_name": "Okonkwo", "given_name": "Amara", "born-year": "2015"}))
    sent = {"service_type": "social_work", "day-day": "1", "day-month": "2", "day-year": "2025"}
    there = watch.effects(lambda: _sent(browser, f"/child/{handle}/involvement", sent, {}))
    never = watch.effects(lambda: _sent(browser, f"/child/{'A' * 22}/involvement", sent, {}))
    assert there[0].status == 303
    assert there[1] != never[1]
