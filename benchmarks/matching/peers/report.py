"""What every peer's run prints: wall seconds by stage, peak memory, how busy the machine was."""

from __future__ import annotations

import json
import os
import resource
import time


class Stages:
    """A stop-watch: `done(name)` ends the stage that has been running since the last call."""

    def __init__(self) -> None:
        """Start now."""
        self._began = self._last = time.perf_counter()
        self._load = os.getloadavg()[0]
        self._computed = time.process_time()
        self._seconds: dict[str, float] = {}
        self._cpu: dict[str, float] = {}

    def done(self, stage: str) -> float:
        """Seconds of the stage that ends here."""
        now = time.perf_counter()
        self._seconds[stage] = round(now - self._last, 2)
        self._last = now
        computed = time.process_time()
        self._cpu[stage] = round(computed - self._computed, 2)
        self._computed = computed
        return self._seconds[stage]

    def report(self, **counts: object) -> None:
        """Print one JSON object; `peak_mb` is the process's own, in megabytes of 1024 * 1024 bytes; `cpu_seconds`
        is what it computed for, on all its threads, and means more than wall time on a machine that others use too.
        """
        used = resource.getrusage(resource.RUSAGE_SELF)
        load = {"before": round(self._load, 2), "after": round(os.getloadavg()[0], 2)}
        total = round(time.perf_counter() - self._began, 2)
        own = {
            "cpu_seconds": self._cpu,
            "cpu_total": round(used.ru_utime + used.ru_stime, 2),
            "peak_mb": round(used.ru_maxrss / 1024),
        }
        print(json.dumps({"seconds": self._seconds, "total": total, **own, "load": load, **counts}))
