"""The web process asks for work in the transaction it is in; the worker's login can take and finish it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from procrastinate import App
from procrastinate.contrib.django import app as app_before_setup

app: App = app_before_setup
Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]


def _waiting(connect: Connect) -> int:
    row = connect("owner").execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.usefixtures("database")
def test_work_is_asked_for_with_the_transaction_or_not_at_all(connect: Connect) -> None:
    with transaction.atomic():
        app.configure_task("lookup.unknown", queue="tests").defer(child="opaque")
        transaction.set_rollback(True)
    assert _waiting(connect) == 0

    app.configure_task("lookup.unknown", queue="tests").defer(child="opaque")
    assert _waiting(connect) == 1


@pytest.mark.usefixtures("database")
def test_the_web_process_cannot_read_what_was_asked_for() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("SELECT args FROM procrastinate_jobs")


@pytest.mark.process("worker")
@pytest.mark.usefixtures("database")
def test_the_worker_takes_and_finishes_jobs(
    connect: Connect, as_role: Callable[[str], AbstractContextManager[None]]
) -> None:
    with as_role("web"):
        app.configure_task("builtin:procrastinate.builtin_tasks.remove_old_jobs").defer(max_hours=1)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        # What is due by the clock may be asked for meanwhile, in another queue; it is not what is tried here.
        worker.run_worker(queues=["builtin"], wait=False, install_signal_handlers=False, listen_notify=False)
    done = connect("owner").execute("SELECT status FROM procrastinate_jobs WHERE queue_name = 'builtin'").fetchall()
    assert done == [("succeeded",)]


def test_what_the_clock_asks_for() -> None:
    """Without anybody's page: what is over is forgotten, what was lost is asked for again, what was decided is sampled."""
    due = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert due == {
        "childindex.draw_sample": "10 2 * * *",
        "childindex.forget_expired": "*/15 * * * *",
        "childindex.resume_decisions": "7-59/15 * * * *",
        "childindex.resume_shield_acts": "3-59/5 * * * *",
    }
