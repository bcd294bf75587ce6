"""Small supply files for tests."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from childindex.kernel.identity import SourceRecord
from childindex.supply.formats.mapping import Mapping
from childindex.supply.formats.problems import Rejection
from childindex.supply.formats.records import SupplyFile
from childindex.supply.formats.rules import Rules, Service

AS_AT = date(2026, 6, 1)
RULES = Rules(
    feed="town_schools",
    as_at=AS_AT,
    services={
        "school": Service(kind="school", sensitive=False),
        "gp": Service(kind="gp", sensitive=False),
        "sexual_health": Service(kind="school", sensitive=True),
    },
    kinds=frozenset({"school"}),
    organisation="urn:900001",
)
CHILD = {"record_id": "A1", "family_name": "Okafor", "birth_date": "2015-03-04"}
SCHOOL = {"service_type": "school", "organisation_id": "urn:900002", "involvement_id": "I1"}
CONSENT = {"consent_basis": "child", "consent_by": "Nurse Adams", "consent_on": "2026-01-02"}


def write(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """A CSV file with a header of every column that some row has."""
    lines = list(rows)
    names = list(dict.fromkeys(name for row in lines for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return path


def read(path: Path, *, rules: Rules = RULES, mapping: Mapping | None = None) -> list[SourceRecord | Rejection]:
    """Everything a file gives."""
    supply = SupplyFile(path, rules=rules, mapping=mapping)
    return list(supply.records(supply.look()))


def one(folder: Path, /, **columns: str) -> SourceRecord | Rejection:
    """What a file of one row gives: a good child with these columns changed or added."""
    (found,) = read(write(folder / "one.csv", [{**CHILD, **columns}]))
    return found


def record(folder: Path, /, **columns: str) -> SourceRecord:
    """The same, where the row must be good."""
    found = one(folder, **columns)
    assert isinstance(found, SourceRecord), found
    return found


def rejection(folder: Path, /, **columns: str) -> tuple[str, str]:
    """The column and code, where the row must be rejected."""
    found = one(folder, **columns)
    assert isinstance(found, Rejection), found
    assert found.row == 2
    assert found.sentence.endswith(".")
    return found.column, found.code
