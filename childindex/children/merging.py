"""Two entries become one and two again: rows change hands by opaque id, and the rows of the entries are kept by the caller."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection

from childindex.audit.types import Receipt
from childindex.kernel.numbers import new_index_number

_RESTORE: Final = (
    "INSERT INTO children_child SELECT * FROM jsonb_populate_record(NULL::children_child, %s::jsonb)"
    " WHERE NOT EXISTS (SELECT FROM children_child WHERE id = %s)"
)
# Everything that is computed from the records, as it stood; what has changed since is computed anew afterwards.
_PUT_BACK: Final = """
    UPDATE children_child c SET responsible_authority = b.responsible_authority, district = b.district,
        family_name = b.family_name, given_name = b.given_name, birth_date = b.birth_date, sex = b.sex, changed_at = b.changed_at
    FROM jsonb_populate_record(NULL::children_child, %s::jsonb) b WHERE c.id = b.id AND c.tier = 'open'
"""
_OPEN_AGAIN: Final = """
    UPDATE children_child c SET tier = 'open', responsible_authority = b.responsible_authority, district = b.district,
        family_name = b.family_name, given_name = b.given_name, birth_date = b.birth_date, sex = b.sex, changed_at = b.changed_at
    FROM jsonb_populate_record(NULL::children_child, %s::jsonb) b WHERE c.id = b.id AND c.tier = 'shielded'
"""
# Every id whose lines in the ledger are about a child: their own, and those they shared, as far as each was theirs.
_EVERY_ID: Final = """
    WITH RECURSIVE known (id, since, until) AS (
        SELECT %s::uuid, NULL::timestamptz, NULL::timestamptz
        UNION
        SELECT s.shared_id, greatest(k.since, s.since), least(k.until, s.until)
        FROM known k JOIN children_sharedid s ON s.child_id = k.id
        WHERE greatest(k.since, s.since) IS NULL OR least(k.until, s.until) IS NULL
            OR greatest(k.since, s.since) <= least(k.until, s.until)
    )
    SELECT DISTINCT id, since, until FROM known ORDER BY id, since NULLS FIRST, until
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUnder:
    """An id, and from when until before when what was written down under it is about the child; None is without end."""

    id: UUID
    since: datetime | None
    until: datetime | None


def every_id(child: UUID) -> list[KnownUnder]:
    """Every id this child has ever had, merges and splits included: what whoever reads the ledger has to ask for."""
    with connection.cursor() as cursor:
        cursor.execute(_EVERY_ID, [child])
        return [KnownUnder(id=row[0], since=row[1], until=row[2]) for row in cursor.fetchall()]


def now_leads_to(ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """For ids of entries that were merged, the id of the entry that stayed; others are absent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT former_id, child_id FROM children_formernumber WHERE former_id = ANY(%s)", [list(ids)])
        return dict(cursor.fetchall())


def number_of(ids: Sequence[UUID]) -> dict[UUID, str]:
    """The index numbers of entries that are open or were merged into an open one; ids of any other are absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, index_number FROM children_child WHERE id = ANY(%s) AND tier = 'open' UNION ALL"
            " SELECT f.former_id, f.index_number FROM children_formernumber f JOIN children_child c ON c.id = f.child_id"
            " WHERE f.former_id = ANY(%s) AND c.tier = 'open'",
            [list(ids), list(ids)],
        )
        return dict(cursor.fetchall())


def open_rows(ids: Sequence[UUID], *, receipt: Receipt) -> dict[UUID, dict[str, Any]]:
    """The whole rows of these children as far as they are open, as plain values; locked until the end of the transaction."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, to_jsonb(c) FROM children_child c WHERE id = ANY(%s) AND tier = 'open' ORDER BY id FOR UPDATE",
            [list(ids)],
        )
        return {row[0]: json.loads(row[1]) if isinstance(row[1], str) else row[1] for row in cursor.fetchall()}


def fold(merged: UUID, *, into: UUID, receipt: Receipt) -> tuple[list[UUID], list[UUID]]:
    """Give one open entry's records to another and take its row out; its number goes on leading to the one that stays.

    Returns the records that moved and the former ids that led to the merged entry. The merged entry's involvements and
    decisions must have moved before; the caller computes keys and visible fields anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE children_sourcerecord SET child_id = %s WHERE child_id = %s RETURNING id", [into, merged]
        )
        records = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(
            "UPDATE children_formernumber SET child_id = %s WHERE child_id = %s RETURNING former_id", [into, merged]
        )
        former = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(
            "INSERT INTO children_formernumber (index_number, former_id, child_id)"
            " SELECT index_number, id, %s FROM children_child WHERE id = %s",
            [into, merged],
        )
        cursor.execute("DELETE FROM children_child WHERE id = %s", [merged])
        cursor.execute(
            "INSERT INTO children_sharedid (id, child_id, shared_id, since, until) VALUES (%s, %s, %s, NULL, NULL)",
            [uuid4(), into, merged],
        )
    del receipt
    return records, former


def unfold(
    mixed: UUID,
    row: Mapping[str, Any],
    *,
    records: Sequence[UUID],
    former: Sequence[UUID],
    since: datetime,
    receipt: Receipt,
) -> None:
    """Give an entry back its row, its number, its records and the numbers that led to it.

    `row` is what `open_rows` gave before the merge, or `new_row`; `since` when the two began to be mixed.
    """
    restored = UUID(row["id"])
    with connection.cursor() as cursor:
        cursor.execute(_RESTORE, [json.dumps(dict(row)), restored])
        cursor.execute(
            "UPDATE children_sourcerecord SET child_id = %s WHERE id = ANY(%s) AND child_id = %s",
            [restored, list(records), mixed],
        )
        cursor.execute("DELETE FROM children_formernumber WHERE former_id = %s", [restored])
        cursor.execute(
            "UPDATE children_formernumber SET child_id = %s WHERE former_id = ANY(%s) AND child_id = %s",
            [restored, list(former), mixed],
        )
        cursor.execute("DELETE FROM children_sharedid WHERE child_id = %s AND shared_id = %s", [mixed, restored])
        cursor.execute(
            "INSERT INTO children_sharedid (id, child_id, shared_id, since, until) VALUES (%s, %s, %s, %s, %s)",
            [uuid4(), restored, mixed, since, receipt.at],
        )


def open_again(row: Mapping[str, Any], *, receipt: Receipt) -> None:
    """Give a shielded child the row they had while they were open; keys and records follow, by the caller."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_AGAIN, [json.dumps(dict(row))])


def put_back(row: Mapping[str, Any], *, receipt: Receipt) -> None:
    """Give an open child the visible fields, authority and district they had: the row that `open_rows` gave."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [json.dumps(dict(row))])


def new_row(mixed: Mapping[str, Any], child: UUID, *, receipt: Receipt) -> dict[str, Any]:
    """A row for a new entry beside a mixed one: its own id and number; what it shows is computed from its records."""
    made = receipt.at.isoformat()
    return {**mixed, "id": str(child), "index_number": new_index_number(), "created_at": made, "changed_at": made}
