"""What our engine says of the golden pairs, written anew: python -m benchmarks.matching.golden.

After a change of the model. Levels, bits and sentences that changed are then seen in the diff. Splink's column is left, and stale until
`python -m benchmarks.matching.peers.environment golden --write` has been run.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from childindex.matching.engine.levels import FIELDS, LEVELS
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.scorer import holding, score_pairs
from childindex.matching.engine.sentences import levels_in_words
from tests.matching.golden import Pair, read, write


def said(model: Model, pair: Pair) -> Pair:
    """The pair with what the engine says of it."""
    scored = score_pairs(model, [pair.left], [pair.right], np.array([[0, 0]]))
    levels = [LEVELS[number] for number in scored.levels[0].tolist()]
    patterns = sum(pattern.bits for pattern in model.patterns if holding(scored.levels, pattern.when).all())
    total, weights = float(scored.scores[0]), scored.weights[0].tolist()
    bits = dict(zip(map(str, FIELDS), weights, strict=True))
    beside = {"patterns": patterns, "household": total - model.prior - patterns - sum(weights), "total": total}
    return replace(
        pair,
        levels={str(of): str(level) for of, level in zip(FIELDS, levels, strict=True)},
        bits=bits | beside,
        sentence=levels_in_words(levels),
    )


def main() -> None:
    """Read, say, write."""
    model, pairs = load_model(), read()
    now = [said(model, pair) for pair in pairs]
    write(now)
    changed = sum(
        one.levels != other.levels or one.sentence != other.sentence for one, other in zip(pairs, now, strict=True)
    )
    print(f"{len(now)} pairs, {changed} with another level or sentence")


if __name__ == "__main__":
    main()
