"""One question at a time against a million children: the packed index, PostgreSQL's search keys, pg_trgm and Splink, in one run.

    python -m benchmarks.matching.query FOLDER [--queries 20000] [--model SPLINKS_MODEL] [--without splink,postgres]

FOLDER holds two files of `childindex synth --children 1000000 --suppliers alpha,beta --overlap 0.85 --no-numbers --errors
light,medium`. Every record of alpha.csv is a child of the index; records of beta.csv are the questions: those whose child is
there (closed), and those whose child is not (absent). Prints one JSON object. Times are of one process on one core, warm; a
question's time runs from an identity as a supplier wrote it to candidates with scores, levels, sentences and a decision.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.matching.query_postgres import Postgres
from benchmarks.matching.timing import Figures
from childindex.kernel.identity import Identity
from childindex.matching.engine.decide import Outcome
from childindex.matching.engine.index import pack
from childindex.matching.engine.model import load_model
from childindex.matching.engine.query import Answer, Searcher
from childindex.matching.engine.record import standardise
from childindex.matching.engine.scorer import Candidate, score_pairs
from tests.matching.town import identity_of

PEERS = [sys.executable, "-m", "benchmarks.matching.peers.environment"]
SEED = "20261125"
SHOWN = 5
WARM_UP = 500
PAIRS = 10_000
# The same order as the peers' questions: the first of these are what they are asked.
_QUESTIONS = """
with truth as (select source, record_id, person_id from read_csv('{folder}/truth.csv', all_varchar = true)),
held as (select record_id from read_csv('{folder}/alpha.csv', all_varchar = true)),
alpha as (
    select person_id, any_value(record_id) as partner from truth semi join held using (record_id) where source = 'alpha' group by person_id
)
select coalesce(alpha.partner, '') as partner, asked.* from read_csv('{folder}/beta.csv', all_varchar = true, nullstr = 'no null') asked
join truth on truth.source = 'beta' and truth.record_id = asked.record_id
left join alpha on alpha.person_id = truth.person_id
where (alpha.partner is null) = {absent} order by hash(asked.record_id || '{seed}') limit {many}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and the record of the index that is right ("" where the child is not there)."""

    partner: str
    identity: Identity


def children(file: Path) -> Iterator[Candidate]:
    """Every record of a supply file as a child of its own."""
    with file.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            yield Candidate(key=line["record_id"], records=(standardise(identity_of([line])),))


def questions(folder: Path, many: int, *, absent: bool) -> list[Question]:
    """Records of the second supplier whose child is in the index, or is not."""
    rows = duckdb.sql(_QUESTIONS.format(folder=folder, absent=absent, seed=SEED, many=many))
    names = rows.columns
    found = (dict(zip(names, row, strict=True)) for row in rows.fetchall())
    return [Question(partner=row["partner"], identity=identity_of([row])) for row in found]


def in_memory(searcher: Searcher, asked: list[Question]) -> tuple[dict[str, float], list[Answer]]:
    """Every question of the packed index: figures, and the answers."""
    answers: list[Answer] = []

    def keys_of(question: Question) -> list[str]:
        answers.append(searcher.ask(standardise(question.identity), limit=SHOWN))
        return [str(match.key) for match in answers[-1].matches]

    for question in asked[:WARM_UP]:
        keys_of(question)
    answers.clear()
    figures = Figures()
    for question in asked:
        figures.ask(lambda question=question: keys_of(question), question.partner)  # type: ignore[misc]
    return figures.told(), answers


def would_link(asked: list[Question], answers: list[Answer]) -> dict[str, float]:
    """What would be linked without a person: how much of it is right, and what is told as ambiguous."""
    links = [
        (question.partner, answer.decision.key)
        for question, answer in zip(asked, answers, strict=True)
        if answer.decision.outcome is Outcome.LINK
    ]
    right = sum(partner == key for partner, key in links)
    return {
        "questions": len(asked),
        "absent": sum(not question.partner for question in asked),
        "linked": len(links),
        "precision": round(right / len(links), 6) if links else 1.0,
        "recall": round(right / max(1, sum(bool(question.partner) for question in asked)), 5),
        "wrong": len(links) - right,
        "asked_of_a_person": sum(answer.decision.outcome is Outcome.ASK for answer in answers),
        "ambiguous": sum(answer.decision.ambiguous for answer in answers),
    }


def agreement(searcher: Searcher, folder: Path, asked: list[Question]) -> dict[str, float]:
    """Ten thousand of the same pairs scored at once, as whole files are: the largest difference, and levels that differ."""
    model = load_model().for_population(len(searcher.index))
    queries = [standardise(question.identity) for question in asked]
    near = [searcher.index.found.near(query) for query in queries]
    few = int(np.searchsorted(np.cumsum([len(found) for found in near]), PAIRS)) + 1
    ours = [searcher.weigh(query, found) for query, found in zip(queries[:few], near, strict=False) if len(found)]
    numbers = np.concatenate(near[:few])
    held, places = np.unique(numbers, return_inverse=True)
    names = [searcher.index.children[number] for number in held.tolist()]
    rows = duckdb.sql(f"select * from read_csv('{folder}/alpha.csv', all_varchar = true, nullstr = 'no null')")  # noqa: S608
    rows = rows.filter(f"record_id in {tuple(names)}")
    found = {row[0]: dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()}
    records = [standardise(identity_of([found[name]])) for name in names]
    lines = np.repeat(np.arange(min(few, len(near))), [len(one) for one in near[:few]])
    bulk = score_pairs(model, queries[:few], records, np.stack([lines, places], axis=1))
    levels, _, scores = (np.concatenate(parts) for parts in zip(*ours, strict=True))
    return {
        "pairs": len(numbers),
        "largest_difference_bits": float(np.abs(bulk.scores - scores).max()),
        "pairs_with_unlike_levels": int((bulk.levels != levels).any(axis=1).sum()),
    }


def splink(folder: Path, model: Path | None, many: int) -> dict[str, Any]:
    """Splink's two ways of one question, in its own environment; its model is trained first where none is given."""
    with tempfile.TemporaryDirectory(prefix="childindex-query-") as scratch:
        if model is None:
            command = [*PEERS, "splink_pair", str(folder), "--out", scratch]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            model = Path(scratch) / "model.json"
        told = {}
        for way, asked in (("between", max(many // 5, 5)), ("blocked", many)):
            command = [*PEERS, "splink_query", str(folder), "--model", str(model), "--way", way, "--seed", SEED]
            said = subprocess.run([*command, "--queries", str(asked)], check=True, capture_output=True, text=True)
            told[way] = json.loads(said.stdout.strip().splitlines()[-1])
    return told


def ratios(told: dict[str, Any]) -> dict[str, float]:
    """Ours as a share of each peer's: under 1 is faster."""
    memory, peers = told["memory"]["closed"], told["peers"]
    return {
        f"{ours}_{cut}_of_{name}": round(figures[f"{cut}_ms"] / peer[f"{cut}_ms"], 5)
        for name, peer in peers.items()
        for ours, figures in (("memory", memory), ("search_keys", told.get("postgres", {}).get("search_keys")))
        if figures
        for cut in ("p50", "p99")
    }


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Everything, one after another."""
    told: dict[str, Any] = {"folder": given.folder.name, "load_before": round(os.getloadavg()[0], 1), "peers": {}}
    began, computed = time.perf_counter(), time.process_time()
    index = pack(children(given.folder / "alpha.csv"))
    searcher = Searcher(index, load_model().for_population(len(index)))
    told["index"] = {
        "children": len(index),
        "build_seconds": round(time.perf_counter() - began, 1),
        "build_processor_seconds": round(time.process_time() - computed, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    closed = questions(given.folder, given.queries, absent=False)
    absent = questions(given.folder, given.queries * 15 // 85, absent=True)
    # What was built stays; a collector that walks over it in the midst of a question measures nothing.
    gc.collect()
    gc.freeze()
    figures, answers = in_memory(searcher, closed)
    _, nobody = in_memory(searcher, absent)
    told["memory"] = {
        "closed": figures,
        "open_world": would_link([*closed, *absent], [*answers, *nobody]),
        "candidates": np.percentile(
            [len(searcher.index.found.near(standardise(one.identity))) for one in closed[:2_000]], [50, 99]
        ).tolist(),
    }
    told["agreement"] = agreement(searcher, given.folder, closed)
    if "postgres" not in given.without:
        with Postgres(index) as database:
            told["postgres"] = database.search_keys(searcher, closed[: given.queries // 4])
            told["peers"]["pg_trgm"] = database.trigrams(closed[: given.peers])
    if "splink" not in given.without:
        for way, said in splink(given.folder, given.model, given.peers).items():
            told["peers"][f"splink_{way}"] = said
    return told | {"ratios": ratios(told), "load_after": round(os.getloadavg()[0], 1)}


def main() -> None:
    """Measures and prints."""
    parse = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parse.add_argument("folder", type=Path)
    parse.add_argument("--queries", type=int, default=20_000)
    parse.add_argument("--peers", type=int, default=100, help="questions that each peer is asked")
    parse.add_argument("--model", type=Path, help="Splink's saved model; trained first when not given")
    parse.add_argument("--without", default="", help="what to leave out: splink, postgres")
    print(json.dumps(measure(parse.parse_args()), indent=2))


if __name__ == "__main__":
    main()
