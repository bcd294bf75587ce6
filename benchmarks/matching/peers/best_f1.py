"""The best F1 that scored pairs allow, the same for every linker: pairs are record ids, and who is who comes from the truth."""

from __future__ import annotations

from collections.abc import Mapping

# Pairs (record ids) with a score.
Scored = dict[tuple[str, str], float]


def best_f1(scored: Scored, person: Mapping[str, str], true_pairs: int) -> dict[str, float]:
    """The best F1 over thresholds, with its precision, recall and threshold; pairs of equal score stand or fall together."""
    ranked = sorted(((score, person[a] == person[b]) for (a, b), score in scored.items()), reverse=True)
    best = {"f1": 0.0}
    right = 0
    for place, (score, same) in enumerate(ranked, start=1):
        right += same
        if place < len(ranked) and ranked[place][0] == score:
            continue
        f1 = 2 * right / (place + true_pairs)
        if f1 > best["f1"]:
            best = {"f1": f1, "precision": right / place, "recall": right / true_pairs, "threshold": float(score)}
    return best


def rounded(best: Mapping[str, float]) -> dict[str, float]:
    """The same, to be read."""
    return {name: round(value, 5) for name, value in best.items()}


def mutual_best(scored: Scored) -> Scored:
    """Pairs that are the best of both their records; for two files in which nobody stands twice."""
    top: dict[str, float] = {}
    for pair, score in scored.items():
        for record in pair:
            top[record] = max(score, top.get(record, score))
    return {(a, b): score for (a, b), score in scored.items() if score == top[a] == top[b]}
