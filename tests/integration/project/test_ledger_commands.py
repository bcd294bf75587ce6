"""The ledger's commands: what they print, what they end with, and how the processes that run for ever take what goes wrong."""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.test import override_settings
from typer.testing import CliRunner

from childindex.audit import asking
from childindex.audit.checkpoint import Kind, SignerKey, VerifierKey
from childindex.project import ledger as processes_of_the_ledger
from childindex.project import processes
from childindex.project.cli import app
from tests.database import AsRole, TestDatabase
from tests.factories import attacks
from tests.factories.attacks import Owner
from tests.factories.ledger import Ledger, made_ledger

Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]


@pytest.fixture
def ledger(
    database: TestDatabase, tmp_path: Path, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ledger]:
    """A ledger of five entries that the commands find by their settings; a command becomes the process that the test is already."""
    del database
    monkeypatch.setattr(processes, "become", lambda _: None)
    monkeypatch.setattr(processes_of_the_ledger, "enter_alone", lambda _: None)
    with made_ledger(tmp_path, as_role, monkeypatch) as made:
        (tmp_path / "policy").write_text(made.policy_text)
        made.seal([5])
        with override_settings(
            LEDGER_FOLDER=str(made.log), LEDGER_POLICY=str(tmp_path / "policy"), LEDGER_SIGNING_KEY=made.key.text()
        ):
            yield made


def run(ledger: Ledger, process: str, *words: str) -> tuple[int, str]:
    """A command in the login of its process: exit code and what it said."""
    with ledger.as_role(process):
        result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout or result.stderr


def test_a_sound_ledger(ledger: Ledger) -> None:
    code, said = run(ledger, "monitor", "verify-ledger")
    assert code == 0
    assert "5 of 5 sealed entries checked" in said
    code, said = run(ledger, "monitor", "verify-ledger", "--json")
    assert (code, {**json.loads(said), "seconds": 0}) == (
        0,
        {"sound": True, "size": 5, "checked": 5, "seconds": 0, "findings": [], "restores": []},
    )


def test_an_unsound_ledger(ledger: Ledger, connect: Connect) -> None:
    attacks.edit_row(Owner.of(connect("owner")), ledger, 3)
    code, said = run(ledger, "monitor", "verify-ledger", "--json")
    assert (code, json.loads(said)["findings"]) == (1, [{"fault": "entry_changed", "position": 3, "entries": 1}])
    code, said = run(ledger, "monitor", "verify-ledger")
    assert code == 1
    assert "entry_changed: Entries are not what was sealed. From position 3; 1 affected." in said
    assert said.endswith("childindex: The ledger is not sound: first at position 3.\n")


def test_a_restore_is_declared_and_said(ledger: Ledger, connect: Connect) -> None:
    assert run(ledger, "audit", "declare-restore", "--incident", "INC-1")[0] == 1
    assert run(ledger, "audit", "declare-restore", "--incident", "in words")[0] == 2
    attacks.roll_back(Owner.of(connect("owner")), ledger, 2)
    code, said = run(ledger, "audit", "declare-restore", "--incident", "INC-1", "--json")
    assert (code, json.loads(said)) == (0, {"first": 2, "entries": 3})
    ledger.seal()
    code, said = run(ledger, "monitor", "verify-ledger")
    assert "declared restore INC-1: 3 entries lost, positions 2 to 4; sealed in 1 minutes" in said
    assert code == 0, said


def test_a_receipt_is_handed_out_and_written_down(ledger: Ledger, connect: Connect, tmp_path: Path) -> None:
    row = connect("audit").execute("SELECT entry_id::text FROM audit_sealedentry WHERE position = 2").fetchone()
    assert row is not None
    assert run(ledger, "audit", "ledger-receipt", row[0], "--out", str(tmp_path / "r.json"))[0] == 0
    assert json.loads((tmp_path / "r.json").read_text())["position"] == 2
    nobody = "00000000-0000-4000-8000-000000000000"
    assert run(ledger, "audit", "ledger-receipt", nobody, "--out", str(tmp_path / "r.json"))[0] == 1
    written = connect("audit").execute(
        "SELECT outcome, detail->>'entry' FROM audit_ledgerentry WHERE event = 'ledger:receipt:given' ORDER BY outcome"
    )
    assert written.fetchall() == [("done", row[0]), ("failed", nobody)]


def test_keys_are_made_and_never_overwritten(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "new.key"
    code, said = run(ledger, "owner", "ledger-key", "witness.example.org", str(file), "--witness", "--json")
    assert code == 0
    assert SignerKey.parse(file.read_text()).verifier == VerifierKey.parse(json.loads(said)["key"])
    assert SignerKey.parse(file.read_text()).kind is Kind.WITNESS
    assert file.stat().st_mode & 0o077 == 0
    assert run(ledger, "owner", "ledger-key", "witness.example.org", str(file))[0] == 1
    assert run(ledger, "owner", "ledger-key", "two words", str(tmp_path / "other"))[0] == 2


@pytest.mark.parametrize(("setting", "value"), [("LEDGER_POLICY", "/nonexistent"), ("LEDGER_SIGNING_KEY", "no key")])
def test_what_cannot_be_used_is_said(ledger: Ledger, setting: str, value: str) -> None:
    with override_settings(**{setting: value}):
        assert run(ledger, "sealer", "sealer")[0] == 1


@pytest.fixture
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Processes that run for ever are told to stop at their third sleep."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    clock = SimpleNamespace(time=time.time, monotonic=time.monotonic, sleep=sleep)
    monkeypatch.setattr(processes_of_the_ledger, "time", clock)
    return slept


def test_the_sealer_seals_until_it_is_stopped(
    ledger: Ledger, few_rounds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    ledger.write(100)
    assert run(ledger, "sealer", "sealer")[0] == 0
    assert ledger.policy.open(ledger.tiles.checkpoint())[0].size == 105
    assert few_rounds == [0.25] * 3
    assert caplog.records == []


def test_a_sealer_without_witnesses_says_so_and_tries_again(
    ledger: Ledger, few_rounds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    ledger.write(100)
    ledger.down = set(ledger.keys)
    assert run(ledger, "sealer", "sealer")[0] == 0
    assert few_rounds == [5.0] * 3
    assert sum("sealing=stopped cause=NotTrusted" in record.message for record in caplog.records) == 3


def test_the_sealer_outlives_the_database(
    ledger: Ledger, few_rounds: list[float], caplog: pytest.LogCaptureFixture, connect: Connect
) -> None:
    connect("owner").execute("REVOKE SELECT ON audit_sealedentry FROM childindex_sealer")
    assert run(ledger, "sealer", "sealer")[0] == 0
    assert few_rounds == [5.0] * 3
    assert "sealing=stopped cause=ProgrammingError" in caplog.text


def test_the_monitor_says_what_is_wrong_in_every_round_and_ends_with_one(
    ledger: Ledger, few_rounds: list[float], caplog: pytest.LogCaptureFixture, connect: Connect
) -> None:
    attacks.delete_row(Owner.of(connect("owner")), ledger, 3)
    assert run(ledger, "monitor", "verify-ledger", "--watch")[0] == 1
    said = [(record.levelno, record.message) for record in caplog.records]
    assert said == [(logging.CRITICAL, "ledger fault=entry_gone position=3 entries=1")] * 3
    assert len(few_rounds) == 3


def test_a_monitor_of_a_sound_ledger_is_quiet(
    ledger: Ledger, few_rounds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    assert run(ledger, "monitor", "verify-ledger", "--watch", "--every", "1")[0] == 0
    assert (caplog.records, len(few_rounds)) == ([], 3)


def test_a_monitor_that_cannot_read_says_so(
    ledger: Ledger, few_rounds: list[float], caplog: pytest.LogCaptureFixture, connect: Connect
) -> None:
    connect("owner").execute("REVOKE SELECT ON audit_waitingentry FROM childindex_monitor")
    assert run(ledger, "monitor", "verify-ledger", "--watch")[0] == 1
    assert caplog.text.count("watching=stopped cause=ProgrammingError") == 3


def test_a_witness_serves_until_it_is_stopped(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started as the demo starts it; nothing is asked here, what it answers is the business of its own tests."""
    key = tmp_path / "w.key"
    key.write_text(SignerKey.generate("w.example.org", Kind.WITNESS).text())
    words = ["witness", "--key", str(key), "--policy", str(tmp_path / "policy"), "--state", str(tmp_path / "w.state")]
    words += ["--listen", f"unix:{tmp_path}/w.sock"]
    monkeypatch.setattr(asking._UnixServer, "serve_forever", lambda _: os.kill(os.getpid(), signal.SIGTERM))
    assert run(ledger, "owner", *words)[0] == 0
    key.write_text(ledger.key.text())
    assert run(ledger, "owner", *words)[0] == 1
