"""The index of the look-up tests."""

from tests.integration.lookup.conftest import actor, at, index, ledger, people, teacher, template

__all__ = ["actor", "at", "index", "ledger", "people", "teacher", "template"]
