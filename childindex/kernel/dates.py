"""Birth dates as suppliers know them: a day, a month, or only a year (R 1.09)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Self
from zoneinfo import ZoneInfo

_ENGLAND: Final = ZoneInfo("Europe/London")
_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class NotADate(ValueError):
    """The text is not YYYY, YYYY-MM or YYYY-MM-DD, or names a day that never was."""


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date known to the day, the month or only the year."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Refuse days that never were, such as 30 February; raises NotADate."""
        if not 1900 <= self.year <= 2200:
            raise NotADate(f"the year {self.year} is outside 1900 to 2200")
        if self.day is not None and self.month is None:
            raise NotADate("a day without a month")
        if self.month is not None and not 1 <= self.month <= 12:
            raise NotADate(f"there is no month {self.month}")
        if self.day is not None and self.month is not None:
            last = calendar.monthrange(self.year, self.month)[1]
            if not 1 <= self.day <= last:
                raise NotADate(f"there is no {self.day} in month {self.month} of {self.year}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read YYYY, YYYY-MM or YYYY-MM-DD; raises NotADate on anything else."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise NotADate(f"{text[:20]!r} is not written YYYY-MM-DD, YYYY-MM or YYYY")
        year, month, day = found.groups()
        return cls(int(year), int(month) if month else None, int(day) if day else None)

    @classmethod
    def of(cls, day: date) -> Self:
        """The partial date that is known to the day."""
        return cls(day.year, day.month, day.day)

    def __str__(self) -> str:
        """Write as YYYY, YYYY-MM or YYYY-MM-DD, the form of the supply file."""
        if self.month is None:
            return f"{self.year:04d}"
        if self.day is None:
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    @property
    def earliest(self) -> date:
        """The first day it could be."""
        return date(self.year, self.month or 1, self.day or 1)

    def age(self, on: date) -> int:
        """Whole years on a day, taking the earliest day it could be."""
        born = self.earliest
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def day_in_england(at: datetime) -> date:
    """The calendar day in England at an instant; `at` is aware."""
    return at.astimezone(_ENGLAND).date()


def start_of_day_in_england(at: datetime) -> datetime:
    """The instant at which that day began there; `at` is aware."""
    return datetime.combine(day_in_england(at), time.min, tzinfo=_ENGLAND)


def hour_in_england(at: datetime) -> int:
    """The hour on clocks in England at an instant, 0 to 23; `at` is aware."""
    return at.astimezone(_ENGLAND).hour


def is_weekend(at: datetime) -> bool:
    """Whether it is Saturday or Sunday in England at an instant; `at` is aware."""
    return at.astimezone(_ENGLAND).weekday() >= 5
