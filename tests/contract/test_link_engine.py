"""`childindex link --engine spark` where there is no Spark: one line which says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from childindex.project.cli import app


def test_an_engine_that_is_not_installed_is_one_line_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    result = CliRunner().invoke(app, ["link", "any.csv", "--out", str(tmp_path), "--engine", "spark"])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "childindex: --engine spark needs an optional extra: pip install 'childindex[spark]'"
    ]


def test_an_engine_nobody_knows_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["link", "any.csv", "--out", str(tmp_path), "--engine", "abacus"])
    assert result.exit_code == 2


def test_training_is_refused_before_a_spark_is_looked_for(tmp_path: Path) -> None:
    spark = ["--engine", "spark", "--spark-master", "spark://127.0.0.1:9"]
    result = CliRunner().invoke(app, ["link", "any.csv", "--out", str(tmp_path), "--train", *spark])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "childindex: A model is trained on this machine: train first, and give --model"
    ]
