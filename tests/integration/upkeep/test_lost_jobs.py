"""What people decided is applied even if the worker's job is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app as app_before_setup
from psycopg.types.json import Jsonb

from childindex.access.types import Actor
from childindex.kernel.refusals import Denied, Refusal
from childindex.supply.usecases import settle
from childindex.supply.usecases.settle import apply_decision, resume_decisions
from childindex.upkeep.usecases import judge
from tests.factories.index import a_record, deliver, rows, worker
from tests.integration.lookup.conftest import AsRole, Connect, Ledger
from tests.integration.upkeep.test_judge import AMARA_UNNAMED, NEW, TWIN, applied, jan, jobs, only_review, same, steward

__all__ = ["jan", "steward"]

app: App = app_before_setup
Make = Callable[..., Actor]
SOON, LATE = timedelta(minutes=14), timedelta(minutes=16)
COPY = "INSERT INTO matching_{0} SELECT (jsonb_populate_record(one, %s)).* FROM matching_{0} one"


@pytest.fixture
def decided(jan: UUID, steward: Actor, at: datetime) -> UUID:
    """A review that a steward has decided, with its job."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=same(jan), at=at)
    return review


def resumed(as_role: AsRole, at: datetime) -> int:
    with as_role("worker"):
        return resume_decisions(actor=worker(), at=at).reviews


def befall(as_role: AsRole, statement: str, *values: Any) -> None:
    """What happens to the job."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def test_one_that_is_lost_is_asked_for_again_once_and_applied(
    decided: UUID, as_role: AsRole, connect: Connect, ledger: Ledger, at: datetime
) -> None:
    befall(as_role, "DELETE FROM procrastinate_jobs")
    assert resumed(as_role, at + SOON) == 0
    assert jobs(connect) == []
    assert resumed(as_role, at + LATE) == 1
    last = ledger()[-1]
    assert (last["event"], last["children"], last["detail"]) == (
        "matching:reviews:resumed",
        [],
        {"reviews": [str(decided)]},
    )
    assert resumed(as_role, at + LATE) == 0
    assert jobs(connect) == [{"review_id": str(decided)}]
    assert applied(as_role, decided, at + LATE).linked == 1
    befall(as_role, "DELETE FROM procrastinate_jobs")
    assert resumed(as_role, at + 2 * LATE) == 0


@pytest.mark.parametrize(
    ("status", "heartbeat", "again"),
    [
        ("todo", None, 0),
        ("doing", timedelta(minutes=15), 0),  # at work on it for a while, and alive a minute ago
        ("doing", timedelta(0), 1),  # the worker died with it
        ("doing", None, 1),  # and has been struck off since
        ("failed", None, 1),
        ("succeeded", None, 1),  # for another process: a restored backup may say so while the record still waits
    ],
)
def test_a_job_is_on_its_way_while_it_waits_or_its_worker_lives(
    status: str, heartbeat: timedelta | None, again: int, decided: UUID, as_role: AsRole, at: datetime
) -> None:
    befall(as_role, "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status", status)
    if heartbeat is not None:
        befall(as_role, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", at + heartbeat)
        befall(as_role, "UPDATE procrastinate_jobs SET worker_id = (SELECT id FROM procrastinate_workers)")
    assert resumed(as_role, at + LATE) == again


def test_one_that_always_fails_is_asked_for_less_and_less_often(decided: UUID, as_role: AsRole, at: datetime) -> None:
    """When it is 15 minutes old, 30, an hour, two: every failure doubles the time."""
    asked = {}
    for minutes in (16, 29, 31, 46, 59, 61, 76, 119, 121):
        befall(as_role, "UPDATE procrastinate_jobs SET status = 'failed'")
        asked[minutes] = resumed(as_role, at + timedelta(minutes=minutes))
    assert [minutes for minutes, once in asked.items() if once] == [16, 31, 61, 121]


def test_those_that_always_fail_keep_nobody_waiting(
    decided: UUID, as_role: AsRole, connect: Connect, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not all can be asked for at once, it is first those that have failed less often, though they were decided later."""
    monkeypatch.setattr(settle, "_MOST_RESUMED", 1)
    befall(as_role, "UPDATE procrastinate_jobs SET status = 'failed'")
    record, review = uuid4(), uuid4()
    befall(as_role, COPY.format("heldrow"), Jsonb({"id": str(record), "record_id": "j2"}))
    new = {"id": str(review), "record": str(record), "decided_at": (at + timedelta(minutes=1)).isoformat()}
    befall(as_role, COPY.format("review"), Jsonb(new))
    assert resumed(as_role, at + 2 * LATE) == resumed(as_role, at + 2 * LATE) == 1
    assert [job["review_id"] for job in jobs(connect)] == [str(decided), str(review), str(decided)]


def test_what_nobody_has_decided_waits(
    index: Any, steward: Actor, as_role: AsRole, connect: Connect, at: datetime
) -> None:
    """Not answered; answered where it takes two: neither is the worker's yet."""
    with as_role("worker"):
        deliver(AMARA_UNNAMED)
    assert resumed(as_role, at + LATE) == 0
    answer = same(index.ids["Amara"])
    assert judge.decide(actor=steward, review_id=only_review(steward, at), answer=answer, at=at).second
    assert resumed(as_role, at + LATE) == 0
    assert jobs(connect) == []


@pytest.mark.usefixtures("jan")
def test_a_decision_is_over_once_something_else_is_asked_of_the_record(
    steward: Actor, as_role: AsRole, connect: Connect, at: datetime
) -> None:
    """Not Jan, said a steward; by the time it was applied there was Zofia to ask about. The old job again changes nothing."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=NEW, at=at)
    with as_role("worker"):
        deliver(a_record("care", "zofia", identity=TWIN))
    assert applied(as_role, review, at).for_review == 1
    open_one = only_review(steward, at)
    befall(as_role, "DELETE FROM procrastinate_jobs")
    assert resumed(as_role, at + LATE) == 0
    with as_role("worker"), pytest.raises(Denied) as denied:
        apply_decision(actor=worker(), review_id=review, at=at + LATE)
    assert denied.value.refusal is Refusal.NOT_FOUND
    assert only_review(steward, at) == open_one != review


def test_a_page_cannot_ask(decided: UUID, steward: Actor, at: datetime) -> None:
    with pytest.raises(Denied) as denied:
        resume_decisions(actor=steward, at=at + LATE)
    assert denied.value.refusal is Refusal.NOT_PERMITTED


def test_the_clock_asks_every_quarter_of_an_hour(decided: UUID, as_role: AsRole, connect: Connect) -> None:
    due = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert due["childindex.resume_decisions"] == "7-59/15 * * * *"
    befall(as_role, "DELETE FROM procrastinate_jobs")
    befall(as_role, "UPDATE matching_review SET decided_at = decided_at - interval '1 hour'")
    with as_role("worker"):
        app.tasks["childindex.resume_decisions"].func(timestamp=0)
        assert rows("SELECT task_name FROM procrastinate_jobs") == [("childindex.apply_decision",)]
    assert jobs(connect) == [{"review_id": str(decided)}]
