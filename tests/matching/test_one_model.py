"""One model, twice: a whole file linked at once gives every pair the score and the levels that a record alone is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from childindex.matching.bulk import link as bulk
from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.order import Order
from childindex.matching.bulk.read import Source, connect, read_sources
from childindex.matching.bulk.records import load
from childindex.matching.engine.index import pack
from childindex.matching.engine.levels import FIELDS, LEVELS
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.query import Searcher
from childindex.matching.engine.record import Standardised
from childindex.matching.engine.scorer import Candidate, ScoredPairs, score_pairs
from synthetic.generate import generate
from tests.matching.town import read_feed

FEEDS = ("births", "gp_list", "school_census", "health_visiting", "social_care")
# Far lower than linking goes, so that unlike pairs are held against one another too.
FLOOR = -40.0
ALMOST = 1e-6


@dataclass(frozen=True, slots=True)
class Twice:
    """The same pairs of records scored in bulk and by the engine; `pairs.parquet` of the same files."""

    scored: Scored
    wide: Scored
    engine: ScoredPairs
    sure: ScoredPairs
    written: pl.DataFrame
    names: list[tuple[str, str]]
    records: list[Standardised]
    model: Model


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "FLOOR", FLOOR)
        yield _twice(tmp_path_factory.mktemp("town"))


def _twice(folder: Path) -> Twice:
    generate(children=2_500, seed=17, out=folder)
    sources = tuple(Source(name=feed, file=folder / f"{feed}.csv") for feed in FEEDS)
    bulk.link(Order(sources=sources, out=folder / "run", model=load_model(), threads=1, pairs=True))
    (scored, wide), model, names = _in_bulk(sources, folder)
    known = {(row.feed, row.record_id): row.record for feed in FEEDS for row in read_feed(folder / f"{feed}.csv")}
    records = [known[name] for name in names]
    return Twice(
        scored=scored,
        wide=wide,
        engine=score_pairs(model, records, records, wide.pairs),
        sure=score_pairs(model, records, records, scored.sure),
        written=pl.read_parquet(folder / "run" / "pairs.parquet"),
        names=names,
        records=records,
        model=model,
    )


def _in_bulk(sources: tuple[Source, ...], folder: Path) -> tuple[tuple[Scored, Scored], Model, list[tuple[str, str]]]:
    """What bulk linking compared, before anything is settled, and the same as if every supplier might repeat itself, so that
    nothing is certain and far more is compared; the model; and the name of every row.
    """
    with connect(folder, memory="2GB", threads=1) as connection:
        read_sources(connection, sources)
        names = connection.execute("SELECT source, record_id FROM records ORDER BY rowid").fetchall()
        records = load(connection)
        several = np.zeros(len(sources), dtype=np.bool_)
        model = load_model().for_population(records.children(several))
        scored = bulk.compare(model, records, several), bulk.compare(model, records, ~several)
    return scored, model, [(sources[number].name, record_id) for number, record_id in names]


def _unlike(twice: Twice, pairs: np.ndarray, bulk_levels: np.ndarray, engine_levels: np.ndarray) -> list[object]:
    """Pairs whose levels differ, readably."""
    return [
        (twice.names[pairs[at, 0]], twice.names[pairs[at, 1]], FIELDS[field], *(
            str(LEVELS[levels[at, field]]) for levels in (bulk_levels, engine_levels)
        ))
        for at, field in np.argwhere(bulk_levels != engine_levels)[:5].tolist()
    ]  # fmt: skip


def test_every_pair_that_was_compared_has_the_levels_and_the_score_of_the_engine(twice: Twice) -> None:
    assert len(twice.wide.pairs) >= 10_000
    assert _unlike(twice, twice.wide.pairs, twice.wide.levels, twice.engine.levels) == []
    assert np.abs(twice.wide.bits - twice.engine.scores).max() <= ALMOST


def test_an_index_in_memory_gives_ten_thousand_such_pairs_the_same_levels_and_score(twice: Twice) -> None:
    """One question at a time goes another way through the same comparisons."""
    index = pack(Candidate(key=number, records=(record,)) for number, record in enumerate(twice.records))
    searcher = Searcher(index, twice.model)
    order = np.argsort(twice.wide.pairs[:, 0], kind="stable")[:10_000]
    one, other = twice.wide.pairs[order].T
    starts = np.flatnonzero(np.append(True, one[1:] != one[:-1]))
    found = [
        searcher.weigh(twice.records[one[lines[0]]], other[lines])
        for lines in np.split(np.arange(len(one)), starts[1:])
    ]
    levels, _, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
    assert _unlike(twice, twice.wide.pairs[order], twice.wide.levels[order], levels) == []
    assert np.abs(twice.wide.bits[order] - scores).max() <= ALMOST


def test_every_pair_that_exact_keys_settled_has_them_too(twice: Twice) -> None:
    """Their addresses are mostly not read at all: what is written of them must be the same as if they were."""
    assert len(twice.scored.sure) >= 2_000
    assert _unlike(twice, twice.scored.sure, twice.scored.sure_levels, twice.sure.levels) == []
    assert np.abs(twice.scored.sure_bits - twice.sure.scores).max() <= ALMOST


def test_the_pairs_and_bits_written_are_those_compared(twice: Twice) -> None:
    pairs = np.concatenate([twice.scored.pairs, twice.scored.sure])
    bits = np.concatenate([twice.scored.bits, twice.scored.sure_bits])
    expected = [(*twice.names[one], *twice.names[other]) for one, other in pairs.tolist()]
    columns = ("source_a", "record_id_a", "source_b", "record_id_b")
    assert twice.written.select(columns).rows() == expected
    assert np.abs(twice.written["bits"].to_numpy() - bits).max() <= ALMOST


def test_the_levels_compared_are_of_every_kind(twice: Twice) -> None:
    """A comparison that never sees a nickname or a moved house proves nothing of them."""
    seen = {
        (FIELDS[field], str(LEVELS[level]))
        for field in range(len(FIELDS))
        for level in np.unique(twice.wide.levels[:, field])
    }
    assert {
        *(("given_name", level) for level in ("exact", "nickname", "close", "differs", "missing", "similar", "middle")),
        *(("family_name", level) for level in ("exact", "former", "close", "part", "sounds_alike", "differs")),
        *(("birth_date", level) for level in ("exact", "day_month_swapped", "one_digit", "two_parts_agree")),
        *(("address", level) for level in ("exact", "postcode", "street", "sector", "differs")),
        *(("carers", level) for level in ("exact", "missing", "differs")),
    } <= seen  # fmt: skip
