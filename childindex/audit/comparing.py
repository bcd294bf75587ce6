"""One sealed entry against its leaf: is it there, has its leaf the hash that was sealed, do its columns say what the leaf says.

Readers of the ledger read columns, so a column that was changed beside an untouched leaf is as bad as a changed leaf.
"""

from __future__ import annotations

import json
from binascii import unhexlify
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg
from django.db import connection, transaction

from childindex.audit.tree import HASH_BYTES
from childindex.audit.types import Event, Fault

# The schema is named everywhere, so that nobody can put a table of the same name in front.
TABLES: Final = ("audit_ledgerentry", "audit_sealedentry", "audit_sealedterms", "audit_waitingentry")
_QUERY: Final = """
    SELECT s.position, s.leaf_hash, e.leaf_hash, e.leaf,
        convert_to('{"account":"' || coalesce(e.account_id::text, '') || '","at":"'
            || to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","case":"', 'UTF8'),
        CASE WHEN e.reason <> '' THEN convert_to(e.case_reference, 'UTF8') END,
        convert_to('","channel":"' || e.channel || '","children":['
            || CASE WHEN e.children = '{}' THEN '' ELSE '"' || array_to_string(e.children, '","') || '"' END
            || '],"detail":', 'UTF8'),
        e.detail::text,
        convert_to(',"event":"' || e.event || '","id":"' || e.id || '","organisation":"' || e.organisation || '","outcome":"'
            || e.outcome || '","reason":"' || e.reason || '","role":"' || e.role || '","salt":"', 'UTF8'),
        t.salt, t.ciphertext
    FROM public.audit_sealedentry s
    LEFT JOIN public.audit_ledgerentry e ON e.id = s.entry_id
    LEFT JOIN public.audit_sealedterms t ON t.entry_id = s.entry_id
    WHERE s.position >= %s AND s.position < %s
"""
_AT_A_TIME: Final = 20_000  # rows in memory: 25 MB
_DECLARED: Final = Event.LEDGER_RESTORE_DECLARED.value.encode()
_AHEAD: Final = 2  # pieces that the database prepares while one is compared


class Row(NamedTuple):
    """A position with its entry and, for a search, its terms. The middle ones are the columns as the leaf writes them, in its order."""

    position: int
    given_hash: bytes
    own_hash: bytes | None
    leaf: bytes | None
    account_and_time: bytes
    case_reference: bytes | None
    channel_and_children: bytes
    detail: str
    event_to_role: bytes
    salt: bytes | None
    ciphertext: bytes | None


@dataclass(slots=True)
class Compared:
    """What became of some positions: which the database knows, what is wrong, and leaves that declare a restore."""

    there: bytearray
    wrong: list[tuple[int, Fault]] = field(default_factory=list)
    declarations: list[tuple[int, bytes]] = field(default_factory=list)


def compare(first: int, end: int, sealed: bytes) -> Compared:
    """The entries at the positions from `first` to `end` against their sealed hashes, which stand one behind the other."""
    found = Compared(bytearray(end - first))
    pieces = [(begin, min(end, begin + _AT_A_TIME)) for begin in range(first, end, _AT_A_TIME)]
    with ThreadPoolExecutor(max_workers=_AHEAD) as ahead:
        asked = deque(ahead.submit(_piece, *piece) for piece in pieces[:_AHEAD])
        for piece in [*pieces[_AHEAD:], *[None] * len(asked)]:
            held = asked.popleft().result()
            if piece is not None:
                asked.append(ahead.submit(_piece, *piece))
            _compare_piece(held, sealed, first, found)
    return found


def _compare_piece(held: Iterable[tuple[Any, ...]], sealed: bytes, first: int, found: Compared) -> None:
    """Row by row, quickly where all is well; a million of these is what a verification takes."""
    there = found.there
    for row in held:
        position, given_hash, own_hash, leaf = row[:4]
        place = position - first
        there[place] = 1
        expected = sealed[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        as_sealed = (
            leaf is not None
            and sha256(b"\x00" + leaf).digest() == expected
            and given_hash == own_hash == expected
            and row[-1] is None
            and _written(row, *_ending(leaf)) == leaf
        )
        fault = None if as_sealed else fault_of(Row(*row), expected)
        if fault is not None:
            found.wrong.append((position, fault))
        elif _DECLARED in leaf:
            found.declarations.append((position, leaf))


def _piece(first: int, end: int) -> list[tuple[Any, ...]]:
    """Some rows, over a connection of this thread's own."""
    try:
        with transaction.atomic():
            cursor = psycopg.Cursor(connection.connection)  # the driver's own, which reads bytes as they are
            # Each entry is found by its key: the planner would rather read the whole ledger for every piece.
            cursor.execute("SET LOCAL enable_hashjoin = off")
            cursor.execute("SET LOCAL enable_mergejoin = off")
            return cursor.execute(_QUERY, [first, end], binary=True).fetchall()
    finally:
        connection.close()


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
    if row.ciphertext is not None and sha256((row.salt or b"") + row.ciphertext).hexdigest().encode() != terms:
        return Fault.TERMS_CHANGED
    return None


def _ending(leaf: bytes) -> tuple[bytes, bytes]:
    """The salt and the hash of the search terms, if the leaf ends as leaves do: ..."salt":"32 digits","terms":"64 digits or none"}."""
    without_terms = leaf.endswith(b'","terms":""}')
    return (leaf[-45:-13], b"") if without_terms else (leaf[-109:-77], leaf[-66:-2])


def _written(row: tuple[Any, ...], salt: bytes, terms: bytes) -> bytes:
    """The leaf as it follows from the columns: the quick way, which holds for nearly every entry."""
    head, case_reference, middle, detail, tail = row[4:9]
    case = _case(case_reference, salt)
    return b"".join((head, case, middle, _canonical(detail), tail, salt, b'","terms":"', terms, b'"}'))


def _says_the_same(row: Row, leaf: bytes) -> bool:
    """The slow way, for values that JSON has to write in another way than they are."""
    try:
        said: dict[str, Any] = json.loads(leaf)
        children = '"' + '","'.join(said["children"]) + '"' if said["children"] else ""
        at = datetime.fromisoformat(said["at"]).astimezone(UTC).isoformat(timespec="microseconds")
        return (
            row.account_and_time.decode() == f'{{"account":"{said["account"]}","at":"{at}","case":"'
            and _case(row.case_reference, said["salt"].encode()) == said["case"].encode()
            and row.channel_and_children.decode()
            == f'","channel":"{said["channel"]}","children":[{children}],"detail":'
            and json.loads(row.detail) == said["detail"]
            and row.event_to_role.decode()
            == f',"event":"{said["event"]}","id":"{said["id"]}","organisation":"{said["organisation"]}"'
            f',"outcome":"{said["outcome"]}","reason":"{said["reason"]}","role":"{said["role"]}","salt":"'
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return False  # a leaf that no version of the product has written


def _case(case_reference: bytes | None, salt: bytes) -> bytes:
    """The salted hash of a case reference; nothing where no reason was given."""
    if case_reference is None:
        return b""
    try:
        return sha256(unhexlify(salt) + case_reference).hexdigest().encode()
    except ValueError:
        return b"no salt"


@lru_cache(maxsize=4096)
def _canonical(detail: str) -> bytes:
    return json.dumps(json.loads(detail), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
