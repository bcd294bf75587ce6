"""Records on their way to a person and back: held, let go, taken out for the guard, or decided. The worker's alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children.staging import Keys
from childindex.kernel.identity import SourceRecord
from childindex.matching import services as matching
from childindex.matching.judging import APPLY_DECISION
from childindex.matching.types import Candidate, DecidedRow, Incoming, RowForReview
from childindex.shielding import sealing

# Named as a candidate of an open review, or sharing a search key.
_CONCERNED: Final = """
    SELECT h.id, coalesce(r.candidates, '{}') FROM matching_heldrow h
    LEFT JOIN matching_review r ON r.record = h.id AND r.decided_at IS NULL
    WHERE r.candidates && %s::uuid[] OR h.keys && %s::bigint[]
"""
# Who was asked about stays a number of answers: to whom it leads nobody can tell.
_UNNAMED: Final = """
    UPDATE matching_review SET record = gen_random_uuid(),
        candidates = ARRAY(SELECT CASE WHEN c = ANY(%(those)s) THEN gen_random_uuid() ELSE c END FROM unnest(candidates) c),
        chosen = CASE WHEN chosen = ANY(%(those)s) THEN gen_random_uuid() ELSE chosen END
    WHERE decided_at IS NOT NULL AND (candidates && %(those)s::uuid[] OR record = ANY(%(records)s))
"""


def ask(rows: Sequence[RowForReview], *, delivery: UUID, receipt: Receipt) -> None:
    """Hold records, encrypted and in no search, until a person of the authority of the existing entry decides (R 4.20).

    `delivery` is what brought them: a delivery, or the proposal of a child.
    """
    version = matching.model_version()
    with connection.cursor() as cursor:
        for row in rows:
            shown = {"identity": sealing.written_identity(row.record.identity), "sensitive": row.sensitive}
            cursor.execute(
                "INSERT INTO matching_heldrow (id, feed, record_id, content, updated_on, payload, shown, keys, held_at, delivery_id)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    row.id,
                    row.record.feed,
                    row.record.record_id,
                    row.content,
                    row.record.updated_on,
                    sealing.seal(row.id, {"record": sealing.written(row.record)}),
                    sealing.seal(row.id, shown, key=sealing.REVIEW),
                    list(row.keys),
                    receipt.at,
                    delivery,
                ],
            )
            cursor.execute(
                "INSERT INTO matching_review (id, record, candidates, scores, authority, model_version, opened_at, queued_at)"
                " VALUES (%s, %s, %s::uuid[], %s, %s, %s, %s, %s)",
                [
                    uuid.uuid4(),
                    row.id,
                    [one.child for one in row.asked],
                    [one.score for one in row.asked],
                    row.authority,
                    version,
                    receipt.at,
                    receipt.at,
                ],
            )


def release(feed: str, record_ids: Sequence[str], *, receipt: Receipt) -> int:
    """Let go of records that waited for a person: their content changed, or their supplier no longer holds them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM matching_heldrow WHERE feed = %s AND record_id = ANY(%s) RETURNING id",
            [feed, list(record_ids)],
        )
        gone = [row[0] for row in cursor.fetchall()]
    _close(gone, receipt=receipt)
    return len(gone)


def take_out(
    about: Sequence[UUID], *, records: Sequence[UUID], keys: Mapping[UUID, Keys], receipt: Receipt
) -> list[RowForReview]:
    """Remove records that wait for a decision about any of these children, or come near one, for the guard to keep.

    A worklist that names a protected child, or shows a record of theirs, would be seen by people who may not know of them
    (threats 1.5), and so would the answers that were given: those lose the names of the children and of their `records`. The
    children are in the guard already; `keys` are those they could be found by. Each record comes back with the children of
    `about` it concerns.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNED, [list(about), sorted({key[1] for those in keys.values() for key in those})])
        concerned = {row: set(those) & set(about) for row, those in cursor.fetchall()}
        waiting = _records(list(concerned))
        near = matching.near_protected([Incoming(id=row, identity=one.identity) for row, (one, _) in waiting.items()])
        for row, those in near.items():
            concerned[row] |= set(those) & set(about)
        leaving = {row: sorted(those) for row, those in concerned.items() if those}
        cursor.execute("DELETE FROM matching_heldrow WHERE id = ANY(%s)", [list(leaving)])
        _close(list(leaving), receipt=receipt)
        cursor.execute(_UNNAMED, {"those": list(about), "records": [*records, *leaving]})
    return [
        RowForReview(
            id=row,
            record=waiting[row][0],
            content=waiting[row][1],
            asked=tuple(Candidate(child=child, score=0.0, levels={}) for child in those),
            authority="",
        )
        for row, those in leaving.items()
    ]


def _records(rows: Sequence[UUID]) -> dict[UUID, tuple[SourceRecord, bytes]]:
    """Waiting records, decrypted, with the hash of their content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, payload, content FROM matching_heldrow WHERE id = ANY(%s)", [list(rows)])
        return {row[0]: (sealing.read(sealing.unseal(row[0], row[1])["record"]), bytes(row[2])) for row in cursor}


def _close(rows: Sequence[UUID], *, receipt: Receipt) -> None:
    """Nobody is asked about these any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_review SET decided_at = %s WHERE record = ANY(%s) AND decided_at IS NULL",
            [receipt.at, list(rows)],
        )


# Of a record about which something else has been asked since, the old decision is over.
_DECIDED: Final = """
    FROM matching_review r JOIN matching_heldrow h ON h.id = r.record
    WHERE r.decided_by IS NOT NULL
        AND NOT EXISTS (SELECT FROM matching_review o WHERE o.record = r.record AND o.opened_at > r.opened_at)
"""
# Every job that came to nothing doubles the time to the next, counted from the decision. The worker deletes those that succeed.
_LEFT_BEHIND: Final = f"""
    SELECT d.id FROM (SELECT r.id, r.decided_at {_DECIDED}) d LEFT JOIN (
        SELECT j.args ->> 'review_id' AS review, count(*) AS jobs,
            bool_or(j.status = 'todo' OR j.status = 'doing' AND w.last_heartbeat > %(at)s - make_interval(secs => %(patience)s)) AS on_its_way
        FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
        WHERE j.task_name = %(task)s GROUP BY review
    ) t ON t.review = d.id::text
    WHERE NOT coalesce(t.on_its_way, false)
        AND d.decided_at < %(at)s
            - make_interval(secs => %(patience)s) * power(2, least(greatest(coalesce(t.jobs, 0), 1) - 1, %(doublings)s))
    ORDER BY coalesce(t.jobs, 0), d.decided_at, d.id LIMIT %(most)s
"""  # noqa: S608 - the constant above
# Thirty years of quarters of an hour: beyond that a time is no use to anybody.
_DOUBLINGS: Final = 20


def decided(review_id: UUID) -> DecidedRow | None:
    """The record of a review that people have decided and that still waits to be applied; None for every other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.id, h.payload, h.content, h.delivery_id, r.authority" + _DECIDED + " AND r.id = %s", [review_id]
        )
        row = cursor.fetchone()
    if row is None:
        return None
    record = sealing.read(sealing.unseal(row[0], row[1])["record"])
    return DecidedRow(id=row[0], record=record, content=bytes(row[2]), delivery=row[3], authority=row[4])


def left_behind(*, at: datetime, patience: timedelta, most: int) -> list[UUID]:
    """Decided reviews that nobody is about to apply: no job waits, and none is with a worker that gave a sign of life within
    `patience`. After one job (or none) they are due that long after the decision, after two twice as long, after three four times.

    Those with the fewest jobs first, so that those that always fail never keep the others waiting; then the longest decided.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _LEFT_BEHIND,
            {
                "at": at,
                "patience": patience.total_seconds(),
                "task": APPLY_DECISION,
                "doublings": _DOUBLINGS,
                "most": most,
            },
        )
        return [row[0] for row in cursor.fetchall()]
