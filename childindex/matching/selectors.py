"""Reading what was decided. The worker's alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from childindex.matching.types import HeldForReview


def held_for_review(feed: str, record_ids: Sequence[str]) -> dict[str, HeldForReview]:
    """Which of a feed's records wait for a person, by the supplier's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, id, content, updated_on FROM matching_heldrow WHERE feed = %s AND record_id = ANY(%s)",
            [feed, list(record_ids)],
        )
        return {
            row[0]: HeldForReview(id=row[1], content=bytes(row[2]), updated_on=row[3]) for row in cursor.fetchall()
        }


def tally() -> dict[str, int]:
    """How many judgements of each verdict there are, and how many records wait for a person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT verdict, count(*) FROM matching_judgement GROUP BY verdict")
        counts = {str(verdict): int(many) for verdict, many in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM matching_heldrow")
        counts["waiting"] = int(cursor.fetchone()[0])
    return counts


def reasons(records: Sequence[UUID]) -> dict[UUID, tuple[float | None, dict[str, str]]]:
    """The score and the levels of the newest judgement that gave each record its child."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (record) record, score, levels FROM matching_judgement"
            " WHERE record = ANY(%s) AND verdict IN ('linked', 'new') ORDER BY record, decided_at DESC",
            [list(records)],
        )
        return {row[0]: (row[1], json.loads(row[2])) for row in cursor.fetchall()}
