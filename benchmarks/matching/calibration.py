"""The calibration curve of a trial as a drawing of its own, and its table: python -m benchmarks.matching.calibration TRIAL.json --out FILE.svg.

TRIAL.json is what `childindex evaluate --json` printed; the drawing is the one `evaluate --html` shows.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from childindex.trial.figures import Bin
from childindex.trial.intervals import Share
from childindex.trial.page import charts
from childindex.trial.page.page import ENVIRONMENT

_STYLES = Path(charts.__file__).parent / "page.css"


def bins_of(trial: dict[str, Any]) -> list[Bin]:
    """The ten groups of pairs by score."""
    return [Bin(**one | {"seen": Share(**one["seen"])}) for one in trial["calibration"]["bins"]]


def drawing(bins: list[Bin]) -> str:
    """The curve as a file of its own, in the styles of the page."""
    drawn = str(ENVIRONMENT.get_template("charts.html").module.lines(charts.calibration(bins)))  # type: ignore[attr-defined]
    styles = "".join(line for line in _STYLES.read_text(encoding="utf-8").splitlines() if line.startswith("."))
    head, title, rest = drawn.strip().partition("<title")
    head = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f'{head}<style>{styles}</style><rect width="100%" height="100%" fill="#fff"/>\n{title}{rest}\n'


def table(bins: list[Bin]) -> list[str]:
    """The figures as lines of Markdown."""
    lines = ["| score | pairs | mean score | were one child (95 % interval) |", "|---|---|---|---|"]
    for one in bins:
        low, share, high = (f"{value or 0.0:.4f}" for value in (one.seen.low, one.seen.share, one.seen.high))
        lines.append(
            f"| {one.low:.1f} to {one.high:.1f} | {one.seen.of:,} | {one.said:.4f} | {share} ({low} to {high}) |"
        )
    return lines


def main() -> None:
    """Draw, and print the table."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("trial", type=Path)
    parse.add_argument("--out", type=Path, required=True)
    given = parse.parse_args()
    trial = json.loads(given.trial.read_text(encoding="utf-8"))
    bins = bins_of(trial)
    given.out.write_text(drawing(bins), encoding="utf-8")
    print("\n".join(table(bins)))
    found = trial["calibration"]
    print(f"expected error {found['expected_error']:.4f}; between 0.01 and 0.99 {found['expected_error_between']:.4f}")


if __name__ == "__main__":
    main()
