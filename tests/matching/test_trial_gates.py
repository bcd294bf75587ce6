"""Matching may not get worse unnoticed: a small town is linked and held against a frozen run and its gates.

A change that is meant to move figures freezes them anew: `childindex evaluate RUN --truth TOWN/truth.csv --json > tests/matching/frozen/town.json`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from childindex.project.cli import app
from childindex.trial import outcome
from childindex.trial.compare import in_words
from synthetic.generate import DEFAULT_SUPPLIERS, generate

FROZEN = Path(__file__).parent / "frozen"
CHILDREN, SEED = 5_000, 31


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> outcome.Outcome:
    town = tmp_path_factory.mktemp("town")
    generate(children=CHILDREN, seed=SEED, out=town)
    files = {name: town / f"{name}.csv" for name in DEFAULT_SUPPLIERS}
    linked = CliRunner().invoke(app, ["link", *map(str, files.values()), "--out", str(town / "run"), "--pairs"])
    assert linked.exit_code == 0, linked.output
    return outcome.run(
        town / "run",
        truth=town / "truth.csv",
        files=files,
        against=FROZEN / "town.json",
        gates=FROZEN / "gates.toml",
    )


def test_the_town_is_the_frozen_one(found: outcome.Outcome) -> None:
    """Gates on changes mean nothing where the children are others."""
    assert found.differences is not None
    assert [
        one for one in found.differences if one.figure in {"counts.records", "counts.persons", "pairs.all.true"}
    ] == []


def test_no_gate_is_broken(found: outcome.Outcome) -> None:
    assert found.verdicts
    assert [in_words(one) for one in found.verdicts if not one.passed] == []
