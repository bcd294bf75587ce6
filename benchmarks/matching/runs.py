"""One command as a process of its own, timed."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from typing import Any

CLI = [sys.executable, "-m", "childindex.project.cli"]
PEERS = [sys.executable, "-m", "benchmarks.matching.peers.environment"]


def timed(command: list[str]) -> dict[str, Any]:
    """Wall seconds, processor seconds, peak memory in MB, the machine's load, and what the command printed as JSON on its last line.

    Raises SystemExit, with what the command said, when it fails.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as trouble:
        process = subprocess.Popen(command, stdout=output, stderr=trouble)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        output.seek(0)
        trouble.seek(0)
        if status:
            raise SystemExit(f"{' '.join(command)} failed\n{trouble.read()[-2000:]}")
        said = json.loads(output.read().strip().splitlines()[-1])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "wall": round(wall, 2),
        "processor": round(processor, 2),
        "peak_mb": round(used.ru_maxrss / 1024),
        "load": round(os.getloadavg()[0], 1),
        "said": said,
    }


def show(name: str, run: dict[str, Any]) -> None:
    """One line of figures."""
    print(
        f"{name:28s} {run['wall']:7.1f} s wall {run['processor']:7.1f} s processor {run['peak_mb']:7.0f} MB (load {run['load']:.1f})",
        flush=True,
    )
