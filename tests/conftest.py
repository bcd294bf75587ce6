"""Settings of every test: fixed, made up, and set before Django is loaded. No test reads the machine's own settings."""

from __future__ import annotations

import base64
import os
from typing import NoReturn

import django
import hypothesis
import pytest

from childindex.project.folders import CHECKOUT


def _key(letter: bytes) -> str:
    return base64.b64encode(letter * 32).decode()


# Base64 of 32 equal bytes: plainly no real key. The worker's guard keys are put into its tests by `tests/integration`.
TEST_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "childindex.project.settings.practitioner",
    "CHILDINDEX_VAR": str(CHECKOUT / "var" / "tests"),
    "CHILDINDEX_PROCESS": "web",
    "SECRET_KEY": "only for tests",
    "ALLOWED_HOSTS": "testserver,localhost",
    "DATABASE_URL": "postgresql://childindex_owner@/no-test-asked-for-a-database?host=/nonexistent",
    "LEDGER_TERMS_PUBLIC_KEY": _key(b"l"),
    "SECOND_FACTOR_KEY": _key(b"s"),
    "REVIEW_KEY": _key(b"r"),
    "LOG_LEVEL": "ERROR",
    "LEDGER_SPOOL": "none",  # tests of the spool give a folder of their own
}
for _name in (
    "CHILDINDEX_DEMO",
    "DATABASE_URL_WEB",
    "DATABASE_URL_FAMILY",
    "DATABASE_URL_WORKER",
    "DATABASE_URL_AUDIT",
):
    os.environ.pop(_name, None)
os.environ.update(TEST_ENVIRONMENT)
django.setup()

# Speed is measured in benchmarks, never asserted in a test: a busy machine is no failure.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

pytest_plugins = ["tests.database"]


@pytest.fixture(scope="session")
def django_db_setup() -> NoReturn:
    """Closes pytest-django's own test database: it would be entered as its owner, and nothing here runs as that."""
    pytest.fail("Ask for the fixture `database` of tests/integration/conftest.py instead of pytest-django's `db`.")
