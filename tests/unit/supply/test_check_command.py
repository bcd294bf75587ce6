"""`childindex check`: answers for a person and for a program, and needs no database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from childindex.project.cli import app
from tests.unit.supply.files import CHILD, write
from tests.unit.supply.test_register import write_register

RUNNER = CliRunner()


def _check(*words: object) -> tuple[int, str, str]:
    result = RUNNER.invoke(app, ["check", *map(str, words)])
    return result.exit_code, result.stdout, result.stderr


def test_answers_row_by_row_and_a_score(tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", [CHILD, {**CHILD, "record_id": "A2", "birth_date": "2099-01-01"}])
    code, _, said = _check(file, "--as-at", "2026-06-01")
    assert code == 0
    assert "row 3, birth_date: The birth date lies in the future" in said
    assert "2 rows, 1 good records, score 50.0 of 100" in said


def test_the_same_for_a_program(tmp_path: Path) -> None:
    code, answer, _ = _check(write(tmp_path / "f.csv", [CHILD]), "--as-at", "2026-06-01", "--json")
    assert code == 0
    assert (json.loads(answer)["score"], json.loads(answer)["rejected"]) == (100.0, {})


def test_with_a_register_services_and_licence_are_checked(tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", [{**CHILD, "service_type": "chess", "nhs_number": "1"}])
    words = (file, "--register", write_register(tmp_path), "--as-at", "2026-06-01")
    code, _, said = _check(*words, "--feed", "school_census")
    assert code == 0
    assert "The service is not in the index's list of services." in said
    assert "dropped: 0 unknown and 1 unlicensed columns" in said
    code, _, said = _check(*words, "--feed", "nobody")
    assert (code, "The feeds in this folder are: school_census." in said) == (1, True)


def test_many_bad_rows_are_counted_not_listed(tmp_path: Path) -> None:
    rows = [{**CHILD, "record_id": f"A{number}", "sex": "?"} for number in range(130)]
    assert "and 30 more rows" in _check(write(tmp_path / "f.csv", rows), "--as-at", "2026-06-01")[2]


@pytest.mark.parametrize(("content", "sentence"), [("", "The file is empty."), ("a\n", "A required column is missing")])
def test_a_file_that_would_be_held_ends_with_1(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "f.csv"
    file.write_text(content)
    code, _, said = _check(file)
    assert code == 1
    assert f"The file would be held: {sentence}" in said


def test_a_register_that_cannot_be_used(tmp_path: Path) -> None:
    code, _, said = _check(write(tmp_path / "f.csv", [CHILD]), "--register", tmp_path, "--feed", "x")
    assert (code, "organisations.csv: it cannot be opened." in said) == (1, True)


def test_bad_usage_ends_with_2(tmp_path: Path) -> None:
    assert _check(tmp_path / "f.csv", "--as-at", "tomorrow")[0] == 2
