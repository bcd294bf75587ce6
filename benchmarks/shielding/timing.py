"""Whether a sealed child can be told from none by how long an answer takes, or how long it is (T08).

    python -m benchmarks.shielding.timing [--pairs 4000] [--children 400] [--attempts 1] [--json]

Pairs of questions by turns, in an order drawn by lot, through the site's own middleware in one process, as the web process's login of a database of
the tests' own. Prints for each way to ask: the median difference with its bootstrapped 95 % interval, the AUC and Wilcoxon's p, by the clock and
of processor time alone (this process's and the database's), and the difference in length. Then the same for an index that finds everybody and
filters in Python: if that is not caught the measurement is worth nothing. Exits with 1 unless every interval lies within 20 microseconds, every AUC within
0.48 and 0.52, every length is the same, and the naive index is caught. Run it alone: a busy machine widens the intervals.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

# Sets Django up as the tests have it.
import tests.conftest
from benchmarks.shielding import asking
from benchmarks.shielding.measuring import LIKELY_AUC, Difference, Pairs, by_turns, difference
from childindex.project.database import ROLES, Process
from childindex.project.postgres import embedded_cluster
from tests import database
from tests.abuse import protected_index

BOUND: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one way to ask gave away: by the clock, of processors, and in bytes."""

    way: str
    pairs: int
    clock: Difference
    processor: Difference
    median: float
    bytes_apart: int
    statuses: tuple[tuple[int, int], ...]

    def alike(self, bound: float) -> bool:
        """Whether a sealed child cannot be told from none."""
        low, high = LIKELY_AUC
        same = self.bytes_apart == 0 and all(there == absent for there, absent in self.statuses)
        return same and self.clock.within(bound) and low <= self.clock.auc <= high


def told(way: str, pairs: Pairs) -> Told:
    """The figures of one way to ask."""
    clock = sorted(absent for _, absent in pairs.clock)
    return Told(
        way=way,
        pairs=len(pairs.clock),
        clock=difference(pairs.clock),
        processor=difference(pairs.processor),
        median=clock[len(clock) // 2],
        bytes_apart=max(abs(there - absent) for there, absent in pairs.lengths),
        statuses=tuple(sorted(pairs.statuses)),
    )


def measured(
    index: asking.Index, *, pairs: int, between: Callable[[], object], ways: tuple[str, ...] = (), seed: int = 1
) -> Iterator[Told]:
    """Every way to ask, one after another; the caller has entered the database as the site's login."""
    browser, watch = protected_index.browser_of(index.person), asking.stopwatch()
    for way, questions in asking.routes(index, browser).items():
        if not ways or way in ways:
            yield told(way, by_turns(questions, pairs=pairs, between=between, stopwatch=watch, seed=seed))


@contextmanager
def _database(
    server: database.Server, *, children: int, sealed: bool
) -> Iterator[tuple[asking.Index, Callable[[], object]]]:
    """A database of one's own with the index in it, entered as the site's login; and what is done between two questions."""
    name = server.clone(server.template)

    def enter(process: str) -> Any:
        return database._django_enters(server.address(name, Process(process).role), Process(process))  # noqa: SLF001 - the tests' own way in

    try:
        index = asking.put_in(enter, pairs=children, sealed=sealed)
        owner = server.address(name).connect()
        with enter("web"), owner:
            yield index, asking.unlimited(lambda _: owner)
    finally:
        server.drop(name)


def row(name: str, one: Told) -> str:
    """One line of the table."""

    def figures(of: Difference) -> str:
        return f"{of.median:+7.1f} [{of.low:+7.1f}, {of.high:+7.1f}]  {of.auc:.4f}  {of.wilcoxon:7.1e}"

    return f"{name:42} {one.pairs:5} {one.median / 1000:7.2f}  {figures(one.clock)}   {figures(one.processor)}  {one.bytes_apart}"


def run(*, pairs: int, children: int, attempts: int) -> tuple[list[tuple[str, Told]], bool]:
    """Everything, printed as it comes; whether all of it is as it must be. With several attempts most of them must pass."""
    folder = database._cluster_folder()  # noqa: SLF001 - the tests' own server
    cluster = embedded_cluster(folder, roles=ROLES, settings=database.SETTINGS)
    server = database.Server(cluster=cluster)
    server.start()
    rows: list[tuple[str, Told]] = []
    passed: dict[str, list[bool]] = {}

    def note(name: str, one: Told, *, well: bool) -> None:
        rows.append((name, one))
        passed.setdefault(name, []).append(well)
        print(row(name, one), "" if well else "  NOT AS IT MUST BE", flush=True)

    head = "median µs and 95 % interval    AUC   Wilcoxon"
    print(f"{'sealed against absent':42} pairs  ms each  clock: {head}   processors: {head}  bytes apart")
    try:
        with _database(server, children=children, sealed=True) as (index, between):
            for attempt in range(attempts):
                for one in measured(index, pairs=pairs, between=between, seed=attempt):
                    note(one.way, one, well=one.alike(BOUND))
        with _database(server, children=children, sealed=False) as (index, between), asking.naive(index.sealed_ids):
            for one in measured(index, pairs=pairs, between=between, ways=asking.CONTROLLED):
                note(f"naive: {one.way}", one, well=one.clock.tells())
    finally:
        server.stop()
    return rows, all(2 * sum(each) > len(each) for each in passed.values())


def main() -> None:
    """Measures, prints, and exits with whether it is as it must be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=4_000)
    parser.add_argument("--children", type=int, default=400, help="sealed ones, and as many who are absent")
    parser.add_argument("--attempts", type=int, default=1, help="of which most must pass")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object at the end")
    asked = parser.parse_args()
    rows, well = run(pairs=asked.pairs, children=asked.children, attempts=asked.attempts)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    if asked.json:
        print(json.dumps([{"name": name, **asdict(one)} for name, one in rows]))
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    assert tests.conftest.TEST_ENVIRONMENT
    main()
