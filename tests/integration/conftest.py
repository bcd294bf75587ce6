"""Integration tests run against PostgreSQL as the real logins; see `tests/database.py` for the fixtures."""
