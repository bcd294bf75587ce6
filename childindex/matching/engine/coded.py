"""Records as small whole numbers: each distinct value of a fact is kept once, and a record is a row of numbers.

The same tables serve two records and two million: what is compared is always two distinct values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from operator import attrgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.record import Standardised

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

# Facts that are compared together, by the name their numbers go by.
_TOGETHER: Final[dict[str, tuple[str, ...]]] = {
    "given": ("given", "given_parts"),
    "family": ("family", "former", "family_parts"),
    "carers": ("carers", "phones"),
}
COLUMNS: Final = (
    "given", "family", "middle", "carers", "sex", "nhs_number", "nhs_number_failed", "upn", "upn_failed",
    "uprn", "postcode", "sector", "house", "street",
)  # fmt: skip
_VALUE: Final[dict[str, Callable[[Standardised], Any]]] = {
    name: attrgetter(*_TOGETHER.get(name, (name,))) for name in COLUMNS
}
NOTHING: Final = {name: value(Standardised()) for name, value in _VALUE.items()}


@dataclass(slots=True)
class Values:
    """The distinct values of one fact, by number; number 0 is "not given"."""

    values: list[Any]
    numbers: dict[Any, int] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Coded:
    """n records: for every fact the number of its value (n), and the date of birth (n x year, month, day; 0 unknown)."""

    codes: Mapping[str, Codes]
    dates: Ints

    def __len__(self) -> int:
        """How many records."""
        return len(self.dates)


# Up to so many are put right one by one.
_FEW_WRONG: Final = 1_000


def ordering(values: npt.NDArray[Any]) -> Ints:
    """Places of whole numbers from 0 so that they stand in order, equal ones as they stood."""
    return in_order(values)[0]


def in_order(values: npt.NDArray[Any]) -> tuple[Ints, npt.NDArray[Any]]:
    """Whole numbers from 0 in order, equal ones as they stood: their places, and they themselves.

    numpy sorts whole numbers much faster than it finds their order: so each is sorted together with its place, in one number.
    """
    size = len(values)
    if not size:
        return np.empty(0, dtype=np.int64), values
    numbers = values.astype(np.uint64)
    bits = np.uint64(max(size - 1, 1).bit_length())
    places = np.arange(size, dtype=np.uint64)
    whole = int(numbers.max()) < 1 << (64 - int(bits))
    packed = np.sort((numbers << bits if whole else numbers >> bits << bits) | places)
    order = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    packed >>= bits
    return order, (packed if whole else _put_right(order, packed, numbers)).astype(values.dtype, copy=False)


def _put_right(order: Ints, begins: npt.NDArray[np.uint64], numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Put in order what was only put in order by how it `begins`: of large numbers the last digits gave way to their places. The
    numbers in that order.
    """
    ordered = numbers[order]
    wrong = np.flatnonzero((begins[1:] == begins[:-1]) & (ordered[1:] != ordered[:-1]))
    if len(wrong) > _FEW_WRONG:  # numbers that are not spread evenly
        order[:] = np.argsort(numbers, kind="stable")
        return numbers[order]
    for begin in np.unique(begins[wrong]):
        start, end = np.searchsorted(begins, begin), np.searchsorted(begins, begin, side="right")
        within = order[start:end]
        order[start:end] = within[np.argsort(numbers[within], kind="stable")]
        ordered[start:end] = numbers[order[start:end]]
    return ordered


def different(values: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Where one of each different whole number stands, in their order, and of every one the number of its kind."""
    order, ordered = in_order(values)
    fresh = np.ones(len(values), dtype=np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    numbers = np.empty(len(values), dtype=np.int64)
    numbers[order] = np.cumsum(fresh) - 1
    return order[fresh], numbers


def code(*lists: Sequence[Standardised]) -> tuple[dict[str, Values], list[Coded]]:
    """Number the values of several lists of records alike."""
    values: dict[str, Values] = {}
    codes: list[dict[str, Codes]] = [{} for _ in lists]
    for column in COLUMNS:
        numbers: defaultdict[Any, int] = defaultdict(count().__next__)
        numbers[NOTHING[column]]  # looking the empty value up first makes it number 0
        for place, records in enumerate(lists):
            found = map(numbers.__getitem__, map(_VALUE[column], records))
            codes[place][column] = np.fromiter(found, np.int32, len(records))
        values[column] = Values(list(numbers))
    return values, [Coded(codes[place], _written_dates(records)) for place, records in enumerate(lists)]


def _written_dates(records: Sequence[Standardised]) -> Ints:
    """Year, month and day of each record (n x 3), 0 for a part that is not known."""
    parts = [np.fromiter(map(attrgetter(part), records), np.int64, len(records)) for part in ("year", "month", "day")]
    return np.stack(parts, axis=1)
