"""Train a model on supply files without anyone saying which records are one child: u from random pairs, m by expectation maximisation.

The method is that of Fellegi and Sunter (1969), with the m step of Winkler (1988): how likely each pair is one child by the model so
far, rivals considered, is the share with which it is counted for the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import numpy.typing as npt

from childindex.matching.bulk.certain import certain
from childindex.matching.bulk.garbage import uncollected
from childindex.matching.bulk.groups import distinct, pairs_sharing
from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.order import Order, Progress, quiet
from childindex.matching.bulk.read import NotReadable, Source, connect, read_sources
from childindex.matching.bulk.records import Records, load
from childindex.matching.bulk.settle import Settler
from childindex.matching.bulk.threads import beside, chunks, spread
from childindex.matching.bulk.tolerant import comparer, find, prepare
from childindex.matching.bulk.training_file import Shares, rounded, shares_of, with_shares
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, LEVELS, Field, Level
from childindex.matching.engine.model import Model, Training
from childindex.matching.engine.scorer import totals

Counts = npt.NDArray[np.float64]
Place = tuple[Field, Level]
Places = Mapping[Place, float]

_SAMPLE: Final = 20_000
# While linking, training is to take little time; what more pairs and rounds add is in docs/matching/training.md.
_RANDOM_PAIRS_WHILE_LINKING: Final = 250_000
_ROUNDS_WHILE_LINKING: Final = 4
# Fewer than this and a share is chance: the level keeps the number of the model that training began with.
_FEWEST: Final = 20
# Pairs that cannot reach these odds (in bits) are not weighed, as in linking.
_FLOOR: Final = -6.0
# Rounds that move no level by so many bits are the last.
_STILL: Final = 0.01
_CHUNK: Final = 1_000_000
_LARGEST_CLUSTER: Final = 64
_NOTHING: Final = "No two records of these files could be one child: there is nothing to train on"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOrder:
    """What is asked for: the files, the model to begin with as its text and as read, and the version of the new one."""

    sources: tuple[Source, ...]
    model: Model
    text: str
    version: str
    seed: int = 1
    rounds: int = 8
    random_pairs: int = 1_000_000
    memory: str = "8GB"
    threads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A new model file and the model, for an index of as many children as these files have, and the odds in bits that it gives the
    pairs it was trained on; what it was made of, the largest change of a level in each round (bits), and the levels that kept
    their number.
    """

    text: str
    model: Model
    bits: Bits
    training: Training
    changes: tuple[float, ...]
    kept_m: tuple[Place, ...]
    kept_u: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Pairs of rows that might be one child, compared: levels (n x fields) and the bits that rare names add (n x fields)."""

    rows: Ints
    levels: Levels
    rarity: Bits


def train(order: TrainOrder, folder: Path, *, progress: Progress) -> Trained:
    """Estimate m and u; `folder` is where DuckDB may put what does not fit in memory. Raises NotReadable for files that cannot be trained on.

    The same files in the same order, seed and model give the same text.
    """
    with (
        uncollected(),
        TemporaryDirectory(dir=folder) as spill,
        connect(Path(spill), memory=order.memory, threads=order.threads) as db,
    ):
        read_sources(db, order.sources)
        # Several threads may have read them: one order, so that the same seed draws the same pairs.
        db.execute(
            "CREATE TABLE whole AS FROM records ORDER BY source, record_id; DROP TABLE records; ALTER TABLE whole RENAME TO records"
        )
        records = load(db)
        progress("read", 0.1)
        several = np.array([source.several for source in order.sources])
        trainer = Trainer(order, records, certain(records, several))
        return trainer.train(*trainer.compared(progress), progress=progress)


def train_on(order: Order, text: str, records: Records, scored: Scored) -> Trained:
    """Train on what linking has compared already; `text` is the file of the model to begin with. Raises NotReadable without any pair."""
    if not len(scored.pairs) + len(scored.sure):
        raise NotReadable(_NOTHING)
    asked = TrainOrder(
        sources=order.sources,
        model=order.model,
        text=text,
        version=order.trained_version,
        random_pairs=_RANDOM_PAIRS_WHILE_LINKING,
        rounds=_ROUNDS_WHILE_LINKING,
        threads=order.threads,
    )
    trainer = Trainer(asked, records, scored.cluster)
    return trainer.train((scored.pairs, scored.levels), scored.bits, scored.sure_levels, progress=quiet)


def weigh(model: Model, records: Records, pairs: Ints, levels: Levels) -> Bits:
    """The odds in bits of pairs of rows by another model than the one they were compared with."""
    return _bits(model, _with_rarity(model, records, pairs, levels))


@dataclass(frozen=True, slots=True)
class _Estimate:
    """m and u of every level; the pairs that might be one child, with what rare names add by that u; how many random pairs were
    compared, the largest change of each round, and the levels that kept their number.
    """

    shares: Shares
    pairs: Compared
    random: int
    changes: tuple[float, ...]
    kept_m: tuple[Place, ...]
    kept_u: tuple[Place, ...]


class Trainer:
    """The steps of one training."""

    def __init__(self, order: TrainOrder, records: Records, cluster: Ints) -> None:
        """`cluster` is what exact keys settled of the records."""
        self._order, self._records, self._cluster = order, records, cluster
        self._several = np.array([source.several for source in order.sources])
        self._model = prepare(order.model.for_population(records.children(self._several)), records)
        self._start = shares_of(order.text)

    def compared(self, progress: Progress) -> tuple[tuple[Ints, Levels], Bits, Levels]:
        """Pairs that might be one child with their levels, and their odds in bits; and the levels of pairs that certainly are.
        Raises NotReadable without any.
        """
        pairs = find(self._model, self._records, self._cluster, self._several, _FLOOR)
        sure = _within_clusters(self._cluster)
        if not len(pairs) + len(sure):
            raise NotReadable(_NOTHING)
        self._records.ready(distinct(np.concatenate([pairs, sure])))
        progress("find", 0.3)
        found = _compared(self._model, self._records, pairs)
        certainly = _compared(self._model, self._records, sure).levels
        progress("compare", 0.45)
        return (pairs, found.levels), _bits(self._model, found), certainly

    def train(self, compared: tuple[Ints, Levels], bits: Bits, sure: Levels, *, progress: Progress) -> Trained:
        """Random pairs, rounds, and the new file, from pairs that might be one child with their levels (and their odds in bits by the
        model to begin with) and the levels of pairs that certainly are.
        """
        estimate = partial(self._estimate, compared, level_counts(sure), bits, progress)
        found, mark = beside(estimate, partial(fingerprint, self._order.sources), self._order.threads)
        training = Training(
            fingerprint=mark,
            records=len(self._records),
            pairs=len(bits) + len(sure),
            random_pairs=found.random,
            seed=self._order.seed,
            rounds=len(found.changes),
            started_from=self._order.model.version,
        )
        model = replace(with_weights(self._model, found.shares), version=self._order.version)
        return Trained(
            text=with_shares(self._order.text, found.shares, version=self._order.version, training=training),
            model=model,
            bits=_bits(model, found.pairs),
            training=training,
            changes=found.changes,
            kept_m=found.kept_m,
            kept_u=found.kept_u,
        )

    def _estimate(self, compared: tuple[Ints, Levels], certainly: Counts, bits: Bits, progress: Progress) -> _Estimate:
        """The m and u of what `train` is given; `certainly` counts levels among pairs that certainly are one child."""
        pairs, levels = compared
        random, seen = self._random(pairs[self._posterior(pairs, bits) > 0.5])
        u, kept_u = shares(seen, {place: u for place, (_, u) in self._start.items()})
        # How much a rare name adds depends on u, which stays from here on.
        model = with_weights(self._model, {place: (m, u[place]) for place, (m, _) in self._start.items()})
        found = _with_rarity(model, self._records, pairs, levels)
        progress("compare with strangers", 0.6)
        (m, kept_m), changes = self._rounds(model, found, certainly, (u, frozenset(kept_u)), progress)
        both = {place: (m[place], u[place]) for place in self._start}
        return _Estimate(both, found, random, tuple(changes), kept_m, kept_u)

    def _posterior(self, pairs: Ints, bits: Bits) -> Bits:
        """How likely each pair is one child, after rivals."""
        settler = Settler(self._model, self._records.source.astype(np.int64), self._several)
        return settler.posterior(self._cluster, pairs, bits)

    def _random(self, same: Ints) -> tuple[int, Counts]:
        """How many random pairs of different children were compared, and their counts of levels. A few random pairs are one child
        (`same`, pairs of rows), and would be most of what agrees on a number.
        """
        size = len(self._records)
        chance = np.random.default_rng(self._order.seed)
        rows = np.sort(chance.choice(size, min(size, _SAMPLE), replace=False))
        drawn = np.sort(rows[chance.integers(0, len(rows), (self._order.random_pairs, 2))], axis=1)
        apart = self._cluster[drawn[:, 0]] != self._cluster[drawn[:, 1]]
        # `isin` makes a table of all of `same`; few are looked up.
        known, wanted = np.sort(same[:, 0] * size + same[:, 1]), drawn[:, 0] * size + drawn[:, 1]
        if len(known):
            apart &= known[np.minimum(np.searchsorted(known, wanted), len(known) - 1)] != wanted
        drawn = drawn[apart]
        self._records.ready(rows)
        return len(drawn), level_counts(_compared(self._model, self._records, drawn).levels)

    def _rounds(
        self,
        model: Model,
        found: Compared,
        certainly: Counts,
        strangers: tuple[Places, frozenset[Place]],
        progress: Progress,
    ) -> tuple[tuple[dict[Place, float], tuple[Place, ...]], list[float]]:
        """Rounds of expectation and maximisation: m, the levels that kept theirs, and the largest change of each round in bits.

        `strangers` are u, and the levels too seldom seen between strangers: a level says what m and u say together, so these keep m as
        well. A level once expected too seldom keeps its number in all later rounds: what it then says may be what makes it expected again.
        """
        u, keep = strangers
        start = {place: m for place, (m, _) in self._start.items()}
        settled: tuple[dict[Place, float], tuple[Place, ...]] = start, ()
        changes: list[float] = []
        for number in range(self._order.rounds):
            expected = certainly + level_counts(found.levels, self._posterior(found.rows, _bits(model, found)))
            settled = shares(expected, start, keep)
            keep |= frozenset(settled[1])
            after = with_weights(model, {place: (m, u[place]) for place, m in settled[0].items()})
            changes.append(float(np.nanmax(np.abs(after.weights - model.weights))))
            model = after
            progress(
                f"round {number + 1}: largest change {changes[-1]:.3f} bits",
                0.6 + 0.4 * (number + 1) / self._order.rounds,
            )
            if changes[-1] < _STILL:
                break
        return settled, changes


def level_counts(levels: Levels, share: Bits | None = None) -> Counts:
    """How many pairs have each level of each field (fields x levels), each pair counted as `share` of one."""
    return np.array([np.bincount(column, share, minlength=len(LEVELS)) for column in levels.T], dtype=np.float64)


def shares(
    counts: Counts, start: Places, keep: frozenset[Place] = frozenset()
) -> tuple[dict[Place, float], tuple[Place, ...]]:
    """The share of each level among pairs where the field is given, and the levels that keep their number: those of `keep`, and those
    seen too seldom.
    """
    counts = counts.copy()
    counts[:, LEVEL_NUMBER[Level.MISSING]] = 0.0
    given = counts.sum(axis=1)
    found = dict(start)
    kept = []
    for of, level in start:
        count = counts[FIELD_NUMBER[of], LEVEL_NUMBER[level]]
        if count >= _FEWEST and (of, level) not in keep:
            found[of, level] = rounded(count / given[FIELD_NUMBER[of]])
        else:
            kept.append((of, level))
    return found, tuple(kept)


def with_weights(model: Model, found: Shares) -> Model:
    """The model with other m and u."""
    weights = model.weights.copy()
    for (of, level), (m, u) in found.items():
        weights[FIELD_NUMBER[of], LEVEL_NUMBER[level]] = np.log2(m / u)
    return replace(model, weights=weights, by_frequency={place: found[place][1] for place in model.by_frequency})


def fingerprint(sources: Sequence[Source]) -> str:
    """A sha256 of the contents of the files, in their order."""
    whole = sha256()
    for source in sources:
        with source.file.open("rb") as file:
            whole.update(file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _weights(model: Model, levels: Levels) -> Bits:
    """The bits of each level, rarity of names left out."""
    weights: Bits = model.weights[np.arange(len(FIELDS)), levels]
    return weights


def _bits(model: Model, found: Compared) -> Bits:
    """The odds of each pair, in bits."""
    return totals(model, found.levels, _weights(model, found.levels) + found.rarity)


def _within_clusters(cluster: Ints) -> Ints:
    """All pairs of rows of one cluster, the smaller first."""
    parts = [
        np.stack([np.minimum(one, other), np.maximum(one, other)], axis=1)
        for one, other in pairs_sharing(
            cluster.astype(np.uint64), np.arange(len(cluster)), most=_LARGEST_CLUSTER, chunk=_CHUNK
        )
    ]
    return np.concatenate(parts) if parts else np.empty((0, 2), dtype=np.int64)


def _compared(model: Model, records: Records, pairs: Ints) -> Compared:
    """Compare pairs of rows whose addresses and carers are ready."""
    compared = comparer(model, records)

    def levels_and_rarity(chunk: Ints) -> tuple[Levels, Bits]:
        levels, weights = compared.compare(chunk)
        return levels, weights - _weights(model, levels)

    found = list(spread(levels_and_rarity, chunks(pairs, records.threads), records.threads))
    return Compared(pairs, np.concatenate([levels for levels, _ in found]), np.concatenate([bits for _, bits in found]))


def _with_rarity(model: Model, records: Records, pairs: Ints, levels: Levels) -> Compared:
    """Pairs of rows whose levels are known, with what rare names add by this model."""
    compared = comparer(model, records)
    places = chunks(np.arange(len(pairs)), records.threads)
    found = spread(lambda some: compared.rarity(pairs[some], levels[some]), places, records.threads)
    return Compared(pairs, levels, np.concatenate(list(found)))
