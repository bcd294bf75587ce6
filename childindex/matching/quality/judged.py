"""Sampled pairs as the site has them: what waits for a steward, what was said, and what it tells of the automatic decisions."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import selectors as children
from childindex.children.types import HeldIdentity
from childindex.kernel.identity import Tier
from childindex.matching import services as matching
from childindex.matching.quality.types import WRONG, Groups, Kind, Line, Said, SampledPair
from childindex.matching.types import Candidate, Progress, Verdict

_PAIRS: Final = (
    "SELECT p.id, t.kind, p.record, p.own, p.child, p.said, p.judged_at FROM matching_sampledpair p"
    " JOIN matching_samplestratum t ON t.id = p.stratum_id JOIN matching_sample s ON s.id = t.sample_id"
    " WHERE p.authority = %s AND p.record IS NOT NULL"
)
_WAITING: Final = _PAIRS + " AND p.said = '' AND s.until >= %s"
_WRONG: Final = (
    _PAIRS + " AND p.said = CASE t.kind WHEN 'link' THEN 'different' ELSE 'same' END ORDER BY p.judged_at DESC, p.id"
)
_LINES: Final = """
    SELECT t.id, t.kind, t.feed, t.band, s.until, t.population, p.age, p.name, p.number, count(p.id),
        count(p.id) FILTER (WHERE p.said IN ('same', 'different')),
        count(p.id) FILTER (WHERE p.said = CASE t.kind WHEN 'link' THEN 'different' ELSE 'same' END),
        count(p.id) FILTER (WHERE p.said = 'unsure')
    FROM matching_samplestratum t JOIN matching_sample s ON s.id = t.sample_id
    LEFT JOIN matching_sampledpair p ON p.stratum_id = t.id
    WHERE t.authority = %s AND s.until >= %s
    GROUP BY t.id, s.until, p.age, p.name, p.number
"""
_KEEP: Final = (
    "INSERT INTO matching_judgement (id, record, child_id, verdict, score, levels, model_version, decided_by, decided_at,"
    " review_id, counts) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false)"
)
_VERDICTS: Final = {Said.SAME: Verdict.LINKED, Said.DIFFERENT: Verdict.NOT_LINKED, Said.UNSURE: Verdict.UNSURE}


def waiting(authority: str, *, since: datetime, receipt: Receipt) -> list[SampledPair]:
    """Pairs nobody has judged, of samples drawn since a moment, as far as they still stand; kinds mixed, in no order that tells."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_WAITING + " ORDER BY s.until, p.id", [authority, since])
        return _standing([_pair(row) for row in cursor.fetchall()])


def wrong(authority: str, *, most: int, receipt: Receipt) -> list[SampledPair]:
    """Pairs that were judged otherwise than the index has them, and that it still has so; the newest first, at most so many.

    Those that have been put right since are passed over, so that older ones come up in their place.
    """
    del receipt
    found: list[SampledPair] = []
    with connection.cursor() as cursor:
        cursor.execute(_WRONG, [authority])
        while len(found) < most and (lines := cursor.fetchmany(most)):
            found += _standing([_pair(row) for row in lines])
    return found[:most]


def waiting_pair(pair_id: UUID, *, authority: str, since: datetime, lock: bool, receipt: Receipt) -> SampledPair | None:
    """One of those that wait; None for every other. `lock` where it is about to be judged."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_WAITING + " AND p.id = %s" + (" FOR UPDATE OF p" if lock else ""), [authority, since, pair_id])
        found = _standing([_pair(row) for row in cursor.fetchall()])
    return found[0] if found else None


def progress(authority: str, *, by: UUID, today: datetime, since: datetime, receipt: Receipt) -> Progress:
    """How many somebody has judged today, how many wait, and which is next."""
    left = waiting(authority, since=since, receipt=receipt)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM matching_sampledpair WHERE authority = %s AND judged_by = %s AND judged_at >= %s",
            [authority, by, today],
        )
        (done,) = cursor.fetchone()
    return Progress(done=done, left=len(left), next=left[0].id if left else None)


def answer(pair: SampledPair, said: Said, weighed: Candidate, *, by: UUID, receipt: Receipt) -> bool:
    """Keep what a person says of a pair, for ever, as a judgement that does not count: nothing changes by it (R 4.15).

    True where it is otherwise than the index has it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_sampledpair SET said = %s, judged_by = %s, judged_at = %s WHERE id = %s",
            [said.value, by, receipt.at, pair.id],
        )
        cursor.execute(
            _KEEP,
            [
                uuid.uuid4(),
                pair.record,
                pair.child,
                _VERDICTS[said].value,
                weighed.score,
                json.dumps(dict(weighed.levels)),
                matching.model_version(),
                by,
                receipt.at,
                pair.id,
            ],
        )
    return said is WRONG[pair.kind]


def lines(authority: str, *, since: datetime, receipt: Receipt) -> list[Line]:
    """What was sampled and judged of an authority's automatic decisions since a moment, counted."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [authority, since])
        return [_line(row) for row in cursor.fetchall()]


def _line(row: Sequence[Any]) -> Line:
    stratum, kind, feed, band, until, population, age, name, number, pairs, judged, wrongly, unsure = row
    return Line(
        stratum=stratum,
        kind=Kind(kind),
        feed=feed,
        band=band,
        until=until,
        population=population,
        groups=Groups(age=age, name=name, number=number) if pairs else None,
        pairs=pairs,
        judged=judged,
        wrong=wrongly,
        unsure=unsure,
    )


def _pair(row: Sequence[Any]) -> SampledPair:
    pair, kind, record, own, child, said, at = row
    return SampledPair(
        id=pair,
        kind=Kind(kind),
        record=record,
        own=own,
        child=child,
        said=Said(said) if said else None,
        judged_at=at,
    )


def _standing(pairs: Sequence[SampledPair]) -> list[SampledPair]:
    """Those about open children whose records lie as they did when they were drawn."""
    held = {UUID(str(one.id)): one for one in children.held(sorted({c for p in pairs for c in (p.own, p.child)}))}
    return [pair for pair in pairs if _stands(pair, held)]


def _stands(pair: SampledPair, held: Mapping[UUID, HeldIdentity]) -> bool:
    own, child = held.get(pair.own), held.get(pair.child)
    if own is None or child is None or {own.tier, child.tier} != {Tier.OPEN}:
        return False
    still_there = pair.record in own.record_ids and bool(set(child.record_ids) - {pair.record})
    return still_there and (pair.own == pair.child) == (pair.kind is Kind.LINK)
