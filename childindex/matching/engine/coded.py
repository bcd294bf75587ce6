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


def different(values: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Where one of each different value stands, in the order of the values, and of every value the number of its kind.

    By sorting: for millions of whole numbers much quicker than `numpy.unique`.
    """
    order = np.argsort(values)
    ordered = values[order]
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
