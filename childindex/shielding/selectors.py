"""Reading the guard: whether an incoming row comes near a protected child. Only the worker's login may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import staging
from childindex.children.staging import Keys
from childindex.kernel.identity import Identity, SourceRecord, Tier
from childindex.shielding import sealing
from childindex.shielding.types import Ground, GuardedRow, KeptRow, ProtectedIdentity, Protection


def known(feed: str, record_ids: Sequence[str]) -> dict[str, GuardedRow]:
    """Which of a feed's rows the guard already has, by the supplier's id."""
    links = {sealing.hashed_link(feed, record_id): record_id for record_id in record_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT link, id, child_id, near, digest, updated_on, removed_on IS NOT NULL FROM guard.guarded_row"
            " WHERE link = ANY(%s)",
            [list(links)],
        )
        return {
            links[bytes(row[0])]: GuardedRow(
                id=row[1], child=row[2], near=tuple(row[3]), digest=bytes(row[4]), updated_on=row[5], removed=row[6]
            )
            for row in cursor.fetchall()
        }


def delivered(rows: Sequence[UUID]) -> dict[UUID, KeptRow]:
    """What these guarded rows last said and said before, decrypted; by their ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, payload FROM guard.guarded_row WHERE id = ANY(%s)", [list(rows)])
        return {row[0]: kept(row[0], row[1]) for row in cursor.fetchall()}


def kept(row: UUID, payload: bytes) -> KeptRow:
    """One row's payload, decrypted."""
    plain = sealing.unseal(row, payload)
    earlier = tuple(map(sealing.read_identity, plain.get("earlier", ())))
    return KeptRow(record=sealing.read(plain["record"]), earlier=earlier)


def near(keys: Sequence[Keys]) -> list[tuple[int, UUID]]:
    """Which lines of a batch share a search key with a protected child: the keys of each in, (line, child) out."""
    hashed = sealing.hashed_keys(key[1] for those in keys for key in those)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE guard_line (line integer, hash bytea) ON COMMIT DROP")
        with cursor.copy("COPY guard_line FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(staging.packed(staging.lines(keys), staging.hashes(hashed, size=sealing.HASH_BYTES)))
        cursor.execute(
            "SELECT DISTINCT l.line, k.child_id FROM guard_line l JOIN guard.protected_key k ON k.hash = l.hash"
        )
        found = sorted(cursor.fetchall())
        cursor.execute("DROP TABLE guard_line")
    return found


def identities(children: Sequence[UUID]) -> list[ProtectedIdentity]:
    """Every identity the sources give, or have given, of these protected children, for the matcher alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child_id, id, payload FROM guard.guarded_row WHERE child_id = ANY(%s) ORDER BY child_id, id",
            [list(children)],
        )
        found: dict[UUID, list[Identity]] = {}
        for child, row, payload in cursor.fetchall():
            said = kept(row, payload)
            found.setdefault(child, []).extend((said.record.identity, *said.earlier))
    return [ProtectedIdentity(child=child, identities=tuple(those)) for child, those in found.items()]


def protection_of(child_id: UUID, *, receipt: Receipt) -> Protection:
    """How far and why a protected child is protected, and since when."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tier, ground, provisional, decided_at, review_on FROM guard.protected_child WHERE child_id = %s",
            [child_id],
        )
        tier, ground, provisional, decided_at, review_on = cursor.fetchone()
    return Protection(
        child=child_id,
        tier=Tier(tier),
        ground=Ground(ground),
        provisional=provisional,
        decided_at=decided_at,
        review_on=review_on,
    )


def tier_of(child_id: UUID, *, receipt: Receipt) -> Tier:
    """How far a child is protected; open for one the guard does not know."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("SELECT tier FROM guard.protected_child WHERE child_id = %s", [child_id])
        row = cursor.fetchone()
    return Tier.OPEN if row is None else Tier(row[0])


def records_of(child_id: UUID, *, receipt: Receipt) -> list[SourceRecord]:
    """What every supplier that still holds this protected child says, decrypted: for whoever may override or broker (R 3.07, 3.08)."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, payload FROM guard.guarded_row WHERE child_id = %s AND removed_on IS NULL ORDER BY id",
            [child_id],
        )
        return [sealing.read(sealing.unseal(row, payload)["record"]) for row, payload in cursor.fetchall()]


def declared_of(child_id: UUID, *, receipt: Receipt) -> list[dict[str, Any]]:
    """The involvements that were taken out with this child, as columns: those practitioners declared are in no supplier's record."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM guard.protected_child WHERE child_id = %s", [child_id])
        row = cursor.fetchone()
    return [] if row is None else list(sealing.unseal(child_id, row[0])["attached"].get("involvements", []))


def authority_of(child_id: UUID, *, receipt: Receipt) -> str | None:
    """The responsible authority of a protected child, which must not stand where the web can read it (T12)."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM guard.protected_child WHERE child_id = %s", [child_id])
        row = cursor.fetchone()
    return None if row is None else str(sealing.unseal(child_id, row[0])["authority"])


def tally() -> dict[str, int]:
    """How many children are shielded and sealed, and how many rows are held near them; for the operator of a demo."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tier, count(*) FROM guard.protected_child GROUP BY tier")
        counts = {str(tier): int(many) for tier, many in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL")
        counts["held"] = int(cursor.fetchone()[0])
    return counts
