"""What people decide about whole entries is kept of each of their records: linked where they are, not linked where they were."""

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
