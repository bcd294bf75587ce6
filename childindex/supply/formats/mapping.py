"""The mapping file: how a supplier whose columns have other names tells us which is which. TOML, three tables.

[columns]               # our column = theirs
family_name = "Surname"
[values.sex]            # what they write = what we read
M = "male"
[dates]                 # our column = how they write dates, as strptime reads it
birth_date = "%d/%m/%Y"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from childindex.supply.formats.columns import COLUMNS
from childindex.supply.formats.problems import FileHeld

_DATES = frozenset(name for name in COLUMNS if name.endswith(("_on", "_date")))
_TABLES = frozenset({"columns", "values", "dates"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Other names, values and date forms by our column. All empty: the file is written as the contract says."""

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)

    def theirs(self) -> dict[str, str]:
        """Each of our columns with the name it has in the file. A name the mapping gives away is no longer its own."""
        given_away = set(self.columns.values())
        return {
            name: self.columns.get(name, name) for name in COLUMNS if name in self.columns or name not in given_away
        }

    def ours(self, column: str, text: str) -> str:
        """One value in our words; a value or date the mapping does not know goes on as it is, to be judged there."""
        listed = self.values.get(column)
        if listed is not None:
            text = listed.get(text.lower(), text)
        written = self.dates.get(column)
        return _iso(text, written) if written is not None else text

    @property
    def touched(self) -> frozenset[str]:
        """The columns whose values need rewriting."""
        return frozenset({*self.values, *self.dates})


@lru_cache(maxsize=65_536)
def _iso(text: str, written: str) -> str:
    """A date in the contract's form; one that does not fit stays as it is."""
    try:
        return datetime.strptime(text, written).date().isoformat()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return text


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises FileHeld naming what is wrong with it."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise FileHeld("mapping", "It cannot be opened.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise FileHeld("mapping", "It is not TOML.") from None
    if set(tables) - _TABLES:
        raise FileHeld("mapping", "It may hold the tables columns, values and dates, and no others.")
    columns = _texts(tables.get("columns", {}))
    values = {name: _texts(listed) for name, listed in _table(tables.get("values", {})).items()}
    dates = _texts(tables.get("dates", {}))
    if (set(columns) | set(values)) - set(COLUMNS) or set(dates) - _DATES:
        raise FileHeld("mapping", "A name on the left is not a column of the supply file, or not one that holds dates.")
    if len(set(columns.values())) < len(columns):
        raise FileHeld("mapping", "Two of our columns are given the same column of theirs.")
    return Mapping(
        columns={ours: theirs.strip().lower() for ours, theirs in columns.items()},
        values={name: {theirs.lower(): ours for theirs, ours in listed.items()} for name, listed in values.items()},
        dates=dates,
    )


def _table(value: object) -> dict[str, object]:
    """A TOML table, or the file is no mapping."""
    if not isinstance(value, dict):
        raise FileHeld("mapping", "Columns, values and dates must be tables.")
    return value


def _texts(value: object) -> dict[str, str]:
    """A TOML table of texts."""
    table = _table(value)
    if not all(isinstance(text, str) for text in table.values()):
        raise FileHeld("mapping", "Every value must be a text in quotation marks.")
    return {key: str(text) for key, text in table.items()}
