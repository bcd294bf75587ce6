from __future__ import annotations

import json
import stat
from pathlib import Path

from childindex.project.demo_secrets import FILE_NAME, demo_secrets, demo_settings


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    made = demo_secrets(tmp_path / "var")

    assert demo_secrets(tmp_path / "var") == made
    assert stat.S_IMODE((tmp_path / "var" / FILE_NAME).stat().st_mode) == 0o600


def test_a_newer_version_adds_what_it_needs_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({"SECRET_KEY": "kept"}))

    made = demo_secrets(tmp_path)

    assert made["SECRET_KEY"] == "kept"
    assert made["GUARD_HASH_KEY"]
    assert demo_secrets(tmp_path) == made


def test_the_demo_never_enters_the_database_of_a_live_index(tmp_path: Path) -> None:
    live = {"DATABASE_URL": "postgresql://live.example.org/index"}
    assert "live" not in demo_settings(tmp_path, live)["DATABASE_URL"]

    named = {**live, "CHILDINDEX_DEMO_DATABASE_URL": "postgresql://demo.example.org/index"}
    assert demo_settings(tmp_path, named)["DATABASE_URL"] == "postgresql://demo.example.org/index"
