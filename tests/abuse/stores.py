"""Everything that a login of the database may read, as text: each table, and what sessions, caches and records that wait hold."""

from __future__ import annotations

import pickle
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

import psycopg
from django.contrib.sessions.models import Session
from psycopg import sql

from childindex.shielding import sealing

Connect = Callable[[str], "psycopg.Connection[tuple[Any, ...]]"]
# Partitions, views and the guard's own tables too, if the login may read them.
_READABLE: Final = """
    SELECT format('%%I.%%I', n.nspname, c.relname), array_agg(quote_ident(a.attname) ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
        AND has_schema_privilege(%(login)s, n.oid, 'USAGE') AND has_column_privilege(%(login)s, c.oid, a.attnum, 'SELECT')
    GROUP BY 1 ORDER BY 1
"""


def readable(connect: Connect, login: str) -> Iterator[tuple[str, str]]:
    """Each table of which a login may read something, with all of what it may read."""
    itself = connect(login)
    for table, columns in itself.execute(_READABLE, {"login": f"childindex_{login}"}).fetchall():
        whole = sql.SQL("SELECT ROW({})::text FROM {}").format(sql.SQL(", ".join(columns)), sql.SQL(table))
        yield table, "\n".join(str(row[0]) for row in itself.execute(whole).fetchall())


def opened(connect: Connect) -> Iterator[tuple[str, str]]:
    """What the site's process can open of what it reads: sessions, the cache, and records that wait for a person."""
    owner = connect("owner")
    for key, data in owner.execute("SELECT session_key, session_data FROM django_session").fetchall():
        yield "session", repr(Session(session_key=key, session_data=data).get_decoded())
    for key, value in owner.execute("SELECT cache_key, value FROM childindex_cache").fetchall():
        with suppress(pickle.UnpicklingError):
            yield "cache", f"{key} {pickle.loads(b64decode(value))!r}"  # noqa: S301 - written by this test's own process
    for row, shown in owner.execute("SELECT id, shown FROM matching_heldrow").fetchall():
        yield "held record", repr(sealing.unseal(row, shown, key=sealing.REVIEW))
