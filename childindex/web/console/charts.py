"""Charts of rates with their intervals, as places in a drawing; `console/charts.html` draws them, and a table beside each has the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from childindex.kernel.scales import Scale, Tick, most_shown, ticks

WIDTH: Final = 640
_ROW: Final = 30
_LETTER: Final = 7.4  # width of a letter at the size of a chart's text
_MOST_LEFT: Final = 230.0
_TALL: Final = 240
_LEFT, _RIGHT, _TOP, _BELOW = 60.0, WIDTH - 16.0, 14.0, 34.0
_WEEKS_NAMED: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate to be drawn, from 0 to 1; all three None where too little was judged, and `text` then says so."""

    label: str
    rate: float | None
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A rate in its place: the dot, and the ends of its interval; None where there is only the text."""

    label: str
    text: str
    x: float
    y: float
    low: float
    high: float
    drawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One drawing: rates under each other (`across`), or by week from left to right."""

    name: str
    title: str
    description: str
    across: bool
    height: float
    left: float
    right: float
    top: float
    bottom: float
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    whole: float | None
    line: str


def under_each_other(name: str, *, title: str, description: str, rates: Sequence[Rate], whole: float | None) -> Chart:
    """A dot and its interval for each, from zero; the dashed line is the whole."""
    left = min(_MOST_LEFT, 12 + _LETTER * max(len(one.label) for one in rates))
    scale = Scale(low=0.0, high=_longest(rates, whole), start=left, end=_RIGHT - 20)
    marks = tuple(
        Mark(
            label=one.label,
            text=one.text,
            x=scale.at(one.rate or 0.0),
            y=_TOP + _ROW * (place + 0.5),
            low=scale.at(one.low or 0.0),
            high=scale.at(one.high or 0.0),
            drawn=one.rate is not None,
        )
        for place, one in enumerate(rates)
    )
    bottom = _TOP + _ROW * len(rates)
    return Chart(
        name=name,
        title=title,
        description=description,
        across=True,
        height=bottom + _BELOW,
        left=left,
        right=_RIGHT,
        top=_TOP,
        bottom=bottom,
        marks=marks,
        ticks=ticks(scale, suffix="%", times=100, wanted=5),
        whole=None if whole is None else scale.at(whole),
        line="",
    )


def by_week(name: str, *, title: str, description: str, rates: Sequence[Rate]) -> Chart:
    """A dot and its interval for each week, in order; the line goes through the weeks of which enough was judged."""
    bottom = _TALL - _BELOW
    scale = Scale(low=0.0, high=_longest(rates, None), start=bottom, end=_TOP)
    step = (_RIGHT - _LEFT) / len(rates)
    every = -(-len(rates) // _WEEKS_NAMED)
    marks = tuple(
        Mark(
            label=one.label if (len(rates) - 1 - place) % every == 0 else "",
            text=one.text,
            x=round(_LEFT + step * (place + 0.5), 1),
            y=scale.at(one.rate or 0.0),
            low=scale.at(one.low or 0.0),
            high=scale.at(one.high or 0.0),
            drawn=one.rate is not None,
        )
        for place, one in enumerate(rates)
    )
    return Chart(
        name=name,
        title=title,
        description=description,
        across=False,
        height=_TALL,
        left=_LEFT,
        right=_RIGHT,
        top=_TOP,
        bottom=bottom,
        marks=marks,
        ticks=ticks(scale, suffix="%", times=100, wanted=4),
        whole=None,
        line=" ".join(f"{mark.x},{mark.y}" for mark in marks if mark.drawn),
    )


def _longest(rates: Sequence[Rate], whole: float | None) -> float:
    """A round end of the axis beyond the longest interval; a tenth of one per cent where nothing is drawn."""
    return most_shown(max(0.001, *(one.high or 0.0 for one in rates), whole or 0.0))
