"""The golden pairs: one record at a time, whole files, and Splink on the same model say the same of each, to 1e-6 bits."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from childindex.matching.bulk.read import Source, connect, read_sources
from childindex.matching.bulk.records import load
from childindex.matching.bulk.training_file import shares_of
from childindex.matching.engine.columns import Bits, Comparer, Levels
from childindex.matching.engine.levels import FIELDS, LEVEL_NUMBER, LEVELS, Level
from childindex.matching.engine.model import SHIPPED, Model, load_model
from childindex.matching.engine.scorer import Candidate, holding, score, totals
from childindex.matching.engine.sentences import in_words
from tests.matching.golden import ALMOST, Pair, Row, read

PAIRS = read()


def written(folder: Path, name: str, rows: list[Row]) -> Source:
    columns = list(
        dict.fromkeys(["record_id", "family_name", "birth_date", *(column for row in rows for column in row)])
    )
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        table.writerows({"record_id": number, **row} for number, row in enumerate(rows))
    return Source(name=name, file=folder / f"{name}.csv")


@pytest.fixture(scope="module")
def in_bulk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Levels, Bits]]:
    """Levels and bits of all pairs, read from two supply files and compared in arrays."""
    folder = tmp_path_factory.mktemp("golden")
    sources = [written(folder, side, [pair.rows[place] for pair in PAIRS]) for place, side in enumerate(("one", "two"))]
    with connect(folder, memory="1GB", threads=1) as connection:
        read_sources(connection, sources)
        places = connection.execute("SELECT rowid FROM records ORDER BY source, record_id::INTEGER").fetchnumpy()[
            "rowid"
        ]
        pairs = np.stack([places[: len(PAIRS)], places[len(PAIRS) :]], axis=1).astype(np.int64)
        records = load(connection)
        records.ready(np.unique(pairs))
        comparer = Comparer(load_model(), records.values, records.coded, records.coded, vocabulary=records.vocabulary())
        yield comparer.compare(pairs)


def beside(model: Model, levels: Levels, weights: Bits) -> tuple[Bits, Bits, Bits]:
    """Bits of patterns, of the household's most, and in all."""
    patterns = np.sum([p.bits * holding(levels, p.when).all(axis=0) for p in model.patterns], axis=0)
    total = totals(model, levels, weights)
    return patterns, total - model.prior - patterns - weights.sum(axis=1), total


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_engine_says_of_one_pair_what_the_file_says(pair: Pair) -> None:
    for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
        (found,) = score(load_model(), one, [Candidate(key=0, records=(other,))])
        assert {str(fact.field): str(fact.level) for fact in found.fields} == pair.levels
        assert {str(fact.field): fact.weight for fact in found.fields} == pytest.approx(
            {str(of): pair.bits[of] for of in FIELDS}, abs=ALMOST
        )
        assert found.score == pytest.approx(pair.bits["total"], abs=ALMOST)
        assert in_words(found) == pair.sentence


def test_whole_files_say_of_every_pair_what_the_file_says(in_bulk: tuple[Levels, Bits]) -> None:
    levels, weights = in_bulk
    patterns, household, total = beside(load_model(), levels, weights)
    for number, pair in enumerate(PAIRS):
        assert {str(of): str(LEVELS[at]) for of, at in zip(FIELDS, levels[number], strict=True)} == pair.levels, (
            pair.name
        )
        found = [*weights[number], patterns[number], household[number], total[number]]
        assert found == pytest.approx(list(pair.bits.values()), abs=ALMOST), pair.name


def test_splink_says_the_same_of_every_pair_that_it_can_say() -> None:
    """Its column is written by `benchmarks.matching.peers.environment golden`, which also checks that it is still true."""
    said = [pair for pair in PAIRS if pair.splink is not None]
    assert len(said) > 0.95 * len(PAIRS)
    for pair in said:
        assert pair.splink == pytest.approx(pair.bits, abs=ALMOST), pair.name


def test_every_level_pattern_and_limit_is_there() -> None:
    model = load_model()
    seen = {(of, level) for pair in PAIRS for of, level in pair.levels.items()}
    assert {(str(of), str(level)) for of, level in shares_of(SHIPPED.read_text(encoding="utf-8"))} <= seen
    assert {(str(of), "missing") for of in FIELDS} <= seen
    levels = np.array([[LEVEL_NUMBER[Level(level)] for level in pair.levels.values()] for pair in PAIRS], dtype=np.int8)
    assert all(holding(levels, pattern.when).all(axis=0).any() for pattern in model.patterns)
    assert any(pair.bits["household"] < -1 for pair in PAIRS)
    usual = {of: model.weights[FIELDS.index(of), LEVEL_NUMBER[level]] for of, level in model.by_frequency}
    for of, weight in usual.items():
        exact = [pair.bits[of] - weight for pair in PAIRS if pair.levels[of] == "exact"]
        assert min(exact) < -1  # a common name
        assert max(exact) > 1  # a rare one
