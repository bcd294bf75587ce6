"""A waterfall of one pair's sum, as plain SVG: each step begins where the last one ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from childindex.kernel.scales import Scale, Tick, ticks
from childindex.matching.bulk.explain import Explanation
from childindex.matching.engine.levels import Level
from childindex.trial.page.page import ENVIRONMENT

_WIDTH, _LEFT, _RIGHT = 860, 500, 780
_TOP, _ROW = 62, 30
_MOST_LETTERS = 68


@dataclass(frozen=True)
class Step:
    """One bar from `x`, its width, the words before it, the bits behind it, and where the next one begins."""

    label: str
    y: int
    x: float
    width: float
    kind: str
    text: str
    end: float


@dataclass(frozen=True)
class Waterfall:
    """Everything that `waterfall.svg` draws."""

    title: str
    description: str
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    zero: float
    steps: tuple[Step, ...]
    ticks: tuple[Tick, ...]


def svg(found: Explanation) -> str:
    """The chart as a file of its own, without scripts; `title` and `desc` tell it to who cannot see it."""
    return ENVIRONMENT.get_template("waterfall.svg").render(chart=drawn(found))


def drawn(found: Explanation) -> Waterfall:
    """Places of the bars. Facts that were not given say nothing and have no bar."""
    parts = [(f"Before anything is compared, one of {found.children:,} children", found.prior)]
    parts += [
        (said.sentence[:1].upper() + said.sentence[1:], said.bits + said.rarity)
        for said in found.said
        if said.level is not Level.MISSING
    ]
    if found.household:
        parts.append(("More than one household may say", found.household))
    parts += list(found.patterns)
    sums = list(accumulate(bits for _, bits in parts))
    scale = Scale(low=min(0.0, *sums) - 1, high=max(0.0, *sums) + 1, start=_LEFT, end=_RIGHT)
    begins = [0.0, *sums[:-1]]
    rows = [*zip(parts, begins, sums, strict=True), (("Together", found.total), 0.0, found.total)]
    steps = tuple(
        _step(label, (bits, begin, end), scale, number, last=number == len(parts))
        for number, ((label, bits), begin, end) in enumerate(rows)
    )
    bottom = _TOP + _ROW * len(steps)
    return Waterfall(
        title=f"{found.left} and {found.right}",
        description=f"Bits that each fact adds to the odds that both are one child; together {found.total:+.1f}. "
        + "; ".join(f"{step.label}: {step.text}" for step in steps),
        width=_WIDTH,
        height=bottom + 48,
        left=_LEFT,
        right=_RIGHT,
        top=_TOP,
        bottom=bottom,
        zero=scale.at(0.0),
        steps=steps,
        ticks=ticks(scale, wanted=6),
    )


def _step(label: str, bits: tuple[float, float, float], scale: Scale, number: int, *, last: bool) -> Step:
    """One bar: its bits, where they begin and end."""
    value, begin, end = bits
    low, high = sorted((scale.at(begin), scale.at(end)))
    kind = "sum" if last else "for" if value >= 0 else "against"
    short = label if len(label) <= _MOST_LETTERS else f"{label[: _MOST_LETTERS - 1].rstrip()}…"
    return Step(
        label=short,
        y=_TOP + _ROW * number,
        x=low,
        width=round(max(high - low, 1.0), 1),
        kind=kind,
        text=f"{value:+.1f}".replace("-", "\N{MINUS SIGN}"),
        end=scale.at(end),
    )
