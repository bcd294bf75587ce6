"""Link, new, or ask a person: what is done with one incoming row. Pure: the same scores give the same decisions."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Flags, Levels
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, SAME_HOME, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.scorer import Match, ScoredChildren, holding, probability

_MOST_ASKED: Final = 3
# Numbers that only one child has.
_NUMBERS: Final = (Field.NHS_NUMBER, Field.UPN)


class Outcome(StrEnum):
    """What is done with a row."""

    LINK = "link"
    NEW = "new"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done with a row: linked to `key`, a new child, or a person is asked about `asks` (best first).

    `posterior` is the probability, after rivals and nobody have had their share, that the best candidate is the child.
    `ambiguous` says why a person is asked: several children would each be linked if the others were not there, and they are not
    one child entered twice. Whoever asked must then take none of them.
    """

    outcome: Outcome
    key: Hashable | None = None
    asks: tuple[Hashable, ...] = ()
    posterior: float = 0.0
    ambiguous: bool = False


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
    or nobody, reaches the model's threshold, both among the children the row might be and among the rows the child might be, and
    no rival that is likely by itself comes within the model's clear bits.
    """
    scores = scored.scores + model.thresholds.same_feed_bits * held
    posterior = _posteriors(scores, scored.rows, rows)
    allowed = may_link(model, scored.levels) & ~held
    taken = _clear_winners(scored, scores, allowed & (posterior >= model.thresholds.link), model.thresholds.link)
    # A child won by another row of the batch is held from now on, and competes as such.
    lost = np.isin(scored.children, scored.children[taken]) & ~taken & ~held
    scores = scores + model.thresholds.same_feed_bits * lost
    posterior = _posteriors(scores, scored.rows, rows)
    alone = allowed & ~lost & (probability(scores) >= model.thresholds.link)
    same = (scored.levels[:, FIELD_NUMBER[of]] == LEVEL_NUMBER[Level.EXACT] for of in _NUMBERS)
    at_home = np.isin(scored.levels[:, FIELD_NUMBER[Field.ADDRESS]], [LEVEL_NUMBER[level] for level in SAME_HOME])
    columns = (scored.children, posterior, taken, alone, scores, at_home, *same)
    lines = list(map(_Line, *(column.tolist() for column in columns)))
    starts = np.searchsorted(scored.rows, np.arange(rows + 1)).tolist()
    return [_decision(model, lines[start:end]) for start, end in pairwise(starts)]


def _clear_winners(scored: ScoredChildren, scores: Bits, linkable: Flags, threshold: float) -> Flags:
    """Of the lines that would link, those whose child is not wanted nearly as much by another row."""
    wanted = np.flatnonzero(linkable)
    _, child = np.unique(scored.children[wanted], return_inverse=True)
    clear = _posteriors(scores[wanted], child, len(wanted)) >= threshold
    taken = np.zeros(len(linkable), dtype=bool)
    taken[wanted[clear]] = True
    return taken


class _Line(NamedTuple):
    """A candidate of one row: its posterior, whether it is linked, whether it would be if it were the only one, its odds in bits,
    whether it is at the row's home, and whether its NHS number and its pupil number are the row's own.
    """

    key: Hashable
    posterior: float
    taken: bool
    alone: bool
    bits: float
    at_home: bool
    same_nhs_number: bool
    same_upn: bool


def _decision(model: Model, lines: Sequence[_Line]) -> Decision:
    """The decision on one row, given what it may link to."""
    order = sorted(lines, key=lambda line: -line.posterior)
    for line in order:
        if line.taken and _is_clear(model, line, lines):
            return Decision(outcome=Outcome.LINK, key=line.key, posterior=line.posterior)
    best = order[0].posterior if order else 0.0
    if sum(line.posterior for line in order) < model.thresholds.ask:
        return Decision(outcome=Outcome.NEW, posterior=best)
    near = tuple(line.key for line in order[:_MOST_ASKED] if line.posterior >= model.thresholds.protect)
    return Decision(outcome=Outcome.ASK, asks=near, posterior=best, ambiguous=_is_ambiguous(lines))


def _is_clear(model: Model, line: _Line, lines: Sequence[_Line]) -> bool:
    """Whether a link is worth enough more than any rival that is likely by itself, as whole files ask (`bulk.rivals`): twins called
    Mohammed and Muhammad, a namesake.
    """
    limits = model.thresholds
    return all(
        line.bits - other.bits >= (limits.clear_home_bits if line.at_home and other.at_home else limits.clear_bits)
        for other in lines
        if other is not line and other.bits > 0
    )


def _is_ambiguous(lines: Sequence[_Line]) -> bool:
    """Whether several would each be linked if they were alone. Those that all have the row's own number are one child entered twice."""
    alone = [line for line in lines if line.alone]
    one_child = all(line.same_nhs_number for line in alone) or all(line.same_upn for line in alone)
    return len(alone) > 1 and not one_child


def decide(model: Model, matches: Sequence[Match], *, held: Collection[Hashable] = ()) -> Decision:
    """Decide one row from its scored candidates, as `decide_rows` does; `held` are keys of children that already have a record
    from the same feed.
    """
    limits = model.thresholds
    scores = [match.score + (limits.same_feed_bits if match.key in held else 0.0) for match in matches]
    odds = [2.0 ** min(max(score, -200.0), 200.0) for score in scores]
    every = 1.0 + sum(odds)
    lines = []
    for match, share, bits in zip(matches, odds, scores, strict=True):
        sure = share >= limits.link * (1.0 + share)
        alone = sure and match.key not in held and _may_be_linked(model, match)
        same = (match.level(of) is Level.EXACT for of in _NUMBERS)
        at_home = match.level(Field.ADDRESS) in SAME_HOME
        lines.append(
            _Line(match.key, share / every, alone and share >= limits.link * every, alone, bits, at_home, *same)
        )
    return _decision(model, lines)


def _may_be_linked(model: Model, match: Match) -> bool:
    """Whether one match may be linked without a person; as `may_link`."""
    fields = match.fields
    for rule in model.ask_first:
        for of, levels in rule.when.items():
            if fields[FIELD_NUMBER[of]].level not in levels:
                break
        else:
            if not any(match.level(of) in levels for of, levels in rule.unless.items()):
                return False
    return True


def near_protected(model: Model, matches: Sequence[Match]) -> list[Match]:
    """The protected children near enough that a row may not be handled automatically (R 3.19), best first.

    Given names do not excuse: each is weighed on its own, against nobody, at the model's low threshold.
    """
    odds = model.thresholds.protect / (1 - model.thresholds.protect)
    near = [match for match in matches if match.score >= np.log2(odds)]
    return sorted(near, key=lambda match: -match.score)
