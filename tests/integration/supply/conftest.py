"""A small register, a spool of the test's own, and what the ledger says afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import override_settings

from childindex.access.sign_in import operator
from childindex.access.types import Actor
from childindex.supply.usecases.set_up import set_up
from tests.unit.supply.test_register import write_register

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
AS_AT = date(2026, 6, 1)
FEED = "school_census"

Ledger = Callable[[str], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Path]:
    """The spool, empty at first."""
    folder = tmp_path / "spool"
    with override_settings(SPOOL_DIR=folder):
        yield folder


@pytest.fixture
def actor() -> Actor:
    """The operator."""
    return operator(at=AT)


@pytest.fixture
def register(database: object, spool: Path, actor: Actor, tmp_path: Path) -> None:
    """An index with one authority, three organisations, three services and one feed."""
    folder = tmp_path / "register"
    folder.mkdir()
    set_up(actor=actor, folder=write_register(folder), at=AT)


@pytest.fixture
def ledger(connect: Callable[[str], psycopg.Connection[Any]]) -> Ledger:
    """The outcomes and details of all entries of one event, oldest first, as the audit reader sees them."""

    def read(event: str) -> list[tuple[str, dict[str, Any]]]:
        found = connect("audit").execute(
            "SELECT outcome, detail FROM audit_ledgerentry WHERE event = %s ORDER BY at, ctid", [event]
        )
        return [(outcome, detail) for outcome, detail in found.fetchall()]

    return read
