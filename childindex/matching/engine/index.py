"""Many children packed into arrays in memory: which of them share a search key with one record, and what their records say."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.coded import COLUMNS, NOTHING, Codes, Ints, code
from childindex.matching.engine.columns import Levels, compare_dates
from childindex.matching.engine.keys import key_values, search_keys
from childindex.matching.engine.record import Standardised
from childindex.matching.engine.scorer import Candidate

Keys = npt.NDArray[np.int64]
_CHUNK: Final = 20_000
# Fewer records do not repay comparing every date with every other; so many dates take 100 MB.
_TABLED_FROM: Final = 100_000
_MOST_DATES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """Search keys in order, each with the children it finds: those of key n are `children[starts[n]:starts[n + 1]]`."""

    keys: Keys
    starts: Codes
    children: Codes

    def near(self, query: Standardised) -> Codes:
        """Children that share a key with a record, in order."""
        asked = key_values(query)
        at = self.keys.searchsorted(asked)
        at = at[self.keys[at] == asked]
        if not len(at):
            return self.children[:0]
        ranges = zip(self.starts[at].tolist(), self.starts[at + 1].tolist(), strict=True)
        near = np.concatenate([self.children[start:end] for start, end in ranges])
        near.sort()
        fresh = np.empty(len(near), dtype=np.bool_)
        fresh[0] = True
        np.not_equal(near[1:], near[:-1], out=fresh[1:])
        return near[fresh]


@dataclass(frozen=True, slots=True)
class Dates:
    """The different dates of birth (n x year, month, day), and how far each agrees with each (n x n levels).

    Children of eighteen years have fewer than seven thousand; where there are many more, or few records, `levels` has no rows.
    """

    parts: Ints
    numbers: dict[tuple[int, int, int], int]
    levels: Levels

    def compare(self, born: tuple[int, int, int], dates: Codes) -> Levels:
        """Levels of one date against some of these, by number."""
        known = self.numbers.get(born)
        if known is not None and len(self.levels):
            row: Levels = self.levels[known]
            return row[dates]
        return compare_dates(np.array([born] * len(dates)), self.parts[dates])


@dataclass(frozen=True, slots=True)
class Index:
    """Children and what their records say. `rows` has a row of numbers for each record, in the order of the children:
    for each of `COLUMNS` which of `values` it says, and last which of `dates`; those of child n begin at `first[n]`.
    """

    children: Sequence[Hashable]
    first: Codes
    rows: Codes
    values: dict[str, list[Any]]
    numbers: dict[str, dict[Any, int]]
    dates: Dates
    found: Found

    def __len__(self) -> int:
        """How many children."""
        return len(self.children)


def _chunks(children: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    rest = iter(children)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def pack(children: Iterable[Candidate]) -> Index:
    """Pack children with all their records; they are read once and only in part, so that they need not all be in memory. Raises
    ValueError for a child without a record.
    """
    names: list[Hashable] = []
    sizes, keys, finds = array("i", [0]), array("q"), array("i")
    numbers: dict[str, dict[Any, int]] = {column: {NOTHING[column]: 0} for column in COLUMNS}
    dates: dict[tuple[int, int, int], int] = {}
    rows: list[Codes] = []
    for chunk in _chunks(children):
        for child in chunk:
            if not child.records:
                raise ValueError("a child without a record cannot be asked about")
            own = {key.value for record in child.records for key in search_keys(record)}
            keys.extend(own)
            finds.extend([len(names)] * len(own))
            names.append(child.key)
            sizes.append(len(child.records))
        rows.append(_coded(list(chain.from_iterable(child.records for child in chunk)), numbers, dates))
    return Index(
        children=names,
        first=np.cumsum(np.array(sizes, dtype=np.int32), dtype=np.int32),
        rows=np.concatenate(rows) if rows else np.empty((0, len(COLUMNS) + 1), dtype=np.int32),
        values={column: list(known) for column, known in numbers.items()},
        numbers=numbers,
        dates=_compared(dates, records=sum(map(len, rows))),
        found=_sorted(np.array(keys, dtype=np.int64), np.array(finds, dtype=np.int32)),
    )


def _coded(
    records: Sequence[Standardised], numbers: dict[str, dict[Any, int]], dates: dict[tuple[int, int, int], int]
) -> Codes:
    """Rows of numbers of some records; values and dates not met before get the next number."""
    values, (coded,) = code(records)
    rows = np.empty((len(records), len(COLUMNS) + 1), dtype=np.int32)
    for place, column in enumerate(COLUMNS):
        known = numbers[column]
        lasting = np.array([known.setdefault(value, len(known)) for value in values[column].values], dtype=np.int32)
        rows[:, place] = lasting[coded.codes[column]]
    rows[:, -1] = [dates.setdefault((year, month, day), len(dates)) for year, month, day in coded.dates.tolist()]
    return rows


def _compared(numbers: dict[tuple[int, int, int], int], *, records: int) -> Dates:
    """The dates of so many records, each compared with each where that is worth it."""
    parts = np.array(list(numbers), dtype=np.int64).reshape(len(numbers), 3)
    tabled = parts if records >= _TABLED_FROM and len(parts) <= _MOST_DATES else parts[:0]
    rows = [compare_dates(np.repeat(tabled[at : at + 1], len(tabled), axis=0), tabled) for at in range(len(tabled))]
    return Dates(parts=parts, numbers=numbers, levels=np.array(rows, dtype=np.int8))


def _sorted(keys: Keys, children: Codes) -> Found:
    """The children of each key, side by side. The largest number there is stands last, so that a look-up always ends on a key."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    fresh = np.ones(len(keys), dtype=np.bool_)
    fresh[1:] = keys[1:] != keys[:-1]
    starts: Ints = np.flatnonzero(fresh)
    return Found(
        keys=np.append(keys[starts], np.iinfo(np.int64).max),
        starts=np.append(starts, [len(keys)] * 2).astype(np.int32),
        children=children[order],
    )
