"""Ways in which the ledger's table cannot be written, and how each is put right again; all of it done behind the application's back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from psycopg import sql

from childindex.project.database import MAINTENANCE_DATABASE, Address
from childindex.project.postgres import SUPERUSER
from tests.database import TestDatabase

Fault = Callable[[TestDatabase], AbstractContextManager[None]]
TABLE: Final = "audit_ledgerentry"
NEVER: Final = 12  # seconds: longer than anybody may wait


def _owner_says(database: TestDatabase, *statements: str) -> None:
    with database.address("owner").connect() as owner:
        for statement in statements:
            owner.execute(statement.encode())


@contextmanager
def _revoked(database: TestDatabase, table: str = TABLE) -> Iterator[None]:
    """The site's login may not write it any more."""
    _owner_says(database, f"REVOKE INSERT ON {table} FROM childindex_web")
    yield
    _owner_says(database, f"GRANT INSERT ON {table} TO childindex_web")


@contextmanager
def _terms_revoked(database: TestDatabase) -> Iterator[None]:
    """The same of the table for what was typed: the entry alone is not enough for a search."""
    with _revoked(database, "audit_sealedterms"):
        yield


@contextmanager
def _locked(database: TestDatabase) -> Iterator[None]:
    """Somebody sits on the table."""
    with database.address("owner").connect() as owner, owner.transaction():
        owner.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE".encode())
        yield


def _trigger(body: str, when: str = "BEFORE INSERT") -> Fault:
    """Whatever is written meets this first; a constraint trigger meets it at the commit."""
    kind, each = (
        ("CONSTRAINT TRIGGER", "DEFERRABLE INITIALLY DEFERRED") if when.startswith("AFTER") else ("TRIGGER", "")
    )

    @contextmanager
    def fault(database: TestDatabase) -> Iterator[None]:
        _owner_says(
            database,
            f"CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$",
            f"CREATE {kind} fault {when} ON {TABLE} {each} FOR EACH ROW EXECUTE FUNCTION fault()",
        )
        yield
        _owner_says(database, f"DROP TRIGGER fault ON {TABLE}", "DROP FUNCTION fault()")

    return fault


@contextmanager
def _away(database: TestDatabase) -> Iterator[None]:
    """Every connection is broken off and none is let in."""
    superuser: Address = database.server.address(MAINTENANCE_DATABASE, SUPERUSER)
    name = sql.Identifier(database.name)
    with superuser.connect() as server:
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.name])
        yield
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


FAULTS: Final[dict[str, Fault]] = {
    "grant revoked": _revoked,
    "grant for what was typed revoked": _terms_revoked,
    "table locked": _locked,
    "trigger raises": _trigger("RAISE EXCEPTION 'no'"),
    "disk full": _trigger("RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'"),
    "never answers": _trigger(f"PERFORM pg_sleep({NEVER})"),
    "connection killed": _trigger("PERFORM pg_terminate_backend(pg_backend_pid())"),
    "commit fails": _trigger("RAISE EXCEPTION 'no'", "AFTER INSERT"),
    "commit never answers": _trigger(f"PERFORM pg_sleep({NEVER})", "AFTER INSERT"),
    "connection killed in the commit": _trigger("PERFORM pg_terminate_backend(pg_backend_pid())", "AFTER INSERT"),
    "database away": _away,
}
