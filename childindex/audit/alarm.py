"""Says on the technical log, loudly, that a sink of the ledger fails: for whoever is called out, not for the ledger (T15)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger(__name__)

REPEAT_SECONDS: Final = 10
# PostgreSQL's own limits end a statement that takes too long, but not a commit; whoever watches must hear of one within ten seconds.
COMMIT_SECONDS: Final = 7.0
LOOK_EVERY_SECONDS: Final = 1.0


class Alarm:
    """One sink's alarm on the log: at the first failure, again every ten seconds while it fails, and once when it works again.

    A line names the sink, how often it failed, the kind of error and PostgreSQL's code for it. Never the error's own words: a
    database's message may quote a row.
    """

    def __init__(self, sink: str) -> None:
        self._sink = sink
        self._failures = 0
        self._said_at = 0.0
        self._lock = threading.Lock()

    def sound(self, error: BaseException) -> None:
        """The sink has failed."""
        with self._lock:
            self._failures += 1
            now = time.monotonic()
            if self._failures > 1 and now - self._said_at < REPEAT_SECONDS:
                return
            self._said_at = now
            failures = self._failures
        cause = error.__cause__ or error
        code = getattr(cause, "sqlstate", None) or getattr(cause, "errno", None) or ""
        log.critical(
            "ledger sink=%s state=down failures=%d cause=%s code=%s", self._sink, failures, type(cause).__name__, code
        )

    def clear(self) -> None:
        """The sink works."""
        if not self._failures:
            return
        with self._lock:
            failures, self._failures = self._failures, 0
        if failures:
            log.critical("ledger sink=%s state=up failures=%d", self._sink, failures)


class NotWritten(Exception):
    """What was begun is not written after all this time."""


class Watch:
    """Breaks off what takes too long to be written: a thread of its own looks once a second."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._begun: dict[object, tuple[float, Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, *, give_up: Callable[[], None]) -> Iterator[None]:
        """If the block takes more than seven seconds the alarm goes off and `give_up` is called from the other thread, once."""
        token = object()
        with self._lock:
            self._begun[token] = (time.monotonic(), give_up)
            # A process that was forked has the object and not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="ledger watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._begun.pop(token, None)

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_SECONDS)
            now = time.monotonic()
            with self._lock:
                late = [token for token, (begun, _) in self._begun.items() if now - begun > COMMIT_SECONDS]
                hands = [self._begun.pop(token)[1] for token in late]
            for give_up in hands:
                self._alarm.sound(NotWritten())
                give_up()
