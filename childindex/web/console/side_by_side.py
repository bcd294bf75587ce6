"""What is held of children side by side: the cells of the table, and the mark that says how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from childindex.upkeep.types import Mark

_MARKS: Final[Mapping[Mark, str | Promise]] = {
    Mark.SAME: gettext_lazy("Same"),
    Mark.CLOSE: gettext_lazy("Nearly"),
    Mark.DIFFERS: gettext_lazy("Differs"),
    Mark.MISSING: gettext_lazy("Not given"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is held of a child for one fact, and the mark in words and as its class; both empty where nothing is compared."""

    values: tuple[str, ...]
    mark: str
    kind: str


def cell(values: tuple[str, ...], mark: Mark | None) -> Cell:
    """A cell of the table."""
    if mark is None:
        return Cell(values=values, mark="", kind="")
    return Cell(values=values, mark=str(_MARKS[mark]), kind=mark.value)
