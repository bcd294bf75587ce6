"""T18: Somebody with a login of the database, the owner's too, or with a stolen backup, helps themselves.

Passes when every login has what deploy/grants.snapshot says and nothing else, none of them is a superuser or passes row security, and no process
runs as the owner; when nobody changes, deletes or empties the ledger; when a dump and the server's own files hold no word of an encrypted field
and no key; and when no login learns from PostgreSQL's statistics how many children are protected.
"""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time

import psycopg
import pytest
from django.conf import settings

from childindex.project.database import ROLES, DatabaseError, Process, apply_grants, check_login, migrate
from childindex.project.folders import CHECKOUT
from tests.abuse import dumps
from tests.database import AUDIT_KEYS, WORKER_KEYS, AsRole, TestDatabase
from tests.factories.index import a_child, a_record, an_involvement, deliver
from tests.factories.people import SECRET, Browser, People, sign_in_as
from tests.integration.lookup.conftest import Connect, Index, browser, index, people, template
from tests.integration.lookup.test_pages import AMARA, FORM, open_first, search
from tools.grants import SNAPSHOT, snapshot

__all__ = ["browser", "index", "people", "template"]

LOGINS = sorted(process.value for process in Process if process is not Process.OWNER)
WRITERS = ("web", "family", "worker", "audit")
LEDGER = ("audit_ledgerentry", "audit_sealedentry")
CHANGES = ("UPDATE {} SET leaf_hash = ''", "DELETE FROM {}", "TRUNCATE {}")
# What a login may not have, whatever it was granted in the tables.
ESCAPES = (
    "ALTER TABLE audit_ledgerentry DISABLE TRIGGER audit_is_append_only",
    "DROP TRIGGER audit_is_append_only ON audit_ledgerentry",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_ledgerentry FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "SET ROLE childindex_owner",
    "SET SESSION AUTHORIZATION childindex_owner",
    "ALTER ROLE childindex_web CREATEROLE",
    "CREATE TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "COPY (SELECT 1) TO '/tmp/taken'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('/proc/self/environ')",
    "SELECT pg_ls_dir('.')",
)
# What PostgreSQL tells of tables that cannot be read.
TELLS = (
    "SELECT reltuples, relpages FROM pg_class WHERE relname = 'protected_child'",
    "SELECT n_live_tup, n_tup_ins FROM pg_stat_all_tables WHERE schemaname = 'guard'",
    "SELECT pg_stat_get_live_tuples(oid) FROM pg_class WHERE relname = 'protected_child'",
    "SELECT pg_stat_get_xact_tuples_inserted(oid) FROM pg_class WHERE relname = 'protected_child'",
    "SELECT pg_relation_size(oid) FROM pg_class WHERE relname = 'guarded_row'",
    "SELECT pg_total_relation_size(oid) FROM pg_class WHERE relname = 'guarded_row'",
    "SELECT heap_blks_hit FROM pg_statio_all_tables WHERE schemaname = 'guard'",
    "SELECT tup_inserted FROM pg_stat_database",
    "SELECT pg_database_size(current_database())",
    "SELECT relation FROM pg_locks",
    "SELECT most_common_vals FROM pg_stats WHERE schemaname = 'guard'",
)


@pytest.mark.abuse("T18")
def test_logins_and_grants_are_those_of_the_snapshot(database: TestDatabase, connect: Connect) -> None:
    """Read from the database's own catalogue; `make grants` writes the file, and whoever reads the change sees what was opened."""
    apply_grants(database.address("owner"))  # a clone has not what was granted on the database itself
    found, told = set(snapshot(connect("owner")).splitlines()), set(SNAPSHOT.read_text().splitlines())
    assert (sorted(found - told), sorted(told - found)) == ([], []), "run `make grants`, read what changed, commit it"


@pytest.mark.abuse("T18")
def test_no_login_has_a_power_of_its_own(connect: Connect) -> None:
    """No superuser, nobody who passes row security or replicates; only the owner makes databases and logins; nobody acts as another."""
    rows = connect("owner").execute(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolreplication, rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = ANY(%s)",
        [list(ROLES)],
    )
    found = {name: (power, makes) for name, power, makes in rows.fetchall()}
    assert set(found) == set(ROLES)
    assert found.pop("childindex_owner") == (False, True)
    assert set(found.values()) == {(False, False)}
    lines = SNAPSHOT.read_text().splitlines()
    assert [line for line in lines if line.startswith(("member", "owner", "by default")) or "everybody" in line] == []
    definers = [line.partition(": ")[2] for line in lines if line.startswith("function as its owner")]
    assert definers
    assert [path for path in definers if not path.startswith("search_path=pg_catalog")] == []


@pytest.mark.abuse("T18")
@pytest.mark.parametrize("table", LEDGER)
@pytest.mark.parametrize("process", [*LOGINS, "owner"])
def test_nobody_changes_what_is_written(process: str, table: str, connect: Connect) -> None:
    """By grant for every login; by a trigger for the owner, who would have to take it off first. Rows need not be there to be refused."""
    login = connect(process)
    for change in CHANGES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
            login.execute(change.format(table).encode())
        assert ("only ever added to" in str(refused.value)) == (process == "owner")


@pytest.mark.abuse("T18")
@pytest.mark.parametrize("login", ["childindex_web", "childindex_worker"])
def test_a_grant_given_by_mistake_opens_nothing(login: str, connect: Connect) -> None:
    """The trigger holds where the grant does not, for what was typed too; and the next migration takes the grant away again."""
    connect("owner").execute(f"GRANT ALL ON audit_ledgerentry, audit_sealedterms TO {login}".encode())
    for table in ("audit_ledgerentry", "audit_sealedterms"):
        for change in ("UPDATE {} SET id = id", "TRUNCATE {}") if table == "audit_ledgerentry" else ("TRUNCATE {}",):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
                connect(login.removeprefix("childindex_")).execute(change.format(table).encode())


@pytest.mark.abuse("T18")
@pytest.mark.parametrize("process", LOGINS)
def test_no_login_finds_a_way_out_of_its_grants(process: str, connect: Connect) -> None:
    """Neither by changing the schema, nor by becoming another, nor through the server's own files and programs."""
    login = connect(process)
    for statement in ESCAPES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(statement.encode())
    for row in login.execute("SELECT name, setting FROM pg_settings").fetchall():
        assert not [key for key in _keys() if key in str(row)]


@pytest.mark.abuse("T18")
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_no_process_runs_as_the_owner(database: TestDatabase) -> None:
    """Refused before anything is served: as the owner, as another's login, and with a login that was given too much."""
    for process in (Process.WEB, Process.WORKER):
        check_login(database.address(process.value), process)
        with pytest.raises(DatabaseError, match=f"must enter as {process.role}"):
            check_login(database.address("owner"), process)
    with pytest.raises(DatabaseError, match="must enter as childindex_web"):
        check_login(database.address("worker"), Process.WEB)
    environment = {**os.environ, "DATABASE_URL": database.url("owner"), "DATABASE_URL_WEB": database.url("owner")}
    with socket.socket() as taken:  # were it not refused, it would fail for this
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "childindex.project.cli", "serve", "--port", str(taken.getsockname()[1])]
        served = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
    assert served.returncode == 1
    assert "childindex_owner and must enter as childindex_web" in served.stderr


@pytest.mark.abuse("T18")
def test_a_login_that_may_act_as_the_owner_serves_nothing(database: TestDatabase, connect: Connect) -> None:
    """A membership given for a quick repair and forgotten."""
    given = database.server.administration
    given.execute("GRANT childindex_owner TO childindex_family")
    try:
        with pytest.raises(DatabaseError, match="may do more"):
            check_login(database.address("family"), Process.FAMILY)
    finally:
        given.execute("REVOKE childindex_owner FROM childindex_family")


def _keys() -> list[str]:
    """Every secret that encrypts or hashes something in the database, as configured and as the bytes it stands for."""
    configured = [*WORKER_KEYS.values(), *AUDIT_KEYS.values(), settings.SECOND_FACTOR_KEY, settings.REVIEW_KEY]
    return [settings.SECRET_KEY, *configured, *(base64.b64decode(key).decode() for key in configured)]


@pytest.mark.abuse("T18")
def test_a_stolen_backup_holds_no_word_of_what_is_encrypted(
    index: Index, people: People, browser: Browser, database: TestDatabase, as_role: AsRole
) -> None:
    """Hidden fields and carers of protected children, what was typed, second factors, and the keys: in a dump and, of what was never a row, in the server's files."""
    began = time.time()
    hidden = an_involvement("school", practitioner_name="Quillteacher", phone="0161 496 0888")
    confidential = a_child(
        family_name="Marchbanks", given_name="Ottilie", middle_names="Quillmiddle", nhs_number="9990000042",
        address="9 Quill Row, Northby", postcode="M2 2QQ",
    )  # fmt: skip
    with as_role("worker"):
        deliver(a_record("school", "q1", identity=confidential, involvements=(hidden,), confidential=True))
    sign_in_as(browser, people.somebody())
    results = search(browser, **AMARA)
    open_first(browser, results)
    browser.post("/", {**FORM, **AMARA, "family_name": "Quillsearch"})
    hidden_fields = (
        "quillmiddle", "quill row", "m2 2qq", "quillteacher", "496 0888", "9990000042",
        "canarymiddle", "canaryknown", "canaryformer", "canary road", "canarycarer", "canaryteacher", "nightingale", "9990000026",
    )  # fmt: skip
    never_written = ("quillsearch", SECRET, *_keys())
    dump = dumps.logical(database)
    # The thief can read: the open child is there, and of the protected one the name that anybody may search for.
    assert dumps.words_in(dump, ("Okonkwo", "Marchbanks")) == ["Okonkwo", "Marchbanks"]
    assert b"COPY guard.guarded_row" in dump
    assert dumps.words_in(dump, (*hidden_fields, *never_written)) == []
    # On the disk a hidden field may lie about until its old row is overwritten (docs/adr/0017); what never was a row may not.
    taken = dumps.files(database, since=began)
    assert any(dumps.words_in(content, ["Okonkwo"]) for content in taken.values())
    found = {path.name: dumps.words_in(content, never_written) for path, content in taken.items()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.abuse("T18")
@pytest.mark.parametrize("process", LOGINS)
def test_no_login_learns_how_many_children_are_protected(process: str, index: Index, connect: Connect) -> None:
    """Counts, sizes, changes and locks of the guard's tables are closed; so is every value that statistics keep of a column."""
    connect("owner").execute("ANALYZE")
    login = connect(process)
    for question in TELLS:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(question.encode())
    assert login.execute("SELECT relname, relkind FROM pg_class WHERE relname = 'protected_child'").fetchall()
    if process != "worker":  # the guard's own
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute("EXPLAIN SELECT * FROM guard.protected_child")


@pytest.mark.abuse("T18")
def test_a_migration_closes_what_was_opened_in_between(database: TestDatabase, connect: Connect) -> None:
    """Grants are taken away and given anew: what the file does not name is gone."""
    apply_grants(database.address("owner"))
    before = snapshot(connect("owner"))
    connect("owner").execute("GRANT SELECT ON audit_ledgerentry TO childindex_web")
    assert snapshot(connect("owner")) != before
    migrate(database.address("owner"), django_migrate=lambda: None)
    assert snapshot(connect("owner")) == before
