"""Link a made-up town in memory and say how well: python -m benchmarks.matching.link_town FOLDER [--errors].

FOLDER is what `childindex synth` wrote.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from pathlib import Path

from childindex.matching.engine.decide import Outcome
from childindex.matching.engine.model import load_model
from tests.matching.town import Linked, Row, Source, link, measure, mixed_records, read_feed, read_truth

_FEEDS = ("births", "gp_list", "school_census", "health_visiting", "social_care", "youth_justice", "sexual_health")


def _forbidden(folder: Path, linked: Linked) -> int:
    with (folder / "forbidden_pairs.csv").open(encoding="utf-8", newline="") as table:
        return sum(
            linked.child_of[line["source_a"], line["record_id_a"]]
            == linked.child_of[line["source_b"], line["record_id_b"]]
            for line in csv.DictReader(table)
        )


def _lost(linked: Linked, rows: dict[Source, Row], truth: dict[Source, str]) -> Counter[str]:
    """Of records whose person was known already and that were not linked: was it found at all, was a person asked."""
    person_of_child: dict[int, Counter[str]] = {}
    seen: set[str] = set()
    why: Counter[str] = Counter()
    for source in rows:
        decision, person = linked.decisions[source], truth[source]
        known = person in seen
        why[f"{decision.outcome} {'known' if known else 'unknown'}"] += 1
        if decision.outcome is Outcome.ASK:
            right = any(person in person_of_child.get(int(str(child)), ()) for child in decision.asks)
            why["ask right" if right else "ask wrong"] += 1
        seen.add(person)
        person_of_child.setdefault(linked.child_of[source], Counter())[person] += 1
    return why


def main() -> None:
    """Link, measure, print."""
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=Path)
    parse.add_argument("--errors", action="store_true")
    given = parse.parse_args()
    model = load_model()
    truth = read_truth(given.folder / "truth.csv")
    began = time.perf_counter()
    feeds = [read_feed(given.folder / f"{feed}.csv") for feed in _FEEDS]
    read = time.perf_counter()
    linked = link(model, feeds)
    done = time.perf_counter()
    rows = {(row.feed, row.record_id): row for feed in feeds for row in feed}
    print(
        f"read {len(rows)} in {read - began:.1f} s, linked in {done - read:.1f} s ({len(rows) / (done - read):.0f} rows/s)"
    )
    print(measure(linked, truth), "forbidden", _forbidden(given.folder, linked), "children", len(linked.index.records))
    print(dict(_lost(linked, rows, truth)))
    if given.errors:
        for one, other in mixed_records(linked, truth)[:40]:
            print("MIXED", truth[one], truth[other], rows[one].identity, rows[other].identity, sep="\n   ")


if __name__ == "__main__":
    main()
