"""Charts as values: places of lines and bars in a drawing of `WIDTH` units. `charts.html` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from childindex.kernel.scales import Scale, Tick, least_shown, most_shown, ticks
from childindex.trial.figures import Bin, Curve, Pairs
from childindex.trial.intervals import Share

WIDTH = 400
_ROW = 24
_LETTER = 6.3  # width of a letter at the size of a chart's text
_LINE_HEIGHT = 280


@dataclass(frozen=True)
class Dot:
    """A figure with its interval from `low` to `high`, drawn upright."""

    x: float
    y: float
    low: float
    high: float
    text: str  # empty: nothing is written at it


@dataclass(frozen=True)
class Lines:
    """Lines over two axes."""

    name: str
    title: str
    description: str
    height: int
    frame: tuple[float, float, float, float]  # left, top, right, bottom
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[tuple[str, str], ...]  # (class, points)
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands, how long, its interval, and what is written before and after it."""

    label: str
    y: float
    width: float
    low: float | None
    high: float | None
    text: str
    pale: bool


@dataclass(frozen=True)
class Bars:
    """Bars that begin at zero, and a line where the whole stands."""

    name: str
    title: str
    description: str
    height: int
    left: float
    right: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    whole: float | None


@dataclass(frozen=True)
class Row:
    """What a bar shows, per 100: `value` with its interval; `pale` where it rests on few children."""

    label: str
    value: float
    low: float | None
    high: float | None
    pale: bool


def trade_off(curve: Curve, made: Pairs) -> Lines:
    """Precision against recall over all thresholds, and where the links that were made stand."""
    precision, recall = made.precision.share or 0.0, made.recall.share or 0.0
    left, top, right, bottom = frame = (72.0, 12.0, WIDTH - 24.0, _LINE_HEIGHT - 46.0)
    across = Scale(low=least_shown(recall), high=1.0, start=left, end=right)
    up = Scale(low=least_shown(precision), high=1.0, start=bottom, end=top)
    shown = [point for point in curve.points if point.recall >= across.low and point.precision >= up.low]
    points = " ".join(f"{across.at(point.recall)},{up.at(point.precision)}" for point in shown)
    x, y = across.at(recall), up.at(precision)
    return Lines(
        name="trade-off",
        title="Right links against found links",
        description="The line shows, for every threshold on the score, what share of links would be right and what share of true pairs would be found."
        f" The dot is where the links that were made stand: {precision:.2%} right, {recall:.2%} found. The table gives the figures.",
        height=_LINE_HEIGHT,
        frame=frame,
        x_label="Links found (recall)",
        y_label="Links that are right (precision)",
        x_ticks=ticks(across, suffix="%", times=100, wanted=5),
        y_ticks=ticks(up, suffix="%", times=100, wanted=5),
        lines=(("line", points),),
        dots=(Dot(x=x, y=y, low=y, high=y, text="as linked"),),
    )


def calibration(bins: Sequence[Bin]) -> Lines:
    """What was said against what was so; a good score lies on the slanting line."""
    left, top, right, bottom = frame = (72.0, 12.0, WIDTH - 24.0, _LINE_HEIGHT - 46.0)
    across = Scale(low=0.0, high=1.0, start=left, end=right)
    up = Scale(low=0.0, high=1.0, start=bottom, end=top)
    dots = tuple(
        Dot(
            x=across.at(one.said),
            y=up.at(one.seen.share or 0.0),
            low=up.at(one.seen.low or 0.0),
            high=up.at(one.seen.high or 0.0),
            text="",
        )
        for one in bins
    )
    return Lines(
        name="calibration",
        title="What the score said, and what was so",
        description="Each dot is a group of pairs with about the same score; its height is the share of them that were the same child, with a 95% interval."
        " Dots on the slanting line mean that a score can be read as a probability. The table gives the figures.",
        height=_LINE_HEIGHT,
        frame=frame,
        x_label="Score of the pair",
        y_label="Share that were the same child",
        x_ticks=ticks(across, suffix="%", times=100, wanted=5),
        y_ticks=ticks(up, suffix="%", times=100, wanted=5),
        lines=(("ideal", f"{left},{bottom} {right},{top}"),),
        dots=dots,
    )


def bars(name: str, *, title: str, what: str, rows: Sequence[Row], whole: float | None) -> Bars:
    """Bars per 100. The axis reaches beyond the longest interval of bars that are not pale; those of pale bars may be cut off."""
    left = min(190.0, 10 + _LETTER * max(len(row.label) for row in rows))
    right = WIDTH - 50.0
    firm = [row for row in rows if not row.pale] or list(rows)
    longest = max(*(row.high or row.value for row in firm), *(row.value for row in rows), whole or 0.0)
    scale = Scale(low=0.0, high=most_shown(longest), start=left, end=right)
    drawn = tuple(
        Bar(
            label=row.label,
            y=round(8 + _ROW * at, 1),
            width=round(scale.at(row.value) - left, 1),
            low=None if row.low is None else scale.at(row.low),
            high=None if row.high is None else scale.at(row.high),
            text=f"{row.value:.1f}",
            pale=row.pale,
        )
        for at, row in enumerate(rows)
    )
    worst = max(firm, key=lambda row: row.value)
    intervals = "" if rows[0].low is None else ", with 95% intervals"
    told = "" if whole is None else f" The dashed line is the whole, {whole:.1f}."
    return Bars(
        name=name,
        title=title,
        description=f"Bars, {what}{intervals}. Highest is {worst.label} with {worst.value:.1f}.{told} The table gives the figures.",
        height=int(8 + _ROW * len(rows) + 26),
        left=left,
        right=right,
        bars=drawn,
        ticks=ticks(scale, wanted=3),
        whole=None if whole is None else scale.at(whole),
    )


def missed(label: str, recall: Share, *, pale: bool) -> Row:
    """True pairs that were not found, per 100, from the recall of a group that has some."""
    share, low, high = recall.share or 0.0, recall.low or 0.0, recall.high or 0.0
    return Row(label=label, value=100 * (1 - share), low=100 * (1 - high), high=100 * (1 - low), pale=pale)
