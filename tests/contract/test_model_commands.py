"""`childindex train` and `childindex explain` as a person runs them: what they print, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from childindex.matching.engine.levels import Field
from childindex.matching.engine.model import load_model
from childindex.project.cli import app
from synthetic.generate import generate

COLUMNS = "record_id,family_name,given_name,birth_date,sex,nhs_number,postcode\n"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("town")
    generate(children=300, seed=4, out=out)
    return out


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(COLUMNS + "a,Okonjo,Zadie,2015-03-04,female,9990000018,NN1 1AB\nb,Okonjo,Tobi,2015-03-04,male,,\n")
    two.write_text(COLUMNS + "c,Okonjo,Zadie,2015-03-04,female,,NN1 1AB\nd,Smith,Zadie,2015-03-04,female,,NN9 9XY\n")
    return f"{one}:", f"{two}:"


def run(*words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result


def explained(left: str, right: str, *options: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("explain", left, right, *options, "--json").stdout)
    return told


def files(town: Path) -> list[str]:
    return [str(town / f"{name}.csv") for name in ("births", "gp_list", "school_census")]


def test_train_writes_a_model_that_link_accepts(town: Path, tmp_path: Path) -> None:
    out = tmp_path / "trained.toml"
    told = json.loads(run("train", *files(town), "--out", str(out), "--version", "2026-12-01.2", "--json").stdout)
    model = load_model(out)
    assert model.training is not None
    assert (model.version, model.training.records) == ("2026-12-01.2", told["training"]["records"])
    assert told["changes"][-1] < told["changes"][0]
    run("link", *files(town), "--model", str(out), "--out", str(tmp_path / "links"))
    assert (tmp_path / "links" / "links.csv").exists()


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"--version": "soon"}, 2, "a version is a date"),
        ({"--version": "2026-02-30"}, 2, "a version is a date"),
        ({"--several": "nobody"}, 2, "nobody"),
        ({"--out": "nowhere/model.toml"}, 1, "nowhere"),
    ],
)
def test_train_refuses_in_one_line(town: Path, tmp_path: Path, changed: dict[str, str], code: int, said: str) -> None:
    options = {"--out": "model.toml", "--version": "2026-12-01"} | changed
    options["--out"] = str(tmp_path / options["--out"])
    result = run("train", *files(town), *[word for option in options.items() for word in option], code=code)
    assert said in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_train_refuses_what_is_no_supply_file(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name\nAnn\n")
    result = run("train", str(file), "--out", str(tmp_path / "m.toml"), "--version", "2026-12-01", code=1)
    assert "a.csv has no column record_id" in result.stderr
    result = run("train", f"{file}x", "--out", str(tmp_path / "m.toml"), "--version", "2026-12-01", code=1)
    assert "a.csvx" in result.stderr


def test_the_parts_add_up_to_the_total(pair: tuple[str, str]) -> None:
    told = explained(f"{pair[0]}a", f"{pair[1]}c", "--children", "50000")
    assert [said["field"] for said in told["said"]] == list(Field)
    parts = sum(said["bits"] + said["rarity"] for said in told["said"]) + sum(bits for _, bits in told["patterns"])
    assert told["total"] == pytest.approx(told["prior"] + parts + told["household"])
    assert told["prior"] == pytest.approx(load_model().for_population(50_000).prior)
    assert (told["outcome"], told["exact_keys"], told["one_source"]) == ("link", True, False)


def test_a_twin_is_kept_apart_and_the_reasons_are_said(pair: tuple[str, str]) -> None:
    told = explained(f"{pair[0]}b", f"{pair[1]}c")
    assert told["outcome"] != "link"
    assert any("twins" in title for title in told["ask_first"])
    assert any("twins" in title for title, _ in told["patterns"])
    result = run("explain", f"{pair[0]}b", f"{pair[1]}c")
    assert result.stdout == ""
    assert "Never linked without a person: Different given names" in result.stderr


def test_one_file_can_hold_both(pair: tuple[str, str]) -> None:
    told = explained(f"{pair[0]}a", f"{pair[0]}b")
    assert told["one_source"]
    assert (told["left"], told["right"]) == ("one.csv:a", "one.csv:b")


def test_no_value_of_a_record_is_shown(pair: tuple[str, str], tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    result = run("explain", f"{pair[0]}a", f"{pair[1]}d", "--svg", str(chart))
    for told in (result.stderr, chart.read_text()):
        assert not any(value in told for value in ("Okonjo", "Zadie", "Smith", "2015", "999", "NN1"))


def test_the_chart_is_plain_svg_that_can_be_read_out(pair: tuple[str, str], tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    told = explained(f"{pair[0]}b", f"{pair[1]}c", "--svg", str(chart))
    drawing = ET.fromstring(chart.read_text())  # noqa: S314 - our own
    assert drawing.findtext(f"{SVG}title") == "one.csv:b and two.csv:c"
    assert f"together {told['total']:+.1f}" in (drawing.findtext(f"{SVG}desc") or "")
    given = [said for said in told["said"] if said["level"] != "missing"]
    bars = [bar for bar in drawing.iter(f"{SVG}rect") if bar.get("class")]
    assert len(bars) == 1 + len(given) + bool(told["household"]) + len(told["patterns"]) + 1
    assert not list(drawing.iter(f"{SVG}script"))


@pytest.mark.parametrize(
    ("left", "right", "code", "said"),
    [
        ("{0}a", "{1}nobody", 1, "two.csv has no record nobody"),
        ("{0}a", "{0}a", 1, "same one"),
        ("nofile.csv:a", "{1}c", 1, "There is no file nofile.csv"),
        ("a", "{1}c", 2, "is not FILE:RECORD_ID"),
    ],
)
def test_explain_refuses_in_one_line(pair: tuple[str, str], left: str, right: str, code: int, said: str) -> None:
    result = run("explain", left.format(*pair), right.format(*pair), code=code)
    assert said in " ".join(result.stderr.split())
