"""A Spark of this machine alone: a standalone master and two workers, of one core and a gigabyte each, on the loopback address."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

HOST = "127.0.0.1"
WORKERS = 2
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running Spark: its master's address, what a program needs to speak to it, and where each worker keeps what it works on."""

    master: str
    environment: dict[str, str]
    folders: tuple[Path, ...]

    def busy_workers(self) -> int:
        """How many workers have run a part of any program."""
        return sum(any(folder.glob("app-*/*")) for folder in self.folders)


@contextmanager
def cluster(python: Path, scratch: Path) -> Iterator[Cluster]:
    """Start the three, by the Spark that `python` has; wait until the master knows both workers; stop them at the end."""
    port, page = _free_port(), _free_port()
    master = f"spark://{HOST}:{port}"
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DRIVER_MEMORY": "512m",
        "PYSPARK_PYTHON": str(python),
        # Five short-lived Java processes on two cores: the costlier compiler and collector would take more than they give.
        "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    found = [str(python), "-c", "import pyspark; print(pyspark.__path__[0])"]
    home = subprocess.run(found, check=True, capture_output=True, text=True).stdout.strip()
    environment["SPARK_HOME"] = home
    start = [str(Path(home) / "bin" / "spark-class")]
    folders = tuple(scratch / f"worker{number}" for number in range(WORKERS))
    where = ["--host", HOST]
    commands = [[*start, _MASTER, *where, "--port", str(port), "--webui-port", str(page)]]
    for folder in folders:
        small = ["--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder)]
        commands.append([*start, _WORKER, *where, *small, master])
    with ExitStack() as stack:
        for number, command in enumerate(commands):
            log = stack.enter_context((scratch / f"daemon{number}.log").open("w"))
            daemon = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
            stack.callback(_stop, daemon)
        _wait(page)
        yield Cluster(master, environment, folders)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _wait(page: int) -> None:
    """Until the master's own page says that all workers are alive."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            with urlopen(f"http://{HOST}:{page}/json/", timeout=10) as answer:
                if json.load(answer)["aliveworkers"] == WORKERS:
                    return
        except (OSError, ValueError):
            pass
        time.sleep(0.5)
    raise SystemExit(f"Spark's master and {WORKERS} workers did not start in {_SECONDS} s")


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    try:
        daemon.wait(timeout=60)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
