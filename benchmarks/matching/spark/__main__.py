"""The same clusters on Spark as on DuckDB: python -m benchmarks.matching.spark TOWN_FOLDER.

TOWN_FOLDER is of `childindex synth --children 20000 --seed 31`. Makes `var/spark`, starts a standalone master and two workers on the loopback
address, runs `childindex link` with each engine on the town's suppliers, compares, stops them, and prints one JSON object: wall and
processor seconds, clusters, records whose cluster or score differs. Exits 1 unless every record has the same cluster and score, and both
workers have worked.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.matching.runs import timed
from benchmarks.matching.spark.cluster import WORKERS, cluster
from benchmarks.matching.spark.environment import make

Record = tuple[str, str]


def links(file: Path) -> tuple[dict[Record, frozenset[Record]], dict[Record, str]]:
    """Of each record of a links.csv all records of its child, and its score as it is written."""
    children: defaultdict[str, set[Record]] = defaultdict(set)
    scores: dict[Record, str] = {}
    with file.open(encoding="utf-8", newline="") as table:
        for line in csv.DictReader(table):
            record = line["source"], line["record_id"]
            children[line["child"]].add(record)
            scores[record] = line["score"]
    clusters = [frozenset(records) for records in children.values()]
    return {record: records for records in clusters for record in records}, scores


def compared(one: Path, other: Path) -> dict[str, Any]:
    """How two links.csv differ."""
    (children, scores), (others, other_scores) = links(one), links(other)
    return {
        "records": len(children),
        "clusters": {"duckdb": len(set(children.values())), "spark": len(set(others.values()))},
        "records_in_another_cluster": sum(others.get(record) != mine for record, mine in children.items())
        + len(others.keys() - children.keys()),
        "records_with_another_score": sum(other_scores.get(record) != score for record, score in scores.items()),
        "links_csv_is_the_same_file": one.read_bytes() == other.read_bytes(),
        "review_csv_is_the_same_file": (one.parent / "review.csv").read_bytes()
        == (other.parent / "review.csv").read_bytes(),
    }


def run(town: Path, scratch: Path) -> dict[str, Any]:
    """Link with both engines, and compare."""
    python = make()
    feeds = tomllib.loads((town / "feeds.toml").read_text(encoding="utf-8"))
    files = [str(town / f"{feed}.csv") for feed in sorted(feeds)]
    link = [str(python), "-m", "childindex.project.cli", "link", *files, "--json"]
    duckdb = timed([*link, "--out", str(scratch / "duckdb")])
    began, before = time.perf_counter(), _processor()
    with cluster(python, scratch) as spark:
        started = time.perf_counter() - began
        os.environ.update(spark.environment)  # the command below takes it from here
        on_spark = timed([*link, "--engine", "spark", "--spark-master", spark.master, "--out", str(scratch / "spark")])
        busy = spark.busy_workers()
    return {
        **compared(scratch / "duckdb" / "links.csv", scratch / "spark" / "links.csv"),
        "workers_that_worked": busy,
        "seconds_to_start_spark": round(started, 1),
        "processor_of_master_workers_and_driver": round(_processor() - before, 1),
        "duckdb": duckdb,
        "spark": on_spark,
    }


def _processor() -> float:
    """Processor seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="childindex-spark-") as scratch:
        found = run(Path(sys.argv[1]), Path(scratch))
    print(json.dumps(found, indent=2))
    same = not found["records_in_another_cluster"] and not found["records_with_another_score"]
    sys.exit(0 if same and found["workers_that_worked"] == WORKERS else 1)


if __name__ == "__main__":
    main()
