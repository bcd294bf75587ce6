"""How long questions take, and how often the right child is found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(slots=True)
class Figures:
    """Seconds by the clock and of the processor, and what was found."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    first: int = 0
    five: int = 0

    def ask(self, answered: Callable[[], list[str]], partner: str) -> None:
        """Times one question, and counts whether the right child came first, or was shown."""
        began, computed = time.perf_counter(), time.thread_time()
        found = answered()
        self.processor.append(time.thread_time() - computed)
        self.wall.append(time.perf_counter() - began)
        self.first += found[:1] == [partner]
        self.five += partner in found

    def told(self) -> dict[str, float]:
        """Milliseconds and shares."""
        times: dict[str, float] = {}
        for name, seconds in (("", self.wall), ("_processor", self.processor)):
            p50, p99 = np.percentile(np.array(seconds) * 1e3, [50, 99]).round(3).tolist()
            times |= {f"p50{name}_ms": p50, f"p99{name}_ms": p99}
        asked = len(self.wall)
        return times | {
            "questions": asked,
            "a_second": round(asked / sum(self.wall)),
            "right_first": round(self.first / asked, 5),
            "right_in_five": round(self.five / asked, 5),
        }
