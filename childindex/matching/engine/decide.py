"""Link, new, or ask a person: what is done with one incoming row. Pure: the same scores give the same decisions."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Flags, Levels
from childindex.matching.engine.levels import LEVELS
from childindex.matching.engine.model import Model
from childindex.matching.engine.scorer import Match, ScoredChildren, holding

_MOST_ASKED = 3


class Outcome(StrEnum):
    """What is done with a row."""

    LINK = "link"
    NEW = "new"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done with a row: linked to `key`, a new child, or a person is asked about `asks` (best first).

    `posterior` is the probability, after rivals and nobody have had their share, that the best candidate is the child.
    """

    outcome: Outcome
    key: Hashable | None = None
    asks: tuple[Hashable, ...] = ()
    posterior: float = 0.0


def may_link(model: Model, levels: Levels) -> Flags:
    """Which lines may be linked without a person at all (n x fields of level numbers)."""
    allowed: Flags = np.ones(len(levels), dtype=bool)
    for rule in model.ask_first:
        allowed &= ~(holding(levels, rule.when).all(axis=0) & ~holding(levels, rule.unless).any(axis=0))
    return allowed


def _posteriors(scores: Bits, groups: Ints, size: int) -> Bits:
    """Of each line, its share of the odds in its group, "nobody" having a share of 1."""
    odds = np.exp2(np.clip(scores, -200.0, 200.0))
    shares: Bits = odds / (1.0 + np.bincount(groups, odds, size)[groups])
    return shares


def decide_rows(model: Model, scored: ScoredChildren, held: Flags, rows: int) -> list[Decision]:
    """Decide every row of a batch of one feed; the answer has one decision for each of `rows` row numbers.

    `held` says of each line of `scored` whether its child already has another record from the same feed: such a child is
    never linked again, a person is asked. A row links only when the probability that it is this child, rather than any rival
    or nobody, reaches the model's threshold, both among the children the row might be and among the rows the child might be.
    """
    scores = scored.scores + model.thresholds.same_feed_bits * held
    posterior = _posteriors(scores, scored.rows, rows)
    linkable = may_link(model, scored.levels) & ~held & (posterior >= model.thresholds.link)
    taken = _clear_winners(scored, scores, linkable, model.thresholds.link)
    # A child won by another row of the batch is held from now on, and competes as such.
    lost = np.isin(scored.children, scored.children[taken]) & ~taken & ~held
    posterior = _posteriors(scores + model.thresholds.same_feed_bits * lost, scored.rows, rows)
    starts = np.searchsorted(scored.rows, np.arange(rows + 1))
    return [
        _decision(model, _Lines(scored.children[a:b], posterior[a:b], taken[a:b]))
        for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]


def _clear_winners(scored: ScoredChildren, scores: Bits, linkable: Flags, threshold: float) -> Flags:
    """Of the lines that would link, those whose child is not wanted nearly as much by another row."""
    wanted = np.flatnonzero(linkable)
    _, child = np.unique(scored.children[wanted], return_inverse=True)
    clear = _posteriors(scores[wanted], child, len(wanted)) >= threshold
    taken = np.zeros(len(linkable), dtype=bool)
    taken[wanted[clear]] = True
    return taken


@dataclass(frozen=True, slots=True)
class _Lines:
    """The candidates of one row."""

    children: Ints
    posterior: Bits
    taken: Flags


def _decision(model: Model, lines: _Lines) -> Decision:
    """The decision on one row, given what it may link to."""
    if not len(lines.children):
        return Decision(outcome=Outcome.NEW)
    if lines.taken.any():
        place = int(np.argmax(lines.taken))
        return Decision(outcome=Outcome.LINK, key=int(lines.children[place]), posterior=float(lines.posterior[place]))
    order = np.argsort(-lines.posterior, kind="stable")
    best = float(lines.posterior[order[0]])
    if float(lines.posterior.sum()) < model.thresholds.ask:
        return Decision(outcome=Outcome.NEW, posterior=best)
    near = [
        int(lines.children[place])
        for place in order[:_MOST_ASKED]
        if lines.posterior[place] >= model.thresholds.protect
    ]
    return Decision(outcome=Outcome.ASK, asks=tuple(near), posterior=best)


def decide(model: Model, matches: Sequence[Match], *, held: Collection[Hashable] = ()) -> Decision:
    """Decide one row from its scored candidates; `held` are keys of children that already have a record from the same feed."""
    if not matches:
        return Decision(outcome=Outcome.NEW)
    levels = np.array([[LEVELS.index(result.level) for result in match.fields] for match in matches], dtype=np.int8)
    scored = ScoredChildren(
        rows=np.zeros(len(matches), dtype=np.int64),
        children=np.arange(len(matches)),
        levels=levels,
        weights=np.array([[result.weight for result in match.fields] for match in matches]),
        scores=np.array([match.score for match in matches]),
    )
    (decision,) = decide_rows(model, scored, np.array([match.key in held for match in matches]), 1)
    return Decision(
        outcome=decision.outcome,
        key=None if decision.key is None else matches[int(str(decision.key))].key,
        asks=tuple(matches[int(str(place))].key for place in decision.asks),
        posterior=decision.posterior,
    )


def near_protected(model: Model, matches: Sequence[Match]) -> list[Match]:
    """The protected children near enough that a row may not be handled automatically (R 3.19), best first.

    Given names do not excuse: each is weighed on its own, against nobody, at the model's low threshold.
    """
    odds = model.thresholds.protect / (1 - model.thresholds.protect)
    near = [match for match in matches if match.score >= np.log2(odds)]
    return sorted(near, key=lambda match: -match.score)
