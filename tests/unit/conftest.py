"""Unit tests have no database: an attempt to enter one fails at once, whoever makes it."""

from __future__ import annotations

from typing import NoReturn

import psycopg
import pytest


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("A unit test tried to enter a database. Move it to tests/integration.")

    monkeypatch.setattr(psycopg, "connect", refuse)
    monkeypatch.setattr(psycopg.Connection, "connect", refuse)
