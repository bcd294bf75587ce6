"""House numbers and streets of many addresses: DuckDB reads what is written plainly, `house_and_street` the rest."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt

from childindex.matching.engine.coded import Ints, different
from childindex.matching.engine.normalise import house_and_street, plain_street

# As the first lines of `house_and_street` read an address: perhaps a flat, a number, words, a comma.
_PLAIN: Final = (
    "^(?:(?i:flat|apartment|apt|unit|room) ([0-9]{1,5}[A-Za-z]?), *)?"
    "([0-9]{1,5}[A-Za-z]?) ([A-Za-z'']{1,20}(?: [A-Za-z'']{1,20}){0,3}),"
)
_LONGEST: Final = 200


def houses_and_streets(connection: duckdb.DuckDBPyConnection, rows: Ints) -> tuple[list[str], list[str]]:
    """The house number and the street of each of these records, in their order; empty texts where there is none."""
    connection.register("wanted", {"place": np.arange(len(rows)), "row": rows.astype(np.int64)})
    connection.execute(
        "CREATE TEMP TABLE addresses AS SELECT place, coalesce(address, '') AS address, parts.street AS street,"  # noqa: S608 - constants
        " lower(CASE WHEN parts.flat = '' THEN parts.house ELSE parts.flat || '/' || parts.house END) AS house"
        f" FROM (SELECT place, left(address, {_LONGEST}) AS address,"
        f" regexp_extract(left(address, {_LONGEST}), '{_PLAIN}', ['flat', 'house', 'street']) AS parts"
        " FROM wanted JOIN records ON records.rowid = wanted.row) ORDER BY place"
    )
    connection.unregister("wanted")
    houses, streets = (_texts(connection, column) for column in ("house", "street"))
    plain = {street: plain_street(street) for street in set(streets)}
    streets = [plain[street] for street in streets]
    other = [place for place, street in enumerate(streets) if not street]
    for place, address in zip(other, _some(connection, "address", np.array(other, dtype=np.int64)), strict=True):
        houses[place], streets[place] = house_and_street(address)
    connection.execute("DROP TABLE addresses")
    return houses, streets


def _texts(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    """A column of the addresses, each different text fetched once: few houses have a number or street of their own."""
    found = connection.execute(f"SELECT hash({column}) AS value FROM addresses").fetchnumpy()  # noqa: S608
    first, kinds = different(np.asarray(found["value"], dtype=np.uint64))
    texts = np.array(_some(connection, column, first), dtype=object)
    every: list[str] = texts[kinds].tolist()
    return every


def _some(connection: duckdb.DuckDBPyConnection, column: str, places: npt.NDArray[np.int64]) -> list[str]:
    """A column of some of the addresses."""
    connection.register("chosen", {"place": places, "at": np.arange(len(places))})
    found = connection.execute(
        f"SELECT coalesce({column}, '') FROM chosen JOIN addresses USING (place) ORDER BY chosen.at"  # noqa: S608
    ).fetchall()
    connection.unregister("chosen")
    return [row[0] for row in found]
