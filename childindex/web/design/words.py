"""How dates, times and telephone numbers are written for a reader in Britain."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

import phonenumbers
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

_UNITED_KINGDOM = 44


class _PartialDate(Protocol):
    @property
    def year(self) -> int: ...
    @property
    def month(self) -> int | None: ...
    @property
    def day(self) -> int | None: ...


def british_date(value: date | _PartialDate | None) -> str:
    """Write a date as "3 March 2026", "March 2026" or "2026", as much as is known; nothing at all as "not known".

    A moment (datetime) is first turned into the time zone of the site.
    """
    if value is None:
        return _("not known")
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    month = str(MONTHS[value.month]) if value.month else ""
    day = str(value.day) if value.day else ""
    return " ".join(part for part in (day, month, str(value.year)) if part)


def british_time(value: datetime) -> str:
    """Write a moment as "3 March 2026 at 4:05pm", in the time zone of the site."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    hour = local.hour % 12 or 12
    half = _("am") if local.hour < 12 else _("pm")
    return _("%(date)s at %(time)s") % {"date": british_date(local), "time": f"{hour}:{local.minute:02d}{half}"}


def phone_display(number: str) -> str:
    """Write a telephone number in its usual groups; anything that is not one comes back as it was."""
    parsed = _parse(number)
    if parsed is None:
        return number
    at_home = parsed.country_code == _UNITED_KINGDOM
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def phone_href(number: str) -> str | None:
    """The `tel:` address of a telephone number; None where it cannot be dialled, so that no dead link is drawn."""
    parsed = _parse(number)
    if parsed is None:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.RFC3966)


def _parse(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None
