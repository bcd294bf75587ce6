"""Integration tests run against PostgreSQL as the real logins; see `tests/database.py` for the fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from childindex.access import policies


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed as always, only less thoroughly: 100 MB for each person made up is a third of the time of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2PasswordHasher, "time_cost", 1)
        patch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
        yield


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches as fast as a test makes them: what they find is in question, not how many there are (those are T03's)."""
    monkeypatch.setattr(policies, "SEARCHES", tuple(replace(rate, most=10_000) for rate in policies.SEARCHES))
