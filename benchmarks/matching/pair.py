"""Two suppliers of a million: `childindex link` beside Splink, on the same files, the same cores, one after the other.

    python -m benchmarks.matching.pair FOLDER [--runs N] [--train]

FOLDER holds two files of `childindex synth --children 1000000 --suppliers alpha,beta --overlap 0.85 --no-numbers --errors
light,medium`. Prints each run's seconds and peak memory, their ratios, and what each found. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

PEERS = [sys.executable, "-m", "benchmarks.matching.peers.environment"]
CLI = [sys.executable, "-m", "childindex.project.cli"]


def timed(command: list[str]) -> dict[str, Any]:
    """A command as a process of its own: wall seconds, processor seconds, peak memory in MB, and what it printed as JSON."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        if status:
            raise SystemExit(f"{' '.join(command)} failed")
        output.seek(0)
        said = json.loads(output.read().strip().splitlines()[-1])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "wall": wall,
        "processor": processor,
        "peak_mb": used.ru_maxrss / 1024,
        "load": os.getloadavg()[0],
        "said": said,
    }


def show(name: str, run: dict[str, Any]) -> None:
    """One line of figures."""
    print(
        f"{name:28s} {run['wall']:7.1f} s wall {run['processor']:7.1f} s processor {run['peak_mb']:7.0f} MB (load {run['load']:.1f})",
        flush=True,
    )


def main() -> None:
    """Ours and Splink's inference in turn; training on both sides when asked for; then what was found."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("folder", type=Path)
    parse.add_argument("--runs", type=int, default=1)
    parse.add_argument("--train", action="store_true", help="with training on both sides as well")
    parse.add_argument("--model", type=Path, help="Splink's saved model; trained first when not given")
    given = parse.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="childindex-pair-"))
    files = [str(given.folder / f"{name}.csv") for name in ("alpha", "beta")]
    model = given.model
    if model is None or given.train:
        trained = timed([*PEERS, "splink_pair", str(given.folder), "--out", str(scratch / "trained")])
        show("Splink, training too", trained)
        model = model or scratch / "trained" / "model.json"
    ours, theirs = [], []
    for number in range(given.runs):
        ours.append(timed([*CLI, "link", *files, "--out", str(scratch / f"ours{number}"), "--json"]))
        show("childindex link", ours[-1])
        command = [*PEERS, "splink_pair", str(given.folder), "--out", str(scratch / f"theirs{number}")]
        theirs.append(timed([*command, "--model", str(model)]))
        show("Splink, inference alone", theirs[-1])
    for what in ("wall", "processor", "peak_mb"):
        print(f"{what}: ours / Splink's = {median(a[what] / b[what] for a, b in zip(ours, theirs, strict=True)):.2f}")
    subprocess.run([*CLI, "evaluate", str(scratch / "ours0"), "--truth", str(given.folder / "truth.csv")], check=True)


if __name__ == "__main__":
    main()
