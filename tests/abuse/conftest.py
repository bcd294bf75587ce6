"""Abuse cases run against PostgreSQL as the real logins, like the integration tests whose people and children they borrow."""

from __future__ import annotations

from tests.abuse.protected_index import kept_index, made
from tests.integration.conftest import quick_passwords

__all__ = ["kept_index", "made", "quick_passwords"]
