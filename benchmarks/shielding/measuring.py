"""Two questions asked by turns: how much longer one takes than the other, and whether anybody could tell them apart by it."""

from __future__ import annotations

import gc
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Microseconds = npt.NDArray[np.float64]
RESAMPLES: Final = 2_000
# Waiting for a database that answers in two pieces takes a few calls more; one child more to compare takes hundreds.
CALLS_BY_LOT: Final = 60
LIKELY_AUC: Final = (0.48, 0.52)


@dataclass(slots=True, kw_only=True)
class Pairs:
    """Microseconds of each pair, of the one who is there and the one who is not, by the clock and of processors; bytes of each answer."""

    clock: list[tuple[float, float]] = field(default_factory=list)
    processor: list[tuple[float, float]] = field(default_factory=list)
    lengths: set[tuple[int, int]] = field(default_factory=set)
    statuses: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the pairs say: the median difference with its 95 % interval in microseconds, the AUC and Wilcoxon's p."""

    median: float
    low: float
    high: float
    auc: float
    wilcoxon: float

    def within(self, bound: float) -> bool:
        """Whether the whole interval lies inside a bound, to either side."""
        return -bound < self.low and self.high < bound

    def tells(self) -> bool:
        """Whether the interval leaves out nothing: they can be told apart."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What asking once took and gave."""

    clock: float
    processor: float
    status: int
    length: int


Ask = Callable[[], tuple[int, int]]


class Stopwatch:
    """Time by the clock, and of the processor: this process's and that of the database's process that serves it."""

    def __init__(self, backend: int) -> None:
        """`backend` is the process id that the database gives for our connection."""
        self._account = Path(f"/proc/{backend}/schedstat")
        self.sees_backend = False
        with suppress(OSError, ValueError):
            self.sees_backend = self._backend() > 0

    def _backend(self) -> int:
        """Nanoseconds that the database's process has been on a processor."""
        return int(self._account.read_text().split()[0])

    def time(self, ask: Ask) -> Once:
        """Ask once."""
        served = self._backend() if self.sees_backend else 0
        computed, began = time.process_time_ns(), time.perf_counter_ns()
        status, length = ask()
        ended, done = time.perf_counter_ns(), time.process_time_ns()
        served = (self._backend() if self.sees_backend else 0) - served
        return Once(
            clock=(ended - began) / 1e3, processor=(done - computed + served) / 1e3, status=status, length=length
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What asking once made the site do: its statements with how many rows each touched, how many functions it called, and the answer."""

    statements: tuple[tuple[str, int], ...]
    calls: int
    answer: tuple[int, int]

    def same_as(self, other: Work) -> bool:
        """Whether it was the same. What is drawn by lot and waited for takes a few calls more or less."""
        alike = (self.statements, self.answer) == (other.statements, other.answer)
        return alike and abs(self.calls - other.calls) <= CALLS_BY_LOT


def work(ask: Ask, *, watched: Callable[[Callable[..., Any]], AbstractContextManager[Any]]) -> Work:
    """Ask once and count. `watched` is how a database connection lets somebody stand around its statements (`execute_wrapper`)."""
    statements: list[tuple[str, int]] = []
    calls = 0

    def note(execute: Callable[..., Any], statement: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's own
        sys.setprofile(None)
        try:
            done = execute(statement, values, many, context)
            statements.append((statement, context["cursor"].rowcount))
            return done
        finally:
            sys.setprofile(count)

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    with watched(note):
        sys.setprofile(count)
        try:
            answer = ask()
        finally:
            sys.setprofile(None)
    return Work(statements=tuple(statements), calls=calls, answer=answer)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the collector of garbage, which would run whenever it likes."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def by_turns(
    questions: Sequence[tuple[Ask, Ask]], *, pairs: int, between: Callable[[], object], stopwatch: Stopwatch, seed: int
) -> Pairs:
    """As many pairs as that: the one who is there and the one who is not, which of them first drawn by lot each time."""
    chance, measured = random.Random(seed), Pairs()  # noqa: S311 - a measurement, the same every time
    warm_up = min(20, len(questions))
    with undisturbed():
        for number in range(-warm_up, pairs):
            there, absent = questions[number % len(questions)]
            first_there = chance.random() < 0.5
            took = {}
            for is_there in (first_there, not first_there):
                between()
                took[is_there] = stopwatch.time(there if is_there else absent)
            if number < 0:
                continue
            measured.clock.append((took[True].clock, took[False].clock))
            measured.processor.append((took[True].processor, took[False].processor))
            measured.lengths.add((took[True].length, took[False].length))
            measured.statuses.add((took[True].status, took[False].status))
    return measured


def difference(pairs: Sequence[tuple[float, float]], *, seed: int = 5) -> Difference:
    """The median paired difference with its bootstrapped interval; AUC over all times; Wilcoxon's signed ranks, two-sided."""
    there, absent = np.array(pairs).T
    apart = there - absent
    drawn = np.random.default_rng(seed).integers(0, len(apart), size=(RESAMPLES, len(apart)), dtype=np.int32)
    low, high = np.percentile(np.median(apart[drawn], axis=1), [2.5, 97.5])
    return Difference(
        median=float(np.median(apart)),
        low=float(low),
        high=float(high),
        auc=auc(there, absent),
        wilcoxon=wilcoxon(apart),
    )


def _ranks(values: Microseconds) -> Microseconds:
    """Ranks from 1, those of equals their mean."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Microseconds = (last - (counts - 1) / 2)[place]
    return ranks


def auc(there: Microseconds, absent: Microseconds) -> float:
    """How often one who is there takes longer than one who is not: a half where time tells nothing."""
    ranks = _ranks(np.concatenate([there, absent]))[: len(there)]
    return float((ranks.sum() - len(there) * (len(there) + 1) / 2) / (len(there) * len(absent)))


def wilcoxon(apart: Microseconds) -> float:
    """The two-sided p of the signed-rank test, by its normal approximation: there are hundreds of pairs or more."""
    apart = apart[apart != 0]
    many = len(apart)
    if not many:
        return 1.0
    positive = float(_ranks(np.abs(apart))[apart > 0].sum())
    mean, spread = many * (many + 1) / 4, math.sqrt(many * (many + 1) * (2 * many + 1) / 24)
    return math.erfc(abs(positive - mean) / spread / math.sqrt(2))
