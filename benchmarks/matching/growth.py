"""How time and memory grow with the number of records: python -m benchmarks.matching.growth FOLDER [--sizes ...] [--svg FILE].

For each size two suppliers of so many children each are made (if FOLDER has them not yet) and linked, each in a process of its own. Prints
a line each, the slopes, and what they say for twelve million children in five national files (45 million rows); draws both.
Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from math import log10
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.matching.runs import CLI, show, timed
from childindex.kernel.scales import Scale

SIZES: Final = (250_000, 500_000, 1_000_000, 2_000_000, 4_000_000)
ROWS_OF_ENGLAND: Final = 45_000_000
MADE: Final = "--suppliers alpha,beta --overlap 0.85 --no-numbers --errors light,medium --seed 61".split()
# As in England: else a town grows denser, not a country larger, and ever more children share a postcode.
CHILDREN_OF_AN_AUTHORITY: Final = 80_000
_HALO: Final = 'paint-order="stroke" stroke="#fff" stroke-width="4"'
_WIDE, _HIGH, _LEFT, _TOP, _RIGHT, _BOTTOM = 640, 360, 70, 30, 610, 310


def measured(folder: Path, size: int) -> dict[str, Any]:
    """One size, made if need be, and linked."""
    files = folder / f"g{size}"
    if not (files / "truth.csv").exists():
        authorities = str(max(2, size // CHILDREN_OF_AN_AUTHORITY))
        made = [*CLI, "synth", "--children", str(size), *MADE, "--authorities", authorities, "--out", str(files)]
        subprocess.run(made, check=True)
    out = Path(tempfile.mkdtemp(prefix="childindex-growth-"))
    command = [*CLI, "link", str(files / "alpha.csv"), str(files / "beta.csv"), "--out", str(out), "--json"]
    run = timed(command)
    show(f"2 x {size:,}", run)
    shutil.rmtree(out)
    return {"rows": run["said"]["counts"]["records"], **run}


def slope(runs: list[dict[str, Any]], what: str) -> tuple[float, float]:
    """Of a line through the logarithms: its slope, and where it stands at England's rows. 1 is in step with the rows."""
    rows, values = (np.log10([run[name] for run in runs]) for name in ("rows", what))
    power, start = np.polyfit(rows, values, 1)
    return float(power), float(10 ** (start + power * log10(ROWS_OF_ENGLAND)))


def drawn(runs: list[dict[str, Any]]) -> str:
    """Seconds and megabytes against rows, both axes logarithmic, as SVG."""
    series = (("wall", "seconds", "#1d70b8"), ("peak_mb", "MB", "#d4351c"))
    sizes, values = ([log10(run[name]) for run in runs for name in names] for names in (("rows",), ("wall", "peak_mb")))
    least, most = int(min(values)), int(max(values)) + 1
    across = Scale(low=min(sizes), high=max(sizes), start=_LEFT, end=_RIGHT)
    up = Scale(low=least, high=most, start=_BOTTOM, end=_TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" role="img" font-family="sans-serif" font-size="13">',
        "<title>Time and memory of childindex link against rows</title>",
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#fff"/>',
    ]
    for power in range(least, most + 1):
        y = up.at(power)
        parts.append(f'<path d="M{_LEFT} {y}H{_RIGHT}" stroke="#b1b4b6"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{10**power:,}</text>')
    for run in runs:
        x = across.at(log10(run["rows"]))
        parts.append(f'<text x="{x}" y="{_BOTTOM + 20}" text-anchor="middle">{run["rows"] / 1e6:g} M</text>')
    parts.append(f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 42}" text-anchor="middle">rows, two files</text>')
    for name, unit, colour in series:
        places = [(across.at(log10(run["rows"])), up.at(log10(run[name]))) for run in runs]
        line = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in places]
        x, y = places[-1]
        label = f"{runs[-1][name]:,.0f} {unit}"
        parts.append(f'<text x="{x - 8}" y="{y - 10}" text-anchor="end" fill="{colour}" {_HALO}>{label}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Each size in turn, the slopes, and the drawing."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("folder", type=Path)
    parse.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parse.add_argument("--svg", type=Path)
    given = parse.parse_args()
    runs = [measured(given.folder, size) for size in given.sizes]
    for what in ("wall", "processor", "peak_mb"):
        power, england = slope(runs, what)
        print(f"{what}: grows with the rows to the power of {power:.2f}; 45 million rows: {england:,.0f}")
    print(json.dumps([{key: value for key, value in run.items() if key != "said"} for run in runs]))
    if given.svg:
        given.svg.write_text(drawn(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
