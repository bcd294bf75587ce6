"""A real PostgreSQL for tests: one template migrated as the owner, cloned for each test, entered as the real logins.

`database`    a fresh clone; Django is connected to it as the login named by `@pytest.mark.process("worker")`, else as web
`template`    the database it is a clone of; a folder whose tests all start alike gives its own: `template = filled(put_in)`
`as_role`     `with as_role("owner"):` Django enters as another login meanwhile
`connect`     `connect("audit")` gives a psycopg connection of one's own, in autocommit

The server keeps its data between runs and is shared by runs at the same time; the last one to finish stops it.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import IO, Any, Literal

import psycopg
import pytest
from django.db import connections
from django.test import override_settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from childindex.project.database import ROLES, Address, Process, prepare_cluster
from childindex.project.folders import CHECKOUT, cluster_folder, var_folder
from childindex.project.postgres import DISPOSABLE, SUPERUSER, Cluster, embedded_cluster

TEMPLATES_KEPT = 6  # branches and runs at the same time have their own
# Hundreds of copies of a database are mostly work for the file system: a second each on a disk, a tenth in memory.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, which its owner alone may enter
MEMORY_NEEDED = 2 * 1024**3
SETTINGS = {**DISPOSABLE, "max_wal_size": "256MB"}
WORKER_KEYS = {
    "GUARD_HASH_KEY": base64.b64encode(b"h" * 32).decode(),
    "GUARD_ENCRYPTION_KEY": base64.b64encode(b"e" * 32).decode(),
}
AUDIT_KEYS = {"LEDGER_TERMS_PRIVATE_KEY": base64.b64encode(b"p" * 32).decode()}

type_connection = psycopg.Connection[tuple[Any, ...]]
AsRole = Callable[[str], AbstractContextManager[None]]


def _template_key() -> str:
    """Changes with anything that shapes the migrated database."""
    files = [
        *(CHECKOUT / "childindex").glob("*/migrations/*.py"),
        CHECKOUT / "deploy/grants.sql",
        CHECKOUT / "deploy/statistics.sql",
        CHECKOUT / "requirements.lock",
    ]
    files.extend(CHECKOUT / "childindex" / "project" / name for name in ("database.py", "migrations.py"))
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.exists()):
        digest.update(f"{file.relative_to(CHECKOUT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@dataclass
class Server:
    """The tests' PostgreSQL, started on first use and stopped by the last process that used it."""

    cluster: Cluster
    numbers: Iterator[int] = field(default_factory=count)
    _in_use: IO[str] | None = None

    def start(self) -> None:
        """Starts the server unless another run has, and says that this process uses it."""
        self.cluster.folder.mkdir(parents=True, exist_ok=True)
        self._in_use = (self.cluster.folder / "in-use.lock").open("w")
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        self.cluster.start()

    def stop(self) -> None:
        """Stops the server if nobody else uses it."""
        if self._in_use is None:
            return
        self.administration.close()
        with suppress(BlockingIOError):
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.cluster.stop()
        self._in_use.close()

    @cached_property
    def administration(self) -> type_connection:
        """A connection that creates and drops databases."""
        return Address.parse(self.cluster.url(role=SUPERUSER, database="postgres")).connect()

    def address(self, database: str, role: str = Process.OWNER.role) -> Address:
        """A database of this server, entered by a login."""
        return Address.parse(self.cluster.url(role=role, database=database))

    @cached_property
    def template(self) -> str:
        """The name of the migrated template, made now if the migrations have changed since the last run."""
        name = f"template_{_template_key()}"
        with (self.cluster.folder / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if name not in self._databases():
                self._drop_leftovers()
                self._build(name)
        return name

    def clone(self, template: str) -> str:
        """The name of a new database like another, into which nobody is connected."""
        name = f"test_{os.getpid()}_{next(self.numbers)}"
        self.administration.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(Process.OWNER.role)
            )
        )
        return name

    def drop(self, name: str) -> None:
        """Drops a database, whoever is still connected."""
        self.administration.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _build(self, name: str) -> None:
        building = f"building_{os.getpid()}"
        self.drop(building)
        prepare_cluster(self.address("postgres", SUPERUSER), database=building)
        result = subprocess.run(
            [sys.executable, "-m", "childindex.project.cli", "migrate"],
            env={**os.environ, "DATABASE_URL": self.cluster.url(role=Process.OWNER.role, database=building)},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            self.drop(building)
            pytest.exit(f"The template database could not be migrated:\n{result.stderr[-3000:]}", returncode=1)
        self.administration.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
        )

    def _databases(self) -> list[str]:
        rows = self.administration.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()
        return [str(row[0]) for row in rows]

    def _drop_leftovers(self) -> None:
        """Drops what runs that were killed left behind, and the oldest templates."""
        names = self._databases()
        for name in names:
            kind, _, process = name.partition("_")
            if kind in {"test", "building"} and not Path("/proc", process.partition("_")[0]).exists():
                self.drop(name)
        for name in [name for name in names if name.startswith("template_")][TEMPLATES_KEPT - 1 :]:
            self.drop(name)


@dataclass(frozen=True, kw_only=True)
class TestDatabase:
    """One test's own database."""

    __test__ = False

    server: Server
    name: str

    def address(self, process: str = "owner") -> Address:
        """This database, entered by the login of a kind of process."""
        return self.server.address(self.name, Process(process).role)

    def url(self, process: str = "owner") -> str:
        """The same as a DATABASE_URL, for programs that a test starts."""
        return self.server.cluster.url(role=Process(process).role, database=self.name)


@contextmanager
def _django_enters(address: Address, process: Process) -> Iterator[None]:
    """Points Django at a database and login, with the secrets that this kind of process has, and back again."""
    keys = {**(WORKER_KEYS if process is Process.WORKER else {}), **(AUDIT_KEYS if process is Process.AUDIT else {})}
    entry = connections.settings["default"]
    before = dict(entry)
    connections.close_all()
    entry.update({name: value for name, value in address.for_django().items() if name != "OPTIONS"})
    try:
        with override_settings(PROCESS=process, **keys):
            yield
    finally:
        connections.close_all()
        entry.update(before)


def _cluster_folder() -> Path:
    """In memory where there is room, else where every embedded database is."""
    on_disk = cluster_folder("pg-tests", var=var_folder(), as_root=os.geteuid() == 0)
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < MEMORY_NEEDED:
        return on_disk
    return MEMORY / f"childindex-{hashlib.sha256(str(on_disk).encode()).hexdigest()[:12]}"


def the_server() -> Server:
    """The PostgreSQL of the tests, not yet started."""
    return Server(cluster=embedded_cluster(_cluster_folder(), roles=ROLES, settings=SETTINGS))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The running PostgreSQL of the tests."""
    made = the_server()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The migrated database, with nothing in it."""
    return server.template


def filled(fill: Callable[[AsRole], None], *, scope: Literal["package", "module"] = "package") -> Any:
    """The fixture `template` of a folder or a file whose tests all start from what `fill(as_role)` puts in, once."""

    @pytest.fixture(scope=scope, name="template")
    def with_that(server: Server, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
        name = server.clone(server.template)
        with django_db_blocker.unblock():
            fill(lambda process: _django_enters(server.address(name, Process(process).role), Process(process)))
        yield name
        server.drop(name)

    return with_that


@pytest.fixture
def database(
    server: Server, template: str, request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker
) -> Iterator[TestDatabase]:
    """A fresh database with Django connected to it as the login of the test's kind of process."""
    marker = request.node.get_closest_marker("process")
    process = Process(marker.args[0] if marker else "web")
    made = TestDatabase(server=server, name=server.clone(template))
    with django_db_blocker.unblock(), _django_enters(made.address(process.value), process):
        yield made
    server.drop(made.name)


@pytest.fixture
def as_role(database: TestDatabase) -> AsRole:
    """`with as_role("owner"):` lets Django enter as another login."""

    def enter(process: str) -> AbstractContextManager[None]:
        return _django_enters(database.address(process), Process(process))

    return enter


@pytest.fixture
def connect(database: TestDatabase) -> Iterator[Callable[[str], type_connection]]:
    """`connect("audit")` gives a psycopg connection as that login, closed when the test ends."""
    opened: list[type_connection] = []

    def enter(process: str) -> type_connection:
        opened.append(database.address(process).connect())
        return opened[-1]

    yield enter
    for connection in opened:
        connection.close()
