"""Supply files into Splink's standardised columns, in DuckDB's own SQL: what every peer is given to compare.

One row a record_id: where a file has several rows of one record (one for each involvement or carer) the newest is kept, since their child
columns are the same.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

_COLUMNS = (
    "record_id family_name given_name middle_names known_as former_family_name birth_date sex nhs_number upn address postcode uprn updated_on"
).split()

# Names as they are compared: lower case, no accents, letters only. A placeholder is no name.
_NAME = "nullif(regexp_replace(lower(strip_accents({column})), '[^a-z]', '', 'g'), '')"
_PLACEHOLDERS = (
    "'baby', 'unknown', 'notknown', 'twin', 'twinone', 'twintwo', 'babyboy', 'babygirl', 'infant', 'unnamed'"
)
_PARTS = "list_filter(regexp_split_to_array(lower(strip_accents(coalesce({column}, ''))), '[^a-z]+'), part -> length(part) > 2)"

_STANDARD = f"""
select
    record_id as unique_id,
    case when {_NAME.format(column="given_name")} in ({_PLACEHOLDERS}) then null
         else {_NAME.format(column="given_name")} end as given,
    {_NAME.format(column="known_as")} as known_as,
    {_NAME.format(column="family_name")} as family,
    {_NAME.format(column="former_family_name")} as former,
    {_PARTS.format(column="family_name")} as family_parts,
    {_NAME.format(column="middle_names")} as middle,
    nullif(trim(birth_date), '') as born,
    case when length(birth_date) = 10
         then birth_date[1:4] || '-' || birth_date[9:10] || '-' || birth_date[6:7] end as born_swapped,
    birth_date[1:4] as born_year,
    case when sex in ('male', 'female') then sex end as sex,
    case when postcode like 'ZZ99%' then null
         else nullif(upper(replace(postcode, ' ', '')), '') end as post,
    nullif(regexp_extract(address, '\\d+'), '') as house,
    nullif(lower(string_split(address, ',')[1]), '') as first_line,
    nullif(regexp_replace(nhs_number, '[^0-9]', '', 'g'), '') as nhs,
    nullif(upper(trim(upn)), '') as upn
from newest
"""  # noqa: S608 - put together from the constants above


def load(connection: duckdb.DuckDBPyConnection, file: Path, table: str) -> int:
    """Makes `table` from a supply file; how many records it holds. Columns that the file has not are empty."""
    with file.open(encoding="utf-8", newline="") as lines:
        held = next(csv.reader(lines))
    # the header is known, so that DuckDB need not guess; told so, it reads the file in parallel and only the columns wanted
    types = "{" + ", ".join(f"'{name}': 'varchar'" for name in held) + "}"
    source = f"read_csv('{file}', header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false, columns = {types})"
    columns = ", ".join(name if name in held else f"null::varchar as {name}" for name in _COLUMNS)
    newest = f"select {columns} from {source}"  # noqa: S608
    if "involvement_id" in held or "carer_name" in held:
        newest += " qualify row_number() over (partition by record_id order by updated_on desc) = 1"
    connection.execute(f"create or replace table {table} as with newest as ({newest}) {_STANDARD}")
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])  # noqa: S608
