"""Search a made-up town and say how often the right child is shown: python -m benchmarks.matching.search_town FOLDER.

Each search is made from one record of a child, which has its supplier's own errors, against an index of the child's other records.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from childindex.matching.engine.model import load_model
from tests.matching.searches import DIRT, FORMS, NOT_ASKED, dirty, place_of
from tests.matching.town import Index, Row, read_feed, read_truth

_SEARCHES = 300


def main(folder: Path) -> None:
    """Search in every form with every kind of dirt."""
    model, chance = load_model(), random.Random(1)  # noqa: S311 - the same searches every time
    truth = read_truth(folder / "truth.csv")
    index, child_of = Index(), dict[str, int]()
    kept: dict[str, Row] = {}
    for feed in ("births", "gp_list", "school_census", "social_care"):
        for row in read_feed(folder / f"{feed}.csv"):
            person = truth[row.feed, row.record_id]
            if person in child_of and person not in kept and chance.random() < 0.3:
                kept[person] = row
            else:
                child_of[person] = index.add(child_of.get(person), row)
    askable = [
        (person, row)
        for person, row in kept.items()
        if row.identity.given_name and row.identity.postcode and row.record.day
    ]
    total = shown = 0
    for form in FORMS:
        for dirt in DIRT:
            if (form, dirt) in NOT_ASKED:
                continue
            some = chance.sample(askable, _SEARCHES)
            began = time.process_time()
            places = [
                place_of(model, index, dirty(chance, row.identity, form, dirt), child_of[person])
                for person, row in some
            ]
            spent = (time.process_time() - began) / _SEARCHES * 1e3
            found, first = sum(map(bool, places)), places.count(1)
            total, shown = total + _SEARCHES, shown + found
            print(f"{form:24} {dirt:18} shown {found / _SEARCHES:.3f} first {first / _SEARCHES:.3f} {spent:.2f} ms")
    print(f"all: shown {shown / total:.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
