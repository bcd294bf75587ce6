"""`childindex match --queries FILE --out FILE`: a file of queries against a demo index."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from time import perf_counter

from childindex.access.sign_in import operator
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity, Sex
from childindex.supply.formats.columns import IDENTITY
from childindex.supply.formats.problems import Wrong
from childindex.supply.formats.values import READERS
from childindex.supply.types import QueriesMatched, Query
from childindex.supply.usecases.match_queries import match_queries

COLUMNS = ("query_id", "rank", "index_number", "score", "records", "ms")


class QueriesUnreadable(ValueError):
    """The file of queries cannot be read; the text says why."""


def run(queries: Path, out: Path, *, at: datetime) -> QueriesMatched:
    """Answer every query of a file as the operator and write the answers. Raises QueriesUnreadable."""
    done = match_queries(actor=operator(at=at), queries=list(read(queries)), clock=perf_counter, at=at)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(
            (one.query_id, one.rank, one.index_number, f"{one.score:.6f}", " ".join(one.records), f"{one.ms:.3f}")
            for one in done.matches
        )
    return done


def read(file: Path) -> Iterator[Query]:
    """The queries of a CSV file; a value that cannot be read is left out, as a person searching would leave it out."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            if "query_id" not in (rows.fieldnames or ()):
                raise QueriesUnreadable("The file of queries has no column query_id.")
            for row in rows:
                yield Query(query_id=row["query_id"], identity=_identity(row))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise QueriesUnreadable("The file of queries cannot be read as CSV in UTF-8.") from error


def _identity(row: Mapping[str, str | None]) -> Identity:
    """What a row says of a child."""
    given = {name: value for name in IDENTITY if (value := _value(name, row)) is not None}
    name, phone = _value("carer_name", row), _value("carer_phone", row)
    carers = (Carer(name=str(name or ""), phone=str(phone or "")),) if name or phone else ()
    born, sex = given.pop("birth_date", None), given.pop("sex", None)
    return Identity(
        birth_date=born if isinstance(born, PartialDate) else None,
        sex=sex if isinstance(sex, Sex) else Sex.UNKNOWN,
        carers=carers,
        **{name: str(value) for name, value in given.items()},
    )


def _value(name: str, row: Mapping[str, str | None]) -> object | None:
    """One column read the way a delivery reads it; None where it is empty, not there or wrong."""
    raw = (row.get(name) or "").strip()
    try:
        return READERS[name](raw) if raw else None
    except Wrong:
        return None


def as_dict(done: QueriesMatched) -> dict[str, object]:
    """The counts for `--json`."""
    return {"queries": len({one.query_id for one in done.matches}), "answers": len(done.matches)}


def lines(done: QueriesMatched) -> list[str]:
    """The counts for a person."""
    counts = as_dict(done)
    return [f"{counts['answers']:,} answers to {counts['queries']:,} queries"]
