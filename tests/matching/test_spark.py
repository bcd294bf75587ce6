"""The same clusters on Spark, a standalone master and two workers, as on DuckDB. Makes `var/spark`, and takes minutes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synthetic.generate import generate

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_spark_links_a_town_as_duckdb_does(tmp_path: Path) -> None:
    generate(children=2_000, seed=31, out=tmp_path)
    command = [sys.executable, "-m", "benchmarks.matching.spark", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(run.stdout)
    assert found["records"] > 5_000
    assert found["records_in_another_cluster"] == found["records_with_another_score"] == 0
    assert found["links_csv_is_the_same_file"]
    assert found["review_csv_is_the_same_file"]
    assert found["workers_that_worked"] == 2
