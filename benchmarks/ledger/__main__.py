"""The ledger measured with its real processes: a PostgreSQL, a sealer, three witnesses and a monitor, on one machine.

    python -m benchmarks.ledger                    # a million entries; about ten minutes on two quiet cores
    python -m benchmarks.ledger --entries 50000    # the same, smaller

Prints one JSON object a line: what one entry costs whoever looks something up, how many are sealed a second, how many entries and seconds are
unprotected at worst while as much is written as one process can, how long the whole takes to verify, and how long the running monitor
takes to find each attack of the database's owner (T16). Times are wall times; `load` is the machine's when the line was written.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.ledger.attacks import ATTACKS, Scene
from childindex.project.database import ROLES, Address, Process, mark_demo, prepare_cluster
from childindex.project.demo_ledger import prepare
from childindex.project.demo_secrets import demo_settings
from childindex.project.folders import cluster_folder
from childindex.project.postgres import DURABLE, SUPERUSER, embedded_cluster

CLI = [sys.executable, "-m", "childindex.project.cli"]
SEED = 16
# Entries as a page writes them: 470 bytes of leaf, one child, a reason with a case reference.
MAKE_ENTRIES = """
    INSERT INTO audit_ledgerentry
    SELECT id, 'child:entry:viewed', 'done', at, account, 'social_worker', 'gss:E08000003', 'web', 'contact', 'MA/123', ARRAY[child],
        '{"shown": 1}', leaf, sha256('\\x00'::bytea || leaf)
    FROM (
        SELECT id, at, account, child, convert_to('{"account":"' || account || '","at":"'
            || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","case":"'
            || encode(sha256(decode(salt, 'hex') || 'MA/123'::bytea), 'hex') || '","channel":"web","children":["' || child
            || '"],"detail":{"shown":1},"event":"child:entry:viewed","id":"' || id || '","organisation":"gss:E08000003","outcome":"done",'
            || '"reason":"contact","role":"social_worker","salt":"' || salt || '","terms":""}', 'UTF8') AS leaf
        FROM (
            SELECT gen_random_uuid() AS id, gen_random_uuid() AS account, gen_random_uuid() AS child, md5(random()::text) AS salt,
                timestamptz '2026-01-01' + n * interval '1 second' AS at
            FROM generate_series(1, %s) AS n
        ) AS drawn
    ) AS made
"""


def say(**figures: Any) -> None:
    """One line of figures."""
    print(json.dumps({**figures, "load": round(os.getloadavg()[0], 1)}), flush=True)


class Processes:
    """The installation: started one after the other, stopped together."""

    def __init__(self, var: Path, url: str) -> None:
        own = {"CHILDINDEX_DEMO": "1", "CHILDINDEX_VAR": str(var), "LOG_LEVEL": "DEBUG"}
        self.environment = {**os.environ, **own, "CHILDINDEX_DEMO_DATABASE_URL": url}
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """A process that runs until `stop`."""
        process = subprocess.Popen([*CLI, *words], env=self.environment, text=True, **options)
        self.running.append(process)
        return process

    def finish(self, *words: str) -> str:
        """A command that ends by itself; what it printed."""
        done = subprocess.run([*CLI, *words], env=self.environment, text=True, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"{words[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def stop(self) -> None:
        """The newest first."""
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            process.wait()


class Monitor:
    """`verify-ledger --watch` in a process of its own, and when it said what."""

    def __init__(self, processes: Processes) -> None:
        self.lines: list[tuple[float, str]] = []
        self.process = processes.start("verify-ledger", "--watch", stderr=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stderr or ():
            self.lines.append((time.monotonic(), line.strip()))

    def wait(self, wanted: Callable[[str], bool], *, since: float, seconds: float) -> tuple[float, str] | None:
        """The first line after a moment that is wanted, and when it came; nothing if it does not in time."""
        while time.monotonic() < since + seconds:
            for at, line in self.lines:
                if at > since and wanted(line):
                    return at, line
            time.sleep(0.05)
        return None

    def quiet(self) -> None:
        """Waits for a round that finds nothing."""
        if self.wait(lambda line: "faults=0" in line, since=time.monotonic(), seconds=300) is None:
            raise SystemExit(
                "the monitor finds something in a sound ledger: " + "; ".join(line for _, line in self.lines[-5:])
            )


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """A server of its own, on disk as in production."""
    cluster = embedded_cluster(
        cluster_folder("pg", var=folder, as_root=os.geteuid() == 0),
        roles=ROLES,
        settings={**DURABLE, "max_wal_size": "4GB"},
    )
    cluster.start()
    try:
        owner = Address.parse(cluster.url(role=Process.OWNER.role, database="ledger"))
        prepare_cluster(owner.database("postgres").entered_by(SUPERUSER), database="ledger")
        mark_demo(owner)
        yield cluster.url(role=Process.OWNER.role, database="ledger")
    finally:
        cluster.remove()


def measure_one(processes: Processes, owner: psycopg.Connection[Any]) -> None:
    """What one entry costs the request that makes it, with and without the queue for the sealer."""
    for queued in (True, False):
        if not queued:
            owner.execute("ALTER TABLE audit_ledgerentry DISABLE TRIGGER audit_awaits_sealing")
        out = subprocess.run(
            [sys.executable, "-m", "benchmarks.ledger.append", "2000"],
            env=processes.environment,
            text=True,
            capture_output=True,
            check=True,
        )
        say(measured="one entry", queued=queued, **json.loads(out.stdout))
    owner.execute("ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_awaits_sealing")
    # Those that were not queued belong to nobody's ledger.
    owner.execute("ALTER TABLE audit_ledgerentry DISABLE TRIGGER audit_is_append_only")
    owner.execute("DELETE FROM audit_ledgerentry WHERE id NOT IN (SELECT entry_id FROM audit_waitingentry)")
    owner.execute("ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_is_append_only")


def waiting(owner: psycopg.Connection[Any]) -> tuple[int, float]:
    """How many entries no checkpoint covers, and for how long the oldest has waited."""
    row = owner.execute(
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), 0)::float FROM audit_waitingentry"
    ).fetchone()
    return row or (0, 0.0)


def published(log: Path) -> int:
    """How many entries the newest checkpoint covers."""
    history = log / "history"
    return int(history.read_text().splitlines()[-1].split(" ")[1]) if history.exists() else 0


def seal_all(owner: psycopg.Connection[Any], log: Path) -> None:
    """Waits until a checkpoint covers everything."""
    while True:
        row = owner.execute("SELECT count(*) FROM audit_ledgerentry").fetchone()
        if row is not None and published(log) == row[0]:
            return
        time.sleep(0.1)


def measure_window(processes: Processes, owner: psycopg.Connection[Any], log: Path, seconds: int) -> None:
    """As many entries as one process can write, while the sealer runs: how much is unprotected at worst."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.ledger.append", "1000000", "--seconds", str(seconds)],
        env=processes.environment,
        text=True,
        stdout=subprocess.PIPE,
    )
    most, oldest = [], []
    while writer.poll() is None:
        count, age = waiting(owner)
        most.append(count)
        oldest.append(age)
        time.sleep(0.05)
    written = json.loads(writer.communicate()[0])
    checkpoints = len((log / "history").read_text().splitlines())
    say(
        measured="window at full speed",
        appended_per_second=written["per_second"],
        most_unsealed=max(most),
        median_unsealed=statistics.median(most),
        oldest_seconds=round(max(oldest), 2),
        checkpoints=checkpoints,
    )
    # And as slowly as an index at night: one entry, then nothing.
    seal_all(owner, log)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.ledger.append", "1"],
        env=processes.environment,
        check=True,
        capture_output=True,
    )
    began = time.monotonic()
    seal_all(owner, log)
    say(measured="window of a single entry", seconds=round(time.monotonic() - began, 2))


def measure_attacks(scene: Scene, monitor: Monitor, verify: Callable[[], dict[str, Any]]) -> None:
    """Each attack in turn; undone afterwards, and only then the next."""
    for name, attack in ATTACKS.items():
        monitor.quiet()
        time.sleep(random.uniform(0, 10))  # noqa: S311 - not always in the same part of a round
        undo, place = attack(scene)
        done = time.monotonic()
        found = monitor.wait(lambda line: "CRITICAL" in line, since=done, seconds=120)
        report = verify()
        say(
            attack=name,
            made_at=place,
            found_after_seconds=None if found is None else round(found[0] - done, 1),
            monitor=None if found is None else found[1].partition(" ledger ")[2],
            verifier=report["findings"][:1],
            verifier_seconds=report["seconds"],
        )
        undo()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=30, help="how long to write at full speed")
    chosen = parser.parse_args()
    random.seed(SEED)
    with tempfile.TemporaryDirectory() as scratch, database(Path(scratch)) as url:
        var = Path(scratch)
        processes = Processes(var, url)
        try:
            processes.finish("migrate", "--json")
            settings = demo_settings(var, {"CHILDINDEX_DEMO_DATABASE_URL": url})
            log = Path(settings["LEDGER_FOLDER"])
            with psycopg.connect(url, autocommit=True) as owner:
                run(chosen, processes, owner, log, prepare(var, database_url=url, fresh=True))
        finally:
            processes.stop()


def run(
    chosen: argparse.Namespace,
    processes: Processes,
    owner: psycopg.Connection[Any],
    log: Path,
    witnesses: list[tuple[str, ...]],
) -> None:
    measure_one(processes, owner)
    for words in witnesses:
        processes.start(*words)
    began = time.monotonic()
    owner.execute(MAKE_ENTRIES, [chosen.entries])
    say(made=chosen.entries, seconds=round(time.monotonic() - began, 1))
    processes.start("sealer", stderr=subprocess.DEVNULL)  # it complains of each attack too
    while not published(log):
        time.sleep(0.05)
    began, before = time.monotonic(), waiting(owner)[0]
    seal_all(owner, log)
    seconds = time.monotonic() - began
    say(
        measured="sealing a backlog",
        entries=before,
        seconds=round(seconds, 1),
        sealed_per_second=round(before / seconds),
    )
    (log.parent / "checkpoint.before").write_bytes((log / "checkpoint").read_bytes())
    measure_window(processes, owner, log, chosen.seconds)

    def verify() -> dict[str, Any]:
        done = subprocess.run(
            [*CLI, "verify-ledger", "--json"], env=processes.environment, text=True, capture_output=True, check=False
        )
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    owner.execute("VACUUM ANALYZE")
    for _ in range(3):
        report = verify()
        say(measured="verifying the whole", sound=report["sound"], entries=report["checked"], seconds=report["seconds"])
    measure_attacks(Scene(owner=owner, log=log, size=report["size"]), Monitor(processes), verify)


if __name__ == "__main__":
    main()
