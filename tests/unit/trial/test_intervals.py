from __future__ import annotations

import pytest

from childindex.trial.intervals import Share, harmonic, per, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_the_published_ones(hits: int, of: int, low: float, high: float) -> None:
    found = wilson(hits, of)
    assert found.share == hits / of
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_an_interval_stays_between_0_and_1_and_holds_the_share() -> None:
    assert wilson(29, 29).high == 1.0
    assert wilson(0, 29).low == 0.0
    assert wilson(0, 0) == Share(hits=0, of=0, share=None, low=None, high=None)


def test_f1_and_rates() -> None:
    assert harmonic(0.5, 1.0) == pytest.approx(2 / 3)
    assert harmonic(0.0, 0.0) == 0.0
    assert harmonic(None, 1.0) is None
    assert harmonic(1.0, None) is None
    assert per(3, 200, scale=100) == 1.5
    assert per(3, 0, scale=100) is None
