"""Reading what was decided. The worker's alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import connection

from childindex.children import selectors as children
from childindex.kernel.identity import Identity
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.levels import FIELDS, Level
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import standardise
from childindex.matching.engine.scorer import Candidate as Compared
from childindex.matching.engine.scorer import probability, score
from childindex.matching.engine.sentences import levels_in_words
from childindex.matching.types import HeldForReview, Ranked, Verdict

FIRST_RECORD: Final = "First record of this child"
_MOST_COMPARED: Final = 120


def held_for_review(feed: str, record_ids: Sequence[str]) -> dict[str, HeldForReview]:
    """Which of a feed's records wait for a person, by the supplier's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, id, content, updated_on FROM matching_heldrow WHERE feed = %s AND record_id = ANY(%s)",
            [feed, list(record_ids)],
        )
        return {row[0]: HeldForReview(id=row[1], content=bytes(row[2]), updated_on=row[3]) for row in cursor.fetchall()}


def tally() -> dict[str, int]:
    """How many judgements of each verdict there are, and how many records wait for a person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT verdict, count(*) FROM matching_judgement GROUP BY verdict")
        counts = {str(verdict): int(many) for verdict, many in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM matching_heldrow")
        counts["waiting"] = int(cursor.fetchone()[0])
    return counts


def reasons(records: Sequence[UUID]) -> dict[UUID, tuple[float | None, str]]:
    """The score, and why in words, of the newest judgement that gave each record its child."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (record) record, verdict, score, levels FROM matching_judgement"
            " WHERE record = ANY(%s) AND verdict IN ('linked', 'new') AND counts ORDER BY record, decided_at DESC",
            [list(records)],
        )
        return {
            record: (None, FIRST_RECORD) if verdict == Verdict.NEW else (score, _in_words(json.loads(levels)))
            for record, verdict, score, levels in cursor.fetchall()
        }


def _in_words(levels: Mapping[str, str]) -> str:
    """A kept judgement in one line; sentences are made when it is read."""
    return levels_in_words([Level(levels.get(of.value, Level.MISSING)) for of in FIELDS])


def ranked(query: Identity, *, open_only: bool) -> list[Ranked]:
    """Children who may be the one described, best first, by the same keys and model as everything else."""
    wanted = standardise(query)
    values = [key.value for key in search_keys(wanted)]
    held = children.candidates(values, open_only=open_only, limit=_MOST_COMPARED) if values else []
    compared = [Compared(key=one.id, records=tuple(map(standardise, one.identities))) for one in held]
    matches = score(load_model(), wanted, compared)
    order = sorted(zip(held, matches, strict=True), key=lambda pair: (-pair[1].score, pair[0].id))
    return [Ranked(child=one.id, score=round(float(probability(m.score)), 6)) for one, m in order]
