"""What each login may do, as the database itself tells it: deploy/grants.snapshot, written by `make grants` from a migrated database.

`deploy/grants.sql` says what should be granted; this says what is. A test compares the two files' outcome in every run (T18), so that a grant
that nobody meant, or an object with PostgreSQL's generous defaults, is seen by whoever reads the change.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / "deploy" / "grants.snapshot"
HEAD: Final = "# Written by `make grants` from a migrated database. Do not edit. What the owner may do with its own is left out.\n"

# Each gives lines. PostgreSQL's own schemas are left out; `acl` null means the defaults, which are spelled out.
_QUERIES: Final[tuple[LiteralString, ...]] = (
    """
    SELECT format('login %s: %s', rolname, coalesce(nullif(concat_ws(', ', CASE WHEN rolsuper THEN 'superuser' END,
        CASE WHEN rolcreatedb THEN 'creates databases' END, CASE WHEN rolcreaterole THEN 'creates logins' END,
        CASE WHEN rolreplication THEN 'replicates' END, CASE WHEN rolbypassrls THEN 'passes row security' END), ''), 'nothing beyond its grants'))
    FROM pg_roles WHERE rolname LIKE 'childindex\\_%'
    """,
    # From PostgreSQL 16 on, whoever makes a login may alter it; being able to act as it is another thing.
    """
    SELECT format('member %s: acts as %s', member::regrole, roleid::regrole) FROM pg_auth_members m
    WHERE (member::regrole::text LIKE 'childindex\\_%' OR roleid::regrole::text LIKE 'childindex\\_%')
        AND (coalesce(to_jsonb(m)->>'inherit_option', 'true') = 'true' OR coalesce(to_jsonb(m)->>'set_option', 'true') = 'true')
    """,
    """
    SELECT format('owner %s %s: %s', CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.oid::regclass, relowner::regrole)
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND nspname !~ '^(pg_|information_schema$)' AND relowner::regrole::text <> 'childindex_owner'
    """,
    """
    WITH named AS (
        SELECT 'database' AS kind, ''::text AS name, ''::text AS col, coalesce(datacl, acldefault('d', datdba)) AS acl, datdba AS owner
        FROM pg_database WHERE datname = current_database()
        UNION ALL
        SELECT 'schema', nspname, '', coalesce(nspacl, acldefault('n', nspowner)), nspowner
        FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'
        UNION ALL
        SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, nspname || '.' || relname, '',
            coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, relowner)), relowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND nspname !~ '^(pg_|information_schema$)'
        UNION ALL
        SELECT 'columns', nspname || '.' || relname, attname, attacl, relowner
        FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
        WHERE attacl IS NOT NULL AND nspname !~ '^(pg_|information_schema$)'
        UNION ALL
        SELECT 'function', nspname || '.' || proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', '',
            coalesce(proacl, acldefault('f', proowner)), proowner
        FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname !~ '^(pg_|information_schema$)'
        UNION ALL
        SELECT 'by default', coalesce(defaclnamespace::regnamespace::text, ''), defaclobjtype::text, defaclacl, defaclrole FROM pg_default_acl
    ), given AS (
        SELECT kind, name, col, CASE grantee WHEN 0 THEN 'everybody' ELSE grantee::regrole::text END AS who,
            privilege_type || CASE WHEN is_grantable THEN ' and hand it on' ELSE '' END AS what
        FROM named, aclexplode(acl) WHERE grantee <> owner
    ), by_object AS (
        SELECT kind, name, who, what || coalesce(' (' || string_agg(nullif(col, ''), ', ' ORDER BY col COLLATE "C") || ')', '') AS what
        FROM given GROUP BY kind, name, who, what
    )
    SELECT concat_ws(' ', kind, nullif(name, '')) || ': ' || who || ' may ' || string_agg(what, ', ' ORDER BY what COLLATE "C")
    FROM by_object GROUP BY kind, name, who
    """,
    # Whoever may call it acts as its owner: the path that names are looked up in must not be the caller's.
    """
    SELECT format('function as its owner %s.%s(%s): %s', nspname, proname, pg_get_function_identity_arguments(p.oid),
        coalesce(array_to_string(proconfig, '; '), 'in the path of whoever calls it'))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE prosecdef AND nspname !~ '^(pg_|information_schema$)'
    """,
    """
    SELECT format('trigger %s %s: %s', tgrelid::regclass, tgname,
        CASE tgenabled WHEN 'A' THEN 'always' WHEN 'D' THEN 'off' WHEN 'R' THEN 'in replicas alone' ELSE 'on' END)
    FROM pg_trigger WHERE NOT tgisinternal
    """,
    """
    SELECT format('row security %s: %s', c.oid::regclass, CASE WHEN relforcerowsecurity THEN 'the owner too' ELSE 'not the owner' END)
    FROM pg_class c WHERE relrowsecurity
    """,
    """
    SELECT format('policy %s.%s %s: %s %s if %s', schemaname, tablename, policyname, array_to_string(roles, ', '), cmd,
        regexp_replace(coalesce(qual, with_check), '\\s+', ' ', 'g'))
    FROM pg_policies
    """,
)


def snapshot(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    """Logins, grants, functions that act as their owner and triggers of this database, one fact a line, sorted; the same for the same schema."""
    connection.execute("SET search_path TO public")
    lines = [str(row[0]) for query in _QUERIES for row in connection.execute(query).fetchall()]
    return HEAD + "".join(f"{line}\n" for line in sorted(lines))


def main() -> int:
    """Write the snapshot from the database that the tests are cloned from, migrated now if need be."""
    import tests.conftest  # the made-up settings that a migration needs
    from tests.database import the_server

    del tests

    server = the_server()
    server.start()
    try:
        with server.address(server.template).connect() as owner:
            SNAPSHOT.write_text(snapshot(owner), encoding="utf-8")
    finally:
        server.stop()
    print(f"{SNAPSHOT.relative_to(ROOT)} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
