"""Bulk linking in Spark's tables: workers read, standardise, settle by exact keys, find and compare; the driver gets numbers.

Needs the extra `childindex[spark]`. Every worker sees the files at the driver's paths, and has this package installed.
The driver collects source and record_id of each record, the cluster that exact keys gave it, and pairs that were scored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from childindex.matching.bulk.blocks import compare_block, settle_block
from childindex.matching.bulk.candidates import MOST
from childindex.matching.bulk.groups import Flags
from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.order import Order, Progress
from childindex.matching.bulk.read import TEXTS, NotReadable, Source, connect, read_sources
from childindex.matching.bulk.records import Records, load
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Levels
from childindex.matching.engine.levels import FIELDS
from childindex.matching.engine.model import Model

_FACTS: Final = (*TEXTS, "carers")
_TEXTS: Final = ", ".join(f"{name} string" for name in _FACTS)
_READ: Final = f"source smallint, place bigint, record_id string, {_TEXTS}, fault string"
_PLACED: Final = f"row bigint, source smallint, {_TEXTS}, cluster bigint, held bigint, bits double, levels binary, keys array<bigint>"
_SCORED: Final = "one bigint, other bigint, bits double, levels binary"
# A block is held in memory whole, with about ten lines a record where it is compared: so many records to each.
_BLOCK: Final = 20_000
_BATCH: Final = 10_000
# What DuckDB may use on a worker, for each block that is being worked on.
_MEMORY: Final = "1GB"


class OnSpark:
    """Reads and compares on a Spark that is running."""

    _texts: DataFrame
    _source: Ints

    def __init__(self, session: SparkSession) -> None:
        """`session` is stopped by who made it."""
        self._session = session

    def read(self, connection: duckdb.DuckDBPyConnection, order: Order, done: Progress) -> Ints:
        """As Engine says: one file a task, by the reader of the other engine."""
        sources = tuple(replace(source, file=source.file.resolve()) for source in order.sources)
        files = self._session.range(len(sources), numPartitions=len(sources))
        self._texts = files.mapInArrow(partial(_read, sources), _READ).persist(StorageLevel.MEMORY_AND_DISK)
        connection.register("ids", self._texts.select("source", "place", "record_id", "fault").toArrow())
        fault = connection.execute("SELECT fault FROM ids WHERE fault IS NOT NULL ORDER BY source").fetchone()
        if fault:
            raise NotReadable(fault[0])
        connection.execute("CREATE TABLE records AS SELECT source, record_id FROM ids ORDER BY source, place")
        connection.unregister("ids")
        found = connection.execute("SELECT source FROM records ORDER BY rowid").fetchnumpy()["source"]
        self._source = np.asarray(found, dtype=np.int64)
        done("read", 0.2)
        return self._source

    def compare(self, model: Model, several: Flags, done: Progress) -> Scored:
        """As Engine says: settled by date of birth, compared by search key."""
        placed = self._placed(model, several).persist(StorageLevel.MEMORY_AND_DISK)
        known = placed.select("row", "cluster", "bits", "levels").toArrow().sort_by("row")
        self._texts.unpersist()
        cluster = known["cluster"].to_numpy()
        joined = np.flatnonzero(cluster != np.arange(len(cluster)))
        done("settle the certain", 0.5)
        scored = self._scored(placed, model, several).toArrow().sort_by([("one", "ascending"), ("other", "ascending")])
        placed.unpersist()
        done("compare", 0.8)
        return Scored(
            cluster,
            np.stack([scored["one"].to_numpy(), scored["other"].to_numpy()], axis=1),
            scored["bits"].to_numpy(),
            _levels(scored["levels"]),
            np.stack([cluster[joined], joined], axis=1),
            known["bits"].to_numpy()[joined],
            _levels(known["levels"])[joined],
        )

    def _in_blocks(
        self, records: DataFrame, *, by: str | Column, work: Callable[[pa.Table], pa.Table], into: str
    ) -> DataFrame:
        """What `work` makes of each block; lines that are the same `by` are in one block. Enough blocks that all workers have some."""
        fewest = 2 * self._session.sparkContext.defaultParallelism
        parted = records.repartition(max(fewest, math.ceil(len(self._source) / _BLOCK)), by)

        def whole(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            given = list(batches)
            if given:
                yield from work(pa.Table.from_batches(given)).to_batches()

        return parted.mapInArrow(whole, into)

    def _placed(self, model: Model, several: Flags) -> DataFrame:
        """Every record with the cluster that exact keys give it, and its search keys."""
        sizes = np.bincount(self._source, minlength=len(several))
        starts = f.array(*(f.lit(start) for start in (np.cumsum(sizes) - sizes).tolist()))
        row = (f.col("place") + starts[f.col("source")]).alias("row")
        return self._in_blocks(
            self._texts.select(row, "source", "record_id", *_FACTS),
            by=f.coalesce("birth_date", "record_id"),
            work=partial(_settle, model, several),
            into=_PLACED,
        )

    def _scored(self, placed: DataFrame, model: Model, several: Flags) -> DataFrame:
        """Every pair that might be one child, once. Keys at which nobody meets another cluster, or too many meet, go no further."""
        lines = placed.withColumn("key", f.explode("keys")).drop("keys", "bits", "levels")
        met = lines.groupBy("key").agg(
            f.count("*").alias("records"), f.min("cluster").alias("least"), f.max("cluster").alias("most")
        )
        met = met.where((f.col("records") <= MOST) & (f.col("least") < f.col("most"))).select("key")
        work = partial(_compare, model, several)
        found = self._in_blocks(lines.join(met, "key"), by="key", work=work, into=_SCORED)
        return found.dropDuplicates(["one", "other"])


def _read(sources: Sequence[Source], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The records of the files whose numbers come in; of a file that cannot be read one line which says why."""
    query = f"SELECT ?::SMALLINT AS source, rowid AS place, record_id, {', '.join(_FACTS)}, ?::VARCHAR AS fault FROM records"  # noqa: S608
    for number in (number for batch in batches for number in batch.column(0).to_pylist()):
        with _database() as connection:
            fault = None
            try:
                read_sources(connection, [sources[number]])
            except NotReadable as found:
                fault = str(found)
                connection.execute("TRUNCATE records; INSERT INTO records (record_id) VALUES ('')")
            yield from connection.execute(f"{query} ORDER BY rowid", [number, fault]).to_arrow_reader(_BATCH)


def _settle(model: Model, several: Flags, block: pa.Table) -> pa.Table:
    """`settle_block` of a table of records."""
    block = block.sort_by("row")
    rows = block["row"].to_numpy()
    with _loaded(block) as records:
        placed = settle_block(model, records, several)
    keys = pa.ListArray.from_arrays(placed.starts.astype(np.int32), placed.keys.view(np.int64))
    found = {
        "cluster": rows[placed.cluster],
        "held": placed.held.view(np.int64),
        "bits": placed.bits,
        "levels": _binary(placed.levels),
        "keys": keys,
    }
    texts = block.select(["row", "source", *_FACTS])
    return pa.table({**dict(zip(texts.column_names, texts.columns, strict=True)), **found})


def _compare(model: Model, several: Flags, block: pa.Table) -> pa.Table:
    """`compare_block` of a table of records, each once for every key."""
    rows, first, places = np.unique(block["row"].to_numpy(), return_index=True, return_inverse=True)
    once = block.take(first)
    clusters = once["cluster"].to_numpy(), once["held"].to_numpy().view(np.uint64)
    with _loaded(once) as records:
        lines = block["key"].to_numpy().view(np.uint64), places
        pairs, bits, levels = compare_block(model, records, several, clusters, lines)
    return pa.table({"one": rows[pairs[:, 0]], "other": rows[pairs[:, 1]], "bits": bits, "levels": _binary(levels)})


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty DuckDB for one block: Spark has other blocks for the other cores."""
    with TemporaryDirectory() as spill, connect(Path(spill), memory=_MEMORY, threads=1) as connection:
        yield connection


@contextmanager
def _loaded(block: pa.Table) -> Iterator[Records]:
    """Records of a table, by row, standardised."""
    with _database() as connection:
        connection.register("block", block)
        connection.execute(f"CREATE TABLE records AS SELECT source, {', '.join(_FACTS)} FROM block ORDER BY row")  # noqa: S608
        yield load(connection)


def _binary(levels: Levels) -> pa.Array:
    """Levels of each line as one text of bytes."""
    return pa.array([line.tobytes() for line in levels], pa.binary())


def _levels(column: pa.ChunkedArray) -> Levels:
    """Levels (n x fields) from such a column."""
    return np.frombuffer(b"".join(column.to_pylist()), dtype=np.int8).reshape(-1, len(FIELDS))
