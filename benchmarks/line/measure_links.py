"""How well the index linked a made-up town: pairwise precision and recall against the truth, clerical share, forbidden pairs.

    CHILDINDEX_DEMO=1 python benchmarks/line/measure_links.py TOWN_FOLDER LINKS.csv

TOWN_FOLDER is what `childindex synth` wrote and every feed of which was delivered; LINKS.csv what `childindex links` wrote.
A pair is two records of one child. Records that a shield holds are left out of recall and counted; records that wait for a
person count as missed, and as clerical. Entered as the worker, to ask the guard and the worklist which records those are.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from childindex.project.database import Process
from childindex.project.processes import become

Record = tuple[str, str]


def read(path: Path) -> list[dict[str, str]]:
    """A CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pairs(groups: Iterable[int]) -> int:
    """How many pairs there are within groups of these sizes."""
    return sum(size * (size - 1) // 2 for size in groups)


def known_elsewhere(records: Collection[Record]) -> tuple[set[Record], set[Record]]:
    """Of these records, those the guard has and those that wait for a person."""
    become(Process.WORKER)
    from childindex.matching import selectors as matching  # noqa: PLC0415 - needs Django set up
    from childindex.shielding import selectors as guard  # noqa: PLC0415 - needs Django set up

    by_feed: dict[str, list[str]] = defaultdict(list)
    for feed, record_id in records:
        by_feed[feed].append(record_id)
    guarded = {(feed, one) for feed, ids in by_feed.items() for one in guard.known(feed, ids)}
    waiting = {(feed, one) for feed, ids in by_feed.items() for one in matching.held_for_review(feed, ids)}
    return guarded, waiting


def measure(town: Path, links_file: Path) -> dict[str, object]:
    """Every figure by name."""
    truth = {(row["source"], row["record_id"]): row["person_id"] for row in read(town / "truth.csv")}
    links = {(row["source"], row["record_id"]): row["child"] for row in read(links_file)}
    guarded, waiting = known_elsewhere(truth.keys() - links.keys())
    rejected = truth.keys() - links.keys() - guarded - waiting
    # A rejected row never reached the matcher; it is counted apart and is no pair that could have been found.
    reachable = truth.keys() - guarded - rejected
    true_pairs = pairs(Counter(truth[record] for record in reachable).values())
    made = pairs(Counter(links.values()).values())
    right = pairs(Counter((links[record], truth[record]) for record in links).values())
    forbidden = [
        row
        for row in read(town / "forbidden_pairs.csv")
        if links.get((row["source_a"], row["record_id_a"]), "a")
        == links.get((row["source_b"], row["record_id_b"]), "b")
    ]
    mixed = Counter(child for child, _ in {(links[record], truth[record]) for record in links})
    split = Counter(person for _, person in {(links[record], truth[record]) for record in links})
    return {
        "records": len(truth),
        "linked_records": len(links),
        "children": len(set(links.values())),
        "pairs_made": made,
        "pairs_wrong": made - right,
        "precision": round(right / made, 6) if made else None,
        "recall": round(right / true_pairs, 6) if true_pairs else None,
        "clerical_share": round(len(waiting) / len(reachable), 6),
        "waiting_for_a_person": len(waiting),
        "held_because_of_a_shield": len(guarded),
        "rejected_records": len(rejected),
        "forbidden_pairs": len(read(town / "forbidden_pairs.csv")),
        "forbidden_pairs_linked": len(forbidden),
        "mixed_children": sum(1 for many in mixed.values() if many > 1),
        "split_persons": sum(1 for many in split.values() if many > 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2])), indent=2))
