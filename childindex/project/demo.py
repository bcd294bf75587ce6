"""`childindex demo`: a database, a made-up town, the site and its worker, started in order and stopped cleanly."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from childindex.project import demo_ledger
from childindex.project.console import CommandError, answer, say
from childindex.project.database import (
    ROLES,
    Address,
    Process,
    ensure_database,
    is_demo,
    is_empty,
    mark_demo,
    prepare_cluster,
    recreate_database,
)
from childindex.project.demo_secrets import DATABASE, demo_cluster_folder
from childindex.project.postgres import DURABLE, SUPERUSER, Cluster, embedded_cluster
from childindex.project.processes import check_port
from childindex.project.sign_in_sheet import SignInSheet

CLI = "childindex.project.cli"
HOST = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 15


class Stopped(Exception):
    """Somebody asked the demo to stop."""


@dataclass(slots=True, kw_only=True)
class Demo:
    """One run of the demo; `children` are its processes, newest last."""

    folder: Path
    port: int
    population: int
    database_url: str | None
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://localhost:{self.port}"

    @property
    def sheet(self) -> Path:
        """The kept sign-in sheet, one for each database."""
        digest = hashlib.sha256(self.database_url.encode()).hexdigest()[:12] if self.database_url else "own"
        return self.folder / f"demo-{digest}.json"

    def run(self, *, json: bool) -> None:
        """Starts everything, prints the sheet, and serves until stopped; then stops everything, in the opposite order."""
        check_port(HOST, self.port)
        with _only_one(self.folder), _stoppable(), self._database() as address:
            try:
                self._fill(address)
                self._spawn(CLI, "serve", "--port", str(self.port))
                self._spawn(CLI, "worker")
                self._spawn(CLI, "sealer")
                self._spawn(CLI, "oversight", "--every", "60")
                self._wait_until_it_answers()
                self.print_sheet(json=json)
                self._watch()
            finally:
                self._stop_processes()

    @contextmanager
    def _database(self) -> Iterator[Address]:
        """The demo's own server while it is needed, or the one named on the command line."""
        if self.database_url:
            address = Address.parse(self.database_url)
            if ensure_database(address):
                mark_demo(address)
            yield address
            return
        cluster = demo_cluster(self.folder)
        say(f"Starting the database ({cluster.binaries.source})")
        try:
            cluster.start()
            address = Address.parse(cluster.url(role=Process.OWNER.role, database=DATABASE))
            if prepare_cluster(address.database("postgres").entered_by(SUPERUSER), database=DATABASE):
                mark_demo(address)
            yield address
        finally:
            cluster.stop()

    def _fill(self, address: Address) -> None:
        """Migrates; loads the made-up town unless a complete one is there. Refused for a database that is not a demo's."""
        if not is_demo(address):
            if not is_empty(address):
                raise CommandError(
                    f"The database {address.name} is not marked as a demo's, and may hold real children."
                )
            mark_demo(address)
        complete = self.sheet.exists() and not is_empty(address)
        if not complete and not is_empty(address):
            say("The last start was interrupted; starting over")
            recreate_database(address)
        # Before the sealer, which asks them at once; they get ready while the tables are made.
        for start in demo_ledger.prepare(self.folder, database_url=self.database_url or "", fresh=not complete):
            self._spawn(CLI, *start)
        self._finish(CLI, "migrate", "--json")
        self._finish(CLI, "collect")
        if not complete:
            self.sheet.unlink(missing_ok=True)
            self._finish("childindex.project.demo_load", str(self.sheet), str(self.population))

    def _environment(self) -> Mapping[str, str]:
        own = {"CHILDINDEX_DEMO": "1", "CHILDINDEX_VAR": str(self.folder), "CHILDINDEX_STOP_WITH_PARENT": "1"}
        return {**os.environ, **own, "CHILDINDEX_DEMO_DATABASE_URL": self.database_url or ""}

    def _spawn(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in the terminal reaches only this process, which then stops the others in order.
        process = subprocess.Popen(  # noqa: S603 - this package's own modules
            [sys.executable, "-m", module, *arguments],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def _finish(self, module: str, *arguments: str) -> None:
        process = self._spawn(module, *arguments)
        code = process.wait()
        self.processes.remove(process)
        if code != 0:
            raise CommandError(
                f"The demo cannot go on: {module} {arguments[0]} ended with {code}; its message is above."
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self._complain_if_one_ended()
            connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
            try:
                connection.request("GET", "/healthy")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()
        raise CommandError(f"The site did not answer on {self.url} within {READY_SECONDS} seconds.")

    def print_sheet(self, *, json: bool) -> None:
        """Prints the kept sheet. Refused if there is none."""
        if not self.sheet.exists():
            raise CommandError("There is no demo yet: `make demo` makes it.")
        sheet = SignInSheet.read(self.sheet)
        if json:
            answer(sheet.as_json(url=self.url))
        else:
            sys.stdout.write(sheet.as_text(url=self.url, now=time.time()) + "\n")
            sys.stdout.flush()

    def _watch(self) -> NoReturn:
        while True:
            self._complain_if_one_ended()
            time.sleep(0.5)

    def _complain_if_one_ended(self) -> None:
        for process in self.processes:
            if process.poll() is not None:
                raise CommandError(f"The demo stopped: one of its processes ended with {process.returncode}.")

    def _stop_processes(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in reversed(self.processes):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


def demo_cluster(folder: Path) -> Cluster:
    """The demo's own PostgreSQL."""
    return embedded_cluster(demo_cluster_folder(folder), roles=ROLES, settings=DURABLE)


def reset(folder: Path) -> None:
    """Deletes the demo's database, files and secrets. Refused while a demo runs."""
    with _only_one(folder):
        demo_cluster(folder).remove()
        for path in folder.glob("demo-*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                f"A demo with its data in {folder} is running already. Stop it first (Ctrl-C in its window)."
            ) from error
        yield


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C, a polite kill and a closed terminal all end the demo in the same orderly way, once."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        for other in signals:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    except Stopped:
        say("Stopped; the next start keeps the data")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
