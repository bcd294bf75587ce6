from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from childindex.project.folders import CHECKOUT

PROGRAM = """
import signal
from childindex.project.processes import stop_with_parent
stop_with_parent()
print("ready", flush=True)
signal.sigwait({signal.SIGUSR1})
"""


@pytest.mark.parametrize(("asked", "ends_with"), [("1", -signal.SIGTERM), ("0", 0)])
def test_a_child_of_the_demo_ends_with_its_parent_if_asked(asked: str, ends_with: int) -> None:
    environment = {"PATH": os.defpath, "CHILDINDEX_STOP_WITH_PARENT": asked}
    with subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})" + PROGRAM],
        env=environment,
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdin.close()
        if asked == "0":
            process.send_signal(signal.SIGUSR1)
        assert process.wait(10) == ends_with
