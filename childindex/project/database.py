"""The index's database: its logins, its migrations, what each login may touch, and whether it is a demo's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from childindex.project.folders import CHECKOUT

GRANTS = CHECKOUT / "deploy" / "grants.sql"
STATISTICS = CHECKOUT / "deploy" / "statistics.sql"
DEMO_MARK = "childindex demo: every child in here is made up"
MAINTENANCE_DATABASE = "postgres"
MIGRATION_LOCK = 0x6368696C64  # an arbitrary number that everybody who migrates agrees on


class Process(StrEnum):
    """The kinds of process, each with its own login."""

    OWNER = "owner"
    WEB = "web"
    FAMILY = "family"
    WORKER = "worker"
    AUDIT = "audit"
    SEALER = "sealer"
    MONITOR = "monitor"

    @property
    def role(self) -> str:
        """The database login of this kind of process."""
        return f"childindex_{self.value}"


ROLES = tuple(process.role for process in Process)
# How long one statement may take, and how long it may wait for a lock. A page that takes longer has failed anyway;
# bulk work may take its time; a migration must not queue the whole site up behind it. Whoever watches must hear within ten
# seconds of a ledger that cannot be written (T15), so no statement of a site may take that long to fail.
LIMITS: Mapping[Process, Mapping[str, str]] = {
    Process.WEB: {"statement_timeout": "8s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "60s"},
    Process.FAMILY: {"statement_timeout": "8s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "60s"},
    Process.WORKER: {"lock_timeout": "30s"},
    Process.AUDIT: {"statement_timeout": "60s", "lock_timeout": "5s"},
    Process.SEALER: {"statement_timeout": "60s", "lock_timeout": "5s"},
    Process.MONITOR: {"statement_timeout": "60s", "lock_timeout": "5s"},
}


class DatabaseError(Exception):
    """The database cannot be reached, prepared or used; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a database is and who enters it, as libpq's own parameters (`user`, `password`, `host`, `port`, `dbname`, `sslmode`...)."""

    parameters: Mapping[str, str]

    @classmethod
    def parse(cls, url: str) -> Address:
        """Reads a URL or libpq text. Refused with `DatabaseError` if it is neither or names no database."""
        try:
            parameters = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        except psycopg.ProgrammingError as error:
            # The driver's own message repeats the text, which holds a password.
            raise DatabaseError(
                "DATABASE_URL cannot be read. Write postgresql://user:password@host:port/database."
            ) from error
        if not parameters.get("dbname"):
            raise DatabaseError("DATABASE_URL names no database. Write postgresql://user:password@host:port/database.")
        return cls(parameters=parameters)

    @property
    def name(self) -> str:
        """The database's name."""
        return self.parameters["dbname"]

    @property
    def text(self) -> str:
        """The same as libpq's own text, which `parse` reads again."""
        return make_conninfo("", **self.parameters)

    def entered_by(self, role: str) -> Address:
        """The same place, entered by another login with the same password."""
        return replace(self, parameters={**self.parameters, "user": role})

    def database(self, name: str) -> Address:
        """Another database of the same server."""
        return replace(self, parameters={**self.parameters, "dbname": name})

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of one's own, in autocommit. Refused with `DatabaseError` if nothing answers."""
        try:
            return psycopg.connect(make_conninfo("", **self.parameters), autocommit=True)
        except psycopg.OperationalError as error:
            raise DatabaseError(f"The database {self.name} cannot be entered: {str(error).strip()}") from error

    def for_django(self) -> dict[str, Any]:
        """The same as an entry of Django's DATABASES."""
        known = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT", "dbname": "NAME"}
        entry: dict[str, Any] = {known[name]: value for name, value in self.parameters.items() if name in known}
        options = {name: value for name, value in self.parameters.items() if name not in known}
        return {"ENGINE": "django.db.backends.postgresql", **entry, "OPTIONS": options}


def address_of(process: Process, *, environ: Mapping[str, str], owner: Address) -> Address:
    """Where this kind of process enters: DATABASE_URL_WEB and so on if set, else the owner's address with its own login."""
    own = environ.get(f"DATABASE_URL_{process.value.upper()}", "")
    if own:
        return Address.parse(own)
    return owner if process is Process.OWNER else owner.entered_by(process.role)


def prepare_cluster(superuser: Address, *, database: str) -> bool:
    """Makes the owner's login and an empty database in a server of one's own, whose statistics only the owner may read (T18).

    Returns whether the database is new.
    """
    owner = Process.OWNER.role
    with superuser.connect() as connection:
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", owner):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(owner)))
        new = not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database)
        if new:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner))
            )
    with superuser.database(database).connect() as inside:
        inside.execute(sql.SQL(STATISTICS.read_text(encoding="utf-8")))
    return new


def ensure_database(owner: Address) -> bool:
    """Creates the database as its owner if the server has none of that name. Returns whether it is new."""
    try:
        with owner.connect():
            return False
    except DatabaseError as error:
        if not isinstance(error.__cause__, psycopg.OperationalError) or "does not exist" not in str(error):
            raise
    with owner.database(MAINTENANCE_DATABASE).connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(owner.name)))
    return True


def ensure_roles(owner: Address) -> None:
    """Creates the unprivileged logins that are missing, with the owner's password, and sets their time limits."""
    password = owner.parameters.get("password")
    with owner.connect() as connection:
        for process, limits in LIMITS.items():
            role = sql.Identifier(process.role)
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", process.role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
            for name, value in limits.items():
                connection.execute(
                    sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                        role, sql.Identifier(owner.name), sql.Identifier(name), sql.Literal(value)
                    )
                )


def check_login(address: Address, process: Process) -> None:
    """Refused with `DatabaseError` unless this address enters as the login of its kind of process, and that login is nobody's master.

    No process that runs may change what the ledger's owner may: not by its login, not by a right of its login's, and not by acting as the owner (T18).
    """
    question = """
        SELECT session_user, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
            OR pg_has_role(session_user, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')
        FROM pg_roles WHERE rolname = session_user
    """
    with address.connect() as connection:
        row = connection.execute(question).fetchone()
    if row is None or row[0] != process.role:
        entered = row[0] if row else "nobody"
        raise DatabaseError(
            f"This process enters the database as {entered} and must enter as {process.role}: set DATABASE_URL_{process.name}."
        )
    if row[1]:
        raise DatabaseError(
            f"The login {process.role} may do more than this process should: take its attributes and memberships away."
        )


def migrate(owner: Address, *, django_migrate: Callable[[], None]) -> None:
    """Brings the tables up to date as the owner, then says anew what each login may touch. One at a time; again changes nothing.

    `django_migrate` runs Django's migrations; the caller has set Django up as the owner.
    """
    with owner.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        ensure_roles(owner)
        django_migrate()
        apply_grants(owner)


def apply_grants(owner: Address, *, path: Path = GRANTS) -> None:
    """Applies the grants in one transaction: what the file does not name is closed afterwards. Refused with what is at fault."""
    text = path.read_text(encoding="utf-8")
    with owner.connect() as connection:
        try:
            with connection.transaction():
                connection.execute(sql.SQL("SET LOCAL search_path TO public"))
                # The file is part of the product; nothing from outside is ever put into it.
                connection.execute(sql.SQL(text))
        except psycopg.Error as error:
            raise DatabaseError(f"{path.name}: {error.diag.message_primary}") from error


def mark_demo(owner: Address) -> None:
    """Marks the database as a demo's. The mark is not copied by a dump of a live database, nor by a clone."""
    with owner.connect() as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(owner.name), sql.Literal(DEMO_MARK))
        )


def is_demo(address: Address) -> bool:
    """Whether the database is marked as a demo's: the only kind that may be exported from or filled with made-up children."""
    with address.connect() as connection:
        question = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        row = connection.execute(question).fetchone()
        return row is not None and row[0] == DEMO_MARK


def is_empty(address: Address) -> bool:
    """Whether the database holds no table at all."""
    question = """
        SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'p') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
    """
    with address.connect() as connection:
        row = connection.execute(question).fetchone()
        return row is not None and row[0] == 0


def recreate_database(owner: Address) -> None:
    """Drops the database with everything in it, and creates it anew, empty. Refused unless it is marked as a demo's."""
    if not is_demo(owner):
        raise DatabaseError(f"The database {owner.name} is not marked as a demo's and is not dropped.")
    name = sql.Identifier(owner.name)
    with owner.database(MAINTENANCE_DATABASE).connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    mark_demo(owner)


def _exists(connection: psycopg.Connection[tuple[Any, ...]], question: LiteralString, name: str) -> bool:
    return connection.execute(question, (name,)).fetchone() is not None
