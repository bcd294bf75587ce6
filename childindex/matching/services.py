"""Where incoming records go, and keeping every decision. Runs in the worker alone: it compares with the guard's children."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import selectors as children
from childindex.children.staging import Keys
from childindex.children.types import HeldIdentity
from childindex.kernel.identity import Identity
from childindex.matching.engine.columns import Ints
from childindex.matching.engine.decide import Decision, Outcome, decide_rows
from childindex.matching.engine.keys import SearchKey, search_keys
from childindex.matching.engine.levels import FIELDS, LEVELS, Level
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.record import Standardised, standardise
from childindex.matching.engine.scorer import ScoredChildren, score_children
from childindex.matching.types import Candidate, Incoming, KeptJudgement, Place, Placement, RowForReview
from childindex.shielding import sealing
from childindex.shielding import selectors as guard
from childindex.shielding.types import ProtectedIdentity

# A key that more children share than this says little; a row is compared with no more children than that.
_PER_KEY = 200
_PER_ROW = 24
# Deliveries compare the same held records again and again: batch after batch, feed after feed.
_standardised = lru_cache(maxsize=150_000)(standardise)


def model_version() -> str:
    """The version of the model that decides."""
    return load_model().version


def keys_of(identities: Sequence[Identity]) -> Keys:
    """Every search key of a child, from every identity its sources gave."""
    return {key for identity in identities for key in search_keys(_standardised(identity))}


def place(rows: Sequence[Incoming], *, feed: str) -> list[Placement]:
    """Decide where each row of one feed goes: to a child, to a new one, to a person, or into the guard.

    A row near a protected child leaves the automatic path before anything else is looked at (R 3.19). The rest is compared
    with the open children that share a search key, and decided together: one record of a feed for a child, rivals competing.
    """
    model = load_model().for_population(children.about_how_many())
    standard = [_standardised(row.identity) for row in rows]
    keys = [search_keys(record) for record in standard]
    near = _near(model, standard, keys)
    free = [number for number in range(len(rows)) if number not in near]
    decided = _decide(model, [standard[number] for number in free], [keys[number] for number in free], feed)
    placements = dict(zip(free, decided, strict=True))
    return [
        _placement(row, keys[number], near.get(number, ()), placements.get(number)) for number, row in enumerate(rows)
    ]


def near_protected(rows: Sequence[Incoming]) -> dict[UUID, tuple[UUID, ...]]:
    """Which of these records come near protected children, and near which; for records that already have a child."""
    model = load_model().for_population(children.about_how_many())
    standard = [_standardised(row.identity) for row in rows]
    near = _near(model, standard, [search_keys(record) for record in standard])
    return {rows[number].id: those for number, those in near.items()}


def open_near(protected: Sequence[ProtectedIdentity]) -> list[UUID]:
    """Open children that come near protected ones: perhaps second entries of theirs, for somebody to look at (R 3.19)."""
    model = load_model().for_population(children.about_how_many())
    records = [_standardised(identity) for one in protected for identity in one.identities]
    shared = children.batch_candidates([search_keys(record) for record in records], per_key=_PER_KEY, per_line=_PER_ROW)
    found = children.held(sorted({child for _, child in shared}))
    held: dict[UUID, Sequence[Identity]] = {one.id: one.identities for one in found}
    scored, order = _score(model, records, held, [pair for pair in shared if pair[1] in held])
    return sorted({order[number] for number in scored.children[scored.scores >= _low(model)].tolist()})


def _low(model: Model) -> float:
    """The model's threshold for coming near a protected child, in bits."""
    return math.log2(model.thresholds.protect / (1 - model.thresholds.protect))


def _near(
    model: Model, rows: Sequence[Standardised], keys: Sequence[frozenset[SearchKey]]
) -> dict[int, tuple[UUID, ...]]:
    """Rows whose probability of being a protected child, weighed on its own, reaches the model's low threshold."""
    shared = guard.near(keys)
    if not shared:
        return {}
    protected = guard.identities(sorted({child for _, child in shared}))
    known = {one.child: one.identities for one in protected}
    scored, order = _score(model, rows, known, [pair for pair in shared if pair[1] in known])
    low = _low(model)
    found: dict[int, tuple[UUID, ...]] = {}
    for row, child, bits in zip(scored.rows.tolist(), scored.children.tolist(), scored.scores.tolist(), strict=True):
        if bits >= low:
            found[row] = (*found.get(row, ()), order[child])
    return found


def _score(
    model: Model,
    rows: Sequence[Standardised],
    identities: Mapping[UUID, Sequence[Identity]],
    shared: Sequence[tuple[int, UUID]],
) -> tuple[ScoredChildren, list[UUID]]:
    """Score rows against the children they share a key with; child numbers are places in the list that comes back."""
    order = list(identities)
    number_of = {child: number for number, child in enumerate(order)}
    records = [_standardised(identity) for child in order for identity in identities[child]]
    sizes = np.array([len(identities[child]) for child in order], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if order else sizes
    lines = np.array([row for row, _ in shared], dtype=np.int64)
    those = np.array([number_of[child] for _, child in shared], dtype=np.int64)
    pairs = _every_record(lines, starts[those], sizes[those])
    return score_children(model, rows, records, np.repeat(np.arange(len(order)), sizes), pairs), order


def _every_record(lines: Ints, starts: Ints, sizes: Ints) -> Ints:
    """Pairs of a row and each record of a child: n x 2, from each child's first record and how many it has."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    within = np.arange(total) - np.repeat(ends - sizes, sizes)
    return np.stack([np.repeat(lines, sizes), np.repeat(starts, sizes) + within], axis=1)


def _decide(
    model: Model, rows: Sequence[Standardised], keys: Sequence[frozenset[SearchKey]], feed: str
) -> list[tuple[Decision, tuple[Candidate, ...]]]:
    """Each row's decision, and the children it names (the one linked, or those asked about)."""
    shared = children.batch_candidates(keys, per_key=_PER_KEY, per_line=_PER_ROW)
    held: dict[UUID, HeldIdentity] = {one.id: one for one in children.held(sorted({child for _, child in shared}))}
    scored, order = _score(
        model,
        rows,
        {child: one.identities for child, one in held.items()},
        [pair for pair in shared if pair[1] in held],
    )
    has_feed = np.array([feed in held[child].feeds for child in order], dtype=np.bool_)
    decisions = decide_rows(model, scored, has_feed[scored.children], len(rows))
    lines = {pair: line for line, pair in enumerate(zip(scored.rows.tolist(), scored.children.tolist(), strict=True))}
    named = []
    for row, decision in enumerate(decisions):
        numbers = [decision.key] if decision.outcome is Outcome.LINK else list(decision.asks)
        named.append((decision, tuple(_candidate(scored, lines[row, n], order[n]) for n in numbers)))  # type: ignore[call-overload]
    return named


def _candidate(scored: ScoredChildren, line: int, child: UUID) -> Candidate:
    """One scored child as a value: its probability on its own, and the levels of fields that were given."""
    bits = float(scored.scores[line])
    return Candidate(
        child=child,
        score=round(1 / (1 + 2 ** -max(-200.0, min(200.0, bits))), 6),
        levels={
            of.value: LEVELS[level].value
            for of, level in zip(FIELDS, scored.levels[line].tolist(), strict=True)
            if LEVELS[level] is not Level.MISSING
        },
    )


def _placement(
    row: Incoming,
    keys: frozenset[SearchKey],
    near: tuple[UUID, ...],
    decided: tuple[Decision, tuple[Candidate, ...]] | None,
) -> Placement:
    """What was decided as a value."""
    own = tuple(keys)
    if decided is None:
        return Placement(id=row.id, place=Place.GUARD, keys=own, near=near, levels={})
    decision, named = decided
    score = round(decision.posterior, 6)
    if decision.outcome is Outcome.LINK:
        (taken,) = named
        return Placement(id=row.id, place=Place.LINK, keys=own, child=taken.child, score=score, levels=taken.levels)
    if decision.outcome is Outcome.ASK:
        return Placement(id=row.id, place=Place.ASK, keys=own, asked=named, score=score, levels={})
    return Placement(id=row.id, place=Place.NEW, keys=own, score=score or None, levels={})


def keep(judgements: Sequence[KeptJudgement], *, delivery: UUID | None, receipt: Receipt) -> None:
    """Keep decisions of the model for ever; a later one of the same record stands beside them (R 4.15)."""
    version = model_version()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY matching_judgement (id, record, child_id, verdict, score, levels, model_version, decided_at, delivery_id) FROM STDIN"
        ) as copy,
    ):
        for one in judgements:
            copy.write_row(
                (
                    uuid.uuid4(),
                    one.record,
                    one.child,
                    one.verdict.value,
                    one.score,
                    json.dumps(dict(one.levels)),
                    version,
                    receipt.at,
                    delivery,
                )
            )


def ask(rows: Sequence[RowForReview], *, delivery: UUID, receipt: Receipt) -> None:
    """Hold records, encrypted and in no search, until a person of the authority of the existing entry decides (R 4.20)."""
    version = model_version()
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(
                "INSERT INTO matching_heldrow (id, feed, record_id, content, updated_on, payload, held_at, delivery_id)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    row.id,
                    row.record.feed,
                    row.record.record_id,
                    row.content,
                    row.record.updated_on,
                    sealing.seal(row.id, {"record": sealing.written(row.record)}),
                    receipt.at,
                    delivery,
                ],
            )
            cursor.execute(
                "INSERT INTO matching_review (id, record, candidates, scores, authority, model_version, opened_at)"
                " VALUES (%s, %s, %s::uuid[], %s, %s, %s, %s)",
                [
                    uuid.uuid4(),
                    row.id,
                    [one.child for one in row.asked],
                    [one.score for one in row.asked],
                    row.authority,
                    version,
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
        cursor.execute(
            "UPDATE matching_review SET decided_at = %s WHERE record = ANY(%s) AND decided_at IS NULL",
            [receipt.at, gone],
        )
    return len(gone)


def take_out(about: Sequence[UUID], *, receipt: Receipt) -> list[RowForReview]:
    """Remove records that wait for a decision about any of these children and hand them over, for the guard to keep.

    A worklist that names a protected child would be seen by people who may not know of them (threats 1.5).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_review SET decided_at = %s WHERE candidates && %s::uuid[] AND decided_at IS NULL"
            " RETURNING record, candidates",
            [receipt.at, list(about)],
        )
        waiting = dict(cursor.fetchall())
        cursor.execute(
            "DELETE FROM matching_heldrow WHERE id = ANY(%s) RETURNING id, payload, content", [list(waiting)]
        )
        return [
            RowForReview(
                id=row[0],
                record=sealing.read(sealing.unseal(row[0], row[1])["record"]),
                content=bytes(row[2]),
                asked=tuple(
                    Candidate(child=child, score=0.0, levels={}) for child in waiting[row[0]] if child in about
                ),
                authority="",
            )
            for row in cursor.fetchall()
        ]
