"""Two suppliers of a million: `childindex link` beside Splink, on the same files, the same cores, one after the other.

    python -m benchmarks.matching.pair FOLDER [--runs N] [--train]

FOLDER holds two files of `childindex synth --children 1000000 --suppliers alpha,beta --overlap 0.85 --no-numbers --errors
light,medium`. Each is run with a trained model; with --train, each trains on these files as well. Prints every run's seconds and
peak memory, their ratios, and what was found. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.matching.runs import CLI, PEERS, show, timed


def ratios(what: str, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    """One line: ours by Splink's."""
    told = [
        f"{figure} {median(a[figure] / b[figure] for a, b in zip(ours, theirs, strict=True)):.2f}"
        for figure in ("wall", "processor", "peak_mb")
    ]
    print(f"{what}, ours / Splink's: {', '.join(told)}", flush=True)


def main() -> None:
    """Ours and Splink's in turn, with training on both sides when asked for, then inference alone; then what was found."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("folder", type=Path)
    parse.add_argument("--runs", type=int, default=1)
    parse.add_argument("--train", action="store_true", help="with training on both sides as well")
    parse.add_argument("--model", type=Path, help="Splink's saved model; trained first when not given")
    given = parse.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="childindex-pair-"))
    link = [*CLI, "link", *(str(given.folder / f"{name}.csv") for name in ("alpha", "beta")), "--json"]
    splink = [*PEERS, "splink_pair", str(given.folder), "--out"]
    model = given.model
    if model is None or given.train:
        theirs = timed([*splink, str(scratch / "trained")])
        show("Splink, training too", theirs)
        model = model or scratch / "trained" / "model.json"
        if given.train:
            ours = timed([*link, "--train", "--out", str(scratch / "ours-trained")])
            show("childindex link --train", ours)
            ratios("training on both sides", [ours], [theirs])
    ours_alone, theirs_alone = [], []
    for number in range(given.runs):
        ours_alone.append(timed([*link, "--out", str(scratch / f"ours{number}")]))
        show("childindex link", ours_alone[-1])
        theirs_alone.append(timed([*splink, str(scratch / f"theirs{number}"), "--model", str(model)]))
        show("Splink, inference alone", theirs_alone[-1])
    ratios("inference alone", ours_alone, theirs_alone)
    for folder in sorted(scratch.glob("ours*")):
        print(f"\n{folder.name}", flush=True)
        subprocess.run([*CLI, "evaluate", str(folder), "--truth", str(given.folder / "truth.csv")], check=True)


if __name__ == "__main__":
    main()
