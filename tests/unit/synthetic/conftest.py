"""One small made-up population for the tests of the generator."""

from __future__ import annotations

import numpy as np
import pytest

from synthetic import places, population
from synthetic.population import Population

TODAY = 20_697  # 1 September 2026
CHILDREN = 30_000


@pytest.fixture(scope="session")
def people() -> Population:
    rng = np.random.default_rng(7)
    area = places.chosen(("Leeds", "E08000035", "Wakefield"), rng)
    return population.build(rng, children=CHILDREN, authorities=area, today=TODAY, progress=lambda _stage, _share: None)
