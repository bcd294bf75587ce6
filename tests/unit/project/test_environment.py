from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest

from childindex.project.environment import Environment, MissingSettingsError
from childindex.project.folders import CHECKOUT

A_KEY = base64.b64encode(b"k" * 32).decode()


def test_every_problem_is_told_in_one_error() -> None:
    environment = Environment(values={"SWITCH": "yes", "SIZE": "many", "KIND": "other", "KEY": "c2hvcnQ="})
    environment.text("NAME", advice="What the place is called.")
    environment.flag("SWITCH")
    environment.number("SIZE", default=1)
    environment.choice("KIND", ("a", "b"), default="a")
    environment.key("KEY", advice="Thirty-two bytes.")

    with pytest.raises(MissingSettingsError) as told:
        environment.complain()

    for part in ("NAME is not set. What the place is called.", "SWITCH is 'yes'", "SIZE is 'many'", "KIND is 'other'"):
        assert part in str(told.value)
    assert "KEY is not a base64 text of 32 bytes" in str(told.value)


def test_readers_give_what_was_set() -> None:
    environment = Environment(values={"NAME": " a ", "HOSTS": "a, b,", "SWITCH": "1", "SIZE": "7", "KEY": A_KEY})

    assert environment.text("NAME", advice="") == "a"
    assert environment.words("HOSTS", advice="") == ["a", "b"]
    assert environment.flag("SWITCH")
    assert environment.number("SIZE", default=1) == 7
    assert environment.key("KEY", advice="") == A_KEY
    environment.complain()


def test_a_blank_value_counts_as_missing() -> None:
    environment = Environment(values={"NAME": "   "})
    environment.text("NAME", advice="Say.")
    with pytest.raises(MissingSettingsError):
        environment.complain()


def test_generated_values_stand_in_for_what_is_not_set() -> None:
    environment = Environment(values={}, generated={"NAME": "made up"})
    assert environment.text("NAME", advice="") == "made up"
    environment.complain()


def _load_settings(**settings: str) -> subprocess.CompletedProcess[str]:
    program = (
        "import childindex.project.settings.practitioner as s; print(s.DATABASES['default']['USER'], s.PROCESS.value)"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.defpath, **settings},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


LIVE = {
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "index.example.org",
    "DATABASE_URL": "postgresql://childindex_owner:secret@db.example.org/childindex",
    "LEDGER_TERMS_PUBLIC_KEY": A_KEY,
    "SECOND_FACTOR_KEY": A_KEY,
    "REVIEW_KEY": A_KEY,
}


def test_an_empty_environment_is_told_everything_that_is_missing() -> None:
    result = _load_settings(CHILDINDEX_PROCESS="worker")

    assert result.returncode != 0
    for name in (*LIVE.keys() - {"SECOND_FACTOR_KEY"}, "GUARD_HASH_KEY", "GUARD_ENCRYPTION_KEY"):
        assert f"{name} is not set. " in result.stderr


@pytest.mark.parametrize("kind", ["web", "family", "audit", "owner"])
def test_only_the_worker_is_asked_for_the_guard_keys(kind: str) -> None:
    result = _load_settings(CHILDINDEX_PROCESS=kind)
    assert "GUARD_HASH_KEY" not in result.stderr
    assert ("LEDGER_TERMS_PRIVATE_KEY" in result.stderr) == (kind == "audit")


def test_the_login_follows_the_kind_of_process() -> None:
    assert _load_settings(**LIVE).stdout.split() == ["childindex_web", "web"]
    own = _load_settings(**LIVE, DATABASE_URL_WEB="postgresql://other@db.example.org/childindex")
    assert own.stdout.split() == ["other", "web"]


def test_a_bad_address_is_refused_without_repeating_its_password() -> None:
    result = _load_settings(**{**LIVE, "DATABASE_URL": "postgresql://owner:hunter2@[::1/x"})
    assert result.returncode != 0
    assert "DATABASE_URL cannot be read" in result.stderr.splitlines()[-1]
    assert "hunter2" not in result.stderr.splitlines()[-1]
