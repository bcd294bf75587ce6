"""Changing between the logins of one database without a new connection each time: tens of thousands of steps do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import override_settings

from childindex.project.database import Process
from tests.database import AUDIT_KEYS, WORKER_KEYS, TestDatabase


class Logins:
    """A kept connection for each kind of process."""

    def __init__(self, database: TestDatabase) -> None:
        """Connections are made when they are first needed."""
        self._database = database
        self._kept: dict[Process, BaseDatabaseWrapper] = {}

    @contextmanager
    def enter(self, process: str) -> Iterator[None]:
        """Django enters as this login, with this process's keys, and goes back."""
        which = Process(process)
        before = connections["default"]
        keys = {**(WORKER_KEYS if which is Process.WORKER else {}), **(AUDIT_KEYS if which is Process.AUDIT else {})}
        connections["default"] = self._connection(which)
        try:
            with override_settings(PROCESS=which, **keys):
                yield
        finally:
            connections["default"] = before

    def _connection(self, which: Process) -> BaseDatabaseWrapper:
        if which not in self._kept:
            made: Any = connections.create_connection("default")
            address = self._database.address(which.value).for_django()
            made.settings_dict = {**made.settings_dict, **{k: v for k, v in address.items() if k != "OPTIONS"}}
            self._kept[which] = made
        return self._kept[which]

    def close(self) -> None:
        """Close them all."""
        for one in self._kept.values():
            one.close()
