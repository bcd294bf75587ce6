from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from childindex.kernel.refusals import Denied, Refusal
from childindex.project.cli import app
from childindex.project.console import CommandError, answer, command
from childindex.project.database import DatabaseError
from childindex.project.folders import CHECKOUT

COMMANDS = [str(registered.name) for registered in app.registered_commands]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_bad_usage_ends_with_two() -> None:
    assert CliRunner().invoke(app, ["serve", "--port", "no number"]).exit_code == 2


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (CommandError("The file is not there."), "childindex: The file is not there."),
        (DatabaseError("No such database."), "childindex: No such database."),
        (Denied(Refusal.LIVE_INDEX), "childindex: refused: live index."),
        (
            psycopg.OperationalError("connection refused"),
            "childindex: The database cannot be reached: connection refused",
        ),
    ],
)
def test_our_own_failures_are_one_line_and_one(error: Exception, line: str, capfd: pytest.CaptureFixture[str]) -> None:
    @command
    def fails() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        fails()

    assert ended.value.code == 1
    written = capfd.readouterr()
    assert written.err.splitlines() == [line]
    assert written.out == ""


def test_a_defect_is_not_dressed_up() -> None:
    @command
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()


def test_results_are_one_object_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    answer({"rows": 3})
    assert json.loads(capsys.readouterr().out) == {"rows": 3}


def test_missing_settings_are_told_on_standard_error() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "childindex.project.cli", "migrate"],
        env={"PATH": os.defpath},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("childindex: The settings are not complete:")


@pytest.mark.enable_socket
def test_a_taken_port_is_told_before_anything_is_started() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(app, ["demo", "--port", str(taken.getsockname()[1])])
    assert result.exit_code == 1
    assert "Choose another with --port" in result.stderr


def test_synth_writes_files_and_says_what(tmp_path: Path) -> None:
    arguments = ["synth", "--children", "60", "--suppliers", "births,school_census", "--out", str(tmp_path), "--json"]
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 0, result.stderr
    written = json.loads(result.stdout)
    assert set(written["rows"]) == {"births", "school_census"}
    assert (tmp_path / "births.csv").exists()
    assert (tmp_path / "truth.csv").exists()


def test_synth_refuses_an_unknown_authority_as_bad_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["synth", "--children", "9", "--out", str(tmp_path), "--authorities", "Atlantis"])
    assert result.exit_code == 2
    assert "Atlantis" in result.stderr
