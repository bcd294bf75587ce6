"""A model from nothing: python -m benchmarks.matching.weights --out FILE [--keep FOLDER].

Makes up children with fixed seeds (a town of seven suppliers with numbers; two suppliers without), trains m and u on their files without the
truth, keeps each level within the limits of base.toml, sets `link` and `ask` by its rule on a pair of a million that training has not seen,
and writes a model. The same bytes every time. Some minutes and 3 GB. It becomes the shipped one only where `evaluate` shows that it links no worse.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.matching.weights.making import make


def main() -> None:
    """Make the files, train, limit, set thresholds, write."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--out", type=Path, required=True, help="the model file to write")
    parse.add_argument(
        "--keep", type=Path, help="a folder that keeps the made-up files, and gives them to the next run"
    )
    given = parse.parse_args()
    with TemporaryDirectory() as folder:
        text = make(given.keep or Path(folder), say=lambda line: print(line, file=sys.stderr, flush=True))
    given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
