"""The inverse of protecting: what the guard keeps of a shielded child is handed over whole, and let go. The worker's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children.types import StoredRecord
from childindex.kernel.identity import SourceRecord, Tier
from childindex.shielding import sealing, selectors
from childindex.shielding.types import Ground, Protection

_NEAR_ALONE = """
    DELETE FROM guard.guarded_row WHERE child_id IS NULL AND near = ARRAY[%s]::uuid[] RETURNING id, digest, payload
"""
_LET_GO = (
    "DELETE FROM guard.guarded_row WHERE child_id = %s",
    "DELETE FROM guard.protected_key WHERE child_id = %s",
    "DELETE FROM guard.near_entry WHERE child_id = %s",
    "DELETE FROM guard.protected_child WHERE child_id = %s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Everything the guard keeps of one shielded child.

    `records` are those that still say what they said in the open; `changed` were given anew while the child was shielded and
    have neither their delivery nor the hash of their content any more. `attached` is what was taken out with them, as columns.
    """

    records: tuple[StoredRecord, ...]
    changed: tuple[StoredRecord, ...]
    attached: Mapping[str, Sequence[dict[str, Any]]]


def kept_of(child: UUID, *, receipt: Receipt) -> Kept:
    """What is kept of a child, decrypted; the rows stay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM guard.protected_child WHERE child_id = %s FOR UPDATE", [child])
        payload = sealing.unseal(child, cursor.fetchone()[0])
        cursor.execute(
            "SELECT id, updated_on, removed_on, held_at, payload FROM guard.guarded_row WHERE child_id = %s ORDER BY id",
            [child],
        )
        rows = cursor.fetchall()
    records: list[StoredRecord] = []
    changed: list[StoredRecord] = []
    for row, _, removed_on, held_at, sealed in rows:
        plain = sealing.unseal(row, sealed)
        record = sealing.read(plain["record"])
        (records if "content" in plain else changed).append(
            _stored(row, child, record, plain, removed_on=removed_on, held_at=held_at, receipt=receipt)
        )
    return Kept(records=tuple(records), changed=tuple(changed), attached=payload["attached"])


def _stored(
    row: UUID,
    child: UUID,
    record: SourceRecord,
    plain: Mapping[str, Any],
    *,
    removed_on: date | None,
    held_at: datetime,
    receipt: Receipt,
) -> StoredRecord:
    """A record as the open table keeps it. Of one that changed the content is unknown, so that its supplier's next row is taken in."""
    same = "content" in plain
    return StoredRecord(
        id=row,
        child=child,
        feed=record.feed,
        record_id=record.record_id,
        identity=record.identity,
        unborn=record.unborn,
        deceased_on=record.deceased_on,
        left_england=record.left_england,
        updated_on=record.updated_on,
        removed_on=removed_on,
        authority=plain["authority"] if same else "",
        received_at=datetime.fromisoformat(plain["received_at"]) if same else held_at,
        delivery_id=UUID(plain["delivery"]) if same else receipt.entry_id,
        content=bytes.fromhex(plain["content"]) if same else b"",
    )


def let_go(child: UUID, *, receipt: Receipt) -> list[tuple[UUID, SourceRecord]]:
    """Take a child out of the guard; gives the rows that were held because they came near this child alone.

    What is near others too stays held for them. The database refuses without a decision of two people (docs/adr/0020).
    """
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_NEAR_ALONE, [child])
        waiting = [(row, selectors.kept(row, sealed).record) for row, _, sealed in cursor.fetchall()]
        cursor.execute(
            "UPDATE guard.guarded_row SET near = array_remove(near, %s) WHERE child_id IS NULL AND %s = ANY(near)",
            [child, child],
        )
        for statement in _LET_GO:
            cursor.execute(statement, [child])
    return waiting


def settled(child: UUID, *, review_on: date, receipt: Receipt) -> None:
    """Two people have said that a shield stays: it is provisional no longer, and is looked at again on a day (R 3.15)."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE guard.protected_child SET provisional = false, review_on = %s WHERE child_id = %s AND tier = 'shielded'",
            [review_on, child],
        )


def shields(*, receipt: Receipt) -> list[Protection]:
    """Every shield there is, without what it hides."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child_id, ground, provisional, decided_at, review_on FROM guard.protected_child WHERE tier = 'shielded'"
            " ORDER BY child_id"
        )
        return [
            Protection(
                child=row[0],
                tier=Tier.SHIELDED,
                ground=Ground(row[1]),
                provisional=row[2],
                decided_at=row[3],
                review_on=row[4],
            )
            for row in cursor.fetchall()
        ]
