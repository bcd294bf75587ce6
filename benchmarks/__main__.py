"""Every measurement of the documents, one after another: `make bench`. Nothing here passes or fails; it prints figures.

Makes a town of 20,000 children, links and searches it in memory, asks two suppliers' records one at a time, then starts the demo
and measures the whole line: what was linked against the truth, and 1,000 dirty searches through HTTP. Takes about six minutes on two
quiet cores.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

CHILDREN = "20000"
PORT = "8031"
CLI = [sys.executable, "-m", "childindex.project.cli"]


def run(*command: str, env: Mapping[str, str] | None = None) -> None:
    """One measurement, with its command, which anybody can give again."""
    print(f"\n$ {' '.join(command)}", flush=True)
    subprocess.run([sys.executable, "-m", *command], check=True, env={**os.environ, **(env or {})})


def measure_matching(town: Path) -> None:
    """The engine alone: no database."""
    run("childindex.project.cli", "synth", "--children", CHILDREN, "--seed", "31", "--out", str(town))
    for name in ("link_town", "search_town", "speed"):
        run(f"benchmarks.matching.{name}", str(town))


def measure_query(pair: Path) -> None:
    """One question at a time: the index in memory, PostgreSQL's search keys and pg_trgm. Splink needs an environment of its own."""
    synth = ("childindex.project.cli", "synth", "--children", CHILDREN, "--seed", "31", "--out", str(pair))
    run(*synth, "--suppliers", "alpha,beta", "--overlap", "0.85", "--no-numbers", "--errors", "light,medium")
    run("benchmarks.matching.query", str(pair), "--queries", "2000", "--without", "splink")


def measure_line(data: Path) -> None:
    """The whole line, in a demo of its own."""
    command = [*CLI, "demo", "--json", "--children", CHILDREN, "--port", PORT, "--data", str(data)]
    print(f"\n$ {' '.join(command[1:])}", flush=True)
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if demo.stdout is None or not json.loads(demo.stdout.readline())["url"]:
            raise SystemExit("the demo did not start")
        environment = {"CHILDINDEX_DEMO": "1", "CHILDINDEX_VAR": str(data)}
        links = str(data / "links.csv")
        run("childindex.project.cli", "links", "--out", links, env=environment)
        run("benchmarks.line.measure_links", str(data / "demo-own"), links, env=environment)
        run("benchmarks.line.search", "--data", str(data), "--port", PORT)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()
        subprocess.run([*CLI, "demo", "--reset", "--data", str(data)], check=True)


def main() -> None:
    """Everything, in scratch folders."""
    with tempfile.TemporaryDirectory(prefix="childindex-bench-") as scratch:
        measure_matching(Path(scratch) / "town")
        measure_query(Path(scratch) / "pair")
        measure_line(Path(scratch) / "demo")


if __name__ == "__main__":
    main()
