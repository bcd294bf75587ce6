"""A ledger that can be sealed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import AsRole, TestDatabase
from tests.factories.ledger import Ledger, made_ledger


@pytest.fixture
def ledger(
    database: TestDatabase, tmp_path: Path, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ledger]:
    """An empty ledger with its folder and three witnesses."""
    del database
    with made_ledger(tmp_path, as_role, monkeypatch) as made:
        yield made
