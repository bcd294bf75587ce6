"""The database's own preparation: marks, addresses, grants, and an embedded server that survives being killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from childindex.project.database import (
    Address,
    DatabaseError,
    apply_grants,
    ensure_database,
    is_demo,
    is_empty,
    mark_demo,
    recreate_database,
)
from childindex.project.postgres import DISPOSABLE, embedded_cluster
from childindex.project.postgres_binaries import PostgresError
from tests.database import Server, TestDatabase


def test_only_a_marked_database_counts_as_a_demos(database: TestDatabase) -> None:
    assert not is_demo(database.address("owner"))
    mark_demo(database.address("owner"))
    assert is_demo(database.address("web"))


def test_an_unmarked_database_is_never_dropped(database: TestDatabase) -> None:
    with pytest.raises(DatabaseError, match="not marked as a demo's and is not dropped"):
        recreate_database(database.address("owner"))
    assert not is_empty(database.address("owner"))


def test_a_marked_database_is_made_anew_and_stays_marked(database: TestDatabase) -> None:
    mark_demo(database.address("owner"))
    recreate_database(database.address("owner"))
    assert is_empty(database.address("owner"))
    assert is_demo(database.address("owner"))


def test_a_missing_database_is_made_once(server: Server) -> None:
    address = server.address(f"test_{os.getpid()}_missing")
    try:
        assert ensure_database(address)
        assert not ensure_database(address)
    finally:
        server.drop(address.name)


def test_a_server_that_does_not_answer_is_told_in_one_sentence() -> None:
    with pytest.raises(DatabaseError, match="The database index cannot be entered"):
        Address.parse("postgresql://childindex_owner@/index?host=/nonexistent").connect()


def test_grants_close_what_they_do_not_name_and_all_or_nothing(database: TestDatabase, tmp_path: Path) -> None:
    wrong = tmp_path / "grants.sql"
    wrong.write_text(
        "REVOKE ALL ON django_session FROM childindex_web;\nGRANT SELECT ON no_such_table TO childindex_web;\n"
    )
    owner = database.address("owner")

    with pytest.raises(DatabaseError, match=r'grants.sql: relation "no_such_table" does not exist'):
        apply_grants(owner, path=wrong)
    with database.address("web").connect() as web:
        web.execute("SELECT count(*) FROM django_session")

    with owner.connect() as connection:
        connection.execute("GRANT DELETE ON procrastinate_jobs TO childindex_web")
    apply_grants(owner)
    with database.address("web").connect() as web:
        row = web.execute("SELECT has_table_privilege('procrastinate_jobs', 'DELETE')").fetchone()
        assert row == (False,)


def test_an_embedded_server_starts_stops_and_survives_being_killed(server: Server) -> None:
    folder = server.cluster.folder.with_name(f"pg-try-{os.getpid()}")
    cluster = embedded_cluster(folder, roles=("childindex_owner",), settings=DISPOSABLE)
    try:
        assert cluster.start()
        assert not cluster.start()
        os.kill(int((cluster.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while cluster.running() and time.monotonic() < deadline:
            os.sched_yield()
        assert cluster.start()
        with Address.parse(cluster.url(role="postgres", database="postgres")).connect() as connection:
            row = connection.execute("SHOW listen_addresses").fetchone()
        assert row == ("",)
        cluster.stop()
        assert not cluster.running()

        (cluster.data / "PG_VERSION").write_text("9\n")
        with pytest.raises(PostgresError, match="was made by PostgreSQL 9"):
            cluster.start()
    finally:
        cluster.remove()
    assert not folder.exists()
