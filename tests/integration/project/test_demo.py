"""What the demo refuses. That it starts, serves and stops is shown by tests/journeys, which run on one."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from typer.testing import CliRunner

from childindex.project.cli import app
from childindex.project.database import is_demo
from childindex.project.demo import Demo, Stopped
from tests.database import Server, TestDatabase

PORT = "18471"


@pytest.mark.enable_socket
def test_a_database_that_may_be_live_is_refused_and_left_alone(database: TestDatabase, tmp_path: Path) -> None:
    arguments = ["demo", "--port", PORT, "--data", str(tmp_path), "--database-url", database.url("owner")]
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 1
    assert "is not marked as a demo's, and may hold real children" in result.stderr
    assert not is_demo(database.address("owner"))


@pytest.mark.enable_socket
def test_a_second_demo_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for arguments in (["demo", "--port", PORT], ["demo", "--reset"]):
            result = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path)])
            assert result.exit_code == 1
            assert "is running already" in result.stderr


def test_codes_before_there_is_a_demo(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--codes", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "There is no demo yet" in result.stderr


@pytest.mark.enable_socket
def test_a_new_database_is_marked_first_and_a_stop_while_it_fills_ends_well(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"test_{tmp_path.name}"

    def stop_at_once(*_: object) -> None:
        raise Stopped

    monkeypatch.setattr(Demo, "_fill", stop_at_once)
    url = server.cluster.url(role="childindex_owner", database=name)
    try:
        arguments = ["demo", "--port", PORT, "--data", str(tmp_path), "--database-url", url]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0
        assert "Stopped; the next start keeps the data" in result.stderr
        assert is_demo(server.address(name))
    finally:
        server.drop(name)
