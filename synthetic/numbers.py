"""Numbers and check digits: NHS numbers of the test range, pupil numbers, telephone numbers kept for fiction."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: NHS numbers that begin with 999 are never issued; about 909,000 of them have a valid check digit.
TEST_RANGE = 999_000_000
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

#: Telephone numbers that Ofcom keeps for drama: none of them rings anywhere.
FICTIONAL_AREAS = (
    "0113 496 0",
    "0114 496 0",
    "0115 496 0",
    "0116 496 0",
    "0117 496 0",
    "0118 496 0",
    "0121 496 0",
    "0151 496 0",
    "0161 496 0",
    "0191 498 0",
)


def nhs_numbers(rng: np.random.Generator) -> Ints:
    """Every valid NHS number of the test range (999...), in random order; about 909,000.

    A population larger than that leaves the rest of its children without a number, as the range holds no more.
    """
    stems = np.arange(TEST_RANGE, TEST_RANGE + 1_000_000, dtype=np.int64)
    total = np.zeros(len(stems), dtype=np.int64)
    rest = stems.copy()
    for weight in range(2, 11):
        total += (rest % 10) * weight
        rest //= 10
    check = (11 - total % 11) % 11
    return rng.permutation((stems * 10 + check)[check != 10])


def upns(authority: Ints, entered: Ints, *, la_numbers: Ints) -> pl.Series:
    """Unique pupil numbers for pupils of an authority (position) who entered school in a year (full year).

    Check letter, authority number, school number, last two digits of the year, three-digit serial. No two pupils share one: pupils of one
    authority and year are counted through, 900 to a school number.
    """
    order = np.lexsort((entered, authority))
    groups = authority[order] * 100 + entered[order] % 100
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]]) if len(groups) else np.empty(0, dtype=np.int64)
    running = np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))
    serial = np.empty(len(groups), dtype=np.int64)
    serial[order] = running
    body = ((la_numbers[authority] * 10_000 + 2_000 + serial // 900) * 100 + entered % 100) * 1_000 + serial % 900
    letters = pl.Series(list(UPN_LETTERS)).gather(pl.Series(_upn_check(body)))
    return letters + pl.Series(body).cast(pl.String)


def _upn_check(body: Ints) -> Ints:
    total = np.zeros(len(body), dtype=np.int64)
    rest = body.copy()
    for weight in range(13, 1, -1):
        total += (rest % 10) * weight
        rest //= 10
    return total % 23


def mobile_phones() -> list[str]:
    """The thousand mobile numbers kept for drama."""
    return [f"07700 900{number:03d}" for number in range(1000)]


def office_phones() -> list[str]:
    """Ten thousand landline numbers kept for drama."""
    return [f"{area}{number:03d}" for area in FICTIONAL_AREAS for number in range(1000)]
