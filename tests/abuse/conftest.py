"""Abuse cases run against PostgreSQL as the real logins, like the integration tests whose people and children they borrow."""

from __future__ import annotations

from tests.integration.conftest import quick_passwords

__all__ = ["quick_passwords"]
