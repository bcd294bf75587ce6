"""One pair on one page: a record beside the children it may be, fact by fact, and the form that is answered with two keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from childindex.kernel.dates import PartialDate
from childindex.upkeep.types import FactRow, NamedChild
from childindex.web.console.side_by_side import Cell, cell
from childindex.web.design.pages import Page
from childindex.web.design.words import british_date, phone_display

_PHONE: Final = re.compile(r"\+?\d{9,}")
_FACTS: Final[Mapping[str, str | Promise]] = {
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "middle_names": gettext_lazy("Middle names"),
    "known_as": gettext_lazy("Known as"),
    "former_family_name": gettext_lazy("Former family name"),
    "birth_date": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
    "nhs_number": gettext_lazy("NHS number"),
    "upn": gettext_lazy("Pupil number"),
    "address": gettext_lazy("Address"),
    "carers": gettext_lazy("Carers"),
}
_SEXES: Final[Mapping[str, str | Promise]] = {
    "male": gettext_lazy("Male"),
    "female": gettext_lazy("Female"),
    "other": gettext_lazy("Other"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fact side by side."""

    label: str
    given: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands over the facts of a child: a name and a number, or words where neither may be told."""

    name: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPage(Page):
    """A record beside children. `said` is what has been decided so far, in words; `step` what the form answers."""

    progress: str
    record: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    reasons: tuple[str, ...]
    neighbours: tuple[NamedChild, ...]
    said: str
    step: str
    send_to: str
    button: str


def row(fact: FactRow) -> Row:
    """One fact as a reader in Britain writes it."""
    return Row(
        label=str(_FACTS[fact.fact]),
        given=_written(fact.fact, fact.given),
        cells=tuple(cell(tuple(_written(fact.fact, value) for value in held.values), held.mark) for held in fact.cells),
    )


def _written(fact: str, value: str) -> str:
    """A value as a reader in Britain writes it."""
    if fact == "birth_date" and value:
        return british_date(PartialDate.parse(value))
    if fact == "sex" and value:
        return str(_SEXES[value])
    if fact == "nhs_number" and value:
        return f"{value[:3]} {value[3:6]} {value[6:]}"
    if fact == "carers":
        return _PHONE.sub(lambda number: phone_display(number[0]), value)
    return value
