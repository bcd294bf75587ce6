"""Where incoming records go, and keeping every decision. Runs in the worker alone: it compares with the guard's children."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import selectors as children
from childindex.children.staging import Keys
from childindex.children.types import HeldIdentity
from childindex.kernel.identity import Identity, Tier
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.decide import Decision, Outcome, decide_rows
from childindex.matching.engine.keys import SearchKey, search_keys
from childindex.matching.engine.levels import FIELDS, LEVELS, Level
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.record import Standardised
from childindex.matching.engine.scorer import ScoredChildren, probability, score_children
from childindex.matching.judging import judged
from childindex.matching.nearness import brought_near, near_ones, standardised, to_compare
from childindex.matching.nearness import near_protected as near_protected  # noqa: PLC0414 - handed on
from childindex.matching.types import Candidate, Incoming, Judged, KeptJudgement, Place, Placement

# A key that more children share than this says little; a row is compared with no more children than that.
_PER_KEY = 200
_PER_ROW = 24


def model_version() -> str:
    """The version of the model that decides."""
    return load_model().version


def keys_of(identities: Sequence[Identity]) -> Keys:
    """Every search key of a child, from every identity its sources gave."""
    return {key for identity in identities for key in search_keys(standardised(identity))}


def place(rows: Sequence[Incoming], *, feed: str) -> list[Placement]:
    """Decide where each row of one feed goes: to a child, to a new one, to a person, or into the guard.

    A row near a protected child leaves the automatic path before anything else is looked at, and so does one that would bring the
    child it goes to near (R 3.19). The rest is compared
    with the open children that share a search key, and decided together: one record of a feed for a child, rivals competing.
    What a person has decided of a row stands: it goes to the child they chose, and to none they ruled out (R 4.15).
    """
    model = load_model().for_population(children.about_how_many())
    standard = [standardised(row.identity) for row in rows]
    keys = [search_keys(record) for record in standard]
    beside = to_compare(rows, standard, keys)
    near = near_ones(standard, beside)
    people = judged([row.id for row in rows])
    chosen = _chosen(rows, people)
    free = [number for number in range(len(rows)) if number not in near and number not in chosen]
    apart = {place: people[rows[number].id].apart for place, number in enumerate(free) if rows[number].id in people}
    decided = _decide(model, [standard[number] for number in free], [keys[number] for number in free], feed, apart)
    placements = dict(zip(free, decided, strict=True))
    linked = {number: those[0].child for number, (what, those) in placements.items() if what.outcome is Outcome.LINK}
    near |= brought_near(rows, beside, {**linked, **chosen})
    return [
        _placement(row, keys[number], near.get(number, ()), placements.get(number), chosen.get(number))
        for number, row in enumerate(rows)
    ]


def _chosen(rows: Sequence[Incoming], people: Mapping[UUID, Judged]) -> dict[int, UUID]:
    """The rows a person has given to a child who is still there to be given to: row number and child."""
    wanted = {
        number: those.linked
        for number, row in enumerate(rows)
        if (those := people.get(row.id)) is not None and those.linked is not None
    }
    if not wanted:
        return {}
    open_ones = {one.id for one in children.held(sorted(set(wanted.values()))) if one.tier is Tier.OPEN}
    return {number: child for number, child in wanted.items() if child in open_ones}


def _score(
    model: Model,
    rows: Sequence[Standardised],
    identities: Mapping[UUID, Sequence[Identity]],
    shared: Sequence[tuple[int, UUID]],
) -> tuple[ScoredChildren, list[UUID]]:
    """Score rows against the children they share a key with; child numbers are places in the list that comes back."""
    order = list(identities)
    number_of = {child: number for number, child in enumerate(order)}
    records = [standardised(identity) for child in order for identity in identities[child]]
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
    model: Model,
    rows: Sequence[Standardised],
    keys: Sequence[frozenset[SearchKey]],
    feed: str,
    apart: Mapping[int, frozenset[UUID]],
) -> list[tuple[Decision, tuple[Candidate, ...]]]:
    """Each row's decision, and the children it names (the one linked, or those asked about); never one it is kept apart from."""
    shared = [
        (line, child)
        for line, child in children.batch_candidates(keys, per_key=_PER_KEY, per_line=_PER_ROW)
        if child not in apart.get(line, ())
    ]
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
    return Candidate(
        child=child,
        score=round(float(probability(scored.scores[line])), 6),
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
    chosen: UUID | None,
) -> Placement:
    """What was decided as a value. The guard comes before the model, and before a person."""
    own = tuple(keys)
    if near:
        return Placement(id=row.id, place=Place.GUARD, keys=own, near=near, levels={})
    if chosen is not None or decided is None:
        return Placement(id=row.id, place=Place.LINK, keys=own, child=chosen, levels={}, judged=True)
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
