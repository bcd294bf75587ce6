"""Supply files into one table of texts, one row a record: DuckDB reads, so that memory and threads stay within what was allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt

# What a record says of the child; every other column of the supply file belongs to the service, not to the child.
TEXTS: Final = (
    "family_name", "given_name", "middle_names", "known_as", "former_family_name", "birth_date", "sex", "nhs_number", "upn",
    "address", "postcode", "uprn",
)  # fmt: skip
REQUIRED: Final = ("record_id", "family_name", "birth_date")
# Between a carer's name and number, and between carers: characters no supply file may hold.
NUMBER_FOLLOWS: Final = "\x1f"
NEXT_CARER: Final = "\x1e"


class NotReadable(ValueError):
    """A supply file that cannot be linked; the message says which, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One supplier's file. `several` is true where the supplier may hold one child in several records."""

    name: str
    file: Path
    several: bool = False


def connect(folder: Path, *, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """An empty database in memory that spills into `folder`; `memory` such as "8GB". Raises NotReadable for a bad size."""
    try:
        return duckdb.connect(
            config={"memory_limit": memory, "threads": threads, "temp_directory": str(folder / "spill")}
        )
    except duckdb.Error as fault:
        raise NotReadable(f"--memory {memory}: {str(fault).splitlines()[0]}") from fault


def read_sources(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> int:
    """Make the table `records`: one row a record, numbered from 0 by rowid, texts null where not given. The number of records.

    A record that stands in several rows (one an involvement, one a carer) becomes one row with all its carers. Rows marked
    `removed` and rows without a record_id are left out. Raises NotReadable for what is no supply file.
    """
    texts = ", ".join(f"{column} VARCHAR" for column in TEXTS)
    connection.execute(f"CREATE TABLE records (source SMALLINT, record_id VARCHAR, {texts}, carers VARCHAR)")
    joined = False
    for number, source in enumerate(sources):
        connection.execute(f"CREATE TEMP VIEW file_{number} AS {_read(source.file)}")
        there = _columns(connection, number, source)
        try:
            connection.execute(f"INSERT INTO records {_rows(number, there)}")
            if not _is_one_a_record(connection, number):
                joined = True
                connection.execute(f"DELETE FROM records WHERE source = {number}")  # noqa: S608 - a number
                connection.execute(f"INSERT INTO records {_one_row_a_record(_rows(number, there))}")
        except duckdb.Error as fault:
            raise NotReadable(f"{source.file.name} cannot be read: {str(fault).splitlines()[0]}") from fault
        connection.execute(f"DROP VIEW file_{number}")
    if joined:  # deleted rows left gaps in rowid
        connection.execute(
            "CREATE TABLE whole AS FROM records; DROP TABLE records; ALTER TABLE whole RENAME TO records"
        )
    found = connection.execute("SELECT count(*) FROM records").fetchone()
    return int(found[0]) if found else 0


def _read(file: Path) -> str:
    """The table function that reads a file, every column as text."""
    quoted = str(file).replace("'", "''")
    if file.name.endswith((".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz")):
        return f"SELECT * FROM read_json('{quoted}', format = 'newline_delimited', records = true)"  # noqa: S608
    return (
        f"SELECT * FROM read_csv('{quoted}', all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"',"  # noqa: S608
        " strict_mode = true, null_padding = false)"
    )


def _columns(connection: duckdb.DuckDBPyConnection, number: int, source: Source) -> frozenset[str]:
    """Which columns a file has; raises NotReadable when a required one is missing."""
    try:
        described = connection.execute(f"DESCRIBE file_{number}").fetchall()
    except duckdb.Error as fault:
        raise NotReadable(f"{source.file.name} cannot be read: {str(fault).splitlines()[0]}") from fault
    there = frozenset(str(row[0]) for row in described)
    missing = [name for name in REQUIRED if name not in there]
    if missing:
        raise NotReadable(
            f"{source.file.name} has no column {missing[0]}: a supply file has a header with record_id, family_name and birth_date"
        )
    return there


def _rows(number: int, there: frozenset[str]) -> str:
    """The rows of one file that hold a record, each with every text and its carer."""

    def text(name: str) -> str:
        return f"nullif(trim(CAST({name} AS VARCHAR)), '')" if name in there else "NULL::VARCHAR"

    texts = ", ".join(f"{text(column)} AS {column}" for column in TEXTS)
    name, phone = (f"coalesce({text(column)}, '')" for column in ("carer_name", "carer_phone"))
    carer = f"nullif({name} || '{NUMBER_FOLLOWS}' || {phone}, '{NUMBER_FOLLOWS}')"
    removed = "AND coalesce(lower(CAST(removed AS VARCHAR)), '') <> 'true'" if "removed" in there else ""
    return (
        f"SELECT {number}::SMALLINT AS source, {text('record_id')} AS record_id, {texts}, {carer} AS carers"  # noqa: S608
        f" FROM file_{number} WHERE {text('record_id')} IS NOT NULL {removed}"
    )


def _is_one_a_record(connection: duckdb.DuckDBPyConnection, number: int) -> bool:
    """Whether no record stands in two rows."""
    query = f"SELECT count(*) = count(DISTINCT record_id) FROM records WHERE source = {number}"  # noqa: S608
    found = connection.execute(query).fetchone()
    return bool(found and found[0])


def _one_row_a_record(rows: str) -> str:
    """Join the rows of each record: the contract gives them the same child columns, and one carer each."""
    texts = ", ".join(f"any_value({column}) AS {column}" for column in TEXTS)
    carers = f"string_agg(DISTINCT carers, '{NEXT_CARER}' ORDER BY carers) AS carers"
    return f"SELECT source, record_id, {texts}, {carers} FROM ({rows}) GROUP BY source, record_id"  # noqa: S608


def numbered(
    connection: duckdb.DuckDBPyConnection, expression: str, *, values: bool = True
) -> tuple[npt.NDArray[np.int32], list[str]]:
    """A column of texts as numbers: for each record, in order, 0 for null, else 1 + the place of its value in the list.

    Without `values` the list is not fetched: enough where only sameness counts.
    """
    connection.execute(
        f"CREATE TEMP TABLE given AS SELECT rowid AS row, {expression} AS value FROM records;"  # noqa: S608
        "CREATE TEMP TABLE distinct_values AS"
        " SELECT value, (row_number() OVER (ORDER BY value))::INTEGER AS number"
        " FROM (SELECT DISTINCT value FROM given WHERE value IS NOT NULL)"
    )
    found = connection.execute(
        "SELECT coalesce(number, 0)::INTEGER AS number FROM given LEFT JOIN distinct_values USING (value) ORDER BY row"
    ).fetchnumpy()
    codes: npt.NDArray[np.int32] = np.asarray(found["number"], dtype=np.int32)
    texts: list[str] = []
    if values:
        rows = connection.execute("SELECT value FROM distinct_values ORDER BY number").fetchall()
        texts = [row[0] for row in rows]
    connection.execute("DROP TABLE given; DROP TABLE distinct_values")
    return codes, texts
