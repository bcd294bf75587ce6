"""Makes hard negatives, links them, and counts how many were wrongly joined: the target is none.

    python -m benchmarks.matching.hard_negatives --out FOLDER [--count 100000] [--seed N] [--numbers]

Writes alpha.csv, beta.csv, truth.csv and hard_pairs.csv, `link`'s own files in FOLDER/run, figures.json, misses.csv and misses.md
(every miss explained). Exits 1 where any pair was wrongly joined.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

from benchmarks.matching.hard_negatives.files import write
from benchmarks.matching.hard_negatives.measure import explain_misses, measure
from childindex.matching.bulk.link import link
from childindex.matching.bulk.order import Order
from childindex.matching.bulk.read import Source
from childindex.matching.engine.model import Model, load_model


def run(out: Path, *, count: int, seed: int, numbers: bool, model: Model) -> dict[str, Any]:
    """Write, link, count and explain; the figures, as figures.json holds them."""
    began = time.perf_counter()
    write(out, count=count, seed=seed, numbers=numbers)
    made = time.perf_counter()
    sources = tuple(Source(name=name, file=out / f"{name}.csv") for name in ("alpha", "beta"))
    report = link(Order(sources=sources, out=out / "run", model=model))
    linked = time.perf_counter()
    result = measure(out, out / "run")
    result.misses.write_csv(out / "misses.csv")
    (out / "misses.md").write_text(explain_misses(out, result.misses, model), encoding="utf-8")
    figures = {
        "seed": seed,
        "numbers": numbers,
        "model": model.version,
        **result.as_dict(),
        "seconds": {
            "make": round(made - began, 1),
            "link": round(linked - made, 1),
            "processor": round(time.process_time(), 1),
        },
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "counts": report.counts,
    }
    (out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return figures


def main() -> int:
    """The command."""
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--out", type=Path, required=True)
    parse.add_argument("--count", type=int, default=100_000)
    parse.add_argument("--seed", type=int, default=71)
    parse.add_argument("--numbers", action="store_true", help="with NHS, pupil and property numbers")
    given = parse.parse_args()
    figures = run(given.out, count=given.count, seed=given.seed, numbers=given.numbers, model=load_model())
    print(json.dumps(figures, indent=2))
    return 1 if figures["total"]["wrongly_joined"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
