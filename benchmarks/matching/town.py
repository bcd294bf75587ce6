"""Many suppliers: `childindex link` beside Splink's best clustering of the same files in the same run.

    python -m benchmarks.matching.town FOLDER [--alone]

FOLDER is what `childindex synth` wrote. Prints children mixed and split, the clerical share and recall by group of ours, and Splink's figures by
the same measure (single best links, connected components). --alone leaves Splink out. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.matching.runs import CLI, PEERS, show, timed


def told(figures: dict[str, Any]) -> dict[str, Any]:
    """What is asked of many suppliers, out of all that `evaluate` counts."""
    cross, clusters, review = figures["pairs"]["cross"], figures["clusters"]["before"], figures["review"]
    return {
        "precision": cross["precision"]["share"],
        "recall": cross["recall"]["share"],
        "mixed_per_100_000": clusters["mixed_per_100_000"],
        "split_percent": clusters["split_percent"],
        "records_with_a_question_percent": review["records_percent"],
        "largest_gap": figures["groups"]["largest_gap"],
        "forbidden": figures["forbidden"],
    }


def main() -> None:
    """Ours, evaluated; then Splink, measured by the same tool as ours."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("folder", type=Path)
    parse.add_argument("--alone", action="store_true", help="without Splink")
    given = parse.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="childindex-town-"))
    feeds = tomllib.loads((given.folder / "feeds.toml").read_text(encoding="utf-8"))
    files = [given.folder / f"{name}.csv" for name in feeds if (given.folder / f"{name}.csv").exists()]
    ours = timed([*CLI, "link", *map(str, files), "--out", str(scratch / "ours"), "--json"])
    show("childindex link", ours)
    print(json.dumps(ours["said"]), flush=True)
    dated = [option for file in files for option in ("--files", str(file))]
    evaluate = [*CLI, "evaluate", str(scratch / "ours"), "--truth", str(given.folder / "truth.csv"), *dated, "--json"]
    print(json.dumps(told(timed(evaluate)["said"]), indent=1), flush=True)
    measured = [scratch / "ours" / "links.csv"]
    if not given.alone:
        theirs = timed([*PEERS, "splink_clusters", str(given.folder), "--out", str(scratch / "theirs")])
        show("Splink, training too", theirs)
        print(json.dumps(theirs["said"]), flush=True)
        measured += [scratch / "theirs" / f"links_{way}.csv" for way in ("best", "components")]
    command = [*PEERS, "measure_clusters", str(given.folder / "truth.csv"), *map(str, measured)]
    subprocess.run(command, check=True, stdout=sys.stdout)


if __name__ == "__main__":
    main()
