"""The command that compares the ledger's second sink with its table."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from childindex.project import processes
from childindex.project.console import CommandError, Json, answer, command, say
from childindex.project.database import Process

commands = typer.Typer()


@commands.command("check-spool")
@command
def check_spool_command(
    folder: Annotated[
        Path, typer.Argument(help="LEDGER_SPOOL of a machine that answers, or a copy of it.", exists=True)
    ],
    *,
    purge: Annotated[
        bool, typer.Option("--purge", help="Delete files that nobody writes any more and whose entries are all sealed.")
    ] = False,
    json: Json = False,
) -> None:
    """Say whether every entry that was spooled is in the ledger as it was written. One that is not was taken out, or went with a restore."""
    processes.become(Process.MONITOR)
    from childindex.audit.spool import reconcile  # noqa: PLC0415 - needs Django set up

    report = reconcile(folder, now=time.time(), purge=purge)
    if json:
        answer({**asdict(report), "holds": report.holds})
    else:
        say(
            f"{report.entries:,} entries in {report.segments:,} files; {report.waiting:,} not sealed yet; {report.half_lines:,} half lines"
        )
        for words, entries in (("not in the ledger", report.missing), ("altered in the ledger", report.altered)):
            for entry in entries:
                say(f"{entry} is {words}")
        if purge:
            say(f"{report.deleted:,} files deleted")
    if not report.holds:
        raise CommandError(
            f"{len(report.missing) + len(report.altered)} spooled entries are not in the ledger as they were written."
        )
