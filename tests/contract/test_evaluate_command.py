"""`childindex evaluate DIR --truth truth.csv` as an evaluator runs it: what it prints, where, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from childindex.project.cli import app
from tests.unit.trial import town


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return town.write(tmp_path)


def run(folder: Path, *options: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["evaluate", str(folder), "--truth", str(folder / "truth.csv"), *options])
    assert result.exit_code == code, result.output
    return result


def test_json_is_one_object_with_every_figure(folder: Path) -> None:
    told = json.loads(run(folder, "--json").stdout)
    assert {
        "counts",
        "pairs",
        "clusters",
        "review",
        "twins",
        "forbidden",
        "groups",
        "curves",
        "calibration",
        "link",
    } <= set(told)
    assert told["pairs"]["cross"]["recall"] == {
        "hits": 5,
        "of": 11,
        "share": 5 / 11,
        "low": pytest.approx(0.2127, abs=1e-4),
        "high": pytest.approx(0.7199, abs=1e-4),
    }
    assert told["clusters"]["before"]["mixed_per_100_000"] == 25_000
    assert told["review"]["pairs_per_100_true"] == pytest.approx(400 / 11)
    assert told["groups"]["columns"]["origin"]["north"]["recall"]["hits"] == 2
    assert (told["differences"], told["gates"]) == (None, [])


def test_without_json_standard_output_stays_empty(folder: Path) -> None:
    result = run(folder)
    assert result.stdout == ""
    assert "Pairs between suppliers: precision 0.83333" in result.stderr


def test_birth_dates_come_from_supply_files_by_name_or_stem(folder: Path) -> None:
    named = f"b={(folder / 'b.csv').rename(folder / 'second.csv')}"
    told = json.loads(run(folder, "--files", str(folder / "a.csv"), "--files", named, "--json").stdout)
    assert told["twins"] == {"cross": 1, "all": 2, "by_birth_date": True}
    run(folder, "--files", "b=x.csv", "--files", "b=y.csv", code=2)


def test_a_frozen_run_and_gates(folder: Path) -> None:
    frozen, gates = folder / "earlier.json", folder / "gates.toml"
    frozen.write_text(run(folder, "--json").stdout)
    gates.write_text('[[gate]]\nfigure = "pairs.cross.recall.share"\nmay_fall = 0.0\n')
    run(folder, "--against", str(frozen), "--gates", str(gates))
    # the same links with one more wrong: ann's and cal's records in b change places
    links = folder / "links.csv"
    links.write_text(links.read_text().replace("b,b1,1,", "b,b1,99,"))
    result = run(folder, "--against", str(frozen), "--gates", str(gates), "--json", code=1)
    told = json.loads(result.stdout)
    assert told["gates"] == [
        {
            "figure": "pairs.cross.recall.share",
            "bound": "may_fall",
            "limit": 0.0,
            "value": pytest.approx(1 / 11),
            "passed": False,
        }
    ]
    assert {"figure": "pairs.cross.right", "earlier": 5, "now": 4, "change": -1} in told["differences"]
    assert result.stderr.strip().splitlines()[-1] == "childindex: 1 of 1 gates are broken: pairs.cross.recall.share"


def test_the_page_is_written(folder: Path) -> None:
    run(folder, "--html", str(folder / "trial.html"))
    assert (folder / "trial.html").read_text().startswith("<!DOCTYPE html>")


def test_refused_with_one_line(folder: Path) -> None:
    (folder / "links.csv").write_text("source,record_id\n")
    result = run(folder, code=1)
    assert result.stderr.strip().splitlines()[-1] == f"childindex: {folder / 'links.csv'} lacks the columns child."


def test_bad_usage(folder: Path) -> None:
    run(folder, "--truth", str(folder / "nowhere.csv"), code=2)
