"""Dates, times and telephone numbers as a reader in Britain writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from childindex.kernel.dates import PartialDate
from childindex.web.design import words


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2026, 3, 3), "3 March 2026"),
        (PartialDate(2014, 12, 31), "31 December 2014"),
        (PartialDate(2014, 3), "March 2014"),
        (PartialDate(2014), "2014"),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "1 July 2026"),
        (None, "not known"),
    ],
)
def test_dates_say_as_much_as_is_known(value: date | PartialDate | None, written: str) -> None:
    """And a moment is a day in Britain, summer time and all."""
    assert words.british_date(value) == written


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 3, 3, 16, 5, tzinfo=UTC), "3 March 2026 at 4:05pm"),
        (datetime(2026, 3, 3, 0, 0, tzinfo=UTC), "3 March 2026 at 12:00am"),
        (datetime(2026, 7, 3, 11, 30, tzinfo=UTC), "3 July 2026 at 12:30pm"),
    ],
)
def test_times(moment: datetime, written: str) -> None:
    """Twelve hours, no leading nought."""
    assert words.british_time(moment) == written


@pytest.mark.parametrize(
    ("number", "written", "href"),
    [
        ("01632960001", "01632 960001", "tel:+44-1632-960001"),
        ("+44 7700 900982", "07700 900982", "tel:+44-7700-900982"),
        ("+33 1 70 18 99 00", "+33 1 70 18 99 00", "tel:+33-1-70-18-99-00"),
        ("ext 42", "ext 42", None),
        ("", "", None),
        ("javascript:alert(1)", "javascript:alert(1)", None),
    ],
)
def test_a_telephone_number_is_a_link_only_if_it_can_be_rung(number: str, written: str, href: str | None) -> None:
    """Anything else is shown as it came."""
    assert words.phone_display(number) == written
    assert words.phone_href(number) == href
