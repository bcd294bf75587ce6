"""One sealed entry against its leaf: is it there, has its leaf the hash that was sealed, do its columns say what the leaf says.

Readers of the ledger read columns, so a column that was changed beside an untouched leaf is as bad as a changed leaf.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from childindex.audit.types import Fault

# The schema is named everywhere, so that nobody can put a table of the same name in front.
TABLES: Final = ("audit_ledgerentry", "audit_sealedentry", "audit_sealedterms", "audit_waitingentry")
_QUERY: Final = """
    COPY (
        SELECT s.position, s.leaf_hash, e.leaf_hash, e.leaf,
            '{"account":"' || coalesce(e.account_id::text, '') || '","at":"'
                || to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","case":"',
            CASE WHEN e.reason <> '' THEN e.case_reference END,
            '","channel":"' || e.channel || '","children":['
                || CASE WHEN e.children = '{}' THEN '' ELSE '"' || array_to_string(e.children, '","') || '"' END
                || '],"detail":',
            e.detail::text,
            ',"event":"' || e.event || '","id":"' || e.id || '","organisation":"' || e.organisation || '","outcome":"'
                || e.outcome || '","reason":"' || e.reason || '","role":"' || e.role || '","salt":"',
            t.salt, t.ciphertext
        FROM public.audit_sealedentry s
        LEFT JOIN public.audit_ledgerentry e ON e.id = s.entry_id
        LEFT JOIN public.audit_sealedterms t ON t.entry_id = s.entry_id
        WHERE s.position >= %s AND s.position < %s
    ) TO STDOUT (FORMAT BINARY)
"""
_TYPES: Final = ["int8", "bytea", "bytea", "bytea", "text", "text", "text", "text", "text", "bytea", "bytea"]


class Row(NamedTuple):
    """A position with its entry and, for a search, its terms. The texts are the columns as the leaf writes them, in its order."""

    position: int
    given_hash: bytes
    own_hash: bytes | None
    leaf: bytes | None
    account_and_time: str
    case_reference: str | None
    channel_and_children: str
    detail: str
    event_to_role: str
    salt: bytes | None
    ciphertext: bytes | None


def rows(first: int, end: int) -> Iterator[Row]:
    """The positions from `first` to `end` that the database knows, in no order."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        with cursor.copy(_QUERY, [first, end]) as copied:
            copied.set_types(_TYPES)
            for row in copied.rows():
                yield Row(*row)


def fault_of(row: Row, sealed: bytes) -> Fault | None:
    """What is wrong with an entry whose sealed leaf hash this is; nothing if all is as it was sealed."""
    leaf = row.leaf
    if leaf is None:
        return Fault.ENTRY_GONE
    if sha256(b"\x00" + leaf).digest() != sealed:
        return Fault.ENTRY_CHANGED
    if row.given_hash != sealed or row.own_hash != sealed:
        return Fault.HASH_CHANGED
    salt, terms = _ending(leaf)
    if _written(row, salt, terms) != leaf and not _says_the_same(row, leaf):
        return Fault.COLUMNS_CHANGED
    if row.ciphertext is not None and sha256((row.salt or b"") + row.ciphertext).hexdigest() != terms:
        return Fault.TERMS_CHANGED
    return None


def _ending(leaf: bytes) -> tuple[str, str]:
    """The salt and the hash of the search terms with which a leaf ends; other words if it does not end so."""
    _, _, ending = leaf.rpartition(b'"salt":"')
    salt, _, terms = ending.decode("ascii", errors="replace").partition('","terms":"')
    return salt, terms.removesuffix('"}')


def _written(row: Row, salt: str, terms: str) -> bytes:
    """The leaf as it follows from the columns: the quick way, which holds for nearly every entry."""
    case = _case(row.case_reference, salt)
    return (
        f"{row.account_and_time}{case}{row.channel_and_children}{_canonical(row.detail)}{row.event_to_role}{salt}"
        f'","terms":"{terms}"}}'
    ).encode()


def _says_the_same(row: Row, leaf: bytes) -> bool:
    """The slow way, for values that JSON has to write in another way than they are."""
    try:
        said: dict[str, Any] = json.loads(leaf)
        children = '"' + '","'.join(said["children"]) + '"' if said["children"] else ""
        at = datetime.fromisoformat(said["at"]).astimezone(UTC).isoformat(timespec="microseconds")
        return (
            row.account_and_time == f'{{"account":"{said["account"]}","at":"{at}","case":"'
            and _case(row.case_reference, str(said["salt"])) == said["case"]
            and row.channel_and_children == f'","channel":"{said["channel"]}","children":[{children}],"detail":'
            and json.loads(row.detail) == said["detail"]
            and row.event_to_role
            == f',"event":"{said["event"]}","id":"{said["id"]}","organisation":"{said["organisation"]}"'
            f',"outcome":"{said["outcome"]}","reason":"{said["reason"]}","role":"{said["role"]}","salt":"'
        )
    except (ValueError, KeyError, TypeError):
        return False  # a leaf that no version of the product has written


def _case(case_reference: str | None, salt: str) -> str:
    """The salted hash of a case reference; nothing where no reason was given."""
    if case_reference is None:
        return ""
    try:
        return sha256(bytes.fromhex(salt) + case_reference.encode()).hexdigest()
    except ValueError:
        return "no salt"


@lru_cache(maxsize=4096)
def _canonical(detail: str) -> str:
    return json.dumps(json.loads(detail), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
