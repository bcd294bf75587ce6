"""Reads a date typed in three boxes."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _

from childindex.kernel.dates import NotADate, PartialDate

_YEAR = re.compile(r"[0-9]{4}")
_ONE_OR_TWO = re.compile(r"[0-9]{1,2}")


def read_parts(parts: tuple[str, ...], *, complete: bool, unreal: Any) -> PartialDate | None:
    """Read (day, month, year) as typed; None where all three are empty.

    Raises ValidationError whose code is the part at fault ("day", "month", "year"), or "invalid" with the sentence
    `unreal` where the three together are no day there ever was.
    """
    day, month, year = (part.strip() for part in parts)
    if not (day or month or year):
        return None
    if not year:
        raise ValidationError(_("Enter the year"), code="year")
    if not _YEAR.fullmatch(year):
        raise ValidationError(_("The year must be 4 numbers, like 2014"), code="year")
    if not month and (day or complete):
        raise ValidationError(_("Enter the month"), code="month")
    if not day and complete:
        raise ValidationError(_("Enter the day"), code="day")
    try:
        return PartialDate(int(year), _month(month) if month else None, _day(day) if day else None)
    except NotADate as error:
        raise ValidationError(unreal, code="invalid") from error


def _day(text: str) -> int:
    if not _ONE_OR_TWO.fullmatch(text):
        raise ValidationError(_("The day must be a number from 1 to 31"), code="day")
    return int(text)


def _month(text: str) -> int:
    """A month as a number, its name, or the first three letters of it."""
    if _ONE_OR_TWO.fullmatch(text) and 1 <= int(text) <= len(MONTHS):
        return int(text)
    written = text.rstrip(".").casefold()
    for number, name in MONTHS.items():
        if written in (str(name).casefold(), str(MONTHS_3[number]).casefold()):
            return number
    raise ValidationError(_("The month must be a number from 1 to 12, or its name"), code="month")
