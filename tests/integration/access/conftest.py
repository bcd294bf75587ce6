"""People and organisations for the tests of access."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.database import AsRole, TestDatabase
from tests.factories.people import Browser, People

Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]
Ledger = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def people(database: TestDatabase, as_role: AsRole) -> People:
    """A factory, with one accredited council that is open."""
    made = People(as_role=as_role)
    made.organisation()
    return made


@pytest.fixture
def browser(database: TestDatabase) -> Browser:
    """A browser with nothing in it."""
    return Browser()


@pytest.fixture
def ledger(connect: Connect) -> Ledger:
    """The whole ledger, oldest first, as the audit reader sees it."""

    def read() -> list[dict[str, Any]]:
        cursor = connect("audit").execute(
            "SELECT event, outcome, account_id, role, organisation, children, detail FROM audit_ledgerentry ORDER BY at"
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return read
