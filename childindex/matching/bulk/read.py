"""Supply files into one table of texts, one row a record: DuckDB reads, so that memory and threads stay within what was allowed."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

from childindex.matching.engine.coded import Codes, Ints, different

# What a record says of the child; every other column of the supply file belongs to the service, not to the child.
TEXTS: Final = (
    "family_name", "given_name", "middle_names", "known_as", "former_family_name", "birth_date", "sex", "nhs_number", "upn",
    "address", "postcode", "uprn",
)  # fmt: skip
REQUIRED: Final = ("record_id", "family_name", "birth_date")
_HEADER: Final = "a supply file has a header with record_id, family_name and birth_date"
_LONGEST_HEADER: Final = 65_536
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
        there = _columns(connection, number, source)
        try:
            connection.execute(f"INSERT INTO records {_rows(number, there)}")
        except duckdb.Error as fault:
            raise _not_readable(source, fault) from fault
        connection.execute(f"DROP VIEW file_{number}")
        if not _is_one_a_record(connection, number):
            joined = True
            _join_rows(connection, number)
    if joined:  # deleted rows left gaps in rowid
        connection.execute(
            "CREATE TABLE whole AS FROM records; DROP TABLE records; ALTER TABLE whole RENAME TO records"
        )
    found = connection.execute("SELECT count(*) FROM records").fetchone()
    return int(found[0]) if found else 0


def _read(file: Path) -> str:
    """The table function that reads a file, every column as text. Nothing of its form is guessed: a broken line is an error.

    Raises NotReadable when a table has no header that can be read.
    """
    quoted = _quoted(str(file))
    if file.name.endswith((".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz")):
        # All of it is looked at, since a column may come late.
        return f"SELECT * FROM read_json('{quoted}', format = 'newline_delimited', records = true, sample_size = -1)"  # noqa: S608
    columns = ", ".join(f"'{_quoted(name)}': 'VARCHAR'" for name in _header(file))
    return (
        f"SELECT * FROM read_csv('{quoted}', auto_detect = false, columns = {{{columns}}}, header = true, delim = ',',"  # noqa: S608
        " quote = '\"', escape = '\"', strict_mode = true, null_padding = false)"
    )


def _header(file: Path) -> list[str]:
    """The names of the columns of a table, from its first line. Raises NotReadable."""
    try:
        with gzip.open(file) if file.name.endswith(".gz") else file.open("rb") as raw:
            first = raw.readline(_LONGEST_HEADER).decode("utf-8-sig")
        names = next(csv.reader([first], strict=True), [])
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as fault:
        raise NotReadable(f"{file.name} cannot be read: {fault}") from fault
    if not any(names):
        raise NotReadable(f"{file.name} is empty: {_HEADER}")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise NotReadable(f"{file.name} has two columns called {twice[0]!r}")
    return names


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _columns(connection: duckdb.DuckDBPyConnection, number: int, source: Source) -> frozenset[str]:
    """Make the view `file_<number>`, and say which columns the file has; raises NotReadable when a required one is missing."""
    try:
        connection.execute(f"CREATE TEMP VIEW file_{number} AS {_read(source.file)}")
        described = connection.execute(f"DESCRIBE file_{number}").fetchall()
    except duckdb.Error as fault:
        raise _not_readable(source, fault) from fault
    there = frozenset(str(row[0]) for row in described)
    missing = [name for name in REQUIRED if name not in there]
    if missing:
        raise NotReadable(f"{source.file.name} has no column {missing[0]}: {_HEADER}")
    return there


def _rows(number: int, there: frozenset[str]) -> str:
    """The rows of one file that hold a record, each with every text and its carer."""

    def text(name: str) -> str:
        if name not in there:
            return "NULL::VARCHAR"
        written = f"CAST({name} AS VARCHAR)"  # few need trimming, and to trim them all takes longer than to read them
        return (
            f"CASE WHEN {written} LIKE ' %' OR {written} LIKE '% ' OR {written} = '' THEN nullif(trim({written}), '')"
            f" ELSE {written} END"
        )

    texts = ", ".join(f"{text(column)} AS {column}" for column in TEXTS)
    name, phone = (f"coalesce({text(column)}, '')" for column in ("carer_name", "carer_phone"))
    carer = f"nullif({name} || '{NUMBER_FOLLOWS}' || {phone}, '{NUMBER_FOLLOWS}')"
    removed = "AND coalesce(lower(CAST(removed AS VARCHAR)), '') <> 'true'" if "removed" in there else ""
    return (
        f"SELECT {number}::SMALLINT AS source, {text('record_id')} AS record_id, {texts}, {carer} AS carers"  # noqa: S608
        f" FROM file_{number} WHERE {text('record_id')} IS NOT NULL {removed}"
    )


def _is_one_a_record(connection: duckdb.DuckDBPyConnection, number: int) -> bool:
    """Whether no record stands in two rows, by a hash of 64 bits: two that are taken for one are joined as if they were not asked about."""
    query = f"SELECT hash(record_id) AS value FROM records WHERE source = {number}"  # noqa: S608
    found = np.sort(connection.execute(query).fetchnumpy()["value"])
    return not bool((found[1:] == found[:-1]).any())


def _join_rows(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Join the rows of each record, in the order of the file: the contract gives them the same child columns, and one carer each."""
    texts = ", ".join(f"arg_min({column}, rowid) AS {column}" for column in TEXTS)  # the first that is given
    carers = f"string_agg(DISTINCT carers, '{NEXT_CARER}' ORDER BY carers) AS carers"
    connection.execute(
        f"CREATE TEMP TABLE joined AS SELECT source, record_id, {texts}, {carers} FROM records WHERE source = {number}"  # noqa: S608
        f" GROUP BY source, record_id ORDER BY min(rowid); DELETE FROM records WHERE source = {number};"
        " INSERT INTO records FROM joined; DROP TABLE joined"
    )


def _not_readable(source: Source, fault: duckdb.Error) -> NotReadable:
    """What DuckDB found wrong with a file, in one line."""
    return NotReadable(f"{source.file.name} cannot be read: {str(fault).splitlines()[0]}")


def column_of(connection: duckdb.DuckDBPyConnection, expression: str) -> npt.NDArray[Any]:
    """What an expression says of each record, in the order of the records: DuckDB keeps it, being told nothing else."""
    found = connection.execute(f"SELECT {expression} AS value FROM records").fetchnumpy()  # noqa: S608
    return np.asarray(found["value"])


def texts_of(connection: duckdb.DuckDBPyConnection, rows: Ints, *expressions: str) -> list[tuple[str, ...]]:
    """What some expressions say of these records, in their order; an empty text where they say nothing."""
    connection.register("wanted", {"place": np.arange(len(rows)), "row": rows.astype(np.int64)})
    chosen = ", ".join(f"coalesce({expression}, '')" for expression in expressions)
    found = connection.execute(
        f"SELECT {chosen} FROM wanted JOIN records ON records.rowid = wanted.row ORDER BY wanted.place"  # noqa: S608
    ).fetchall()
    connection.unregister("wanted")
    return found


def same(connection: duckdb.DuckDBPyConnection, *expressions: str) -> tuple[Codes, Ints]:
    """Numbers that are the same where some texts are the same, 0 where none is given; and for each number from 1 on a record that has it.

    Texts are told apart by a hash of 64 bits: among ten million different ones two are taken for one once in 400,000 files.
    """
    none = " AND ".join(f"({expression}) IS NULL" for expression in expressions)
    found = column_of(connection, f"CASE WHEN {none} THEN 0 ELSE hash({', '.join(expressions)}) END").astype(np.uint64)
    first, codes = different(found)
    if len(first) and found[first[0]] == 0:
        return codes.astype(np.int32), first[1:]
    return (codes + 1).astype(np.int32), first
