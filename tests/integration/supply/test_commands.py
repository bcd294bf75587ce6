"""`childindex setup` and `childindex deliver` as somebody runs them: exit codes, one clear line, and JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from childindex.project.folders import CHECKOUT
from tests.conftest import TEST_ENVIRONMENT
from tests.database import WORKER_KEYS, TestDatabase
from tests.unit.supply.files import CHILD, SCHOOL, write
from tests.unit.supply.test_register import write_register

pytestmark = pytest.mark.process("worker")


def test_set_up_and_deliver_from_the_command_line(database: TestDatabase, tmp_path: Path) -> None:
    environment = {**os.environ, **TEST_ENVIRONMENT, **WORKER_KEYS}
    environment |= {"DATABASE_URL": database.url(), "CHILDINDEX_VAR": str(tmp_path / "var")}

    def run(*words: object) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "childindex.project.cli", *map(str, words)],
            env=environment,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    code, answer, _ = run("setup", write_register(tmp_path), "--json")
    assert (code, json.loads(answer)["feeds"]) == (0, {"new": 1, "changed": 0, "same": 0})

    rows = [{**CHILD, **SCHOOL}, {**CHILD, "record_id": "A2", "birth_date": "2027-01-01"}]
    words = ("deliver", "--feed", "school_census", write(tmp_path / "f.csv", rows), "--as-at", "2026-06-01")
    code, answer, _ = run(*words, "--json")
    report = json.loads(answer)
    assert (code, report["state"], report["new"], report["started"]) == (0, "applied", 1, 1)
    assert report["rejected"] == {"birth_in_future": 1}

    code, _, said = run(*words)
    assert (code, "this content was received before" in said) == (0, True)

    (tmp_path / "empty.csv").write_text("")
    code, answer, said = run("deliver", "--feed", "school_census", tmp_path / "empty.csv")
    assert (code, answer) == (1, "")
    assert said.strip().endswith("childindex: The file is held and changed nothing. The file is empty.")

    code, _, said = run("deliver", "--feed", "nobody", tmp_path / "f.csv")
    assert (code, len(said.strip().splitlines())) == (1, 1)
    assert "There is no feed of that name. The feeds are: school_census." in said
