"""Each kind of process enters the database as its own login and can do no more than `deploy/grants.sql` says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection

from tests.database import TestDatabase


def _user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        row: tuple[str] = cursor.fetchone()
        return row[0]


@pytest.mark.usefixtures("database")
def test_django_enters_as_web_unless_the_test_says_otherwise() -> None:
    assert _user() == "childindex_web"


@pytest.mark.process("worker")
@pytest.mark.usefixtures("database")
def test_a_marked_test_enters_as_its_login() -> None:
    assert _user() == "childindex_worker"


@pytest.mark.usefixtures("database")
def test_a_test_may_change_its_login_and_back(as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    with as_role("owner"):
        assert _user() == "childindex_owner"
    assert _user() == "childindex_web"


@pytest.mark.usefixtures("database")
def test_a_table_nobody_was_given_is_closed_to_every_login(
    as_role: Callable[[str], AbstractContextManager[None]],
    connect: Callable[[str], psycopg.Connection[tuple[Any, ...]]],
) -> None:
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (id int)")
        cursor.execute("SELECT * FROM forgotten")
    for process in ("web", "family", "worker", "audit"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(process).execute("SELECT * FROM forgotten")


@pytest.mark.parametrize("process", ["web", "family", "worker", "audit"])
def test_no_login_but_the_owner_may_make_tables(
    process: str, connect: Callable[[str], psycopg.Connection[tuple[Any, ...]]]
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect(process).execute("CREATE TABLE mine (id int)")


@pytest.mark.usefixtures("database")
def test_the_web_process_asks_for_work_and_cannot_do_it() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.mark.parametrize("process", ["family", "worker", "audit"])
@pytest.mark.parametrize("table", ["childindex_cache", "django_session"])
def test_what_one_login_keeps_no_other_can_put_in(
    process: str, table: str, connect: Callable[[str], psycopg.Connection[tuple[Any, ...]]]
) -> None:
    """A row of the cache is unpickled by whoever reads it; a session says who is signed in."""
    for statement in ("SELECT * FROM {}", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(process).execute(statement.format(table).encode())


def test_every_test_has_a_database_of_its_own(database: TestDatabase) -> None:
    with psycopg.connect(database.url("owner"), autocommit=True) as own:
        own.execute("CREATE TABLE left_behind (id int)")
    fresh = database.server.clone(database.server.template)
    try:
        with psycopg.connect(database.server.cluster.url(role="childindex_owner", database=fresh)) as other:
            row = other.execute("SELECT to_regclass('left_behind')").fetchone()
            assert row == (None,)
    finally:
        database.server.drop(fresh)
