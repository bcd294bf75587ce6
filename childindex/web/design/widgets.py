"""The one input that Django has no widget for: a date in three boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.datastructures import MultiValueDict

from childindex.kernel.dates import PartialDate


class DatePartsWidget(forms.Widget):
    """Day, month and year in inputs named `<field>-day`, `<field>-month` and `<field>-year`."""

    PARTS: ClassVar[tuple[str, str, str]] = ("day", "month", "year")

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> tuple[str, ...]:
        """The three texts as typed, day first."""
        del files
        return tuple(str(data.get(f"{name}-{part}") or "") for part in self.PARTS)

    def split(self, value: object) -> tuple[str, str, str]:
        """Three texts to show again: from what was typed, or from a date given as the initial value."""
        if isinstance(value, PartialDate):
            return (str(value.day or ""), str(value.month or ""), str(value.year))
        if isinstance(value, tuple) and len(value) == len(self.PARTS):
            day, month, year = (str(part) for part in value)
            return (day, month, year)
        return ("", "", "")
