"""How fast the engine is on one core: python -m benchmarks.matching.speed FOLDER (what `childindex synth` wrote)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import standardise
from childindex.matching.engine.scorer import Candidate, score, score_pairs
from tests.matching.town import Index, read_feed


def _timed(name: str, many: int, work: Callable[[], object]) -> None:
    began = time.process_time()
    work()
    spent = time.process_time() - began
    print(f"{name}: {spent / many * 1e6:.1f} microseconds each, {many / spent:,.0f} a second")


def main(folder: Path) -> None:
    """Time making comparable, keys, pairs of a batch against its candidates, and one search."""
    model = load_model()
    held, rows = read_feed(folder / "births.csv"), read_feed(folder / "gp_list.csv")
    _timed("standardise", len(rows), lambda: [standardise(row.identity) for row in rows])
    _timed("standardise again", len(rows), lambda: [standardise(row.identity) for row in rows])
    records = [row.record for row in rows]
    _timed("search keys", len(rows), lambda: [search_keys(record) for record in records])
    print("keys a record:", np.mean([len(search_keys(record)) for record in records]))
    index = Index()
    for row in held:
        index.add(None, row)
    shared = sorted((len(children) for children in index.found_by.values()), reverse=True)
    near = [sorted(index.near(record)) for record in records]
    pairs = np.array([(place, child) for place, found in enumerate(near) for child in found])
    others = [row.record for row in held]
    print("largest blocks:", shared[:5], "candidates a row:", len(pairs) / len(records))
    _timed("score_pairs", len(pairs), lambda: score_pairs(model, records, others, pairs))
    some = [Candidate(key=child, records=tuple(others[child + more] for more in range(4))) for child in range(60)]
    _timed(
        "one search, 60 candidates of 4 records", 200, lambda: [score(model, record, some) for record in records[:200]]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
