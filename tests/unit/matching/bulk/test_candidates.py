"""What is quickly seen of a pair never says less than it can be worth: else it is not compared, and nobody hears of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from childindex.matching.bulk.candidates import Finder
from childindex.matching.bulk.groups import distinct
from childindex.matching.bulk.link import score
from childindex.matching.bulk.read import Source, connect, read_sources
from childindex.matching.bulk.records import load
from childindex.matching.engine.model import load_model
from synthetic.generate import generate

FEEDS = ("births", "gp_list", "school_census", "social_care")
MANY = 60_000
ALMOST = 1e-9


@pytest.mark.parametrize("numbers", [True, False])
def test_no_pair_is_worth_more_than_its_ceiling(tmp_path: Path, numbers: bool) -> None:
    """Of pairs that share a key, and of any two records at all."""
    generate(children=1_500, seed=8, out=tmp_path, suppliers=FEEDS, numbers=numbers)
    with connect(tmp_path, memory="1GB", threads=1) as connection:
        read_sources(connection, [Source(name=feed, file=tmp_path / f"{feed}.csv") for feed in FEEDS])
        records = load(connection)
        several, alone = np.ones(len(FEEDS), dtype=np.bool_), np.arange(len(records))
        model = load_model().for_population(20_000)
        finder = Finder(model, records, alone, several)
        any_two = np.sort(np.random.default_rng(2).integers(0, len(records), (MANY, 2)), axis=1)
        pairs = np.concatenate([finder.pairs(-np.inf), any_two[any_two[:, 0] != any_two[:, 1]]])
        records.ready(distinct(pairs))
        _, bits, _ = score(model, records, pairs, None)
        ceiling = finder._most_bits(pairs[:, 0], pairs[:, 1])
    assert len(pairs) > MANY
    over = np.flatnonzero(bits > ceiling + ALMOST)
    assert not len(over), (pairs[over[:5]], bits[over[:5]], ceiling[over[:5]])
