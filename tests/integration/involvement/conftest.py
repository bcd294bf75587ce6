"""Every test here has an index with a register."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.factories.index import set_up_register


@pytest.fixture
def register(database: object, as_role: Callable[[str], AbstractContextManager[None]]) -> None:
    """Two areas, four organisations, five feeds and no child."""
    with as_role("owner"):
        set_up_register()
