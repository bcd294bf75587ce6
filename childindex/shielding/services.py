"""Writing the guard: children move in, rows near them are held. Only the worker's login may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import selectors as entries
from childindex.children import services as children
from childindex.children import staging
from childindex.children.staging import Keys
from childindex.children.types import StoredRecord
from childindex.kernel.identity import Identity, SourceRecord, SuppliedInvolvement, Tier
from childindex.shielding import sealing, selectors
from childindex.shielding.types import KeptRow, Protection, RowToHold

_COPY_ROWS = "COPY staged_row (id, child_id, near, feed, link, digest, updated_on, as_of, held_at, payload) FROM STDIN"
_PUT_ROWS = """
    INSERT INTO guard.guarded_row AS kept SELECT * FROM staged_row
    ON CONFLICT (link) DO UPDATE SET digest = EXCLUDED.digest, updated_on = EXCLUDED.updated_on, as_of = EXCLUDED.as_of,
        removed_on = NULL, payload = EXCLUDED.payload
    WHERE kept.id = EXCLUDED.id
"""
# What people answered was an answer to the old question.
_AGAIN = "UPDATE SET noticed_at = EXCLUDED.noticed_at, asked = EXCLUDED.asked"
_PUT_CHILD = """
    INSERT INTO guard.protected_child AS kept (child_id, tier, ground, provisional, decided_at, review_on, payload)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (child_id) DO UPDATE SET tier = EXCLUDED.tier, ground = EXCLUDED.ground, provisional = EXCLUDED.provisional,
        decided_at = EXCLUDED.decided_at, review_on = EXCLUDED.review_on
"""


def hold(rows: Sequence[RowToHold], *, as_of: date, receipt: Receipt) -> None:
    """Keep rows in the guard, encrypted: new ones, or newer content of rows already there (then with their own id)."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE staged_row (LIKE guard.guarded_row) ON COMMIT DROP")
        with cursor.copy(_COPY_ROWS) as copy:
            for row in rows:
                copy.write_row(_row(row, as_of=as_of, receipt=receipt))
        cursor.execute(_PUT_ROWS)
        cursor.execute("DROP TABLE staged_row")


def digest(content: bytes) -> bytes:
    """The keyed hash the guard keeps of a row's content."""
    return sealing.hashed_content(content)


def _row(row: RowToHold, *, as_of: date, receipt: Receipt) -> tuple[Any, ...]:
    record = row.record
    return (
        row.id,
        row.child,
        list(row.near),
        sealing.hashed_feed(record.feed),
        sealing.hashed_link(record.feed, record.record_id),
        row.digest,
        record.updated_on,
        as_of,
        receipt.at,
        sealing.seal(row.id, {"record": sealing.written(record), "earlier": _written(row.earlier)}),
    )


def _written(identities: Iterable[Identity]) -> list[dict[str, Any]]:
    return [sealing.written_identity(identity) for identity in identities]


def still_given(rows: Sequence[UUID], *, as_of: date, receipt: Receipt) -> None:
    """Note that a source gave these rows again unchanged."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE guard.guarded_row SET as_of = %s WHERE id = ANY(%s) AND as_of < %s", [as_of, list(rows), as_of]
        )


def withdraw(feed: str, record_ids: Sequence[str], *, on: date, receipt: Receipt) -> int:
    """Note that a supplier no longer holds these rows; nothing is opened by it. Returns how many were here."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE guard.guarded_row SET removed_on = %s WHERE link = ANY(%s) AND removed_on IS NULL",
            [on, [sealing.hashed_link(feed, record_id) for record_id in record_ids]],
        )
        return int(cursor.rowcount)


def add_keys(keys: Mapping[UUID, Keys], *, receipt: Receipt) -> None:
    """Keep keyed hashes of search keys of protected children, of every kind."""
    del receipt
    if not keys:
        return
    hashed = sealing.hashed_keys(key[1] for those in keys.values() for key in those)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE staged_hash (hash bytea, child_id uuid) ON COMMIT DROP")
        with cursor.copy("COPY staged_hash FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(staging.packed(staging.hashes(hashed, size=sealing.HASH_BYTES), staging.owners(keys)))
        cursor.execute(
            "INSERT INTO guard.protected_key (hash, child_id) SELECT hash, child_id FROM staged_hash ON CONFLICT DO NOTHING"
        )
        cursor.execute("DROP TABLE staged_hash")


def note_near(found: Mapping[UUID, Sequence[UUID]], *, again: bool, receipt: Receipt) -> None:
    """Keep which open children come near these protected ones, for somebody to look at: opaque ids alone (R 3.19).

    `again` where there is something new about a pair: what two people have said of it before then holds no more.
    """
    known = _AGAIN if again else "NOTHING"
    with connection.cursor() as cursor:
        for child, near in found.items():
            cursor.execute(
                "INSERT INTO guard.near_entry (child_id, open_id, noticed_at, asked) SELECT %s, unnest(%s::uuid[]), %s,"
                " gen_random_uuid() ON CONFLICT (child_id, open_id) DO " + known,
                [child, list(near), receipt.at],
            )


def near_goes_on(open_id: UUID, *, as_well: UUID, receipt: Receipt) -> None:
    """Whoever comes near the entry `open_id` is asked about the entry `as_well` too: they are one now, or were until now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO guard.near_entry (child_id, open_id, noticed_at, asked)"  # noqa: S608 - a constant of this file
            " SELECT child_id, unnest(%s::uuid[]), %s, gen_random_uuid() FROM guard.near_entry WHERE open_id = %s"
            " ON CONFLICT (child_id, open_id) DO " + _AGAIN,
            [[open_id, as_well], receipt.at, open_id],
        )


def protect(
    protections: Sequence[Protection],
    *,
    involvements: Mapping[tuple[str, str], Sequence[SuppliedInvolvement]],
    keys: Mapping[UUID, Keys],
    visible: Mapping[UUID, Keys],
    attached: Mapping[UUID, Mapping[str, Any]],
    receipt: Receipt,
) -> None:
    """Move children behind a shield or seal, or raise the tier of some already there. Nothing here opens one again.

    `keys` are the search keys of every identity of the children still open, `visible` those of the visible fields alone,
    `involvements` those of each (feed, record id), `attached` everything taken out of open tables, as plain values. What a
    shielded child keeps outside is four fields and the keys of three of them; a sealed child keeps nothing (R 3.03, 3.06,
    3.20).
    """
    ids = [protection.child for protection in protections]
    summaries = entries.summaries(ids, receipt=receipt)
    opened = [child for child in ids if child in summaries and summaries[child].tier is Tier.OPEN]  # type: ignore[index]
    hold_moved(children.take_out(opened, receipt=receipt), involvements, receipt=receipt)
    add_keys(keys, receipt=receipt)
    with connection.cursor() as cursor:
        for protection in protections:
            payload = _payload(protection.child, summaries.get(protection.child), attached)  # type: ignore[call-overload]
            cursor.execute(
                _PUT_CHILD,
                [
                    protection.child,
                    protection.tier.value,
                    protection.ground.value,
                    protection.provisional,
                    protection.decided_at,
                    protection.review_on,
                    payload,
                ],
            )
    shielded = [p.child for p in protections if p.tier is Tier.SHIELDED and p.child in opened]
    children.hide({child: visible[child] for child in shielded}, receipt=receipt)
    children.remove([p.child for p in protections if p.tier is Tier.SEALED], receipt=receipt)


def _payload(child: UUID, summary: Any, attached: Mapping[UUID, Mapping[str, Any]]) -> bytes:
    """What is hidden of a child beside the suppliers' records; a second protection leaves the first payload as it is."""
    visible = (
        {}
        if summary is None
        else {
            "index_number": summary.index_number,
            "authority": summary.responsible_authority,
            "family_name": summary.family_name,
            "given_name": summary.given_name,
            "birth_date": str(summary.birth_date),
            "sex": summary.sex.value,
        }
    )
    return sealing.seal(child, {**visible, "attached": attached.get(child, {})})


def hold_moved(
    records: Sequence[StoredRecord],
    involvements: Mapping[tuple[str, str], Sequence[SuppliedInvolvement]],
    *,
    receipt: Receipt,
) -> None:
    """Keep source records that have left the open tables, with everything needed to bring them back.

    Newer content of one may be held here already. It stays and is now the child's, and what the record said in the open is earlier.
    """
    here = selectors.delivered([record.id for record in records])
    for record in records:
        if record.id in here:
            _now_of_child(record, here[record.id], receipt=receipt)
    with connection.cursor() as cursor:
        for record in (one for one in records if one.id not in here):
            payload = sealing.seal(record.id, _whole(record, involvements.get((record.feed, record.record_id), ())))
            cursor.execute(
                "INSERT INTO guard.guarded_row (id, child_id, near, feed, link, digest, updated_on, as_of, removed_on, held_at,"
                " payload) VALUES (%s, %s, '{}', %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    record.id,
                    record.child,
                    sealing.hashed_feed(record.feed),
                    sealing.hashed_link(record.feed, record.record_id),
                    sealing.hashed_content(record.content),
                    record.updated_on,
                    record.as_of,
                    record.removed_on,
                    receipt.at,
                    payload,
                ],
            )


def _whole(record: StoredRecord, involvements: Sequence[SuppliedInvolvement]) -> dict[str, Any]:
    """Everything of a record that it takes to bring it back as it was."""
    return {
        "record": sealing.written(_delivered(record, involvements)),
        "received_at": record.received_at.isoformat(),
        "delivery": str(record.delivery_id),
        "authority": record.authority,
        "content": record.content.hex(),
    }


def _now_of_child(record: StoredRecord, kept: KeptRow, *, receipt: Receipt) -> None:
    """A row that was held near a protected child is a record of the child who is protected now."""
    every = dict.fromkeys((*kept.earlier, record.identity))
    earlier = tuple(one for one in every if one != kept.record.identity)
    keep_earlier(record.id, KeptRow(record=kept.record, earlier=earlier), receipt=receipt)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE guard.guarded_row SET child_id = %s, near = '{}' WHERE id = %s", [record.child, record.id]
        )


def keep_earlier(row: UUID, kept: KeptRow, *, receipt: Receipt) -> None:
    """Keep who a guarded row's supplier said before that the child was; what the row says now stays."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM guard.guarded_row WHERE id = %s", [row])
        payload = {**sealing.unseal(row, cursor.fetchone()[0]), "earlier": _written(kept.earlier)}
        cursor.execute("UPDATE guard.guarded_row SET payload = %s WHERE id = %s", [sealing.seal(row, payload), row])


def _delivered(record: StoredRecord, involvements: Sequence[SuppliedInvolvement]) -> SourceRecord:
    """The supplier's record as it came, with its involvements."""
    return SourceRecord(
        feed=record.feed,
        record_id=record.record_id,
        row=0,
        identity=record.identity,
        unborn=record.unborn,
        updated_on=record.updated_on,
        deceased_on=record.deceased_on,
        left_england=record.left_england,
        involvements=tuple(involvements),
    )
