"""Link supply files into children: from files to links.csv, review.csv and report.json, with no database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any, Final, Protocol

import duckdb
import numpy as np

from childindex.matching.bulk.certain import certain
from childindex.matching.bulk.garbage import uncollected
from childindex.matching.bulk.groups import Flags, distinct
from childindex.matching.bulk.kept import Scored, fingerprint, keep, kept
from childindex.matching.bulk.order import Order, Progress, quiet
from childindex.matching.bulk.read import NotReadable, Source, connect, read_sources
from childindex.matching.bulk.records import Records, children, load
from childindex.matching.bulk.settle import Settled, Settler
from childindex.matching.bulk.threads import beside, chunks, spread
from childindex.matching.bulk.tolerant import comparer, find, lowest, prepare
from childindex.matching.bulk.train import Trained, train_on, weigh
from childindex.matching.bulk.write import write_links, write_pairs, write_review, write_whole
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.model import Model
from childindex.matching.engine.scorer import totals

# Pairs that cannot reach these odds (in bits) are not compared in full.
FLOOR: Final = -6.0


@dataclass(slots=True)
class Report:
    """What was done: seconds of each stage, and counts."""

    model_version: str
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As report.json holds it."""
        seconds = {stage: round(took, 2) for stage, took in self.seconds.items()}
        return {
            "model_version": self.model_version,
            "seconds": {**seconds, "total": round(sum(self.seconds.values()), 2)},
            "counts": self.counts,
        }


class _Stages:
    """Times stages and says how far the work has come."""

    def __init__(self, report: Report, progress: Progress) -> None:
        self._report, self._progress = report, progress
        self._began = perf_counter()

    def done(self, stage: str, share: float) -> None:
        """Note that a stage is over and what share of the whole that makes."""
        now = perf_counter()
        self._report.seconds[stage] = self._report.seconds.get(stage, 0.0) + now - self._began
        self._began = now
        self._progress(stage, share)


class Engine(Protocol):
    """Where the work is done that can be done in parts: reading the files, and scoring every pair that might be one child."""

    def read(self, connection: duckdb.DuckDBPyConnection, order: Order, done: Progress) -> Ints:
        """Read the files; the source of each record. What is written out of a record is left in the table `records`."""

    def compare(self, model: Model, several: Flags, done: Progress) -> Scored:
        """Settle what exact keys settle, and score every pair of the rest that might be one child."""


class ThisMachine:
    """DuckDB reads, and the rest is done in this process."""

    _order: Order
    _records: Records

    def read(self, connection: duckdb.DuckDBPyConnection, order: Order, done: Progress) -> Ints:
        """As Engine says."""
        self._order = order
        read_sources(connection, order.sources)
        done("read", 0.2)
        self._records = load(connection)
        done("standardise", 0.35)
        return self._records.source.astype(np.int64)

    def compare(self, model: Model, several: Flags, done: Progress) -> Scored:
        """As Engine says. Where the order wants it, with a model trained on these records, which is left in the folder."""
        scored = compare(model, self._records, several, done)
        if self._order.train_from is None:
            return scored
        trained = train_on(self._order, self._order.train_from, self._records, scored)
        write_whole(self._order.out / "model.toml", trained.text)
        scored = score_again(trained, self._records, scored)
        done("train", 0.85)
        return scored


def link(order: Order, *, progress: Progress = quiet, engine: Engine | None = None) -> Report:
    """Read, settle the certain, compare the rest, cluster, and write. Raises NotReadable when a file cannot be linked.

    What was compared is kept in the folder until the files are written: the same order again goes on from there.
    """
    _check(order.sources)
    if engine:
        check_elsewhere(order)
    engine = engine or ThisMachine()
    order.out.mkdir(parents=True, exist_ok=True)
    report = Report(model_version=order.model.version if order.train_from is None else order.trained_version)
    stages = _Stages(report, progress)
    with uncollected(), connect(order.out, memory=order.memory, threads=order.threads) as connection:
        several = np.array([source.several for source in order.sources])
        source = engine.read(connection, order, stages.done)
        model = order.model.for_population(children(source, several))
        mark = fingerprint(order.sources, model, trained=order.train_from is not None)
        scored = kept(order.out, mark)
        if scored is None:
            scored = engine.compare(model, several, stages.done)
            keep(order.out, mark, scored)
        settled = Settler(model, source, several).settle(scored.cluster, scored.pairs, scored.bits, scored.levels)
        stages.done("settle", 0.9)
        write_links(connection, order, scored, settled)
        write_review(connection, order, scored, settled)
        if order.pairs:
            write_pairs(connection, order, scored, settled)
        stages.done("write", 1.0)
    report.counts = _counts(scored, settled)
    write_whole(order.out / "report.json", json.dumps(report.as_dict(), indent=2) + "\n")
    (order.out / "compared.npz").unlink(missing_ok=True)
    return report


def check_elsewhere(order: Order) -> None:
    """Raises NotReadable for what is only done in this process, by no other engine: training, and small files with heavy errors."""
    if order.train_from is not None:
        raise NotReadable("A model is trained on this machine: train first, and give --model")
    if order.model.tolerant:
        raise NotReadable("A tolerant model is for small files: link them on this machine")


def _check(sources: Sequence[Source]) -> None:
    """Sources have names of their own, and files that are there."""
    names = [source.name for source in sources]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise NotReadable(f"Two sources are called {twice[0]}: name one of them, as in OTHER=FILE")
    for source in sources:
        if not source.file.is_file():
            raise NotReadable(f"There is no file {source.file}")


def compare(model: Model, records: Records, several: Flags, done: Progress = quiet) -> Scored:
    """Settle what exact keys settle, and score every pair of the rest that might be one child."""
    model = prepare(model, records)
    # Words are plain Python, what is settled is numpy and DuckDB: each has a core of its own.
    settled = partial(_settled, model, records, several)
    (cluster, sure), _ = beside(settled, records.vocabulary, records.threads)
    done("settle the certain", 0.4)
    pairs = find(model, records, cluster, several, FLOOR)
    done("find", 0.55)
    _, sure_bits, sure_levels = score(model, records, sure, None)
    kept_pairs, bits, levels = score_likely(model, records, pairs)
    done("compare", 0.8)
    return Scored(cluster, kept_pairs, bits, levels, sure, sure_bits, sure_levels)


def _settled(model: Model, records: Records, several: Flags) -> tuple[Ints, Ints]:
    """The clusters that exact keys make, and their pairs."""
    cluster = certain(records, several)
    return cluster, certain_pairs(model, records, cluster)


def certain_pairs(model: Model, records: Records, cluster: Ints) -> Ints:
    """Pairs of rows that exact keys settled (the first of a cluster, another), ready to be compared."""
    joined = np.flatnonzero(cluster != np.arange(len(records)))
    sure = np.stack([cluster[joined], joined], axis=1)
    if model.tolerant is None:  # else every address has been read
        records.ready_together(sure)
    return sure


def score_likely(model: Model, records: Records, pairs: Ints) -> tuple[Ints, Bits, Levels]:
    """Those of the pairs found that reach the floor, with their score and levels."""
    records.ready(distinct(pairs))
    return score(model, records, pairs, lowest(model, FLOOR))


def score_again(trained: Trained, records: Records, scored: Scored) -> Scored:
    """The same pairs by the model that was trained on them; those that no longer reach the floor are left out."""
    sure_bits = weigh(trained.model, records, scored.sure, scored.sure_levels)
    use = np.flatnonzero(trained.bits >= lowest(trained.model, FLOOR))
    return Scored(
        scored.cluster,
        scored.pairs[use],
        trained.bits[use],
        scored.levels[use],
        scored.sure,
        sure_bits,
        scored.sure_levels,
    )


def score(model: Model, records: Records, pairs: Ints, floor: float | None) -> tuple[Ints, Bits, Levels]:
    """Pairs of rows with their score in bits and levels (n x fields); those below `floor` are left out."""
    compared = comparer(model, records)

    def scored(chunk: Ints) -> tuple[Ints, Bits, Levels]:
        levels, weights = compared.compare(chunk)
        bits = totals(model, levels, weights)
        use = np.flatnonzero(bits >= floor) if floor is not None else np.arange(len(chunk))
        return chunk[use], bits[use], levels[use]

    found = list(spread(scored, chunks(pairs, records.threads), records.threads))
    return (
        np.concatenate([part[0] for part in found]),
        np.concatenate([part[1] for part in found]),
        np.concatenate([part[2] for part in found]),
    )


def _counts(scored: Scored, settled: Settled) -> dict[str, int]:
    """Counts for the report."""
    sizes = np.bincount(settled.cluster)
    asked = np.unique(scored.pairs[settled.review])
    return {
        "records": len(settled.cluster),
        "children": int((sizes > 0).sum()),
        "records_settled_by_exact_keys": int((np.bincount(scored.cluster)[scored.cluster] > 1).sum()),
        "pairs_compared": len(scored.pairs),
        "pairs_linked": len(settled.linked),
        "pairs_for_review": len(settled.review),
        "records_for_review": len(asked),
    }
