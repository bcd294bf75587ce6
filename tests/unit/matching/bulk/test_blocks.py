"""Records linked a block at a time, as many machines do it, are linked as if all were in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import duckdb
import numpy as np
import pytest

from childindex.matching.bulk.blocks import Placed, compare_block, settle_block
from childindex.matching.bulk.groups import Flags
from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.link import compare
from childindex.matching.bulk.read import Source, connect, read_sources
from childindex.matching.bulk.records import Records, load
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.model import Model, load_model
from synthetic.generate import generate
from tests.unit.matching.bulk.made import loaded

FEEDS = ("births", "gp_list", "school_census")
BLOCKS = 3


class Town:
    """A small town whose records can be had whole, or some of them as if there were no others."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection, self._folder = connection, folder
        self.records = load(connection)
        self.dates = [
            row[0] or "" for row in connection.execute("SELECT birth_date FROM records ORDER BY rowid").fetchall()
        ]

    @contextmanager
    def some(self, rows: Ints) -> Iterator[Records]:
        """Some of the records, by themselves."""
        file = self._folder / "block.parquet"
        self._connection.register("wanted", {"row": rows})
        self._connection.execute(
            f"COPY (SELECT records.* FROM records JOIN wanted ON records.rowid = wanted.row ORDER BY wanted.row) TO '{file}'"  # noqa: S608
        )
        with connect(self._folder, memory="1GB", threads=1) as connection:
            connection.execute(f"CREATE TABLE records AS FROM '{file}'")
            yield load(connection)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    generate(children=300, seed=8, out=folder, suppliers=FEEDS)
    with connect(folder, memory="1GB", threads=1) as connection:
        read_sources(connection, [Source(name=feed, file=folder / f"{feed}.csv") for feed in FEEDS])
        yield Town(connection, folder)


def at_once(town: Town, model: Model, several: Flags) -> Scored:
    return compare(model, town.records, several)


def settled(town: Town, model: Model, several: Flags) -> Iterator[tuple[Ints, Placed]]:
    block = np.array([crc32(date.encode()) % BLOCKS for date in town.dates])
    for number in range(BLOCKS):
        rows = np.flatnonzero(block == number)
        with town.some(rows) as records:
            yield rows, settle_block(model, records, several)


def compared(
    town: Town, model: Model, several: Flags, blocks: list[tuple[Ints, Placed]]
) -> Iterator[tuple[Ints, Bits, Levels]]:
    cluster, held = np.empty(len(town.records), dtype=np.int64), np.empty(len(town.records), dtype=np.uint64)
    for rows, placed in blocks:
        cluster[rows], held[rows] = rows[placed.cluster], placed.held
    keys = np.concatenate([placed.keys for _, placed in blocks])
    lines = np.concatenate([np.repeat(rows, np.diff(placed.starts)) for rows, placed in blocks])
    for number in range(BLOCKS):
        mine = keys % np.uint64(BLOCKS) == number
        rows, places = np.unique(lines[mine], return_inverse=True)
        with town.some(rows) as records:
            pairs, bits, levels = compare_block(
                model, records, several, (cluster[rows], held[rows]), (keys[mine], places)
            )
        yield rows[pairs], bits, levels


@pytest.mark.parametrize(
    "several", [[False, False, False], [False, True, False]], ids=["once each", "one repeats itself"]
)
def test_blocks_settle_and_score_what_is_settled_and_scored_at_once(town: Town, several: list[bool]) -> None:
    flags, model = np.array(several), load_model().for_population(300)
    whole = at_once(town, model, flags)
    blocks = list(settled(town, model, flags))
    cluster, bits = np.empty_like(whole.cluster), np.empty(len(whole.cluster))
    levels = np.empty((len(cluster), whole.levels.shape[1]), dtype=np.int8)
    for rows, placed in blocks:
        cluster[rows], bits[rows], levels[rows] = rows[placed.cluster], placed.bits, placed.levels
    assert len(whole.sure) > 30
    assert np.array_equal(cluster, whole.cluster)
    assert np.array_equal(bits[whole.sure[:, 1]], whole.sure_bits)
    assert np.array_equal(levels[whole.sure[:, 1]], whole.sure_levels)

    parts = list(compared(town, model, flags, blocks))
    pairs, first = np.unique(np.concatenate([part[0] for part in parts]), axis=0, return_index=True)
    assert len(whole.pairs) > 30
    assert np.array_equal(pairs, whole.pairs)
    assert np.array_equal(np.concatenate([part[1] for part in parts])[first], whole.bits)
    assert np.array_equal(np.concatenate([part[2] for part in parts])[first], whole.levels)


def test_a_record_has_the_same_keys_in_whichever_block_it_is(town: Town) -> None:
    several, model = np.array([False, False, False]), load_model().for_population(300)
    everybody = np.arange(len(town.records))
    with town.some(everybody) as records:
        whole = settle_block(model, records, several)
    assert len(whole.keys) > 5 * len(everybody)
    for rows, placed in settled(town, model, several):
        for place, row in enumerate(rows.tolist()):
            mine = placed.keys[placed.starts[place] : placed.starts[place + 1]]
            assert sorted(mine) == sorted(whole.keys[whole.starts[row] : whole.starts[row + 1]])


def test_a_record_that_says_nothing_is_alone_and_has_no_key(tmp_path: Path) -> None:
    with loaded(tmp_path, [{"family_name": "", "birth_date": ""}]) as records:
        placed = settle_block(load_model(), records, np.array([False]))
    assert placed.cluster.tolist() == [0]
    assert placed.starts.tolist() == [0, 0]
