"""Make the table of how common names are, from the Office for National Statistics' first names and a list of surnames.

python benchmarks/matching/name_rates.py ONS_FIRST_NAMES.csv SURNAMES.txt NAMES.csv
First names: births in England and Wales 2005-2024, Open Government Licence v3.0. Surnames: "name rate" pairs, rough.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from childindex.matching.engine.normalise import name_words

_FEWEST_BIRTHS = 120


def main(first_names: Path, surnames: Path, out: Path) -> None:
    """Write kind,name,per_100000, commonest first; first names with fewer than 120 births are left to the default."""
    births: Counter[str] = Counter()
    with first_names.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            births["".join(name_words(row["name"])).replace("-", "")] += int(row["births"])
    total = births.total()
    words = surnames.read_text(encoding="utf-8").split()
    rates = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    with out.open("w", encoding="utf-8", newline="") as table:
        write = csv.writer(table, lineterminator="\n")
        write.writerow(["kind", "name", "per_100000"])
        for name, count in births.most_common():
            if name and count >= _FEWEST_BIRTHS:
                write.writerow(["given", name, f"{count * 100_000 / total:.3g}"])
        for name, rate in sorted(rates.items(), key=lambda pair: -pair[1]):
            write.writerow(["family", name, f"{rate:g}"])


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:4]))
