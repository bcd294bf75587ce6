"""From figures to places in a drawing, and where an axis has its marks."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10


@dataclass(frozen=True)
class Scale:
    """A straight axis: `low` is drawn at `start`, `high` at `end`, both in units of the drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value is drawn; values outside the axis are drawn at its ends."""
        inside = min(max(value, self.low), self.high)
        return round(self.start + (self.end - self.start) * (inside - self.low) / (self.high - self.low), 1)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis, where it stands and what is written at it."""

    at: float
    text: str


def ticks(scale: Scale, *, suffix: str = "", times: float = 1.0, wanted: int = 4) -> tuple[Tick, ...]:
    """About as many marks as wanted, at round figures. `times` is 100 where shares are written as percentages."""
    span = (scale.high - scale.low) * times
    step = _round_step(span / wanted)
    digits = max(0, -floor(log10(step) + 1e-9))
    first = ceil(scale.low * times / step - 1e-9)
    found = []
    value = round(first * step, 9)
    while value <= scale.high * times * (1 + 1e-9):
        found.append(Tick(at=scale.at(value / times), text=f"{value:.{digits}f}{suffix}"))
        value = round(value + step, 9)
    return tuple(found)


def least_shown(share: float) -> float:
    """A round lower end for an axis up to 1, so that a share near 1 stands clear of it."""
    return next((edge for edge in (0.999, 0.99, 0.98, 0.95, 0.9, 0.8, 0.5) if 1 - edge >= 2 * (1 - share)), 0.0)


def most_shown(value: float) -> float:
    """A round upper end for an axis from 0."""
    if value <= 0:
        return 1.0
    step = _round_step(value / 4)
    return round(step * ceil(value / step - 1e-9), 9)


def _round_step(span: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is no less."""
    power = 10 ** floor(log10(span) + 1e-9)
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= span * (1 - 1e-9)))
