"""What people decide about whole entries is kept of each of their records, and what waits for an answer about an entry follows it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.matching.types import Verdict

_INSERT: Final = (
    "INSERT INTO matching_judgement (id, record, child_id, verdict, score, levels, model_version, decided_by, decided_at,"
    " reason, second_needed, confirmed_by, counts)"
    " VALUES (%s, %s, %s, %s, NULL, '{}', '', %s, %s, %s, true, %s, true)"
)
_FOLLOW: Final = (
    "UPDATE matching_review SET candidates = %s::uuid[], scores = %s, chosen = CASE WHEN chosen = %s THEN %s ELSE chosen END,"
    " authority = CASE WHEN candidates[1] = %s THEN %s ELSE authority END WHERE id = %s"
)
_FOLLOW_SAMPLED: Final = """
    UPDATE matching_sampledpair SET own = CASE WHEN own = %(merged)s THEN %(into)s ELSE own END,
        child = CASE WHEN child = %(merged)s THEN %(into)s ELSE child END
    WHERE own = %(merged)s OR child = %(merged)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """Who proposed, who confirmed, and the code of why."""

    first: UUID
    second: UUID
    reason: str


def keep_joined(
    records: Sequence[UUID],
    *,
    linked: UUID | None = None,
    apart: UUID | None = None,
    by: Deciders,
    receipt: Receipt,
) -> None:
    """Keep that these records are one child's, or are not another's, by two people; nothing is overwritten (R 4.15)."""
    verdicts = [(child, v) for child, v in ((linked, Verdict.LINKED), (apart, Verdict.NOT_LINKED)) if child is not None]
    with connection.cursor() as cursor:
        cursor.executemany(
            _INSERT,
            [
                (uuid.uuid4(), record, child, verdict.value, by.first, receipt.at, by.reason, by.second)
                for record in records
                for child, verdict in verdicts
            ],
        )


def linked_since(records: Sequence[UUID], child: UUID) -> datetime | None:
    """When the first of these records came to a child, as the judgements say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(decided_at) FROM matching_judgement WHERE record = ANY(%s) AND child_id = %s AND counts"
            " AND verdict IN ('linked', 'new')",
            [list(records), child],
        )
        found: datetime | None = cursor.fetchone()[0]
        return found


def follow(merged: UUID, *, into: UUID, authority: str, receipt: Receipt) -> None:
    """What is still asked about an entry that was merged, or was judged of it, is of the one that stayed (R 4.20; T09).

    Else whoever is protected later would not be found in it by their id. A review whose best candidate it was goes to that one's
    stewards; one that named both names the one that stayed once, with the better score.
    """
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, candidates, scores FROM matching_review WHERE decided_at IS NULL AND %s = ANY(candidates) FOR UPDATE",
            [merged],
        )
        for review, candidates, scores in cursor.fetchall():
            asked: dict[UUID, float] = {}
            for child, score in zip(candidates, scores, strict=True):
                asked.setdefault(into if child == merged else child, score)  # best first
            cursor.execute(_FOLLOW, [list(asked), list(asked.values()), merged, into, merged, authority, review])
        cursor.execute(_FOLLOW_SAMPLED, {"merged": merged, "into": into})


def part(mixed: UUID, *, restored: UUID, receipt: Receipt) -> None:
    """Whoever is asked about an entry that was split is asked about both: which of the two it was about nobody can tell any more."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_review SET candidates = candidates || %s::uuid, scores = scores || scores[array_position(candidates, %s)]"
            " WHERE decided_at IS NULL AND %s = ANY(candidates) AND NOT %s = ANY(candidates)",
            [restored, mixed, mixed, restored],
        )
