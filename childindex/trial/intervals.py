"""Shares with the interval they may really lie in, because a trial counts only some of the children there are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054  # 95%, two-sided


@dataclass(frozen=True)
class Share:
    """So many of so many. `share`, `low` and `high` lie in 0-1 and are None where there is nothing to take a share of."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def wilson(hits: int, of: int) -> Share:
    """The share and its 95% interval after Wilson (1927), which stays within 0-1 and holds for shares near either end."""
    if of == 0:
        return Share(hits=hits, of=of, share=None, low=None, high=None)
    share = hits / of
    middle = share + _Z * _Z / (2 * of)
    width = _Z * sqrt(share * (1 - share) / of + _Z * _Z / (4 * of * of))
    scale = 1 + _Z * _Z / of
    low, high = (middle - width) / scale, (middle + width) / scale
    return Share(hits=hits, of=of, share=share, low=min(max(low, 0.0), share), high=max(min(high, 1.0), share))


def harmonic(one: float | None, other: float | None) -> float | None:
    """F1 of a precision and a recall; None where either is."""
    if one is None or other is None:
        return None
    return 2 * one * other / (one + other) if one + other else 0.0


def per(hits: int, of: int, *, scale: int) -> float | None:
    """So many per hundred or per 100,000; None where there are none."""
    return scale * hits / of if of else None
