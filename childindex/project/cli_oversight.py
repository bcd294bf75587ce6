"""The command that fills the queue of audit officers, as the auditors' process."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from childindex.project import processes
from childindex.project.console import Json, answer, command, say
from childindex.project.database import Process

commands = typer.Typer()
log = logging.getLogger(__name__)


@commands.command("oversight")
@command
def oversight_command(
    *,
    once: Annotated[bool, typer.Option("--once", help="Read once and end.")] = False,
    every: Annotated[int, typer.Option(min=1, max=900, help="Seconds from one reading to the next.")] = 600,
    json: Json = False,
) -> None:
    """Read the ledger for signs of misuse into the queue of audit officers, every ten minutes until stopped."""
    if not once:
        _go_on(every=every)
        return
    processes.become(Process.AUDIT)
    from childindex.batch import oversight  # noqa: PLC0415 - needs Django set up

    done = oversight.run(at=datetime.now(UTC))
    if json:
        answer({"looks": done.looks, "raised": done.raised, "explained": done.explained})
    else:
        say(oversight.line(done))


def _go_on(*, every: int) -> None:
    """A reading that fails is said at CRITICAL; the next one reads what it would have read."""
    processes.enter_alone(Process.AUDIT)
    from django.db import Error, connection  # noqa: PLC0415

    from childindex.batch import oversight  # noqa: PLC0415

    # A reading that is broken off is rolled back.
    with suppress(KeyboardInterrupt):
        while True:
            began = time.monotonic()
            try:
                log.info("oversight %s", oversight.line(oversight.run(at=datetime.now(UTC))))
            except Error as error:
                log.critical("oversight reading=failed cause=%s", type(error).__name__)
                connection.close()
            time.sleep(max(0.0, every - (time.monotonic() - began)))
