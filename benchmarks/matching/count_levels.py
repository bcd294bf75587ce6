"""Count how often each level is seen in pairs of one child and of two: python -m benchmarks.matching.count_levels FOLDER.

The figures of `model.toml` were rounded from this, on made-up towns, and then tempered by hand (docs/matching/README.md). "random" pairs are of any two
children; "family" pairs are of two children with the same postcode: what brothers, sisters and twins look like.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np

from childindex.matching.engine.levels import FIELDS, LEVELS
from childindex.matching.engine.model import load_model
from childindex.matching.engine.scorer import score_pairs
from tests.matching.town import Row, read_feed, read_truth

_RANDOM_PAIRS = 2_000_000


def _groups(rows: list[Row], key: dict[int, str]) -> list[tuple[int, int]]:
    """All pairs of places with the same key."""
    by: dict[str, list[int]] = defaultdict(list)
    for place in range(len(rows)):
        if key[place]:
            by[key[place]].append(place)
    return [pair for places in by.values() for pair in combinations(places, 2)]


def main(folder: Path) -> None:
    """Print the share of each level among pairs where both values are given."""
    truth = read_truth(folder / "truth.csv")
    rows = [row for path in sorted(folder.glob("*.csv")) for row in _records(path, truth)]
    person = {place: truth[row.feed, row.record_id] for place, row in enumerate(rows)}
    same = _groups(rows, person)
    near = _groups(rows, {place: row.record.postcode for place, row in enumerate(rows)})
    draw = np.random.default_rng(1).integers(0, len(rows), (_RANDOM_PAIRS, 2))
    kinds = {
        "same": np.array(same),
        "random": np.array([pair for pair in draw.tolist() if person[pair[0]] != person[pair[1]]]),
        "family": np.array([pair for pair in near if person[pair[0]] != person[pair[1]]]),
    }
    records = [row.record for row in rows]
    levels = {kind: score_pairs(load_model(), records, records, pairs).levels for kind, pairs in kinds.items()}
    for column, of in enumerate(FIELDS):
        print(of)
        for number, level in enumerate(LEVELS[1:], 1):
            shares = {
                kind: (seen[:, column] == number).sum() / max(1, (seen[:, column] > 0).sum())
                for kind, seen in levels.items()
            }
            if any(shares.values()):
                bits = load_model().weights[column, number]
                odds = np.log2(max(shares["same"], 1e-7) / max(shares["random"], 1e-7))
                print(
                    f"  {level:18}",
                    *(f"{kind} {share:.6f}" for kind, share in shares.items()),
                    f"fitted {odds:6.1f} model {bits:6.1f}",
                )


def _records(path: Path, truth: dict[tuple[str, str], str]) -> list[Row]:
    """The records of a supply file; none of a file that is not one."""
    with path.open(encoding="utf-8") as file:
        if not file.readline().startswith("record_id,"):
            return []
    return [row for row in read_feed(path) if (row.feed, row.record_id) in truth]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
