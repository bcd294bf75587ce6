"""Small supply files and the records that bulk linking makes of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from childindex.matching.bulk.read import Source, connect, read_sources
from childindex.matching.bulk.records import Records, load

Line = Mapping[str, str]
AMY: Line = {
    "family_name": "Hargreave", "given_name": "Amy", "birth_date": "2014-03-09", "sex": "female", "nhs_number": "9990000018",
    "address": "14 Mill Road, Saltwick", "postcode": "ZB1 2CD",
}  # fmt: skip


def supply_file(path: Path, lines: Sequence[Line]) -> Path:
    """Write a supply file; a line without a record_id gets its place as one."""
    rows = [{"record_id": str(place), **line} for place, line in enumerate(lines)]
    columns = dict.fromkeys(["record_id", "family_name", "birth_date", *(column for row in rows for column in row)])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@contextmanager
def loaded(folder: Path, *feeds: Sequence[Line]) -> Iterator[Records]:
    """The records of several suppliers' lines, in the order of the feeds."""
    sources = [
        Source(name=f"feed{number}", file=supply_file(folder / f"feed{number}.csv", lines))
        for number, lines in enumerate(feeds)
    ]
    with connect(folder, memory="1GB", threads=1) as connection:
        read_sources(connection, sources)
        yield load(connection)
